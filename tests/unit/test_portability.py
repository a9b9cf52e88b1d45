"""What runs on Linux alone, and what Windows does otherwise, is kept out of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfmatting.files import write_text

PACKAGE = Path(__file__).parents[2] / "tfmatting"
SOURCES = sorted(PACKAGE.rglob("*.py"))
ONE_SYSTEM = {
    "fork", "forkpty", "getpgid", "getuid", "kill", "killpg", "mkfifo", "nice", "set_blocking",
    "setsid", "sysconf", "uname", "SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1", "alarm", "setitimer",
    "pthread_kill",
}  # fmt: skip
"""Names of `os` and `signal` that Windows lacks, or means otherwise."""
POSIX_MODULES = {"fcntl", "grp", "posix", "pwd", "resource", "termios", "tty"}
KNOWS_SYSTEMS = {"machine.py", "file_lock.py"}
"""Ask what the system has before they use any of these."""
TEXT = {"read_text": 0, "write_text": 1}
"""Methods of paths -> how many arguments stand before the encoding."""


def broken_rules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of everything that Windows or macOS would not take."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("os", "signal") and node.attr in ONE_SYSTEM:
                yield node.lineno, f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name in POSIX_MODULES)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(("/proc/", "/sys/", "/dev/", "/tmp/")):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, rule) for rule in _broken_by_call(node))


def _broken_by_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    named = {keyword.arg for keyword in call.keywords}
    if name in TEXT and "encoding" not in named and len(call.args) <= TEXT[name]:
        yield f"{name} without an encoding: Windows has another"
    words = [word.value for word in call.args if isinstance(word, ast.Constant)]
    if name == "get_context" and words != ["spawn"]:
        yield "processes are spawned on every system"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_needs_one_system(path):
    if path.name in KNOWS_SYSTEMS:
        pytest.skip("asks what the system has")
    assert list(broken_rules(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.fork()", "import fcntl", "p = '/proc/self/status'", "path.read_text()",
        "path.write_text(text)", "os.set_blocking(1, False)", "signal.SIGKILL",
        "multiprocessing.get_context('fork')", "multiprocessing.get_context()",
    ],
)  # fmt: skip
def test_the_rule_sees_what_it_is_for(source):
    assert len(list(broken_rules(ast.parse(source)))) == 1


def test_lines_end_as_they_were_written(tmp_path, monkeypatch):
    """Text mode would end lines in CR LF on Windows, and rows of `csv` in CR CR LF."""

    def translated(self, data, **_):
        return self.write_bytes(data.replace("\n", "\r\n").encode())

    monkeypatch.setattr(Path, "write_text", translated)
    write_text(tmp_path / "rows.csv", "a,b\r\n1,2\r\n")
    assert (tmp_path / "rows.csv").read_bytes() == b"a,b\r\n1,2\r\n"
