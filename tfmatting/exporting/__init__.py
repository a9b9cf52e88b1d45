"""Trained models out: written, loaded back in their own runtime, and compared."""
