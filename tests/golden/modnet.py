"""The cases of `make_modnet`: sizes, and how sparsely full-size outputs are kept."""

from __future__ import annotations

import numpy as np

CASES = (((512, 512), 8), ((256, 384), 4), ((32, 64), 1))


def with_copies(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The encoder stands in a MODNet file twice, with the same weights."""
    copies = "lr_branch.backbone."
    return {name: state[name.replace(copies, "backbone.")] for name in state}


def prior(size: tuple[int, int]) -> np.ndarray:
    """A previous frame's alpha, float32 [H, W, 1] in [0, 1]."""
    return np.random.default_rng(7).random((*size, 1)).astype(np.float32)
