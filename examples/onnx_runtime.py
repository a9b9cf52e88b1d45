"""Cut a person out with ONNX Runtime: NumPy, OpenCV and onnxruntime.

python examples/onnx_runtime.py model.onnx photo.jpg cutout.png
"""

import sys

import cv2
import numpy as np
import onnxruntime


def main(model: str, photo: str, output: str) -> None:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    _, height, width, _ = session.get_inputs()[0].shape
    bgr = cv2.imread(photo)
    small = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA)
    image = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)[None].astype(np.float32)
    (alpha,) = session.run(["alpha"], {"image": image})
    alpha = cv2.resize(alpha[0], bgr.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    alpha = np.clip(255 * alpha, 0, 255).astype(np.uint8)
    cv2.imwrite(output, np.dstack([bgr, alpha]))


if __name__ == "__main__":
    main(*sys.argv[1:])
