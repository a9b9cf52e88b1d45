"""Twins of NumPy metrics on tensors, only where training needs one."""
