"""Where live pictures go: a window or a virtual camera."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.video.checks import check_display

TITLE = "tfmatting (q closes)"
CLOSING_KEYS = (ord("q"), 27)


class Sink(Protocol):
    """Receives live pictures."""

    def show(self, picture: np.ndarray, note: str) -> bool:
        """Receive a picture.

        Args:
            picture: uint8 [H, W, 3] RGB.
            note: a line to show on it.

        Returns:
            False when the user closed the sink.
        """
        ...

    def close(self) -> None:
        """Release the window or device."""
        ...


class Window:
    """A preview window; q or Escape closes it.

    Raises:
        InputError: OpenCV cannot open a window.
    """

    def __init__(self):
        check_display()
        try:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise InputError(
                "OpenCV cannot open a window here. Give --no-preview and --virtual-camera, or use "
                "a desktop with opencv-python."
            ) from error

    def show(self, picture: np.ndarray, note: str) -> bool:
        shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(shown, note, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness)
        cv2.imshow(TITLE, shown)
        key = cv2.waitKey(1) & 0xFF
        return key not in CLOSING_KEYS and cv2.getWindowProperty(TITLE, 0) >= 0

    def close(self) -> None:
        cv2.destroyAllWindows()


class VirtualCamera:
    """A camera that other programs see.

    Args:
        size: (height, width).
        frame_rate: frames per second.

    Raises:
        MissingExtraError: pyvirtualcam is not installed.
        InputError: the system has no driver for a virtual camera.
    """

    def __init__(self, size: tuple[int, int], frame_rate: float):
        try:
            import pyvirtualcam
        except ImportError as error:
            raise MissingExtraError(
                "A virtual camera needs `pip install 'tfmatting[webcam]'`, and on Linux the kernel "
                "module v4l2loopback."
            ) from error
        height, width = size
        try:
            self._camera = pyvirtualcam.Camera(width, height, round(frame_rate))
        except RuntimeError as error:
            raise InputError(f"No virtual camera: {error}") from error

    def show(self, picture: np.ndarray, note: str) -> bool:
        self._camera.send(np.ascontiguousarray(picture))
        return True

    def close(self) -> None:
        self._camera.close()
