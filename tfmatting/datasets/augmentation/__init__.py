"""Augmentation: geometry, colour, degradation, composed scenes, and prior alphas."""
