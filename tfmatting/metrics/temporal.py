"""dtSSD: flicker."""

from __future__ import annotations

import numpy as np


def dtssd(alphas_pred, alphas_true) -> float:
    """Root mean square of the difference between predicted and true change from frame to frame.

    sqrt(mean(((p_t - p_t-1) - (t_t - t_t-1))^2)) for each pair of frames, averaged over the
    pairs. Some implementations average in a 0 for the first frame; here it has no change.

    Args:
        alphas_pred, alphas_true: float [T, H, W] in [0, 1], two frames at least.

    Returns:
        A value in [0, 2] (papers print it x 100).

    Source: Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015.
    """
    pred, true = np.asarray(alphas_pred, np.float64), np.asarray(alphas_true, np.float64)
    if pred.shape != true.shape or pred.ndim != 3 or len(pred) < 2:
        raise ValueError(
            "Flicker needs two clips of one [T, H, W] with two frames at least. Received: "
            f"{pred.shape} and {true.shape}."
        )
    change = np.diff(pred, axis=0) - np.diff(true, axis=0)
    return float(np.sqrt((change**2).mean(axis=(1, 2))).mean())
