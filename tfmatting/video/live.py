"""Shows the matted pictures of a camera as they come: the call behind `tfmatting webcam`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.background import Background, parse_background
from tfmatting.imaging.resize import crop_to_shape
from tfmatting.inference import Predictor, load
from tfmatting.inference.loading import OF_FILMS
from tfmatting.inference.smoothing import SmoothedFrames, make_smoother
from tfmatting.video import sinks
from tfmatting.video.background import StillBackground
from tfmatting.video.camera import Camera
from tfmatting.video.composition import Composition
from tfmatting.video.meter import Meter


@dataclass(frozen=True)
class LiveReport:
    """How a live run went.

    Attributes:
        frames: the number of pictures shown.
        seconds: from the first frame to the last.
        inference_milliseconds: what the network and the upsampling take for a frame on average.
        frame_milliseconds: what a frame takes on average, without the wait for the camera.
    """

    frames: int
    seconds: float
    inference_milliseconds: float
    frame_milliseconds: float

    @property
    def frame_rate(self) -> float:
        """Average frames per second."""
        return self.frames / self.seconds


def show_camera(
    camera: str | Path = "0",
    *,
    model: str | Path | Predictor = OF_FILMS,
    background: str | Path | Background = "blur",
    blur_strength: float = 0.02,
    mirror: bool = True,
    crop: bool = False,
    side_by_side: bool = False,
    smooth: str | None = None,
    refine: bool = True,
    preview: bool = True,
    virtual_camera: bool = False,
    frames: int | None = None,
    threads: int | None = None,
    delegate: str | Path | None = None,
) -> LiveReport:
    """Show a camera's picture with another background, live.

    It ends when the user closes the window, when the camera stops, or after `frames` pictures.

    Args:
        camera: the number of a camera, or a video file in its place.
        model: the name of a pretrained model, a model file, or a loaded `Predictor`.
        background: "blur", "#rrggbb", the path of a picture, or a `Background`.
        blur_strength: sigma of the blur as a fraction of the longer side.
        mirror: flip the person in the window horizontally, as a mirror does. The background
            stays as it is, and other programs get the camera's own view.
        crop: cut the picture to the shape of the network's input about its centre.
        side_by_side: show the camera's picture to the left of the result.
        smooth: "ofd" removes single-frame flicker with a delay of one frame; "recurrent" is a
            running mean without delay; None does not smooth.
        refine: fit the matte to the edges of the frame (guided filter).
        preview: open a window.
        virtual_camera: send the pictures to a camera that other programs see.
        frames: how many pictures to show; no limit if omitted.
        threads: processor threads of the network; all of them if omitted.
        delegate: library that runs a `.tflite` model on an accelerator; see `tfmatting.load`.

    Raises:
        InputError: no such camera, an unknown smoother, a transparent background, no display
            for the window, or no driver for the virtual camera.
        MissingFileError: the model does not exist.
        MissingExtraError: pyvirtualcam is not installed.
    """
    if isinstance(background, (str, Path)):
        background = parse_background(str(background), blur_strength)
    if not background.opaque:
        raise InputError("A camera's picture is opaque. Give --background blur, a colour or image.")
    smoother = make_smoother(smooth)
    composition = Composition(StillBackground(background), side_by_side=side_by_side)
    with Camera(str(camera)) as source, contextlib.ExitStack() as stack:
        if isinstance(model, (str, Path)):
            model = load(model, refine=refine, threads=threads, delegate=delegate)
        shape = model.input_size if crop else source.size
        outputs: list[tuple[sinks.Sink, bool]] = []
        if virtual_camera:
            size = composition.size(crop_to_shape(np.empty(source.size), shape).shape)
            outputs.append((sinks.VirtualCamera(size, source.frame_rate), False))
        if preview:
            outputs.append((sinks.Window(), mirror))
        for sink, _ in outputs:
            stack.callback(sink.close)
        meter = Meter()
        live = model.stream()
        smoothed: SmoothedFrames[np.ndarray] = SmoothedFrames(smoother)
        show = partial(_show, composition, outputs, meter)
        for frame in islice(source.frames(), frames):
            with meter.frame():
                picture = np.ascontiguousarray(crop_to_shape(frame, shape))
                with meter.inference():
                    alpha = live.alpha(picture)
                wanted = [show(*ready) for ready in smoothed.push(picture, alpha)]
            if not all(wanted):
                break
        else:
            for ready in smoothed.flush():
                show(*ready)
    return LiveReport(
        meter.frames, meter.seconds, meter.inference_milliseconds, meter.frame_milliseconds
    )


def _show(
    composition: Composition,
    outputs: list[tuple[sinks.Sink, bool]],
    meter: Meter,
    frame: np.ndarray,
    alpha: np.ndarray,
) -> bool:
    """Compose a frame once for each direction and show it; False when the user closed a sink."""
    pictures = {}
    for mirrored in {mirrored for _, mirrored in outputs} or {False}:
        step = -1 if mirrored else 1
        pictures[mirrored] = composition.compose(
            np.ascontiguousarray(frame[:, ::step]), np.ascontiguousarray(alpha[:, ::step]), 0.0
        )
    wanted = [sink.show(pictures[mirrored], meter.note) for sink, mirrored in outputs]
    return all(wanted)
