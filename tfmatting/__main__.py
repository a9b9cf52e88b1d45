"""`python -m tfmatting`."""

from tfmatting.cli import program

program()
