"""Pictures with NumPy and OpenCV alone; TensorFlow is never imported here."""
