"""Photo files: recognising, listing, reading and writing them, with profile and metadata."""
