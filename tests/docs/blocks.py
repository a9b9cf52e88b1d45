"""The code blocks of the README and the documentation, and what is wrong with a line of them."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from site_pages.commands import command_parser

from tfmatting.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "data/README.md")),
    ROOT / "tfmatting/shipped/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
SHELL, PYTHON = "", "python"
SHOWN_ONLY = {
    "html": "tests/web puts the same lines into a page",
    "kotlin": "no Android compiler at hand, and the page says so",
    "swift": "no iOS compiler at hand, and the page says so",
    "text": "a drawing or an output, no code",
}
"""Languages that are not run -> why."""
OTHERS = {
    "atc": "Huawei's compiler",
    "trtexec": "NVIDIA's compiler, on a Jetson",
    "edgetpu_compiler": "Google's compiler",
    "modelopt.onnx.autocast": "NVIDIA's tool",
    "export": "sets a variable of the shell",
    "curl": "tests/web asks the same address",
    "head$": "a machine of a cluster",
    "worker$": "another machine of a cluster",
    "git": "needs the repository's history",
    "cp": "a step of the package's own release",
    "cmake": "tests/export/test_opencv.py builds the client",
    "build/matting": "tests/export/test_opencv.py runs the client",
}
"""Programs that are not this project's -> why a page's line of them is not run."""
FENCE = re.compile(r"^(`{3,})([^\n]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of its page that it begins at."""

    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[2].strip(), match[3], text.count("\n", 0, match.start()) + 2)
        for match in FENCE.finditer(text)
    ]


def commands_of(block: Block) -> Iterator[list[str]]:
    """The commands of a shell block as words, comments left out."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while "&&" in words:
            yield words[: words.index("&&")]
            words = words[words.index("&&") + 1 :]
        if words:
            yield words


def own_command(words: list[str]) -> list[str] | None:
    """What the command line of the package gets of a line; None if it is another program's."""
    for start in (["tfmatting"], ["python", "-m", "tfmatting"]):
        if words[: len(start)] == start:
            return words[len(start) :]
    for name in ("train", "export"):
        if words[:2] == ["python", f"{name}.py"]:
            return [name, *words[2:]]
    return None


def fault_of(words: list[str]) -> str | None:
    """What is wrong with a command, without running it; None if nothing is."""
    own = own_command(words)
    if own is not None:
        return _fault_of_own(own)
    if words[0] == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        return next((f"no target {word}" for word in words[1:] if word not in targets), None)
    if words[:2] == ["pip", "install"]:
        return _fault_of_extras(" ".join(words[2:]))
    program = words[2] if words[:2] == ["python", "-m"] else words[0]
    if words[0] == "python" and program == "python":
        return _fault_of_script(words)
    if program not in OTHERS and Path(program).name not in OTHERS:
        return f"{program} is neither run nor listed with a reason in tests/docs/blocks.py"
    return None


def _fault_of_own(words: list[str]) -> str | None:
    if words[0] not in COMMANDS:
        return f"no command {words[0]}"
    parser = command_parser(words[0])
    parser.error = _raise
    try:
        parser.parse_args(words[1:])
    except ValueError as error:
        return str(error)
    return None


def _raise(message: str) -> NoReturn:
    raise ValueError(message)


def _fault_of_extras(text: str) -> str | None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    named = [name for group in re.findall(r"\[(.*?)\]", text) for name in group.split(",")]
    known = setup["options.extras_require"]
    return next((f"no extra {name}" for name in named if name not in known), None)


def _fault_of_script(words: list[str]) -> str | None:
    """Of a script of this repository: it is there, and knows every option."""
    script = ROOT / words[1]
    if not script.is_file():
        return f"no file {words[1]}"
    source = script.read_text()
    neighbours = [
        script.parent / f"{name}.py" for name in re.findall(r"\bfrom (\w+) import", source)
    ]
    source += "".join(path.read_text() for path in neighbours if path.is_file())
    options = {word for word in words if OPTION.fullmatch(word)}
    unknown = sorted(option for option in options if f'"{option}"' not in source)
    return f"{words[1]} has no {unknown[0]}" if unknown else None
