"""The scripts for Raspberry Pi and Coral, and the configurations of two model servers."""

from __future__ import annotations

import http.server
import importlib.util
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

import tfmatting
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import read_rgba, write_image
from tfmatting.inference.loading import SHIPPED

EXAMPLES = Path(__file__).parents[2] / "examples"
PI, SERVING = EXAMPLES / "raspberry_pi", EXAMPLES / "serving"
MODEL = SHIPPED / "portrait_lite.tflite"


def example(path: Path):
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(script: Path, *words) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(script), *map(str, words)], capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return sample_listing(1, seed=3, size=(128, 160)).sources[0].load().image


@pytest.fixture(scope="module")
def photo(tmp_path_factory, image) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    write_image(path, image)
    return path


@pytest.mark.parametrize("name", ["portrait_lite", "portrait"])
def test_the_network_gives_the_packages_alpha(image, name):
    """8 bits and floats; bytes are rounded once, hence one step of the file's 255."""
    network = example(PI / "network.py").Network(str(SHIPPED / f"{name}.tflite"), threads=1)
    small = cv2.resize(image, (network.width, network.height), interpolation=cv2.INTER_AREA)
    ours = tfmatting.load(name, refine=False, threads=1).small_alpha(small)
    assert np.abs(network.alpha(image) - np.squeeze(ours)).max() < 1.5 / 255


def test_photos_are_cut_out_on_the_processor(tmp_path, photo, image):
    result = run(PI / "coral.py", MODEL, photo, "--output", tmp_path / "out", "--cpu")
    assert result.returncode == 0, result.stderr
    assert re.search(r"photo.png: \d+\.\d ms", result.stdout)
    assert read_rgba(tmp_path / "out/photo.png").shape == (*image.shape[:2], 4)


def test_without_an_edge_tpu_one_line_says_so(tmp_path, photo):
    result = run(PI / "coral.py", MODEL, photo, "--output", tmp_path / "out")
    assert result.returncode == 1 and "libedgetpu1-std" in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "out").exists()


def test_a_camera_is_shown_at_the_pace_of_the_network(tmp_path, image):
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25, image.shape[1::-1])
    for _ in range(12):
        writer.write(image[..., ::-1])
    writer.release()
    result = run(PI / "camera.py", MODEL, "--camera", film, "--no-window", "--threads", 1)
    assert result.returncode == 0, result.stderr
    # a film is read faster than the network runs: most pictures are dropped, and none waits
    done = int(result.stdout.split()[0])
    assert 1 <= done <= 12 and "a second" in result.stdout


def test_the_newest_picture_is_taken_and_the_others_dropped():
    camera = example_of_camera()
    gate, given = threading.Event(), iter(range(5))

    def read():
        number = next(given, None)
        if number == 4:
            gate.set()
        return None if number is None else np.full((2, 2, 3), number, np.uint8)

    newest = camera.Newest(read)
    gate.wait(10)
    taken = []
    while (picture := newest.take()) is not None:
        taken.append(int(picture[0, 0, 0]))
    assert taken in ([4], [3, 4])


def example_of_camera():
    sys.path.insert(0, str(PI))
    try:
        return example(PI / "camera.py")
    finally:
        sys.path.remove(str(PI))


@pytest.fixture(scope="module")
def triton_config():
    pytest.importorskip("onnx", reason="comes with the extra onnx")
    return example(SERVING / "triton_config.py")


def onnx_model(sizes):
    from onnx import TensorProto, helper

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [*sizes, 3])
    alpha = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [*sizes, 1])
    node = helper.make_node("ReduceMean", ["image"], ["alpha"], axes=[3])
    return helper.make_model(helper.make_graph([node], "g", [image], [alpha]))


def test_tritons_configuration_is_that_of_the_file(triton_config):
    text = triton_config.configuration(onnx_model([1, 96, 64]), "small", instances=2, gpu=True)
    assert "dims: [ 1, 96, 64, 3 ]" in text and "dims: [ 1, 96, 64, 1 ]" in text
    assert "count: 2\n    kind: KIND_GPU" in text
    with pytest.raises(SystemExit, match="not fixed"):
        triton_config.configuration(onnx_model([0, 96, 64]), "small")


def test_the_configuration_that_ships_is_that_of_the_model(triton_config):
    """Size, type and names are those of the ONNX file, which the slow test exports."""
    height, width = tfmatting.load("portrait").input_size
    made = triton_config.configuration(onnx_model([1, height, width]), "portrait")
    assert (SERVING / "triton/portrait/config.pbtxt").read_text() == made


@pytest.mark.slow
def test_tritons_configuration_of_the_exported_model(tmp_path, triton_config):
    import onnx

    tfmatting.export(SHIPPED / "portrait.keras", tmp_path / "portrait.onnx", format="onnx")
    made = triton_config.configuration(onnx.load(tmp_path / "portrait.onnx"), "portrait")
    assert (SERVING / "triton/portrait/config.pbtxt").read_text() == made


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as TensorFlow Serving and Triton do, and keeps what it was asked."""

    asked: ClassVar[list] = []

    def log_message(self, *_):
        pass

    def _send(self, body: bytes, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        tensor = {"name": "image", "datatype": "FP32", "shape": [1, 4, 6, 3]}
        self._send(json.dumps({"inputs": [tensor]}).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, dict(self.headers), body))
        if self.path.endswith(":predict"):
            self._send(json.dumps({"predictions": [[[[0.25], [0.5]]]]}).encode())
            return
        values = np.linspace(0, 1, 24, dtype="<f4").tobytes()
        described = {"name": "alpha", "datatype": "FP32", "shape": [1, 4, 6, 1]}
        head = json.dumps({"outputs": [described]}).encode()
        self._send(head + values, Inference_Header_Content_Length=str(len(head)))


@pytest.fixture
def server():
    Server.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_tensorflow_serving_is_asked_for_the_signature_of_the_export(server):
    alpha = example(SERVING / "client.py").tensorflow_alpha(server, "portrait", b"JPEG")
    assert alpha.tolist() == [[0.25, 0.5]]
    ((path, _, body),) = Server.asked
    assert path == "/v1/models/portrait:predict"
    assert json.loads(body) == {"signature_name": "encoded", "instances": [{"b64": "SlBFRw=="}]}
    assert 'signatures["encoded"]' in (
        EXAMPLES.parent / "tfmatting/exporting/graph/saved_model.py"
    ).read_text(encoding="utf-8")


def test_triton_is_sent_the_pixels_behind_the_header(server):
    image = np.full((8, 12, 3), (10, 20, 30), np.uint8)
    alpha = example(SERVING / "client.py").triton_alpha(server, "portrait", image)
    assert alpha.shape == (4, 6) and alpha[-1, -1] == 1
    ((path, headers, body),) = Server.asked
    start = int(headers["Inference-Header-Content-Length"])
    described = json.loads(body[:start])["inputs"][0]
    pixels = np.frombuffer(body[start:], "<f4").reshape(described["shape"])
    assert path == "/v2/models/portrait/infer" and pixels[0, 0, 0].tolist() == [10, 20, 30]
    assert described["parameters"]["binary_data_size"] == pixels.nbytes
