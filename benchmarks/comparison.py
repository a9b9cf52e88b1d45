"""What the benchmarks that compare models share: their models, tables and JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfmatting.evaluation.clips import Judged
from tfmatting.evaluation.selfie import SelfieSegmenter
from tfmatting.files import write_text
from tfmatting.inference import load

SELFIE = "MediaPipe selfie"


def add_models(parser: argparse.ArgumentParser) -> None:
    """`--models`, `--selfie`, `--threads` and `--json`."""
    parser.add_argument("--models", nargs="+", default=["portrait"], help="files, or shipped names")
    parser.add_argument(
        "--selfie", type=Path, metavar="FILE", help="MediaPipe's selfie_segmentation.tflite"
    )
    parser.add_argument("--threads", type=int, help="of the processor; all if omitted")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")


def load_models(arguments: argparse.Namespace) -> dict[str, Judged]:
    """Load the models by the names that the table shows."""
    models: dict[str, Judged] = {}
    if arguments.selfie:
        models[SELFIE] = SelfieSegmenter(arguments.selfie, arguments.threads)
    for name in arguments.models:
        models["/".join(Path(name).parts[-4:])] = load(name, threads=arguments.threads)
    return models


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = []
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def write_json(path: Path | None, figures: Any) -> None:
    """Write figures, if a file was asked for."""
    if path:
        write_text(path, json.dumps(figures, indent=2) + "\n")
