"""Make a Triton model repository of an ONNX file, its configuration read from the file itself.

tfmatting export --format onnx --output portrait.onnx
python triton_config.py portrait.onnx repository --name portrait
docker run --rm -p 8000:8000 -v "$PWD/repository:/models" nvcr.io/nvidia/tritonserver:25.08-py3 \\
    tritonserver --model-repository=/models

The file's batch is 1, so Triton batches nothing (`max_batch_size: 0`, and every size is listed);
`--instances` runs several copies side by side instead. Needs the package onnx.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import onnx

TYPES = {
    onnx.TensorProto.FLOAT: "TYPE_FP32",
    onnx.TensorProto.FLOAT16: "TYPE_FP16",
    onnx.TensorProto.UINT8: "TYPE_UINT8",
}


def tensor(value: onnx.ValueInfoProto) -> str:
    """A tensor of the graph in Triton's words."""
    kind = value.type.tensor_type
    sizes = [size.dim_value for size in kind.shape.dim]
    if 0 in sizes:
        raise SystemExit(f"{value.name} has a size that is not fixed: {sizes}.")
    return (
        f'  {{\n    name: "{value.name}"\n    data_type: {TYPES[kind.elem_type]}\n'
        f"    dims: [ {', '.join(map(str, sizes))} ]\n  }}"
    )


def configuration(model: onnx.ModelProto, name: str, instances: int = 1, gpu: bool = False) -> str:
    """The text of config.pbtxt."""
    inputs = ",\n".join(map(tensor, model.graph.input))
    outputs = ",\n".join(map(tensor, model.graph.output))
    kind = "KIND_GPU" if gpu else "KIND_CPU"
    return (
        f'name: "{name}"\nbackend: "onnxruntime"\nmax_batch_size: 0\n'
        f"input [\n{inputs}\n]\noutput [\n{outputs}\n]\n"
        f"instance_group [\n  {{\n    count: {instances}\n    kind: {kind}\n  }}\n]\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help=".onnx file")
    parser.add_argument("repository", type=Path, help="folder that Triton is given")
    parser.add_argument("--name", default="portrait", help="that clients ask for")
    parser.add_argument("--instances", type=int, default=1, help="copies that run side by side")
    parser.add_argument("--gpu", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.repository / arguments.name
    text = configuration(
        onnx.load(arguments.model), arguments.name, arguments.instances, arguments.gpu
    )
    (folder / "1").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(arguments.model, folder / "1" / "model.onnx")
    (folder / "config.pbtxt").write_text(text, encoding="utf-8")
    print(f"{folder / 'config.pbtxt'}\n{text}", end="")


if __name__ == "__main__":
    main()
