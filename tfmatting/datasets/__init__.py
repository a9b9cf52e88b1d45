"""Portraits with alpha mattes: readers of published layouts, augmentation, the pipeline."""
