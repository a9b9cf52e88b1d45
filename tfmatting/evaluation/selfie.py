"""MediaPipe's selfie segmentation model, to compare models with.

The file is `selfie_segmentation.tflite` of the npm package `@mediapipe/selfie_segmentation` and
of the wheel `mediapipe` (Apache-2.0). LiteRT runs it; photos and masks are resampled as
MediaPipe's ImageSegmenter does, so that the masks are the same.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError, MissingFileError
from tfmatting.inference.predictor import check_image

SIDE = 256
SHAPES = ([1, SIDE, SIDE, 3], [1, SIDE, SIDE, 1])
"""Of the input, RGB in [0, 1], and of the output, the probability of a person."""


class SelfieSegmenter:
    """The selfie model with the two methods of a `Predictor` that judging needs.

    Args:
        path: `selfie_segmentation.tflite`.
        threads: processor threads; all of them if omitted.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is another model.
    """

    def __init__(self, path: str | Path, threads: int | None = None):
        from ai_edge_litert.interpreter import Interpreter

        if not Path(path).is_file():
            raise MissingFileError(f"No model at {path}.")
        try:
            with quiet_native_output():
                interpreter = Interpreter(str(path), num_threads=threads or os.cpu_count() or 1)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"Not a TFLite model that can be run: {path} ({str(error).splitlines()[0]})"
            ) from error
        source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        shapes = source["shape"].tolist(), target["shape"].tolist()
        if shapes != SHAPES:
            raise InputError(f"The selfie model maps {SHAPES}. Received: {path} with {shapes}.")
        self._interpreter = interpreter
        self._input, self._output = source["index"], target["index"]

    def alpha(self, image: np.ndarray) -> np.ndarray:
        """Map uint8 RGB [H, W, 3] to float32 [H, W] in [0, 1]."""
        check_image(image)
        height, width = image.shape[:2]
        small = _squeeze(image).astype(np.float32) / 255
        self._interpreter.set_tensor(self._input, small[None])
        self._interpreter.invoke()
        mask = self._interpreter.get_tensor(self._output)[0, ..., 0]
        return cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)

    def stream(self) -> SelfieSegmenter:
        """Begin a clip; each frame is treated as a photo."""
        return self


def _squeeze(image: np.ndarray) -> np.ndarray:
    """Sample a photo bilinearly at the size of the network, corner on corner.

    Unlike `cv2.resize`, this puts the centre of the first pixel on the corner of the photo, as
    MediaPipe's ImageToTensorCalculator does on the processor.
    """
    height, width = image.shape[:2]
    scale = np.array([[SIDE / width, 0, 0], [0, SIDE / height, 0]], np.float32)
    return cv2.warpAffine(
        image, scale, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
