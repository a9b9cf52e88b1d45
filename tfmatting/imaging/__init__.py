"""Image operations with NumPy and OpenCV only. This package never imports TensorFlow."""
