"""Exports trained models: writes a file, loads it back in its own runtime, compares the two."""
