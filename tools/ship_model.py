"""Puts a trained model into the package: a checkpoint with weights in 16 bits, and a TFLite file.

    python tools/ship_model.py runs/tnet/supervised/best.keras portrait --calibration DIR

`export.py` starts from the checkpoint when there is no run, and `matte` uses the TFLite file.
Weights in 16 bits halve the checkpoint and move alpha far less than quantization does. The
optimizer's state is left out.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np

import tfmatting
from tfmatting.exporting.formats import PRECISIONS
from tfmatting.files import atomic_path
from tfmatting.inference.loading import SHIPPED

WEIGHTS = "model.weights.h5"


def halve(source: Path, target: Path) -> None:
    """Copy a checkpoint with its weights in 16 bits and without its optimizer."""
    with (
        atomic_path(target) as temporary,
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, _halved(data) if name == WEIGHTS else data)


def _halved(data: bytes) -> bytes:
    result = io.BytesIO()
    with h5py.File(io.BytesIO(data)) as old, h5py.File(result, "w") as new:

        def copy(name, item):
            if name.startswith("optimizer"):
                return
            if isinstance(item, h5py.Dataset):
                value = item[()]
                if value.dtype == np.float32:
                    value = value.astype(np.float16)
                new.create_dataset(name, data=value)
            else:
                new.require_group(name)
            for key, attribute in item.attrs.items():
                new[name].attrs[key] = attribute

        old.visititems(copy)
    return result.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name")
    parser.add_argument("--precision", default="float16", choices=PRECISIONS)
    parser.add_argument("--calibration", required=True, help="folder of photos")
    parser.add_argument("--folder", type=Path, default=SHIPPED, help="where the files go")
    arguments = parser.parse_args()
    checkpoint = arguments.folder / f"{arguments.name}.keras"
    halve(arguments.checkpoint, checkpoint)
    report = tfmatting.export(
        checkpoint,
        checkpoint.with_suffix(".tflite"),
        precision=arguments.precision,
        calibration=arguments.calibration,
        report=print,
    )
    print(report.table())
    print(
        f"Next: edit the row {arguments.name!r} of PRETRAINED in tfmatting/inference/pretrained.py "
        "(file, input, figures, data, licence)."
    )


if __name__ == "__main__":
    main()
