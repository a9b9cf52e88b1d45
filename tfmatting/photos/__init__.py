"""Photos: from an image or a folder to cut-outs and composites."""
