"""The error of a file that should be an image."""

from __future__ import annotations

from tfmatting.errors import InputError


class ImageError(InputError):
    """An image file that cannot be read, or that does not hold what it should."""
