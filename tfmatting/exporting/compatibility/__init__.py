"""What accelerators accept of an exported file, by their published lists."""
