"""The pages that are made from the code name everything that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from site_pages import api, commands, tables, tutorials
from site_pages.links import LINK, retarget

import tfmatting
from tfmatting.cli.main import COMMANDS, main
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.exporting.compatibility.targets import TARGETS, TFLiteTarget
from tfmatting.exporting.formats import FORMATS, PRECISIONS, markdown_table
from tfmatting.models.spec import SPECS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TEXTS = [*sorted(DOCS.rglob("*.md")), *tutorials.tutorials(ROOT), ROOT / "README.md"]
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def section(page: str, heading: str) -> str:
    """The text below a heading of the second level."""
    sections = re.split(r"^## ", page, flags=re.MULTILINE)
    found = [text for text in sections[1:] if text.split("\n", 1)[0].split(" {")[0] == heading]
    assert len(found) == 1, f"{len(found)} sections of {heading}"
    return found[0].partition("\n")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_section_has_every_option_of_its_help(name, capsys):
    with pytest.raises(SystemExit):
        main([name, "--help"])
    options = set(OPTION.findall(capsys.readouterr().out)) - {"-h", "--help", "-m"}
    table = section(commands.commands_page(), name).rpartition("```")[2]
    missing = {option for option in options if option not in OPTION.findall(table)}
    assert not missing - {f"--no-{option.removeprefix('--')}" for option in options}


def test_arguments_show_their_value_default_and_meaning():
    text = section(commands.commands_page(), "matte")
    assert "| `PHOTO|DIR|-...` | required |" in text
    assert "| `--refine`, `--no-refine` | on | guided filter |" in text
    assert "| `--blur-strength X` | `0.02` | sigma / longer side |" in text
    assert "| `--foreground blur-fusion|" in text


def test_every_cell_of_a_table_stands_in_its_column():
    """Outside of code, a bar opens a column of its own."""
    page = commands.commands_page()
    rows = [
        line for name in COMMANDS for line in section(page, name).split("\n") if line[:1] == "|"
    ]
    bare = [re.sub(r"`[^`]*`|\\\|", "", row) for row in rows]
    assert {row.count("|") for row in bare} == {4}


def test_every_public_name_has_one_section():
    names = re.findall(r"^::: tfmatting\.(\w+)$", api.api_page(), flags=re.MULTILINE)
    assert sorted(names) == sorted(tfmatting.__all__)


def test_a_new_public_name_gets_a_section(monkeypatch):
    monkeypatch.setattr(tfmatting, "__all__", [*tfmatting.__all__, "newest"])
    assert "## More\n\n::: tfmatting.newest" in api.api_page()


def test_formats_have_every_precision_that_is_offered():
    page = tables.formats_page()
    assert markdown_table() in page
    for row in FORMATS.values():
        text = section(page, row.format)
        assert row.runtime in text
        offered = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
        assert offered == set(PRECISIONS) - set(row.refusals)


def test_layouts_say_how_they_are_recognised():
    page = tables.layouts_page()
    for layout in LAYOUTS.values():
        text = section(page, layout.name)
        if not callable(layout.marks):
            assert all(f"`{mark}`" in text for mark in layout.marks)
        assert "Divided into parts" in text


def test_targets_have_every_operator():
    page = tables.targets_page()
    for target in TARGETS.values():
        text = section(page, target.name)
        operators = target.versions if isinstance(target, TFLiteTarget) else target.operators
        assert all(f"`{operator}`" in text for operator in operators) and target.source in text


def test_every_example_is_shown_whole():
    page = api.examples_page(ROOT)
    for path in (ROOT / "examples").rglob("*.py"):
        assert path.read_text().rstrip() in section(page, path.name)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_model_has_a_page_with_its_facts(spec):
    text = (DOCS / "models" / f"{spec.name}.md").read_text()
    assert f"{spec.trainable_parameters:,}" in text
    assert f"| trainable parameters | {spec.trainable_parameters:,} |" in tables.model_facts(spec)
    assert re.findall("^## (.*)", text, flags=re.MULTILINE)[-2:] == ["Weights of others", "Licence"]


@pytest.mark.parametrize("name", SPECS)
def test_a_model_s_page_names_its_recipes(name):
    pytest.importorskip("keras", reason="recipes are made of Keras losses (the extra train)")
    from tfmatting.training.recipes import RECIPES

    text = (DOCS / "models" / f"{name}.md").read_text()
    assert not [recipe for recipe in RECIPES[name] if f"`{recipe}`" not in text]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_the_documentation_work_in_the_repository_too(path):
    targets = [target.partition("#")[0] for _, target, _ in LINK.findall(path.read_text())]
    files = [target for target in targets if target and "://" not in target]
    assert not [target for target in files if not (path.parent / target).exists()]


PAGES = {"README.md": "overview.md", "examples/a.py": "reference/examples.md#a-py"}


@pytest.mark.parametrize(
    ("source", "page", "link", "turned"),
    [
        ("docs/guides/a.md", "guides/a.md", "../../README.md#train", "../overview.md#train"),
        ("docs/guides/a.md", "guides/a.md", "../photos.md", "../photos.md"),
        ("README.md", "overview.md", "docs/demo.jpg", "demo.jpg"),
        ("tfmatting/b.md", "models/b.md", "../docs/x.md#y", "../x.md#y"),
        ("docs/a.md", "a.md", "../examples/a.py", "reference/examples.md#a-py"),
        ("docs/a.md", "a.md", "../setup.cfg", "../setup.cfg"),
        ("docs/a.md", "a.md", "#here", "#here"),
        ("docs/a.md", "a.md", "https://host/README.md", "https://host/README.md"),
    ],
)
def test_links_lead_to_the_pages_of_their_files(source, page, link, turned):
    text = f"See ![a [b]]({link})."
    assert retarget(text, source, page, PAGES) == f"See ![a [b]]({turned})."


def test_code_keeps_its_links():
    text = "```\n[a](../README.md)\n```\n[a](../README.md)"
    assert (
        retarget(text, "docs/a.md", "a.md", PAGES)
        == "```\n[a](../README.md)\n```\n[a](overview.md)"
    )


def test_the_readme_is_short_and_has_one_table():
    """It is the first page: what is long has a page of its own."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert len([line for line in lines if re.match(r"\|(---\|)+$", line)]) == 1
    assert any(line.startswith("make test") for line in lines)
