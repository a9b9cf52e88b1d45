"""`python train.py`: the same as `python -m tfmatting train`."""

import sys

from tfmatting.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
