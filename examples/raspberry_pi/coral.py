"""Cut people out of photos on a Coral Edge TPU, and say how long each takes.

python coral.py coral_edgetpu.tflite photo.jpg ... --output cutouts
python coral.py coral.tflite photo.jpg --output cutouts --cpu     the same file before compilation

The documentation's guide to Coral says how coral.tflite is exported and compiled. A compiled file
does not run without the device.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from network import Network, edge_tpu, enlarged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help=".tflite file, compiled by edgetpu_compiler")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="folder of the cutouts")
    parser.add_argument("--cpu", action="store_true", help="run on the processor")
    arguments = parser.parse_args()
    try:
        network = Network(arguments.model, delegate=None if arguments.cpu else edge_tpu())
    except (OSError, ValueError) as error:
        raise SystemExit(
            f"No Edge TPU: {error}. Connect it, and install Coral's runtime (libedgetpu1-std)."
        ) from error
    arguments.output.mkdir(parents=True, exist_ok=True)
    for photo in arguments.photos:
        bgr = cv2.imread(str(photo))  # upright, as the photo's EXIF says
        if bgr is None:
            print(f"{photo} is no photo that OpenCV reads.")
            continue
        begun = time.perf_counter()
        alpha = network.alpha(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        milliseconds = 1000 * (time.perf_counter() - begun)
        opacity = (255 * enlarged(alpha, bgr.shape) + 0.5).astype(np.uint8)
        cv2.imwrite(str(arguments.output / f"{photo.stem}.png"), np.dstack([bgr, opacity]))
        print(f"{photo}: {milliseconds:.1f} ms")


if __name__ == "__main__":
    main()
