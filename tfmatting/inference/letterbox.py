"""Photos as a network was trained to see them: their size, their proportions, and bars."""

from __future__ import annotations

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.imaging.resize import AREA, LETTERBOX_GREY, resize
from tfmatting.inference.runtimes import Runtime, Tensors


def network_size(runtime: Runtime, photo: Size) -> Size:
    """(height, width) that a photo is resized to for a network, without the bars."""
    frame = runtime.input_size
    if not getattr(runtime, "letterbox", False):
        return frame
    scale = min(whole / side for whole, side in zip(frame, photo, strict=True))
    height, width = (max(1, round(side * scale)) for side in photo)
    return min(height, frame[0]), min(width, frame[1])


def network_photo(runtime: Runtime, image: np.ndarray) -> np.ndarray:
    """A photo, uint8 [H, W, 3], at the size of `network_size`, by the network's own rule."""
    size = network_size(runtime, (image.shape[0], image.shape[1]))
    return resize(image, size, getattr(runtime, "resizing", AREA))


def run_framed(runtime: Runtime, inputs: Tensors) -> Tensors:
    """Run a network on a photo of `network_size`; outputs have that size too."""
    inner, frame = inputs["image"].shape[1:3], runtime.input_size
    if inner == frame:
        return _run(runtime, inputs)
    return _unframed(_run(runtime, _framed(inputs, frame)), inner, frame)


def _run(runtime: Runtime, inputs: Tensors) -> Tensors:
    """Run a network; what its runtime says against that is an error of the model's file.

    Raises:
        InputError: the network takes other inputs, or cannot be run.
    """
    try:
        return runtime.run(inputs)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # the runtimes' kinds have no common one
        what = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        raise InputError(f"The network cannot be run ({what}). Use another model.") from error


def _framed(inputs: Tensors, frame: Size) -> Tensors:
    """Add bars to `image` [1, h, w, 3] (grey) and to a prior alpha [1, h, w, 1] (nobody)."""
    bars = {"image": LETTERBOX_GREY}
    return {
        name: _exactly(values[0], frame, bars.get(name, 0))[None] for name, values in inputs.items()
    }


def _unframed(outputs: Tensors, inner: Size, frame: Size) -> Tensors:
    """Cut the bars off every output of the frame's size; smaller maps are left out."""
    top, left = (frame[0] - inner[0]) // 2, (frame[1] - inner[1]) // 2
    return {
        name: values[:, top : top + inner[0], left : left + inner[1]]
        for name, values in outputs.items()
        if values.shape[1:3] == frame
    }


def _exactly(picture: np.ndarray, frame: Size, value: int) -> np.ndarray:
    """Centre a picture in a frame; one side fits already, up to rounding."""
    height, width = picture.shape[:2]
    top, left = (frame[0] - height) // 2, (frame[1] - width) // 2
    framed_picture = np.full((*frame, picture.shape[2]), value, picture.dtype)
    framed_picture[top : top + height, left : left + width] = picture
    return framed_picture
