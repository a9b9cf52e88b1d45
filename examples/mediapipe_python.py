"""Run a .tflite file of this project in MediaPipe's ImageSegmenter: its confidence mask is alpha.

python examples/mediapipe_python.py model.tflite photo.jpg cutout.png
"""

import sys

import cv2
import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision


def main(model: str, photo: str, output: str) -> None:
    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=model),
        output_confidence_masks=True,
        output_category_mask=False,
    )
    bgr = cv2.imread(photo)
    rgb = np.ascontiguousarray(bgr[..., ::-1])
    with vision.ImageSegmenter.create_from_options(options) as segmenter:
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
        alpha = segmenter.segment(picture).confidence_masks[0].numpy_view()
        alpha = np.clip(255 * alpha.reshape(bgr.shape[:2]), 0, 255).astype(np.uint8)
    cv2.imwrite(output, np.dstack([bgr, alpha]))


if __name__ == "__main__":
    main(*sys.argv[1:])
