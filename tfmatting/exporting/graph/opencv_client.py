"""The client of a `.pb` with external preprocessing, like the original LFM's C++ program."""

from __future__ import annotations

from pathlib import Path

import cv2
import keras
import numpy as np

from tfmatting.errors import InputError
from tfmatting.inference.runtimes import Tensors
from tfmatting.models import find


def blob_parameters(model: keras.Model) -> tuple[float, tuple[float, float, float], bool]:
    """Return (scalefactor, mean, swapRB) of `blobFromImage` for a BGR photo.

    Raises:
        InputError: a normalisation that blobFromImage cannot do.
    """
    layer = model.get_layer("normalization")
    matrix, offset = np.asarray(layer.matrix), np.asarray(layer.offset)
    swaps = bool(matrix[0, 0])  # the model wants RGB, and the photo is BGR
    scale = float(np.abs(matrix).max())
    expected = np.eye(3) * scale if swaps else np.eye(3)[:, ::-1] * scale
    if not np.allclose(matrix, expected):
        raise InputError(
            f"blobFromImage has one scale for all channels; {model.name}'s differ. Use "
            "--preprocessing inside."
        )
    red, green, blue = (-offset / scale).tolist()
    return scale, (red, green, blue), swaps


def client_call(model: keras.Model) -> str:
    """Return the line of C++ that prepares the photo."""
    scale, mean, swaps = blob_parameters(model)
    height, width = model.matting_config.input_size
    numbers = ", ".join(f"{value:.6f}" for value in mean)
    return (
        f"blobFromImage(photo, {scale:.9g}, Size({width}, {height}), Scalar({numbers}), "
        f"{str(swaps).lower()}, false)"
    )


class OpenCVClient:
    """Runs the graph as the C++ program does: it blends the outputs of LFM itself."""

    input_names: tuple[str, ...]

    def __init__(self, model: keras.Model, path: Path):
        self.input_names = ("image",)
        self.input_size = model.matting_config.input_size
        self._parameters = blob_parameters(model)
        self._nodes = find(model.name).original_nodes
        self._net = cv2.dnn.readNet(str(path), str(path.with_suffix(".pbtxt")))

    def run(self, inputs: Tensors) -> Tensors:
        scale, mean, swaps = self._parameters
        bgr = np.ascontiguousarray(inputs["image"][0][..., ::-1])
        height, width = self.input_size
        self._net.setInput(
            cv2.dnn.blobFromImage(bgr, scale, (width, height), mean, swapRB=swaps, crop=False)
        )
        if not self._nodes:
            alpha = self._net.forward("alpha")
        else:
            names = [self._nodes[key] for key in ("foreground", "background", "fusion_weight")]
            foreground, background, weight = self._net.forward(names)
            alpha = foreground * weight + (1.0 - background) * (1.0 - weight)
        return {"alpha": alpha.transpose(0, 2, 3, 1)}
