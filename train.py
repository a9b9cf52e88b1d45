"""`python train.py`: the same as `python -m tfmatting train`."""

import sys

from tfmatting.cli import program

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    program()
