"""What a network says beside alpha, as pictures of the photo's size."""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.imaging.io import alpha_to_uint8
from tfmatting.imaging.resize import resize_labels
from tfmatting.imaging.visualization import palette
from tfmatting.inference.runtimes import Tensors
from tfmatting.inference.trimaps import trimap_of

MAPS = ("foreground", "background", "fusion_weight", "detail", "semantic")
"""Outputs of one channel in [0, 1], drawn in grey."""
PICTURES = (*MAPS, "heat", "trimap", "classes")
"""The names of all pictures."""


class NoFurtherOutputsError(InputError):
    """A file that gives alpha alone."""


def further_pictures(outputs: Tensors, size: Size) -> dict[str, np.ndarray]:
    """Draw what a network says beside alpha.

    Args:
        outputs: of the network for one photo.
        size: (height, width) of the pictures.

    Returns:
        By name, as far as the network gives it: "foreground", "background", "fusion_weight" of
        LFM and "detail", "semantic" of MODNet, uint8 [H, W], 255 = 1; "heat", where LFM's two
        classifiers contradict each other, uint8 [H, W]; "trimap" of T-Net or LFM, uint8 [H, W] of
        0, 128, 255; "classes" of segmenters, uint8 [H, W, 3] in the colours of PASCAL VOC.

    Raises:
        NoFurtherOutputsError: the file gives alpha alone.
    """
    pictures = {
        name: alpha_to_uint8(_enlarged(outputs[name][0, ..., 0], size))
        for name in MAPS
        if name in outputs
    }
    if "foreground" in outputs and "background" in outputs:
        heat = heat_of(outputs["foreground"][0, ..., 0], outputs["background"][0, ..., 0])
        pictures["heat"] = alpha_to_uint8(_enlarged(heat, size))
    if "trimap" in outputs or "heat" in pictures:
        pictures["trimap"] = trimap_of(outputs, size)
    if "classes" in outputs:
        pictures["classes"] = palette()[resize_labels(_classes(outputs["classes"][0]), size)]
    if not pictures:
        raise NoFurtherOutputsError(
            "Further outputs need a file that gives more than alpha. Received: one that gives "
            f"{', '.join(outputs)}. Give a .keras checkpoint of lfm, tnet, modnet or a segmenter "
            "with --model, or its export as .tflite or SavedModel."
        )
    return pictures


def heat_of(foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Where two classifiers contradict each other: |F + B - 1|, stretched to 0..1.

    Args:
        foreground, background: float [H, W] in [0, 1], probabilities.

    Returns:
        float32 [H, W] from 0 (the least of this photo) to 1 (the most); 0 where all are equal.

    Source: `infer_fusion` of the LFM code (Zhang et al., CVPR 2019).
    """
    heat = np.abs(foreground.astype(np.float32) + background - 1)
    spread = float(np.ptp(heat))
    return (heat - heat.min()) / spread if spread else np.zeros_like(heat)


def _enlarged(values: np.ndarray, size: Size) -> np.ndarray:
    large = cv2.resize(
        values.astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_LINEAR
    )
    return np.clip(large, 0.0, 1.0)


def _classes(scores: np.ndarray) -> np.ndarray:
    """uint8 [h, w] of class numbers; a single channel is a sigmoid."""
    if scores.shape[-1] == 1:
        return (scores[..., 0] >= 0.5).astype(np.uint8)
    return scores.argmax(axis=-1).astype(np.uint8)
