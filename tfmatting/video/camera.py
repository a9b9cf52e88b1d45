"""Reads a camera, or a video file in its place, with OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.opencv_log import quiet_opencv
from tfmatting.video.names import file_name

DEFAULT_RATE = 30.0


class Camera:
    """An open camera.

    Args:
        source: the number of a camera, or the path of a video file.

    Attributes:
        size: (height, width).
        frame_rate: frames per second as the device states them; 30 if it does not.

    Raises:
        InputError: there is no such camera, or the file gives no frame.
    """

    def __init__(self, source: str):
        if source.isdigit():
            with quiet_opencv():  # ten lines of its log for a camera that is not there
                self._capture = cv2.VideoCapture(int(source))
            wanted = f"camera {source}. Another program may hold it; try --camera with another"
            wanted += " number, or a video file"
        else:
            self._capture = cv2.VideoCapture(file_name(source))
            wanted = f"{source}" if Path(source).is_file() else f"{source}, which does not exist"
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # no old frames
        opened, frame = self._capture.read()
        if not opened:
            self.close()
            raise InputError(f"No picture from {wanted}.")
        self._first: np.ndarray | None = frame
        self.size = (int(frame.shape[0]), int(frame.shape[1]))
        self.frame_rate = self._capture.get(cv2.CAP_PROP_FPS) or DEFAULT_RATE

    def frames(self) -> Iterator[np.ndarray]:
        """Yield uint8 [H, W, 3] RGB until the file ends or the camera is unplugged."""
        frame = self._first
        while frame is not None:
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            opened, frame = self._capture.read()
            if not opened:
                return

    def close(self) -> None:
        """Release the device."""
        self._capture.release()

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_) -> None:
        self.close()
