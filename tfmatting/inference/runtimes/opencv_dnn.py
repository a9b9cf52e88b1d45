"""Frozen graphs in OpenCV's DNN module; TensorFlow is not needed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.inference.runtimes.base import Tensors, check_fixed_size

PLACEHOLDER = re.compile(r'name: "(\w+)"\s+op: "Placeholder"(.*?)^}', re.DOTALL | re.MULTILINE)
SIDE = re.compile(r"size: (\d+)")
ALPHA = "alpha"


class OpenCVRuntime:
    """A `.pb` with its `.pbtxt` beside it."""

    def __init__(self, path: Path, threads: int | None = None, input_size: Size | None = None):
        text = path.with_suffix(".pbtxt")
        if not text.is_file():
            raise MissingFileError(
                f"A frozen graph comes with its .pbtxt, which says its size. Missing: {text}. "
                "Copy it beside, or export again."
            )
        sizes = read_input_sizes(text)
        self.input_names = tuple(sizes)
        self.input_size = sizes["image"]
        check_fixed_size(path, self.input_size, input_size)
        if threads:
            cv2.setNumThreads(threads)
        try:
            self._net = cv2.dnn.readNetFromTensorflow(str(path))
        except cv2.error as error:
            raise InputError(f"OpenCV cannot load {path} ({_reason(error)})") from error

    def run(self, inputs: Tensors) -> Tensors:
        for name, value in inputs.items():
            blob = value.astype(np.float32).transpose(0, 3, 1, 2)
            self._net.setInput(np.ascontiguousarray(blob), name)
        try:
            alpha = self._net.forward(ALPHA)
        except cv2.error as error:
            raise InputError(f"OpenCV cannot run the graph ({_reason(error)})") from error
        return {ALPHA: alpha.transpose(0, 2, 3, 1)}


def probe(path: Path) -> None:
    """Load a graph in a process of its own: OpenCV can crash on one that it does not understand.

    Raises:
        InputError: the process did not survive it.
    """
    command = "import cv2, sys; cv2.dnn.readNetFromTensorflow(sys.argv[1])"
    result = subprocess.run(
        [sys.executable, "-c", command, str(path)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        reason = lines[-1][:160] if lines else f"signal {-result.returncode}"
        raise InputError(f"OpenCV cannot load the graph ({reason})")


def read_input_sizes(text: Path) -> dict[str, Size]:
    """(height, width) of every placeholder in a text graph.

    Raises:
        InputError: no placeholder `image` of four known sides.
    """
    sizes = {}
    for match in PLACEHOLDER.finditer(text.read_text(encoding="utf-8")):
        sides = [int(side) for side in SIDE.findall(match.group(2))]
        if len(sides) == 4:
            sizes[match.group(1)] = (sides[1], sides[2])
    if "image" not in sizes:
        raise InputError(f"{text} has no input `image` of shape [1, H, W, 3].")
    return sizes


def _reason(error: cv2.error) -> str:
    return str(error).strip().splitlines()[0][:160]
