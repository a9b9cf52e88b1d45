"""The trimap of a network's outputs, at the photo's size."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.imaging.resize import resize_labels
from tfmatting.imaging.trimap import as_disk, from_classes, implicit_trimap
from tfmatting.inference.runtimes import Tensors


def trimap_of(outputs: Tensors, size: Size) -> np.ndarray:
    """Return the trimap that a network predicts, or that its two classifiers imply.

    Args:
        outputs: of the network for one photo.
        size: (height, width) of the result.

    Returns:
        uint8 [H, W] of 0, 128, 255: background, unknown, foreground.

    Raises:
        InputError: a network that predicts neither.
    """
    if "trimap" in outputs:
        scores = outputs["trimap"][0].astype(np.float32)
        # the scores are enlarged, not the classes, whose outlines would be stairs
        large = cv2.resize(scores, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
        return from_classes(large.argmax(axis=-1))
    if "foreground" in outputs and "background" in outputs:
        foreground, background = (outputs[name][0, ..., 0] for name in ("foreground", "background"))
        implied = implicit_trimap(foreground, background)
        return resize_labels(as_disk((implied * 255).astype(np.uint8)), size)
    raise InputError(
        f"A trimap comes from T-Net or LFM. Received: a file that gives {', '.join(outputs)}. Give "
        "the .keras checkpoint of one of them with --model."
    )
