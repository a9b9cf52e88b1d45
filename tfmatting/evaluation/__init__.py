"""Judging models: metrics over a data set, and pictures of where they fail."""
