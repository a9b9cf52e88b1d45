"""Flicker: dtSSD, and MESSDdt along the motion.

The functions of a pair of frames serve clips too long for memory; those of clips are their means.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError


def dtssd_step(pred_before, pred, true_before, true) -> float:
    """Root mean square of the difference between predicted and true change from frame to frame."""
    change = (np.asarray(pred, np.float64) - pred_before) - (
        np.asarray(true, np.float64) - true_before
    )
    return float(np.sqrt((change**2).mean()))


def messddt_step(pred_before, pred, true_before, true, flow) -> float:
    """Mean absolute change of the squared error of things as they move.

    Args:
        pred_before, pred, true_before, true: float [H, W] in [0, 1].
        flow: float32 [H, W, 2], where each pixel of the frame before has gone, (x, y) in pixels.
    """
    error_before = (np.asarray(pred_before, np.float32) - true_before) ** 2
    error = (np.asarray(pred, np.float32) - true) ** 2
    height, width = error.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height))
    moved = cv2.remap(
        error.astype(np.float32),
        columns + flow[..., 0],
        rows.astype(np.float32) + flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return float(np.abs(error_before - moved).mean())


def dtssd(alphas_pred, alphas_true) -> float:
    """Flicker of a clip: `dtssd_step` of each pair of frames, averaged over the pairs.

    sqrt(mean(((p_t - p_t-1) - (t_t - t_t-1))^2)). Some implementations average in a 0 for the
    first frame; here it has no change.

    Args:
        alphas_pred, alphas_true: float [T, H, W] in [0, 1], two frames at least.

    Returns:
        A value in [0, 2] (papers print it x 100).

    Source: Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015.
    """
    pred, true = _checked(alphas_pred, alphas_true)
    steps = [dtssd_step(pred[t - 1], pred[t], true[t - 1], true[t]) for t in range(1, len(pred))]
    return float(np.mean(steps))


def messddt(alphas_pred, alphas_true, flows) -> float:
    """Flicker along the motion: `messddt_step` of each pair of frames, averaged over the pairs.

    mean |(p_t-1(x) - t_t-1(x))^2 - (p_t(x + v) - t_t(x + v))^2|: an error that moves along with
    what it is an error of does not flicker.

    Args:
        alphas_pred, alphas_true: float [T, H, W] in [0, 1], two frames at least.
        flows: float32 [T - 1, H, W, 2], the motion v from each frame to the next, see
            `optical_flow`.

    Returns:
        A value in [0, 1].

    Source: Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015.
    """
    pred, true = _checked(alphas_pred, alphas_true)
    if len(flows) != len(pred) - 1:
        raise InputError(
            f"{len(pred)} frames have {len(pred) - 1} motions between them. Received: {len(flows)}."
        )
    steps = [
        messddt_step(pred[t - 1], pred[t], true[t - 1], true[t], flows[t - 1])
        for t in range(1, len(pred))
    ]
    return float(np.mean(steps))


def optical_flow(before: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Where each pixel of a frame has gone in the next: DIS optical flow.

    Args:
        before, frame: uint8 [H, W, 3].

    Returns:
        float32 [H, W, 2], (x, y) in pixels.

    Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016, in OpenCV.
    """
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, frame)]
    if min(greys[0].shape) < 16:  # smaller than its patches
        return np.zeros((*greys[0].shape, 2), np.float32)
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*greys, None)


def _checked(alphas_pred, alphas_true) -> tuple[np.ndarray, np.ndarray]:
    pred, true = np.asarray(alphas_pred, np.float64), np.asarray(alphas_true, np.float64)
    if pred.shape != true.shape or pred.ndim != 3 or len(pred) < 2:
        raise InputError(
            "Flicker needs two clips of one [T, H, W] with two frames at least. Received: "
            f"{pred.shape} and {true.shape}."
        )
    return pred, true
