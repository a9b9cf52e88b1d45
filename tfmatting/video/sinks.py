"""Where live pictures go: a window, a virtual camera."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from tfmatting.errors import InputError, MissingExtraError

TITLE = "tfmatting (q closes)"
CLOSING_KEYS = (ord("q"), 27)


class Sink(Protocol):
    """Takes pictures as they are made."""

    def show(self, picture: np.ndarray, note: str) -> bool:
        """Take uint8 [H, W, 3] RGB and a line about it; False when the user has had enough."""
        ...

    def close(self) -> None:
        """Let go of the window or device."""
        ...


class Window:
    """A preview.

    Raises:
        ValueError: OpenCV cannot open a window here.
    """

    def __init__(self):
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
        frame_rate: frames a second.

    Raises:
        ImportError: pyvirtualcam is missing; the extra is named.
        ValueError: the system has no driver for one.
    """

    def __init__(self, size: tuple[int, int], frame_rate: float):
        try:
            import pyvirtualcam
        except ImportError as error:
            raise MissingExtraError(
                "A virtual camera needs `pip install tfmatting[webcam]`, and on Linux the kernel "
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
