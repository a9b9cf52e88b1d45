"""Tensor versions of NumPy metrics, only where training needs them."""
