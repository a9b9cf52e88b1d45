"""Write the tables of THIRD_PARTY.md from the metadata of what is installed.

python tools/third_party.py

Rows of packages that are not installed here are kept as they are. The text around the tables, of
weights, data and what wheels bundle, is written by hand.
"""

from __future__ import annotations

import configparser
import json
import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "THIRD_PARTY.md"
PACKAGES, SCRIPTS = ("<!-- packages -->", "<!-- /packages -->"), ("<!-- npm -->", "<!-- /npm -->")
NAME = re.compile(r"[A-Za-z0-9._-]+")
BUILD_ALONE = {"build", "check", "docs", "release", "test"}
"""Extras that nobody needs to use the package."""


def normal(name: str) -> str:
    """A package's name as the registry compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> dict[str, set[str]]:
    """Package -> the extras that ask for it; "" is the light package."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = {"": parser["options"]["install_requires"], **parser["options.extras_require"]}
    found: dict[str, set[str]] = {}
    for extra, text in texts.items():
        for line in text.splitlines():
            if line and not line.startswith("#") and (match := NAME.match(line)):
                found.setdefault(normal(match[0]), set()).add(extra)
    return found


def licence(name: str) -> str | None:
    """The licence that a package's metadata states; None if it is not installed."""
    try:
        described = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    for field in ("License-Expression", "License"):
        text = (described.get(field) or "").strip()
        if (
            text
            and "\n" not in text
            and len(text) < 120
            and text.lower() not in ("unknown", "dual")
        ):
            return text
    classified = [
        line.split(" :: ")[-1]
        for line in described.get_all("Classifier") or []
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    if classified:
        return ", ".join(classified)
    return (described.get("License") or "not stated").strip().splitlines()[0]


def package_rows(earlier: dict[str, str]) -> list[str]:
    """A row for each package that setup.cfg names.

    Args:
        earlier: package -> licence, of the document as it is.
    """
    rows = []
    for name, extras in sorted(required().items()):
        stated = licence(name) or earlier.get(name, "not installed")
        uses = sorted(extras - BUILD_ALONE) or ["development"]
        words = ", ".join(f"`{use}`" if use else "always" for use in uses)
        rows.append(f"| {name} | {stated} | {words} |")
    return rows


def script_rows() -> list[str]:
    """A row for each npm package that the page is built from."""
    lock = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))
    rows = []
    for path, entry in sorted(lock["packages"].items()):
        if path and not entry.get("optional"):
            use = "building and testing" if entry.get("dev") else "in the page"
            rows.append(f"| {path.removeprefix('node_modules/')} | {entry['license']} | {use} |")
    return rows


def table_of(text: str) -> dict[str, str]:
    """Package -> licence, as the document states it."""
    start, end = (text.index(mark) for mark in PACKAGES)
    cells = [line.split(" | ") for line in text[start:end].splitlines() if line.startswith("| ")]
    return {cell[0].removeprefix("| "): cell[1] for cell in cells}


def replaced(text: str, marks: tuple[str, str], head: str, rows: list[str]) -> str:
    """The document with another table between two marks."""
    start, end = text.index(marks[0]) + len(marks[0]), text.index(marks[1])
    return f"{text[:start]}\n{head}\n|---|---|---|\n" + "\n".join(rows) + "\n" + text[end:]


def rendered(text: str) -> str:
    """The document with both tables made anew."""
    head = "| package | licence | needed by |"
    text = replaced(text, PACKAGES, head, package_rows(table_of(text)))
    return replaced(text, SCRIPTS, "| package | licence | used for |", script_rows())


def main() -> int:
    text = rendered(DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(text, encoding="utf-8")
    unknown = sorted(name for name, stated in table_of(text).items() if stated == "not installed")
    if unknown:
        print(f"Install these and run it again: {', '.join(unknown)}.")
    return int(bool(unknown))


if __name__ == "__main__":
    sys.exit(main())
