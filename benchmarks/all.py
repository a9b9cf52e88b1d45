"""Runs the benchmarks of speed one after another and gathers what they print.

    python benchmarks/all.py -o build/benchmarks [--selfie FILE] [--film FILE] [--only start photos]

Writes `NAME.txt` for each, `benchmarks.md` with all of them, and the pictures of `growth`. What is
there already is kept, so that a stopped run goes on; `--again` measures anew. Run it on an idle
machine: nothing else may compute.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from tfmatting.console import progress_bar
from tfmatting.files import write_text
from tfmatting.inference.pretrained import PRETRAINED
from tfmatting.version import __version__

HERE = Path(__file__).parent
SELFIE, FILM, OUTPUT = "SELFIE", "FILM", "OUTPUT"
BENCHMARKS = {
    "start": ["start.py"],
    "photos": ["photos.py", "--megapixels", "1", "12", "24"],
    "photos_blur": ["photos.py", "--megapixels", "1", "12", "24", "--background", "blur"],
    "operators": ["operators.py", *PRETRAINED],
    "networks": [
        "mediapipe_selfie.py", SELFIE, "--models", *(str(one.file) for one in PRETRAINED.values()),
    ],
    **{f"video_{name}": ["video.py", FILM, "--model", name] for name in PRETRAINED},
    "lfm": ["lfm_inference.py", "--size", "640,960", "--encoder", "light"],
    "training": ["training_rate.py"],
    "loader": ["loader.py"],
    "growth": ["growth.py", "-o", OUTPUT],
}  # fmt: skip
"""The command of each, with places for files that the caller has."""


def command(words: list[str], given: dict[str, Path | None]) -> list[str] | None:
    """The command with its files; None if one of them is not given."""
    files = [given.get(word) for word in words if word in given]
    if None in files:
        return None
    return [str(given[word]) if word in given else word for word in words]


def run(name: str, words: list[str], target: Path) -> None:
    """Run a benchmark and keep what it prints; a failure is kept beside it, and told."""
    done = subprocess.run([sys.executable, str(HERE / words[0]), *words[1:]], capture_output=True)
    text, errors = done.stdout.decode(), done.stderr.decode()
    if done.returncode:
        write_text(target.with_suffix(".error"), errors)
        print(f"{name}: failed, see {target.with_suffix('.error')}", file=sys.stderr)
        return
    target.with_suffix(".error").unlink(missing_ok=True)
    write_text(target, f"$ python benchmarks/{' '.join(words)}\n\n{text}")


def gather(output: Path) -> str:
    """All that was measured as one Markdown document."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    parts = [f"# tfmatting {__version__}: benchmarks\n\n{date.today()}; {machine}\n"]
    for name in BENCHMARKS:
        target = output / f"{name}.txt"
        text = target.read_text("utf-8") if target.is_file() else "Not measured."
        parts.append(f"## {name}\n\n```\n{text.rstrip()}\n```\n")
        parts += [f"![{one.stem}]({one.name})\n" for one in sorted(output.glob(f"{name}_*.png"))]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--selfie", type=Path, help="MediaPipe's selfie_segmentation.tflite")
    parser.add_argument("--film", type=Path, help="with a person, 1080p")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--again", action="store_true", help="also what was measured before")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    given = {SELFIE: arguments.selfie, FILM: arguments.film, OUTPUT: arguments.output}
    for name in progress_bar(arguments.only):
        words, target = command(BENCHMARKS[name], given), arguments.output / f"{name}.txt"
        if words is None:
            print(f"{name}: needs --{BENCHMARKS[name][1].lower()}, skipped", file=sys.stderr)
        elif arguments.again or not target.is_file():
            run(name, words, target)
    write_text(arguments.output / "benchmarks.md", gather(arguments.output))
    print(f"Wrote {arguments.output / 'benchmarks.md'}.")


if __name__ == "__main__":
    main()
