"""The settings of a photo job, shared by the library, the command line and worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.background import Background, as_background
from tfmatting.imaging.estimators import ESTIMATORS
from tfmatting.inference.loading import OF_PHOTOS
from tfmatting.inference.predictor import Predictor
from tfmatting.photos.jobs import Naming

Show = Literal["composite", "alpha", "visualize", "trimap"]
ModelLike = str | Path | Predictor
SHOWN = {
    "visualize": (".jpg", "_visualized"),
    "alpha": (".png", "_matte"),
    "trimap": (".png", "_trimap"),
}
"""What an output shows -> its extension, and its suffix beside the photo."""
BackgroundLike = str | Path | np.ndarray | Background


@dataclass(frozen=True)
class MatteSettings:
    """How photos are matted. The settings can be pickled as long as `model` is a name or a path.

    Attributes:
        model: a pretrained model's name, a file, or a loaded `Predictor`.
        background: "transparent", "blur", a colour ("#rrggbb", "#fff", "white"), the path
            of an image, an image uint8 [h, w, 3], or a `Background`.
        show: what an output shows. "composite": the person over the background; "alpha": the
            matte in grey; "visualize": photo, prediction and overlay, side by side; "trimap":
            0, 128 and 255 for background, unknown and person, from T-Net or LFM.
        threshold: makes a binary mask: 1 where alpha is at least the threshold, else 0. Between
            0 and 1, exclusive; None keeps the soft matte.
        refine: use the guided filter. It stays off for a `Predictor` that was loaded without it.
        foreground: foreground estimation, one of `ESTIMATORS`.
        blur_strength: sigma of the blur, as a fraction of the longer side.
        halo_free: keep the person's colours out of the blur.
        threads: processor threads of the network; all if None. For a `Predictor`, the number is
            set when it is loaded.
        delegate: library that runs a `.tflite` model on an accelerator; see `tfmatting.load`. A
            `Predictor` has its own.
        metadata: outputs keep the photo's EXIF block and resolution; the colour profile always.
        outputs: also write what else the network says, a PNG each beside the output; see
            `tfmatting.inference.further_outputs`.
        mirrored: the network also sees the mirror image, and the mean of both counts: a better
            matte in twice the time. A `Predictor` has its own.

    Raises:
        InputError: a value out of range, or `outputs` with the trimap, which is among them.
    """

    model: ModelLike = OF_PHOTOS
    background: BackgroundLike = "transparent"
    show: Show = "composite"
    threshold: float | None = None
    refine: bool = True
    foreground: str = ESTIMATORS[0]
    blur_strength: float = 0.02
    halo_free: bool = True
    threads: int | None = None
    delegate: str | Path | None = None
    metadata: bool = True
    outputs: bool = False
    mirrored: bool = False

    def __post_init__(self):
        soft = self.threshold is None
        if not (soft or (isinstance(self.threshold, Real) and 0 < self.threshold < 1)):
            raise InputError(f"A threshold lies between 0 and 1. Received: {self.threshold!r}.")
        if self.show not in get_args(Show):
            raise InputError(f"`show` is one of {get_args(Show)}. Received: {self.show!r}.")
        if self.outputs and self.show == "trimap":
            raise InputError(
                "The further outputs hold the trimap already. Received: --outputs with --trimap. "
                "Leave one of them out."
            )
        if self.foreground not in ESTIMATORS:
            raise InputError(
                f"A foreground estimator is one of {ESTIMATORS}. Received: {self.foreground!r}."
            )
        for name in ("threads", "delegate", "mirrored"):
            value = getattr(self, name)
            given = value is not None and value is not False
            if isinstance(self.model, Predictor) and given:
                raise InputError(
                    f"`{name}` of a loaded Predictor is fixed. Received: {value}. Give it to "
                    "tfmatting.load."
                )

    def open_background(self) -> Background:
        """Make the background; an image file is read.

        Raises:
            InputError, InputTypeError, ImageError: see `as_background`.
        """
        return as_background(self.background, self.blur_strength, self.halo_free)

    def naming(self, background: Background, suffix: str = "") -> Naming:
        """Return how files in an output folder are named: `.png` if lossless or transparent."""
        extension, beside = SHOWN.get(self.show, (".png", "_cutout"))
        if self.show == "composite" and background.opaque:
            extension, beside = ".jpg", "_composite"
        return Naming(extension, suffix, beside, self.outputs)
