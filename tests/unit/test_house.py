"""The house's rules that no linter knows: arrows without strings, late imports, short files."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tfmatting"
SOURCES = sorted(PACKAGE.rglob("*.py"))
LATE_BY_NAME = {"tfmatting/__init__.py", "tfmatting/cli/main.py"}
"""Where names are looked up as text: the public names, and the commands."""
MODULE_PATH = re.compile(r"tfmatting\.[\w.]*")
LONGEST, LONGEST_COMMAND = 300, 60
COMMANDS = sorted(set((PACKAGE / "cli").glob("*.py")) - {PACKAGE / "cli" / "main.py"})


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_module(text: str) -> bool:
    """Whether a text is a dotted path to a module, or the start of one."""
    if not MODULE_PATH.fullmatch(text):
        return False
    path = ROOT.joinpath(*text.rstrip(".").split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def texts_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of every string constant that is no docstring, f-strings' parts included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def named_modules(path: Path) -> list[str]:
    """Texts of a file that name modules."""
    return [text for _, text in texts_of(ast.parse(path.read_text())) if is_module(text)]


def surplus_lines(path: Path) -> int:
    """How many lines a file is over its limit; 0 when it is not."""
    longest = LONGEST_COMMAND if path in COMMANDS else LONGEST
    return max(0, len(path.read_text().splitlines()) - longest)


def floors() -> list[list[str]]:
    """The layers of setup.cfg, the highest first; modules that share one stand together."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["importlinter:contract:layers"]["layers"].split("\n")
    return [[name.strip() for name in line.split("|")] for line in lines if line.strip()]


def floor_of(module: str, layers: list[list[str]]) -> int | None:
    """The index of a module's layer, 0 the highest."""
    for index, names in enumerate(layers):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return index
    return None


def late_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of every import inside a function."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.lineno, node.module
                for alias in node.names:
                    if is_module(f"{node.module}.{alias.name}"):
                        yield node.lineno, f"{node.module}.{alias.name}"
            elif isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_text_names_a_module(path):
    """A module's path in a string is an import that no linter and no reader sees."""
    if relative(path) in LATE_BY_NAME:
        pytest.skip("looks names up as text, and says why")
    assert not named_modules(path), f"{relative(path)} names modules: import them."


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_import_inside_a_function_climbs(path):
    layers = floors()
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    own = floor_of(module, layers)
    if own is None:
        pytest.skip("stands on no floor of setup.cfg")
    for line, imported in late_imports(ast.parse(path.read_text())):
        floor = floor_of(imported, layers)
        assert floor is None or floor >= own, f"{relative(path)}:{line} climbs to {imported}."


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_files_are_short(path):
    assert not surplus_lines(path), f"{relative(path)} has {surplus_lines(path)} lines too many."


def test_the_rules_see_what_they_are_for():
    """Each rule finds a break that is put before it."""
    tree = ast.parse(
        'TABLE = {"x": "tfmatting.training.recipes.lfm"}\n'
        "def late():\n"
        "    from tfmatting.training import trainer\n"
        "    import tfmatting.cli.main\n"
        'NAME = f"tfmatting.cli.{1}"\n'
    )
    named = [text for _, text in texts_of(tree) if is_module(text)]
    assert named == ["tfmatting.training.recipes.lfm", "tfmatting.cli."]
    layers = floors()
    climbing = {floor_of(module, layers) for _, module in late_imports(tree)}
    assert climbing == {0, 1} and floor_of("tfmatting.models.tnet", layers) not in climbing


def test_the_kinds_that_the_docs_list_have_the_tests_that_they_name():
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", (ROOT / "docs/kinds.md").read_text())
    assert len(named) > 50
    assert [name for name in named if f"def test_{name}(" not in tests] == []
