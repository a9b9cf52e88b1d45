"""Matting metrics: pure NumPy functions, unscaled; only reports scale them and add units.

All take `alpha_pred` and `alpha_true` as float [H, W] in [0, 1], and an optional boolean
`region` [H, W]: only its pixels count (the whole image if omitted).
"""

from tfmatting.metrics.connectivity import connectivity_error
from tfmatting.metrics.difference import mad, mse, sad
from tfmatting.metrics.edge import edge_mad
from tfmatting.metrics.gradient import gradient_error
from tfmatting.metrics.overlap import dice, iou
from tfmatting.metrics.temporal import dtssd, messddt

__all__ = [
    "connectivity_error",
    "dice",
    "dtssd",
    "edge_mad",
    "gradient_error",
    "iou",
    "mad",
    "messddt",
    "mse",
    "sad",
]
