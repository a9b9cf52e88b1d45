"""Weights and images that follow from a seed, the same for PyTorch and for the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent
SIZES = ((32, 32), (48, 64), (96, 80))


def seeded_state(shapes: dict[str, list[int]], seed: int = 0) -> dict[str, np.ndarray]:
    """Weights by name, in a spread that keeps activations of order one."""
    generator = np.random.default_rng(seed)
    state = {}
    for name in sorted(shapes):
        shape = shapes[name]
        if name.endswith("running_var"):
            value = generator.uniform(0.7, 1.3, shape)
        elif len(shape) == 1:
            centre = 1.0 if name.endswith("weight") else 0.0
            value = centre + generator.normal(0, 0.1, shape)
        else:
            value = generator.normal(0, np.sqrt(1.4 / np.prod(shape[1:])), shape)
        state[name] = value.astype(np.float32)
    return state


def seeded_image(size: tuple[int, int]) -> np.ndarray:
    """RGB uint8 [H, W, 3]."""
    return np.random.default_rng(size).integers(0, 256, (*size, 3)).astype(np.uint8)
