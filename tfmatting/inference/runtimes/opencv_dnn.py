"""Frozen graphs in OpenCV's DNN module; TensorFlow is not needed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.documents import read_text
from tfmatting.errors import InputError, MissingFileError
from tfmatting.inference.runtimes.base import Tensors, check_fixed_size

PLACEHOLDER = re.compile(r'name: "(\w{1,80})"\s+op: "Placeholder"')
SIDE = re.compile(r"size: (\d{1,9})")
LONGEST = 16_384
"""Pixels of a side."""
ALPHA = "alpha"

PROBE_SECONDS = 120
PROGRAM = """
import json, sys
import cv2, numpy
network = cv2.dnn.readNetFromTensorflow(sys.argv[1])
sizes = json.loads(sys.argv[2]) or {}
for name, size in sizes.items():
    channels = 3 if name == "image" else 1
    network.setInput(numpy.zeros((1, channels, *size), numpy.float32), name)
if sizes:
    network.forward("alpha")
"""


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
        probe(path, sizes)
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


def probe(path: Path, sizes: dict[str, Size] | None = None) -> None:
    """Load a graph in a process of its own: OpenCV can crash on one that it does not understand.

    Args:
        path: the `.pb`.
        sizes: (height, width) of its inputs by name, to run it once, too.

    Raises:
        InputError: the process did not survive it.
    """
    import subprocess

    from tfmatting.child_python import run_python

    try:
        result = run_python("-c", PROGRAM, str(path), json.dumps(sizes), timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"OpenCV does not come to an end with the graph {path} in {PROBE_SECONDS} seconds."
        ) from error
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        reason = lines[-1][:160] if lines else f"signal {-result.returncode}"
        raise InputError(f"OpenCV cannot load the graph {path} ({reason})")


def read_input_sizes(text: Path) -> dict[str, Size]:
    """(height, width) of every placeholder in a text graph.

    Raises:
        InputError: no placeholder `image` of four known sides.
    """
    sizes = {}
    for node in read_text(text).split("\n}"):
        match = PLACEHOLDER.search(node)
        sides = [int(side) for side in SIDE.findall(node, match.end())] if match else []
        if match and len(sides) == 4 and 0 < min(sides[1:3]) <= max(sides[1:3]) <= LONGEST:
            sizes[match[1]] = (sides[1], sides[2])
    if "image" not in sizes:
        raise InputError(f"{text} has no input `image` of shape [1, H, W, 3].")
    return sizes


def _reason(error: cv2.error) -> str:
    return str(error).strip().splitlines()[0][:160]
