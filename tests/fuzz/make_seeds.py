"""Makes the files of `seeds/`. Run it as `python -m tests.fuzz.make_seeds`."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from tests.fuzz.seeds import STORED


def film() -> bytes:
    """Five frames of 32x32 pixels."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for number in range(5):
            pixels = np.full((32, 32, 3), 40 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())
    return file.getvalue()


def onnx_model() -> bytes:
    """A network `image` -> `alpha` of one convolution at 8x8."""
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.ones((1, 3, 1, 1), np.float32), "weight")
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 8, 8, 3])
    alpha = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 8, 8, 1])
    nodes = [
        helper.make_node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["first", "weight"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["soft"]),
        helper.make_node("Transpose", ["soft"], ["alpha"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(nodes, "tiny", [image], [alpha], [weight])
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def tiny_network():
    """The smallest checkpoint there is: a U-Net with 1/64 of the channels at 16x16."""
    from tfmatting import build

    return build("unet", (16, 16), width=1 / 64, bilinear=True)


def checkpoint(folder: Path) -> None:
    """The tiny network as a `.keras` file."""
    tiny_network().save(folder / "tiny.keras")


def legacy_h5() -> bytes:
    """Weights of one layer as Keras 2 writes them."""
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        root.attrs["layer_names"] = [b"conv"]
        group = root.create_group("conv")
        group.attrs["weight_names"] = [b"conv/kernel:0", b"conv/bias:0"]
        group["conv/kernel:0"] = np.ones((3, 3, 3, 4), np.float32)
        group.create_dataset("conv/bias:0", data=np.ones(4, np.float32), compression="gzip")
    return file.getvalue()


def npz() -> bytes:
    """Two arrays, one of them deflated with the archive."""
    file = io.BytesIO()
    np.savez_compressed(
        file, **{"conv/kernel": np.ones((3, 3, 3, 4), np.float32), "conv/bias": np.ones(4)}
    )
    return file.getvalue()


def state_dict() -> bytes:
    """A PyTorch state dictionary of two tensors."""
    import torch

    file = io.BytesIO()
    torch.save({"state_dict": {"a.weight": torch.ones(2, 3), "b.bias": torch.zeros(4)}}, file)
    return file.getvalue()


def tflite(folder: Path) -> None:
    """The tiny network as a TFLite file."""
    from tfmatting.exporting.tflite.writer import write_tflite

    write_tflite(tiny_network(), folder / "tiny.tflite", "float32", [])


def frozen_graph(folder: Path) -> None:
    """The tiny network as OpenCV reads it."""
    from tfmatting.exporting.graph.frozen_graph import write_frozen_graph

    write_frozen_graph(tiny_network(), folder / "tiny.pb", "float32", [])


def main() -> None:
    """Write every seed."""
    STORED.mkdir(exist_ok=True)
    for make in (checkpoint, tflite, frozen_graph):
        make(STORED)
    for suffix, make in MAKERS.items():
        (STORED / f"tiny.{suffix}").write_bytes(make())


MAKERS = {"mp4": film, "onnx": onnx_model, "h5": legacy_h5, "npz": npz, "pth": state_dict}

if __name__ == "__main__":
    main()
