"""Ask the registry whether each Python on each system gets wheels of all dependencies.

python tools/resolve_wheels.py [--extras train ...]    needs uv; nothing is installed

Nothing is run: it shows what pip would take, for systems that are not at hand. Exit code 1 where a
pair of Python and system has no solution.
"""

from __future__ import annotations

import argparse
import configparser
import subprocess
import sys
import tempfile
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.cfg"
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
SOURCES_ALONE = ("imgaug",)
"""Packages that exist as sources for every system and need no compiler."""


def requirements(extras: list[str]) -> list[str]:
    """The requirements of the light package and of some extras, as setup.cfg has them."""
    parser = configparser.ConfigParser()
    parser.read(SETUP, encoding="utf-8")
    texts = [parser["options"]["install_requires"]]
    texts += [parser["options.extras_require"][extra] for extra in extras]
    return [line for text in texts for line in text.splitlines() if line and line[0] != "#"]


def resolve(lines: list[str], python: str, system: str) -> tuple[bool, str]:
    """Whether there is a solution in wheels, and its size or the reason."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("\n".join(lines), encoding="utf-8")
        command = ["uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
        command += ["--only-binary", ":all:"]
        command += [word for name in SOURCES_ALONE for word in ("--no-binary", name)]
        command += ["--python-version", python, "--python-platform", system, str(wanted)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        return False, " ".join(result.stderr.split())
    return True, f"{result.stdout.count('==')} packages"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extras", nargs="*", default=[], help="beside the light package")
    arguments = parser.parse_args()
    lines, failed = requirements(arguments.extras), False
    for python in PYTHONS:
        for system in SYSTEMS:
            found, text = resolve(lines, python, system)
            failed |= not found
            print(f"{python}  {system:24}  {'yes' if found else 'NO '}  {text}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
