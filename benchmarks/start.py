"""What starts cost: seconds of short commands from the shell, and of Python alone.

    python benchmarks/start.py [--rounds 7]

The commands take turns, and the median of each counts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from comparison import table, write_json

from tfmatting.imaging.io import write_image

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import of NumPy, OpenCV, Pillow, LiteRT": [
        "-c", "import numpy, cv2, PIL.Image, ai_edge_litert.interpreter",
    ],
    "import tfmatting": ["-c", "import tfmatting"],
    "tfmatting --help": ["-m", "tfmatting", "--help"],
    "tfmatting models": ["-m", "tfmatting", "models"],
    "tfmatting lint FILE": ["-m", "tfmatting", "lint", "FILE"],
    "tfmatting matte of one photo": [
        "-m", "tfmatting", "matte", "p.jpg", "-o", "p.png", "--model", "portrait_lite",
        "--overwrite",
    ],
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    from tfmatting.inference.pretrained import PRETRAINED

    file = str(PRETRAINED["portrait_lite"].file)
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        noise = np.random.default_rng(0).integers(0, 256, (480, 360, 3)).astype(np.uint8)
        write_image(Path(folder) / "p.jpg", noise)
        for _ in range(arguments.rounds + 1):
            for name, words in COMMANDS.items():
                words = [file if word == "FILE" else word for word in words]
                start = time.perf_counter()
                done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True)
                seconds[name].append(time.perf_counter() - start)
                assert done.returncode in (0, 1), done.stderr.decode()
    figures = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    bare = figures["python -c pass"]
    rows = [[name, f"{one:.3f}", f"{one - bare:.3f}"] for name, one in figures.items()]
    print(table(("command", "s", "s over Python"), rows))
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
