"""Averages the weights of several runs of the same network into one checkpoint.

    python tools/average_checkpoints.py runs/*/tnet/fine/best.keras -o average.keras

The runs must have started from the same weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.models import save_model
from tfmatting.training.averaging import average_checkpoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    save_model(average_checkpoints(arguments.checkpoints), arguments.output)


if __name__ == "__main__":
    main()
