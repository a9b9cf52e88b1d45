"""Frames without truth, for stages that teach themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.errors import MissingFileError
from tfmatting.imaging.io import list_images, read_image
from tfmatting.video.reader import VideoReader

MOST = 600
"""Frames are kept in memory: 600 of 640x360 take 415 MB."""


def read_frames(path: Path, most: int = MOST) -> list[np.ndarray]:
    """Read the pictures of a folder or the frames of a video, at most so many, evenly spread.

    Returns:
        uint8 [H, W, 3] each.

    Raises:
        FileNotFoundError, ValueError: nothing there, or no video; ImportError: PyAV is missing.
    """
    if path.is_dir():
        pictures = list_images(path)
        if not pictures:
            raise MissingFileError(f"No pictures in {path}.")
        return [read_image(picture) for picture in pictures[:: -(-len(pictures) // most)]]
    with VideoReader(path) as reader:
        step = -(-max(reader.facts.frames, 1) // most)
        return [frame.pixels for number, frame in enumerate(reader.frames()) if number % step == 0]
