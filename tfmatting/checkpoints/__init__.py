"""Imports foreign weights: a file for each framework, a table of names for each model."""
