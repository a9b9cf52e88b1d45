"""Flicker of clips: dtSSD, and MESSDdt along the motion.

Functions of one pair of frames serve clips that do not fit in memory. Functions of clips are their
means.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfmatting.errors import InputError


def dtssd_step(pred_before, pred, true_before, true) -> float:
    """Root mean square difference between the predicted and the true change from frame to frame."""
    change = (np.asarray(pred, np.float64) - pred_before) - (
        np.asarray(true, np.float64) - true_before
    )
    return float(np.sqrt((change**2).mean()))


def messddt_step(pred_before, pred, true_before, true, flow) -> float:
    """Mean absolute change of the squared error along the motion.

    Args:
        pred_before, pred, true_before, true: float [H, W] in [0, 1].
        flow: float32 [H, W, 2], the motion (x, y) of each pixel of the previous frame, in pixels.
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
    """Flicker of a clip: the mean of `dtssd_step` over all pairs of consecutive frames.

    sqrt(mean(((p_t - p_t-1) - (t_t - t_t-1))^2)). Some implementations include a 0 for the first
    frame in the mean; this one does not.

    Args:
        alphas_pred, alphas_true: float [T, H, W] in [0, 1], at least two frames.

    Returns:
        A value in [0, 2] (papers print it x 100).

    Source: Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015.
    """
    pred, true = _checked(alphas_pred, alphas_true)
    steps = [dtssd_step(pred[t - 1], pred[t], true[t - 1], true[t]) for t in range(1, len(pred))]
    return float(np.mean(steps))


def messddt(alphas_pred, alphas_true, flows) -> float:
    """Flicker along the motion: the mean of `messddt_step` over all pairs of consecutive frames.

    mean |(p_t-1(x) - t_t-1(x))^2 - (p_t(x + v) - t_t(x + v))^2|. An error that moves with its
    object does not count as flicker.

    Args:
        alphas_pred, alphas_true: float [T, H, W] in [0, 1], at least two frames.
        flows: float32 [T - 1, H, W, 2], the motion v from each frame to the next; see
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
    """Estimate the motion of each pixel from one frame to the next with DIS optical flow.

    Args:
        before, frame: uint8 [H, W, 3].

    Returns:
        float32 [H, W, 2], (x, y) in pixels.

    Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016, in OpenCV.
    """
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, frame)]
    if min(greys[0].shape) < 16:  # smaller than the patches of the method
        return np.zeros((*greys[0].shape, 2), np.float32)
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*greys, None)


def _checked(alphas_pred, alphas_true) -> tuple[np.ndarray, np.ndarray]:
    pred, true = np.asarray(alphas_pred, np.float64), np.asarray(alphas_true, np.float64)
    if pred.shape != true.shape or pred.ndim != 3 or len(pred) < 2:
        raise InputError(
            "Flicker needs two clips of one [T, H, W] with at least two frames. Received: "
            f"{pred.shape} and {true.shape}."
        )
    return pred, true
