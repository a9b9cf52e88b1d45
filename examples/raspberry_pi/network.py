"""The network alone: LiteRT, NumPy and OpenCV, on the processor or an accelerator.

`ai-edge-litert` is LiteRT's package; `tflite-runtime` is its name of before, which Coral's own
images still carry. Both are taken. What a file stores (size, number type, scale, zero point) is
read from it.
"""

from __future__ import annotations

import ctypes
import sys

import cv2
import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter, load_delegate
except ImportError:
    from tflite_runtime.interpreter import Interpreter, load_delegate

EDGE_TPU = {"linux": "libedgetpu.so.1", "darwin": "libedgetpu.1.dylib", "win32": "edgetpu.dll"}
"""Coral's runtime, by system."""


class Network:
    """RGB uint8 [H, W, 3] of any size -> alpha float32 [h, w] in [0, 1] of the network's size."""

    def __init__(self, model: str, threads: int = 4, delegate: str | None = None):
        delegates = None
        if delegate:
            ctypes.CDLL(delegate)  # LiteRT prints a traceback of its own where this fails
            delegates = [load_delegate(delegate)]
        self._interpreter = Interpreter(
            model, num_threads=threads, experimental_delegates=delegates
        )
        self._interpreter.allocate_tensors()
        # edgetpu_compiler keeps one input and one output, and drops their names
        (self._input,) = self._interpreter.get_input_details()
        (self._output,) = self._interpreter.get_output_details()
        _, self.height, self.width, _ = (int(size) for size in self._input["shape"])

    def alpha(self, image: np.ndarray) -> np.ndarray:
        """The matte of a picture, its proportions changed to the network's, as in training."""
        size = (self.width, self.height)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        self._interpreter.set_tensor(self._input["index"], _stored(small, self._input)[None])
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._output["index"])[0, ..., 0]
        return np.clip(_numbers(values, self._output), 0, 1)


def edge_tpu() -> str:
    """The name of Coral's library on this system."""
    return EDGE_TPU[sys.platform]


def enlarged(alpha: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The matte at a picture's height and width."""
    large = cv2.resize(alpha, shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(large, 0, 1)


def _stored(values: np.ndarray, details: dict) -> np.ndarray:
    """Numbers as a tensor stores them."""
    kind = details["dtype"]
    if kind == np.float32:
        return values
    scale, zero = details["quantization"]
    limits = np.iinfo(kind)
    return np.clip(np.round(values / scale) + zero, limits.min, limits.max).astype(kind)


def _numbers(stored: np.ndarray, details: dict) -> np.ndarray:
    """The numbers that a tensor stores."""
    if stored.dtype == np.float32:
        return stored
    scale, zero = details["quantization"]
    return (stored.astype(np.float32) - zero) * scale
