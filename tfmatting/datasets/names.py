"""The names that commands know of data sets, apart from what reads them: `--help` needs no more."""

from __future__ import annotations

TRAIN, VALIDATION, TEST = "train", "validation", "test"
PARTS = (TRAIN, VALIDATION, TEST, "all")
SAMPLE = "sample"
"""Samples that the package draws itself."""
