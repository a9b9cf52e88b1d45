"""Graph formats: SavedModel, frozen graphs for OpenCV, ONNX."""
