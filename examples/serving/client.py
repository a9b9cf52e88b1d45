"""Ask TensorFlow Serving, Triton or a SavedModel for a photo's matte. Needs NumPy and OpenCV.

TensorFlow Serving does everything around the network itself (signature `encoded`):

    python export.py --format saved_model --output models/portrait/1
    docker run --rm -p 8501:8501 -v "$PWD/models:/models" -v "$PWD/models.config:/models.config" \\
        tensorflow/serving:2.19.1 --model_config_file=/models.config
    python client.py tensorflow http://localhost:8501 photo.jpg cutout.png
    python client.py saved-model models/portrait/1 photo.jpg cutout.png     # without a server

The signature takes one photo a request: leave --enable_batching off.

Triton runs the network alone: the client shrinks the photo and enlarges the matte.

    python client.py triton http://localhost:8000 photo.jpg cutout.png
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import struct
import urllib.request
from pathlib import Path

import cv2
import numpy as np


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """Send a request; the answer's bytes and headers."""
    request = urllib.request.Request(url, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), dict(answer.headers)


def request_of(photo: bytes) -> dict:
    """The body of a request: bytes go as base64 under "b64"."""
    return {
        "signature_name": "encoded",
        "instances": [{"b64": base64.b64encode(photo).decode()}],
    }


def tensorflow_alpha(server: str, name: str, photo: bytes) -> np.ndarray:
    """Alpha [H, W] of a JPEG or PNG file, upright, from the signature `encoded`."""
    answer, _ = post(
        f"{server}/v1/models/{name}:predict", json.dumps(request_of(photo)).encode(),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    prediction = json.loads(answer)["predictions"][0]
    if isinstance(prediction, dict):
        prediction = prediction["alpha"]
    return np.array(prediction, np.float32)[..., 0]


def saved_model_alpha(folder: Path, photo: bytes) -> np.ndarray:
    """The same from the SavedModel itself, with TensorFlow, as the server would do it."""
    import tensorflow as tf

    body = request_of(photo)
    signature = tf.saved_model.load(str(folder)).signatures[body["signature_name"]]
    name = next(iter(signature.structured_input_signature[1]))
    photos = [base64.b64decode(instance["b64"]) for instance in body["instances"]]
    return signature(**{name: tf.constant(photos)})["alpha"].numpy()[0, ..., 0]


def triton_alpha(server: str, name: str, image: np.ndarray) -> np.ndarray:
    """Alpha [h, w] at the network's size of RGB pixels; sizes come from the server."""
    with urllib.request.urlopen(f"{server}/v2/models/{name}", timeout=60) as answer:
        described = json.load(answer)
    (wanted,) = (tensor for tensor in described["inputs"] if tensor["name"] == "image")
    _, height, width, _ = map(int, wanted["shape"])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    pixels = small.astype("<f4")[None].tobytes()
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "image",
                    "shape": [1, height, width, 3],
                    "datatype": wanted["datatype"],
                    "parameters": {"binary_data_size": len(pixels)},
                }
            ],
            "outputs": [{"name": "alpha", "parameters": {"binary_data": True}}],
        }
    ).encode()
    length = "Inference-Header-Content-Length"
    answer, headers = post(
        f"{server}/v2/models/{name}/infer", head + pixels,
        {"Content-Type": "application/octet-stream", length: str(len(head))},
    )  # fmt: skip
    start = int({key.lower(): value for key, value in headers.items()}[length.lower()])
    (described,) = json.loads(answer[:start])["outputs"]
    count = math.prod(described["shape"])
    values = struct.unpack_from(f"<{count}f", answer, start)
    return np.array(values, np.float32).reshape(described["shape"])[0, ..., 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("tensorflow", "triton", "saved-model"))
    parser.add_argument("server", help="address, such as http://localhost:8501, or a folder")
    parser.add_argument("photo", type=Path)
    parser.add_argument("cutout", type=Path, help=".png")
    parser.add_argument("--name", default="portrait", help="of the model")
    arguments = parser.parse_args()
    data = arguments.photo.read_bytes()
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if arguments.kind == "tensorflow":
        alpha = tensorflow_alpha(arguments.server, arguments.name, data)
    elif arguments.kind == "saved-model":
        alpha = saved_model_alpha(Path(arguments.server), data)
    else:
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        alpha = triton_alpha(arguments.server, arguments.name, rgb)
    alpha = cv2.resize(alpha, bgr.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    opacity = np.clip(255 * alpha + 0.5, 0, 255).astype(np.uint8)
    cv2.imwrite(str(arguments.cutout), np.dstack([bgr, opacity]))


if __name__ == "__main__":
    main()
