"""Encoders: functions from a normalised image to features at five scales."""
