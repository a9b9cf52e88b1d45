"""Write an export, load it back, compare it with the Keras model, keep it if it is the same."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tfmatting.errors import InputError, TfmattingError
from tfmatting.exporting.formats import EXTERNAL_WRITER, check_cell
from tfmatting.exporting.graph.opencv_client import OpenCVClient
from tfmatting.exporting.inputs import input_batches
from tfmatting.files import atomic_path, megabytes
from tfmatting.inference.runtimes import Runtime, open_runtime
from tfmatting.inference.runtimes.opencv_dnn import probe


@dataclass(frozen=True)
class Comparison:
    """An exported file against the Keras model, over some images.

    Attributes:
        images: how many were compared.
        mean_difference, largest_difference: of alpha, in [0, 1].
        tolerance: what the mean may be.
        megabytes: size of the file or folder.
    """

    images: int
    mean_difference: float
    largest_difference: float
    tolerance: float
    megabytes: float


class ExportMismatchError(TfmattingError, RuntimeError):
    """The exported file does not give the Keras model's alpha; it was removed."""


def export(
    model: keras.Model,
    path: str | Path,
    *,
    format_name: str,
    precision: str,
    calibration: Sequence[np.ndarray],
    checks: Sequence[np.ndarray],
    external: bool = False,
) -> Comparison:
    """Export a model.

    Args:
        model: a model of the registry.
        path: the file or folder to write.
        format_name: a key of `FORMATS`.
        precision: one that the format has.
        calibration: photos uint8 [H, W, 3] for quantization.
        checks: photos to compare on.
        external: the client of a `pb` normalises the pixels.

    Returns:
        How the file differs.

    Raises:
        ValueError: a cell that the table does not have, or a path of another suffix.
        ExportMismatchError: a mean difference above the table's tolerance.
    """
    cell = check_cell(model.name, format_name, precision)
    entry = cell.format
    path = Path(path)
    if path.suffix != entry.suffix:
        wanted = f"a name ending in {entry.suffix}" if entry.suffix else "a folder without suffix"
        raise InputError(f"Format {format_name} takes {wanted}. Received: {path.name!r}.")
    if not checks:
        raise InputError("An export is compared on at least one photo. Received: none.")
    if external and format_name != "pb":
        raise InputError(f"Only pb leaves preprocessing to its client. Received: {format_name}.")
    module, function = EXTERNAL_WRITER if external else entry.writer
    writer = getattr(importlib.import_module(module), function)
    prepared = input_batches(model, calibration)
    with atomic_path(path) as temporary:
        writer(model, temporary, precision, prepared)
        if format_name == "pb":
            probe(temporary)
        runtime = OpenCVClient(model, temporary) if external else open_runtime(temporary)
        comparison = compare(model, runtime, checks, cell.tolerance or 0.0, megabytes(temporary))
        # NaN is no mismatch to `>`, hence the negation
        if not comparison.mean_difference <= comparison.tolerance:
            raise ExportMismatchError(
                f"The {precision} {format_name} differs from the Keras model by "
                f"{comparison.mean_difference:.2g} (mean alpha, {comparison.images} photos); the "
                f"tolerance is {comparison.tolerance:.2g}. The file was removed. Try another "
                "precision, or more and better --calibration photos."
            )
    return comparison


def compare(
    model: keras.Model,
    runtime: Runtime,
    images: Sequence[np.ndarray],
    tolerance: float,
    size: float,
) -> Comparison:
    """Run an exported file of `size` megabytes in its own runtime beside the Keras model."""
    total, largest = 0.0, 0.0
    for batch in input_batches(model, images):
        expected = np.asarray(model(batch, training=False)["alpha"])
        difference = np.abs(runtime.run(batch)["alpha"] - expected)
        total += float(difference.mean())
        largest = max(largest, float(difference.max()))
    return Comparison(len(images), total / len(images), largest, tolerance, size)
