"""Frames without truth, for self-supervised training stages."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfmatting.errors import MissingFileError
from tfmatting.imaging.io import list_images, read_image
from tfmatting.video.reader import VideoReader

MOST = 600
"""Frames are held in memory: 600 frames of 640x360 take 415 MB."""


def read_frames(path: Path, most: int = MOST) -> list[np.ndarray]:
    """Read the pictures of a folder or the frames of a video, evenly spread.

    Args:
        path: a folder of pictures, or a video file.
        most: how many frames to keep at most.

    Returns:
        uint8 [H, W, 3] each.

    Raises:
        MissingFileError: there is no picture and no video.
        InputError: the file is not a video.
        MissingExtraError: PyAV is not installed.
    """
    if path.is_dir():
        pictures = list_images(path)
        if not pictures:
            raise MissingFileError(f"No pictures in {path}.")
        return [read_image(picture) for picture in pictures[:: -(-len(pictures) // most)]]
    with VideoReader(path) as reader:
        step = -(-max(reader.facts.frames, 1) // most)
        return [frame.pixels for number, frame in enumerate(reader.frames()) if number % step == 0]
