"""`python export.py`: the same as `python -m tfmatting export`."""

import sys

from tfmatting.cli import main

if __name__ == "__main__":
    sys.exit(main(["export", *sys.argv[1:]]))
