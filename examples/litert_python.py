"""Cut a person out with LiteRT alone: a Raspberry Pi needs NumPy, OpenCV and ai-edge-litert.

python examples/litert_python.py model.tflite photo.jpg cutout.png
"""

import sys

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main(model: str, photo: str, output: str) -> None:
    runner = Interpreter(model, num_threads=4).get_signature_runner()
    details = runner.get_input_details()["image"]
    _, height, width, _ = details["shape"]
    bgr = cv2.imread(photo)
    small = cv2.resize(bgr, (int(width), int(height)), interpolation=cv2.INTER_AREA)
    # the model normalises the pixels itself, and an integer file takes them as they are
    image = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)[None].astype(details["dtype"])
    alpha = runner(image=image)["alpha"][0]
    if alpha.dtype != np.float32:
        scale, zero = runner.get_output_details()["alpha"]["quantization"]
        alpha = (alpha.astype(np.float32) - zero) * scale
    alpha = cv2.resize(alpha, bgr.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    alpha = np.clip(255 * alpha, 0, 255).astype(np.uint8)
    cv2.imwrite(output, np.dstack([bgr, alpha]))


if __name__ == "__main__":
    main(*sys.argv[1:])
