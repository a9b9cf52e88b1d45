"""The lists that `prepare` writes: pairs for each part, and those of T-Net's own code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfmatting.files import write_text

LISTS = ("train", "val", "test")
"""The names of a data set's parts in its lists."""
TRAIN_LIST = LISTS[0]
KINDS = ("img", "alpha", "trimap")


def write_lists(
    output: Path, parts: Mapping[str, Sequence[tuple[Path, Path, Path]]], label: str
) -> None:
    """Write a list of each part, with paths below the folder.

    Args:
        output: the folder.
        parts: a name of `LISTS` -> photo, alpha and trimap of each sample.
        label: NAME of `NAME_img.json` and the others; none if empty.

    Raises:
        OSError: a list cannot be written.
    """
    for name, samples in parts.items():
        rows = [[path.relative_to(output).as_posix() for path in paths] for paths in samples]
        text = "".join(f"{image}\t{alpha}\n" for image, alpha, _ in rows)
        write_text(output / _pair_list(name), text)
        for column, file in enumerate(_column_lists(name, label)):
            paths = [row[column] for row in rows]
            write_text(output / file, json.dumps(paths, indent=0) + "\n")


def list_files(label: str) -> list[str]:
    """The names of all lists that there may be."""
    return [file for name in LISTS for file in (_pair_list(name), *_column_lists(name, label))]


def _pair_list(name: str) -> str:
    return f"{name}_set.txt"


def _column_lists(name: str, label: str) -> list[str]:
    if not label:
        return []
    label = label if name == TRAIN_LIST else f"{label}_{name}"
    return [f"{label}_{kind}.json" for kind in KINDS]
