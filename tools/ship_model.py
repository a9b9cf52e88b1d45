"""Puts a trained model into the package: a checkpoint of half-precision weights, a TFLite file.

    python tools/ship_model.py runs/tnet/supervised/best.keras portrait --calibration DIR

The checkpoint is what `export.py` starts from when there is no run; the TFLite file is what
`matte` uses. Weights are stored in 16 bits: half the size, and a change of alpha far below that of
quantization. The optimizer's state is left out.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np

from tfmatting.exporting.exporter import export
from tfmatting.exporting.formats import PRECISIONS
from tfmatting.exporting.photos import CALIBRATION_PHOTOS, check_photos, read_photos
from tfmatting.files import atomic_path
from tfmatting.inference.loading import SHIPPED
from tfmatting.models import load_model

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
    arguments = parser.parse_args()
    checkpoint = SHIPPED / f"{arguments.name}.keras"
    halve(arguments.checkpoint, checkpoint)
    photos = read_photos(arguments.calibration, CALIBRATION_PHOTOS)
    comparison = export(
        load_model(checkpoint),
        SHIPPED / f"{arguments.name}.tflite",
        format_name="tflite",
        precision=arguments.precision,
        calibration=photos,
        checks=check_photos(photos),
    )
    print(comparison)


if __name__ == "__main__":
    main()
