"""The table of export formats and precisions: it documents, validates and tests."""

from __future__ import annotations

from dataclasses import dataclass

PRECISIONS = ("float32", "float16", "dynamic", "int8", "int16x8")


@dataclass(frozen=True)
class ExportFormat:
    """One format.

    Attributes:
        name: as on the command line.
        suffix: of the file; empty for a folder.
        writer: dotted module and function, `(model, path, precision, calibration) -> None`.
        tolerances: precision -> largest mean absolute difference of alpha from the Keras
            model's. A precision that is not listed is refused.
    """

    name: str
    suffix: str
    writer: tuple[str, str]
    tolerances: dict[str, float]


FORMATS: dict[str, ExportFormat] = {
    entry.name: entry
    for entry in (
        ExportFormat(
            "saved_model",
            "",
            ("tfmatting.export.saved_model", "write_saved_model"),
            # the same operators in another order of additions
            {"float32": 1e-5},
        ),
        ExportFormat(
            "pb",
            ".pb",
            ("tfmatting.export.frozen_graph", "write_frozen_graph"),
            {"float32": 1e-5},
        ),
        ExportFormat(
            "tflite",
            ".tflite",
            ("tfmatting.export.tflite", "write_tflite"),
            {
                "float32": 1e-5,
                "float16": 1e-3,  # weights to 11 bits
                "dynamic": 1e-2,  # weights to 8 bits
                "int8": 2e-2,  # activations to 8 bits, too
                "int16x8": 1e-2,
            },
        ),
    )
}
EXTERNAL_WRITER = ("tfmatting.export.frozen_graph", "write_external_graph")
"""Writes the `pb` whose client normalises the pixels."""
SLOW = {
    "dynamic": "dynamic-range files are slower than float32 on most processors",
    "int16x8": "int16x8 runs on reference kernels, tens of times slower than float32",
}
"""Precisions that are offered but seldom the right choice, and why."""


def check_cell(format_name: str, precision: str) -> ExportFormat:
    """Return the format if it has the precision.

    Raises:
        ValueError: an unknown format, or a precision it does not have; the known are listed.
    """
    if format_name not in FORMATS:
        raise ValueError(f"No export format {format_name!r}. Known: {', '.join(FORMATS)}.")
    entry = FORMATS[format_name]
    if precision not in entry.tolerances:
        raise ValueError(
            f"Format {format_name} has no precision {precision!r}. It has: "
            f"{', '.join(entry.tolerances)}."
        )
    return entry
