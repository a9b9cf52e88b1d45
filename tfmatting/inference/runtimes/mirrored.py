"""A network that sees each picture and its mirror image."""

from __future__ import annotations

import numpy as np

from tfmatting.imaging.resize import AREA
from tfmatting.inference.runtimes.base import Runtime, Tensors


class MirroredRuntime:
    """Runs a network twice, the second time on the mirrored picture, and gives the mean.

    A network errs a little differently on the two, so that the mean errs less; it takes twice the
    time. This is test-time augmentation in its plainest form.

    Args:
        runtime: of any kind.
    """

    def __init__(self, runtime: Runtime):
        self._runtime = runtime
        self.input_size = runtime.input_size
        self.input_names = runtime.input_names
        # what some runtimes say of how photos are to be shown; see `tfmatting.inference.letterbox`
        self.letterbox = bool(getattr(runtime, "letterbox", False))
        self.resizing = getattr(runtime, "resizing", AREA)

    def run(self, inputs: Tensors) -> Tensors:
        """See `Runtime.run`; every input and output is [1, H, W, C]."""
        seen = self._runtime.run(inputs)
        other = self._runtime.run({name: _mirrored(values) for name, values in inputs.items()})
        return {name: (values + _mirrored(other[name])) / 2 for name, values in seen.items()}


def _mirrored(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values[:, :, ::-1])
