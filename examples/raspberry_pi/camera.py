"""A Raspberry Pi's camera with a blurred background, in a window or as frames a second.

python camera.py portrait_lite.tflite                      the Pi's camera module, by Picamera2
python camera.py portrait_lite.tflite --camera 0           a USB camera
python camera.py portrait_lite.tflite --camera film.mp4 --frames 100 --no-window
python camera.py coral_edgetpu.tflite --coral              on a Coral USB accelerator

The camera is read by a thread that keeps the newest picture alone: the delay is that of one frame,
however slow the network is.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
from network import Network, edge_tpu, enlarged

SIZE = (640, 480)


class Newest:
    """The newest picture of a camera, read by a thread of its own."""

    def __init__(self, read: Callable[[], np.ndarray | None]):
        self._read = read
        self._fresh = threading.Condition()
        self._picture: np.ndarray | None = None
        self._ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while not self._ended:
            picture = self._read()
            with self._fresh:
                if picture is None:
                    self._ended = True  # the last picture stays to be taken
                else:
                    self._picture = picture
                self._fresh.notify()

    def take(self) -> np.ndarray | None:
        """Wait for a picture that was not taken yet; None when the camera has ended."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._picture is not None or self._ended)
            picture, self._picture = self._picture, None
        return picture

    def stop(self) -> None:
        """End the thread after its picture."""
        self._ended = True


def open_camera(camera: str | None) -> Callable[[], np.ndarray | None]:
    """Return a function that gives the next picture, RGB uint8 [H, W, 3], or None at the end."""
    if camera is None:
        from picamera2 import Picamera2

        module = Picamera2()
        # libcamera names formats from the last byte on: "BGR888" is RGB in memory
        module.configure(module.create_video_configuration({"size": SIZE, "format": "BGR888"}))
        module.start()
        return module.capture_array
    capture = cv2.VideoCapture(int(camera) if camera.isdigit() else camera)
    if not capture.isOpened():
        raise SystemExit(f"No such camera or film: {camera}.")
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read() -> np.ndarray | None:
        there, bgr = capture.read()
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB) if there else None

    return read


def blurred_behind(image: np.ndarray, alpha: np.ndarray, cell: int = 8) -> np.ndarray:
    """The person before a blur of the picture, which is made small for speed."""
    small = cv2.resize(image, None, fx=1 / cell, fy=1 / cell, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 2)
    behind = cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    opacity = alpha[..., None]
    return (image * opacity + behind * (1 - opacity) + 0.5).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help=".tflite file")
    parser.add_argument("--camera", help="number or film; the camera module if omitted")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--coral", action="store_true", help="run on Coral's Edge TPU")
    parser.add_argument("--mirror", action="store_true", help="as people see themselves")
    parser.add_argument("--frames", type=int, help="end after so many")
    parser.add_argument("--no-window", action="store_true", help="time only")
    arguments = parser.parse_args()
    network = Network(arguments.model, arguments.threads, edge_tpu() if arguments.coral else None)
    newest = Newest(open_camera(arguments.camera))
    done, begun = 0, time.monotonic()
    while done != arguments.frames and (image := newest.take()) is not None:
        if arguments.mirror:
            image = np.ascontiguousarray(image[:, ::-1])
        result = blurred_behind(image, enlarged(network.alpha(image), image.shape))
        done += 1
        if not arguments.no_window:
            cv2.imshow("tfmatting (q ends)", cv2.cvtColor(result, cv2.COLOR_RGB2BGR))
            if cv2.waitKey(1) == ord("q"):
                break
    newest.stop()
    print(f"{done} frames, {done / max(time.monotonic() - begun, 1e-9):.1f} a second")


if __name__ == "__main__":
    main()
