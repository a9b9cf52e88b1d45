"""A camera, or a file in its place, read by OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tfmatting.errors import InputError


class Camera:
    """An opened camera.

    Args:
        source: its number, or a video file that stands in for it.

    Attributes:
        size: (height, width).
        frame_rate: as the device says; 30 where it does not.

    Raises:
        ValueError: no such camera, or a file that gives no frame.
    """

    def __init__(self, source: str):
        if source.isdigit():
            self._capture = cv2.VideoCapture(int(source))
            wanted = f"camera {source}. Another program may hold it; try --camera with another"
            wanted += " number, or a video file"
        else:
            self._capture = cv2.VideoCapture(source)
            wanted = f"{source}" if Path(source).is_file() else f"{source}, which does not exist"
        # a camera's oldest frame is of no use to anybody
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        opened, frame = self._capture.read()
        if not opened:
            self.close()
            raise InputError(f"No picture from {wanted}.")
        self._first: np.ndarray | None = frame
        self.size = (int(frame.shape[0]), int(frame.shape[1]))
        self.frame_rate = self._capture.get(cv2.CAP_PROP_FPS) or 30.0

    def frames(self) -> Iterator[np.ndarray]:
        """Yield uint8 [H, W, 3] RGB until the file ends or the camera is unplugged."""
        frame = self._first
        while frame is not None:
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            opened, frame = self._capture.read()
            if not opened:
                return

    def close(self) -> None:
        """Give the camera back."""
        self._capture.release()

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_) -> None:
        self.close()
