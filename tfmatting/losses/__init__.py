"""Losses: pure functions of tensors, a family a file."""
