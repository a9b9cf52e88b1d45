"""A loaded matting model for photos and frames of any size."""

from __future__ import annotations

import numpy as np

from tfmatting.config import Size
from tfmatting.errors import InputError, InputTypeError
from tfmatting.imaging.refine import enlarge, guided_upsample
from tfmatting.imaging.resize import resize
from tfmatting.imaging.visualization import enlarge_labels
from tfmatting.inference.runtimes import Runtime

PHOTO_CONTRAST = 1.25
"""What the guided filter makes too flat in a photo. Frames of a video go without: there the steeper
edges raise dtSSD by a seventh."""


class Predictor:
    """Cuts people out: `predictor.alpha(photo)`.

    Args:
        runtime: the loaded network.
        refine: bring the matte to the photo's size along the photo's edges (guided filter);
            otherwise by plain cubic interpolation.
    """

    def __init__(self, runtime: Runtime, *, refine: bool = True):
        self.runtime = runtime
        self.refine = refine

    @property
    def input_size(self) -> Size:
        """(height, width) the network works at."""
        return self.runtime.input_size

    def alpha(self, image: np.ndarray) -> np.ndarray:
        """Predict the matte of one photo.

        Args:
            image: uint8 [H, W, 3] RGB of any size.

        Returns:
            float32 [H, W] in [0, 1], 1 = person.

        Raises:
            ValueError, TypeError: not such an image.
        """
        check_image(image)
        return self._finish(self.small_alpha(image), image, PHOTO_CONTRAST)

    def small_alpha(self, image: np.ndarray, prior_alpha: np.ndarray | None = None) -> np.ndarray:
        """Predict at the network's own size.

        Args:
            image: uint8 [H, W, 3] RGB.
            prior_alpha: float32 [h, w] of the frame before, for networks that take one; zeros
                when omitted.

        Returns:
            float32 [h, w] in [0, 1] at `input_size`.
        """
        inputs = {"image": resize(image, self.input_size)[None]}
        if "prior_alpha" in self.runtime.input_names:
            if prior_alpha is None:
                prior_alpha = np.zeros(self.input_size, np.float32)
            inputs["prior_alpha"] = prior_alpha[None, ..., None]
        alpha = self.runtime.run(inputs)["alpha"][0, ..., 0]
        return np.clip(alpha, 0.0, 1.0)

    def labels(self, image: np.ndarray) -> np.ndarray | None:
        """Predict the class of every pixel with a network of more than two classes.

        Args:
            image: uint8 [H, W, 3] RGB of any size.

        Returns:
            uint8 [H, W] of class numbers; None for networks of two classes, and for files that
            carry no class output.
        """
        check_image(image)
        classes = self.runtime.run({"image": resize(image, self.input_size)[None]}).get("classes")
        if classes is None or classes.shape[-1] <= 2:
            return None
        return enlarge_labels(classes[0].argmax(axis=-1).astype(np.uint8), image.shape[:2])

    def stream(self) -> Stream:
        """Start on frames in order; the previous alpha is kept for networks that take it."""
        return Stream(self)

    def _finish(self, alpha: np.ndarray, image: np.ndarray, contrast: float = 1.0) -> np.ndarray:
        larger = image.shape[0] > alpha.shape[0] or image.shape[1] > alpha.shape[1]
        if self.refine and larger:
            return guided_upsample(alpha, image, contrast=contrast)
        return enlarge(alpha, image.shape[:2])


class Stream:
    """Frames of one video, in order."""

    def __init__(self, predictor: Predictor):
        self._matter = predictor
        self._prior: np.ndarray | None = None

    def alpha(self, frame: np.ndarray) -> np.ndarray:
        """Predict the matte of the next frame; as `Predictor.alpha`."""
        check_image(frame)
        self._prior = self._matter.small_alpha(frame, self._prior)
        return self._matter._finish(self._prior, frame)


def check_image(image: np.ndarray) -> None:
    """Refuse what is no uint8 RGB picture."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        received = getattr(image, "dtype", type(image).__name__)
        raise InputTypeError(
            f"An image is a NumPy array of uint8 (0..255). Received: {received}. Multiply a float "
            "image by 255 and convert it."
        )
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(
            f"An image is [H, W, 3] RGB. Received: shape {image.shape}. Convert grey with "
            "np.repeat(image[..., None], 3, axis=2)."
        )
