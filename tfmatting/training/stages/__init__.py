"""Stages as data, and what turns one into a compiled model."""
