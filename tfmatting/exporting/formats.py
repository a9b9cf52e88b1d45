"""The table of export formats and precisions: it documents, validates and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tfmatting.errors import InputError

PRECISIONS = ("float32", "float16", "int8_weights", "dynamic", "int8", "int16x8", "mixed")


@dataclass(frozen=True)
class ExportFormat:
    """One format.

    Every precision is in `tolerances` or in `refusals`.

    Attributes:
        name: as on the command line.
        suffix: of the file; empty for a folder.
        writer: dotted module and function, `(model, path, precision, calibration) -> None`.
        runtime: what it is loaded back in.
        tolerances: precision -> largest mean absolute difference of alpha from the Keras
            model's.
        refusals: precision -> why there is none, and what to do instead.
    """

    name: str
    suffix: str
    writer: tuple[str, str]
    runtime: str
    tolerances: dict[str, float]
    refusals: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """A model in a format at a precision: a tolerance, or the reason why there is none."""

    model: str
    format: ExportFormat
    precision: str
    tolerance: float | None
    refusal: str = ""


SAME_OPERATORS = 1e-5
"""The same operators in another order of additions."""
_SERVER = "a SavedModel computes in float32; use --format tflite"
_OPENCV = "OpenCV's importer reads float32 weights; use --format tflite or onnx"
_ENGINE_HALF = "TensorRT and ATC lower a float32 file themselves (trtexec --fp16)"
_ENGINE_INTEGER = "TensorRT and ATC quantize a float32 file themselves (trtexec --int8, AMCT)"

FORMATS: dict[str, ExportFormat] = {
    entry.name: entry
    for entry in (
        ExportFormat(
            "saved_model",
            "",
            ("tfmatting.exporting.graph.saved_model", "write_saved_model"),
            "TensorFlow",
            {"float32": SAME_OPERATORS},
            dict.fromkeys(PRECISIONS[1:], _SERVER),
        ),
        ExportFormat(
            "pb",
            ".pb",
            ("tfmatting.exporting.graph.frozen_graph", "write_frozen_graph"),
            "OpenCV DNN",
            {"float32": SAME_OPERATORS},
            dict.fromkeys(PRECISIONS[1:], _OPENCV),
        ),
        ExportFormat(
            "onnx",
            ".onnx",
            ("tfmatting.exporting.graph.onnx", "write_onnx"),
            "ONNX Runtime",
            {"float32": SAME_OPERATORS},
            {"float16": _ENGINE_HALF, **dict.fromkeys(PRECISIONS[2:], _ENGINE_INTEGER)},
        ),
        ExportFormat(
            "tflite",
            ".tflite",
            ("tfmatting.exporting.tflite.writer", "write_tflite"),
            "LiteRT",
            {
                "float32": SAME_OPERATORS,
                "float16": 1e-3,  # weights to 11 bits
                "int8_weights": 1e-2,  # weights to 8 bits
                "dynamic": 1e-2,  # the same, and what each operator reads
                "int8": 2e-2,  # activations to 8 bits, too
                "int16x8": 1e-2,
                "mixed": 1e-2,  # as int8, without the layers that lose most
            },
        ),
    )
}
EXCEPTIONS: dict[tuple[str, str, str], float | str] = {}
"""(model, format, precision) -> a tolerance of its own, or why this model has no such file."""
EXTERNAL_WRITER = ("tfmatting.exporting.graph.frozen_graph", "write_external_graph")
"""Writes the `pb` whose client normalises the pixels."""
RESIZABLE = ("float32", "float16", "int8_weights", "dynamic")
"""Precisions of `tflite` files whose client may choose the size; quantized activations want one."""
SLOW = {
    "dynamic": "dynamic-range files are slower than float32 on most processors",
    "int16x8": "int16x8 runs on reference kernels, tens of times slower than float32",
}
"""Precisions that are offered but seldom the right choice, and why."""


def cells(models: tuple[str, ...]) -> Iterator[Cell]:
    """The whole matrix: every model in every format at every precision."""
    for model in models:
        for entry in FORMATS.values():
            for precision in PRECISIONS:
                yield _cell(model, entry, precision)


def check_cell(model: str, format_name: str, precision: str) -> Cell:
    """Return a cell of the matrix if it has a file.

    Args:
        model: a name of the registry.
        format_name: a key of `FORMATS`.
        precision: one of `PRECISIONS`.

    Raises:
        ValueError: unknown, with the known ones; or refused, with the reason and the precisions
            that the format has.
    """
    if format_name not in FORMATS:
        raise InputError(f"No export format {format_name!r}. Known: {', '.join(FORMATS)}.")
    if precision not in PRECISIONS:
        raise InputError(f"No precision {precision!r}. Known: {', '.join(PRECISIONS)}.")
    cell = _cell(model, FORMATS[format_name], precision)
    if cell.tolerance is None:
        others = [
            other for other in PRECISIONS if _cell(model, cell.format, other).tolerance is not None
        ]
        raise InputError(
            f"There is no {precision} {format_name} of {model}: {cell.refusal}. This format has: "
            f"{', '.join(others)}."
        )
    return cell


def _cell(model: str, entry: ExportFormat, precision: str) -> Cell:
    verdict = EXCEPTIONS.get((model, entry.name, precision))
    if verdict is None:
        verdict = {**entry.refusals, **entry.tolerances}[precision]
    if isinstance(verdict, str):
        return Cell(model, entry, precision, None, verdict)
    return Cell(model, entry, precision, verdict)


def markdown_table() -> str:
    """The formats as the README shows them."""
    lines = [
        "| format | loaded back in | precisions (mean difference of alpha allowed) | not offered |",
        "|---|---|---|---|",
    ]
    for entry in FORMATS.values():
        offered = ", ".join(f"{name} ({value:g})" for name, value in entry.tolerances.items())
        refused: dict[str, list[str]] = {}
        for name, reason in entry.refusals.items():
            refused.setdefault(reason, []).append(name)
        reasons = "; ".join(f"{', '.join(names)}: {why}" for why, names in refused.items())
        lines.append(f"| `{entry.name}` | {entry.runtime} | {offered} | {reasons} |")
    return "\n".join(lines)
