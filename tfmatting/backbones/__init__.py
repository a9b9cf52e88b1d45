"""Encoders: functions from a normalized image to features at several scales."""
