"""`python export.py`: the same as `python -m tfmatting export`."""

import sys

from tfmatting.cli import program

if __name__ == "__main__":
    sys.argv.insert(1, "export")
    program()
