"""A picture of the error that 8 bits make at each operator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import keras

from tfmatting.exporting.tflite.mixed import OperatorError, mixed_precision
from tfmatting.exporting.tflite.writer import float_tflite
from tfmatting.files import atomic_path
from tfmatting.inference.runtimes import Tensors
from tfmatting.plots import new_figure

FLOOR = 1e-8
LONGEST = 34


def write_quantization_report(
    model: keras.Model, path: Path, calibration: Sequence[Tensors]
) -> list[OperatorError]:
    """Quantize a model in mixed precision and draw the error of each operator.

    Args:
        model: a model of the registry.
        path: the picture to write.
        calibration: batches of the model's inputs.

    Returns:
        The errors that are drawn.

    Raises:
        InputError: no calibration batches.
        MissingExtraError: litert-quantizer or matplotlib is missing; the extra is named.
    """
    _, errors, kept = mixed_precision(float_tflite(model), calibration)
    height = 1.5 + 0.19 * len(errors)
    figure = new_figure(width=11, height=height)
    noise, saved = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    rows = range(len(errors))
    colours = ["#e45756" if error.name in kept else "#4c78a8" for error in errors]
    noise.barh(rows, [max(error.noise, FLOOR) for error in errors], color=colours, height=0.7)
    noise.set_xscale("log")
    noise.set_yticks(rows, [_label(error) for error in errors], fontsize=6)
    noise.set_ylim(len(errors) - 0.3, -0.7)
    noise.set_xlabel("noise of the int8 output: mean squared error / mean square")
    saved.barh(rows, [1e4 * (error.saved or 0) for error in errors], color=colours, height=0.7)
    saved.set_xlabel("mean |d alpha| saved when it alone stays float, x1e4")
    saved.axvline(0, color="#555555", linewidth=0.8)
    for axes in (noise, saved):
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{model.name}: red stays float in --precision mixed", fontsize=10)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120)
    return errors


def _label(error: OperatorError) -> str:
    """Return the layer's own name, out of the converter's list of fused names."""
    names = [part.split("/")[1] for part in error.name.split(";") if part.count("/") > 1]
    layer = re.sub(r"_1$", "", names[0]) if names else error.name
    return f"{layer[:LONGEST]}  {error.kind.lower()}"
