"""ONNX for ONNX Runtime, OpenCV, Jetson's TensorRT and Ascend.

The graph is the one that OpenCV loads as `.pb`. It is folded, every size is fixed, and each resize
or padding is a single operator that all of these runtimes have.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import keras

from tfmatting.console import quiet_native_output
from tfmatting.errors import MissingExtraError
from tfmatting.exporting.graph.frozen_graph import ALPHA, frozen_graph
from tfmatting.inference.runtimes import Tensors

OPSET = 17
"""TensorRT 8.6 and CANN 7 read this opset, and it needs no workaround."""
NO_COPIES = "TF2ONNX_CATCH_ERRORS"
"""tf2onnx copies the graph before each optimizer, to go on without one that fails. The copies of 40
million weights take 6 GB: they are made only where an optimizer does fail, as one does on hard
sigmoids."""


def write_onnx(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write `image` float32 [1, H, W, 3] RGB 0..255 -> `alpha` float32 [1, H, W, 1].

    Args:
        model: a model of the registry.
        path: the `.onnx`.
        precision: "float32", the only one of this format.
        calibration: not used.

    Raises:
        MissingExtraError: tf2onnx is missing; the extra is named.
    """
    try:
        import onnx
        from tf2onnx.convert import from_graph_def
    except ImportError as error:
        raise MissingExtraError("ONNX files need `pip install 'tfmatting[onnx]'`.") from error
    names = list(model.input)
    graph = frozen_graph(model, {ALPHA: ALPHA})

    def converted():
        return from_graph_def(
            graph,
            name=model.name,
            input_names=[f"{name}:0" for name in names],
            output_names=[f"{ALPHA}:0"],
            opset=OPSET,
        )[0]

    with quiet_native_output():
        os.environ[NO_COPIES] = "FALSE"  # any value does
        try:
            document = converted()
        except Exception:  # an optimizer's own, of any kind
            os.environ.pop(NO_COPIES)
            document = converted()
        finally:
            os.environ.pop(NO_COPIES, None)
    _rename(document, {f"{name}:0": name for name in (*names, ALPHA)})
    onnx.checker.check_model(document, full_check=True)
    onnx.save(document, path)


def _rename(document, names: dict[str, str]) -> None:
    """Remove TensorFlow's output numbers from the names that clients use."""
    graph = document.graph
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
        for index, name in enumerate(node.output):
            node.output[index] = names.get(name, name)
