"""Says what an accelerator accepts of an exported file, by its published list."""
