"""The command line: one small file a command, imported only when it is called."""

from tfmatting.cli.main import main, program

__all__ = ["main", "program"]
