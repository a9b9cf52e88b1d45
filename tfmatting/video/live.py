"""Shows the matted pictures of a camera as they come: the call behind `tfmatting webcam`."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.background import Background, parse_background
from tfmatting.inference import Predictor, load
from tfmatting.video import sinks
from tfmatting.video.camera import Camera

REPORT_SECONDS = 1.0
"""How often the shown frame rate is measured."""


@dataclass(frozen=True)
class LiveReport:
    """How a live run went.

    Attributes:
        frames: the number of pictures shown.
        seconds: from the first frame to the last.
    """

    frames: int
    seconds: float

    @property
    def frame_rate(self) -> float:
        """Average frames per second."""
        return self.frames / self.seconds


def show_camera(
    camera: str | Path = "0",
    *,
    model: str | Path | Predictor = "portrait",
    background: str | Path | Background = "blur",
    blur_strength: float = 0.02,
    mirror: bool = True,
    refine: bool = True,
    preview: bool = True,
    virtual_camera: bool = False,
    frames: int | None = None,
    threads: int | None = None,
) -> LiveReport:
    """Show a camera's picture with another background, live.

    It ends when the user closes the window, when the camera stops, or after `frames` pictures.

    Args:
        camera: the number of a camera, or a video file in its place.
        model: the name of a pretrained model, a model file, or a loaded `Predictor`.
        background: "blur", "#rrggbb", the path of a picture, or a `Background`.
        blur_strength: sigma of the blur as a fraction of the longer side.
        mirror: flip the picture horizontally, as a mirror does.
        refine: fit the matte to the edges of the frame (guided filter).
        preview: open a window.
        virtual_camera: send the pictures to a camera that other programs see.
        frames: how many pictures to show; no limit if omitted.
        threads: processor threads of the network; all of them if omitted.

    Raises:
        InputError: no such camera, a transparent background, no display for the window, or no
            driver for the virtual camera.
        MissingFileError: the model does not exist.
        MissingExtraError: pyvirtualcam is not installed.
    """
    if isinstance(background, (str, Path)):
        background = parse_background(str(background), blur_strength)
    if not background.opaque:
        raise InputError("A camera's picture is opaque. Give --background blur, a colour or image.")
    with Camera(str(camera)) as source, contextlib.ExitStack() as stack:
        if isinstance(model, (str, Path)):
            model = load(model, refine=refine, threads=threads)
        stream = model.stream()
        outputs: list[sinks.Sink] = []
        if virtual_camera:
            outputs.append(sinks.VirtualCamera(source.size, source.frame_rate))
        if preview:
            outputs.append(sinks.Window())
        for sink in outputs:
            stack.callback(sink.close)
        meter = _Meter()
        for frame in islice(source.frames(), frames):
            picture = background.compose(frame, stream.alpha(frame))
            if mirror:
                picture = np.ascontiguousarray(picture[:, ::-1])
            meter.count()
            wanted = [sink.show(picture, meter.note) for sink in outputs]
            if not all(wanted):
                break
    return LiveReport(meter.frames, meter.seconds)


@dataclass
class _Meter:
    """Counts frames and measures their rate.

    Attributes:
        frames: how many so far.
        note: the rate of the last `REPORT_SECONDS`, for the window.
    """

    frames: int = 0
    note: str = ""
    _start: float = field(default_factory=time.perf_counter)
    _reported_at: float = field(default_factory=time.perf_counter)
    _reported: int = 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def count(self) -> None:
        self.frames += 1
        passed = time.perf_counter() - self._reported_at
        if passed >= REPORT_SECONDS:
            self.note = f"{(self.frames - self._reported) / passed:.0f} frames/s"
            self._reported, self._reported_at = self.frames, time.perf_counter()
