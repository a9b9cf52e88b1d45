"""The table of export formats and precisions: it documents, validates and tests.

The table is plain data and imports no TensorFlow; `exporting/writers.py` has the code of each row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tfmatting.errors import InputError
from tfmatting.files import check_file

PRECISIONS = ("float32", "float16", "int8_weights", "dynamic", "int8", "int16x8", "mixed")
PREPROCESSING = ("inside", "external")
"""Who normalises the pixels: the exported graph or its client."""

EXPORT_TARGETS = ("any", "edgetpu")
"""Accelerators that want another form of the network; see `exporting/forms.py`."""


@dataclass(frozen=True)
class ExportFormat:
    """One row of the table.

    Every precision is either in `tolerances` or in `refusals`.

    Attributes:
        name: the row's own name.
        format: the value of `--format` that selects it.
        suffix: the file's suffix; empty for a folder.
        runtime: the program that the file is loaded back in.
        tolerances: precision -> the largest mean absolute difference of alpha from the Keras
            model's.
        refusals: precision -> why it is not offered, and what to use instead.
        preprocessing: the value of `--preprocessing` that selects it.
    """

    name: str
    format: str
    suffix: str
    runtime: str
    tolerances: dict[str, float]
    refusals: dict[str, str] = field(default_factory=dict)
    preprocessing: str = "inside"


@dataclass(frozen=True)
class Cell:
    """A model in a format at a precision: a tolerance, or the reason why it is not offered."""

    model: str
    format: ExportFormat
    precision: str
    tolerance: float | None
    refusal: str = ""


SAME_OPERATORS = 1e-5
"""The operators are the same; only the order of additions differs."""
_SERVER = "a SavedModel computes in float32; use --format tflite"
_OPENCV = "OpenCV's importer reads float32 weights; use --format tflite or onnx"
_ENGINE_HALF = "TensorRT and ATC lower a float32 file themselves (trtexec --fp16)"
_ENGINE_INTEGER = "TensorRT and ATC quantize a float32 file themselves (trtexec --int8, AMCT)"

FORMATS: dict[str, ExportFormat] = {
    row.name: row
    for row in (
        ExportFormat(
            name="saved_model",
            format="saved_model",
            suffix="",
            runtime="TensorFlow",
            tolerances={"float32": SAME_OPERATORS},
            refusals=dict.fromkeys(PRECISIONS[1:], _SERVER),
        ),
        ExportFormat(
            name="pb",
            format="pb",
            suffix=".pb",
            runtime="OpenCV DNN",
            tolerances={"float32": SAME_OPERATORS},
            refusals=dict.fromkeys(PRECISIONS[1:], _OPENCV),
        ),
        ExportFormat(
            name="pb_external",
            format="pb",
            suffix=".pb",
            runtime="OpenCV DNN after `blobFromImage`",
            tolerances={"float32": SAME_OPERATORS},
            refusals=dict.fromkeys(PRECISIONS[1:], _OPENCV),
            preprocessing="external",
        ),
        ExportFormat(
            name="onnx",
            format="onnx",
            suffix=".onnx",
            runtime="ONNX Runtime",
            tolerances={"float32": SAME_OPERATORS},
            refusals={"float16": _ENGINE_HALF, **dict.fromkeys(PRECISIONS[2:], _ENGINE_INTEGER)},
        ),
        ExportFormat(
            name="tflite",
            format="tflite",
            suffix=".tflite",
            runtime="LiteRT",
            tolerances={
                "float32": SAME_OPERATORS,
                "float16": 1e-3,  # weights keep 11 bits
                "int8_weights": 1e-2,  # weights keep 8 bits
                "dynamic": 1e-2,  # the same, and 8 bits for what each operator reads
                "int8": 2e-2,  # 8 bits for the activations, too
                "int16x8": 1e-2,
                "mixed": 1e-2,  # int8 without the layers that lose the most
            },
        ),
    )
}
FORMAT_NAMES = tuple(dict.fromkeys(row.format for row in FORMATS.values()))
"""The values of `--format`."""
EXCEPTIONS: dict[tuple[str, str, str], float | str] = {}
"""(model, row, precision) -> a tolerance of its own, or why this model has no such file."""
RESIZABLE = ("float32", "float16", "int8_weights", "dynamic")
"""Precisions of `tflite` files whose client may choose the size. Quantized activations fix it."""
CALIBRATED = ("int8", "int16x8", "mixed")
"""Precisions that quantize activations and so need photos to calibrate on."""
SLOW = {
    "dynamic": "dynamic-range files are faster than float32 on some processors only",
    "int16x8": "int16x8 runs on reference kernels, tens of times slower than float32",
}
"""Precisions that may be slower than float32 on a processor, and what is known of it."""


def find_format(format: str, preprocessing: str = "inside") -> ExportFormat:
    """Return the row that `--format` and `--preprocessing` select.

    Raises:
        InputError: an unknown value, or a format without such a row; the known ones are listed.
    """
    if format not in FORMAT_NAMES:
        raise InputError(f"No export format {format!r}. Known: {', '.join(FORMAT_NAMES)}.")
    if preprocessing not in PREPROCESSING:
        raise InputError(
            f"Preprocessing is {' or '.join(PREPROCESSING)}. Received: {preprocessing!r}."
        )
    rows = [row for row in FORMATS.values() if row.preprocessing == preprocessing]
    for row in rows:
        if row.format == format:
            return row
    others = ", ".join(row.format for row in rows)
    raise InputError(f"Only {others} leaves preprocessing to its client. Received: {format}.")


def check_path(row: ExportFormat, path: Path) -> None:
    """Refuse a path whose suffix is not the format's.

    Raises:
        InputError: another suffix; the right one is named. Or a folder where a file is written,
            or one that holds other things than an earlier export.
    """
    if path.suffix != row.suffix:
        wanted = f"a name ending in {row.suffix}" if row.suffix else "a folder without suffix"
        raise InputError(f"Format {row.format} takes {wanted}. Received: {path.name!r}.")
    if row.suffix:
        check_file(path)
    elif path.is_dir() and any(path.iterdir()) and not (path / "saved_model.pb").is_file():
        raise InputError(
            f"A new folder is written, or an earlier export replaced. Received: {path}, which "
            "holds other things. Give another name."
        )


def cells(models: tuple[str, ...]) -> Iterator[Cell]:
    """Yield the whole matrix: every model in every format at every precision."""
    for model in models:
        for row in FORMATS.values():
            for precision in PRECISIONS:
                yield _cell(model, row, precision)


def check_cell(model: str, row: ExportFormat, precision: str) -> Cell:
    """Return a cell of the matrix if it is offered.

    Args:
        model: a name of the registry.
        row: of `FORMATS`.
        precision: one of `PRECISIONS`.

    Raises:
        InputError: an unknown precision, with the known ones; or one that is not offered, with
            the reason and the precisions that are.
    """
    if precision not in PRECISIONS:
        raise InputError(f"No precision {precision!r}. Known: {', '.join(PRECISIONS)}.")
    cell = _cell(model, row, precision)
    if cell.tolerance is None:
        others = [other for other in PRECISIONS if _cell(model, row, other).tolerance is not None]
        raise InputError(
            f"There is no {precision} {row.format} of {model}: {cell.refusal}. This format has: "
            f"{', '.join(others)}."
        )
    return cell


def _cell(model: str, row: ExportFormat, precision: str) -> Cell:
    verdict = EXCEPTIONS.get((model, row.name, precision))
    if verdict is None:
        verdict = {**row.refusals, **row.tolerances}[precision]
    if isinstance(verdict, str):
        return Cell(model, row, precision, None, verdict)
    return Cell(model, row, precision, verdict)


def markdown_table() -> str:
    """Render the formats as the documentation shows them."""
    lines = [
        "| format | loaded back in | precisions (mean difference of alpha allowed) | not offered |",
        "|---|---|---|---|",
    ]
    for row in FORMATS.values():
        option = "" if row.preprocessing == "inside" else f", `--preprocessing {row.preprocessing}`"
        offered = ", ".join(f"{name} ({value:g})" for name, value in row.tolerances.items())
        refused: dict[str, list[str]] = {}
        for name, reason in row.refusals.items():
            refused.setdefault(reason, []).append(name)
        reasons = "; ".join(f"{', '.join(names)}: {why}" for why, names in refused.items())
        lines.append(f"| `{row.format}`{option} | {row.runtime} | {offered} | {reasons} |")
    return "\n".join(lines)
