"""Time, processor time and memory of one photo, file to file, against its size.

    python benchmarks/photos.py --megapixels 12 24 48 [--background blur] [--photo FILE]

Each size runs in a process of its own; the first photo pays for loading the model and is not
counted. Compare two checkouts by PYTHONPATH in one sitting: the ratios count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import json, resource, sys, time
from pathlib import Path
photo, output, background, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], 3
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.processor import PhotoProcessor
from tfmatting.photos.settings import MatteSettings
processor = PhotoProcessor(MatteSettings(background=background))
figures = []
for _ in range(count):
    wall, busy = time.perf_counter(), time.process_time()
    result = processor.run(MatteJob(photo, output))
    assert result.error is None, result.error
    figures.append((time.perf_counter() - wall, time.process_time() - busy))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([min(f[0] for f in figures), min(f[1] for f in figures), int(peak.split()[1])]))
"""


def enlarge(photo: Path, megapixels: float, folder: Path) -> Path:
    """A JPEG of so many million pixels, with the detail of its own grain."""
    import cv2
    import numpy as np

    image = cv2.imread(str(photo))
    factor = (megapixels * 1e6 / (image.shape[0] * image.shape[1])) ** 0.5
    image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, (512, 512, 1)).astype(np.float32)
    for top in range(0, image.shape[0], 512):
        for left in range(0, image.shape[1], 512):
            part = image[top : top + 512, left : left + 512]
            grain = noise[: part.shape[0], : part.shape[1]]
            part[:] = np.clip(part + grain, 0, 255).astype(np.uint8)
    path = folder / f"{megapixels:g}.jpg"
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1, 3, 12, 24, 48])
    parser.add_argument("--background", default="transparent")
    parser.add_argument("--photo", type=Path, help="scikit-image's astronaut when omitted")
    arguments = parser.parse_args()
    suffix = ".png" if arguments.background == "transparent" else ".jpg"
    print("| megapixels | seconds | processor seconds | peak MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = arguments.photo or astronaut(folder)
        for megapixels in arguments.megapixels:
            path = enlarge(photo, megapixels, folder)
            command = [sys.executable, "-c", CHILD, path, folder / f"out{suffix}"]
            command.append(arguments.background)
            run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
            wall, busy, peak = json.loads(run.stdout.splitlines()[-1])
            print(f"| {megapixels:g} | {wall:.2f} | {busy:.2f} | {peak / 1000:.0f} |", flush=True)


def astronaut(folder: Path) -> Path:
    """The portrait that comes with scikit-image."""
    from skimage import data

    from tfmatting.imaging.io import write_image

    write_image(folder / "astronaut.png", data.astronaut())
    return folder / "astronaut.png"


if __name__ == "__main__":
    main()
