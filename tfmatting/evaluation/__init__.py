"""Judges models: metrics on a data set, false alarms, latency, and pictures of failures."""
