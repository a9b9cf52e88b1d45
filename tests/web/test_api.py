"""`tfmatting serve --api`: results, and what is refused."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

pytest.importorskip("starlette")
from starlette.testclient import TestClient

from tfmatting.errors import InputError
from tfmatting.inference import load
from tfmatting.serving.api import Limits, bind, make_app
from tfmatting.serving.page import Page

LOCAL = "http://localhost"


@pytest.fixture(scope="module")
def predictor():
    return load("portrait_lite")


@pytest.fixture(scope="module")
def static_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("the page")
    return Page(folder)


@pytest.fixture
def make_client(static_page, predictor):
    def make(predictor=predictor, **options):
        return TestClient(make_app(static_page, predictor, **options), base_url=LOCAL)

    return make


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    image = pytest.importorskip("skimage.data").astronaut()
    return np.ascontiguousarray(image[:300, :260])


@pytest.fixture(scope="module")
def png(photo) -> bytes:
    return cv2.imencode(".png", photo[..., ::-1])[1].tobytes()


def decoded(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)


def test_raw_and_form_give_what_the_command_gives(make_client, predictor, photo, png):
    client = make_client()
    expected = (predictor.alpha(photo) * 255 + 0.5).astype(np.uint8)
    raw = decoded(client.post("/matte", content=png, headers={"Content-Type": "image/png"}))
    np.testing.assert_array_equal(raw[..., 3], expected)
    form = decoded(client.post("/matte", files={"photo": png}, data={"output": "matte"}))
    np.testing.assert_array_equal(form, expected)


def test_backgrounds(make_client, png):
    client = make_client()
    red = decoded(client.post("/matte?background=%23ff0000", content=png))
    np.testing.assert_array_equal(red[2, -3], (0, 0, 255))
    blue = cv2.imencode(".png", np.full((8, 8, 3), (255, 0, 0), np.uint8))[1].tobytes()
    behind = decoded(client.post("/matte", files={"photo": png, "picture": blue}))
    np.testing.assert_array_equal(behind[2, -3], (255, 0, 0))


@pytest.mark.parametrize(
    "background", ["/etc/passwd", "http://example.com/a.png", "../a.png", "#12"]
)
def test_no_path_and_no_address_is_followed(make_client, png, background):
    answer = make_client().post("/matte", files={"photo": png}, data={"background": background})
    assert answer.status_code == 400 and "background" in answer.json()["error"]


def test_size_is_limited_before_decoding(make_client, png):
    limits = Limits(megabytes=1, megapixels=1)
    client = make_client(limits=limits)
    assert client.post("/matte", content=b"x" * 1_000_001).status_code == 413
    bomb = cv2.imencode(".png", np.zeros((1001, 1000), np.uint8))[1].tobytes()
    answer = client.post("/matte", content=bomb)
    assert answer.status_code == 413 and "1000 x 1001" in answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 400), (b"no picture", 415), ("cut", 415)], ids=str
)
def test_broken_photos(make_client, png, content, status):
    content = png[:200] if content == "cut" else content
    assert make_client().post("/matte", content=content).status_code == status


def test_what_is_said_of_a_picture_that_cannot_be_read(make_client, png):
    client = make_client()
    cut = client.post("/matte", content=png[: len(png) // 2]).json()["error"]
    assert "The PNG image photo is damaged (image file is truncated)" in cut
    damaged = client.post("/matte", content=png[:40]).json()["error"]
    assert "This PNG cannot be read here" in damaged and "Save it as" in damaged


def test_what_is_given_twice_is_refused(make_client, png):
    client = make_client()
    two = client.post("/matte", files=[("photo", png), ("photo", png)])
    assert two.status_code == 400 and "two of 'photo'" in two.json()["error"]
    files = {"photo": png, "picture": png}
    both = client.post("/matte", files=files, data={"background": "blur"})
    assert both.status_code == 400 and "Received: blur and a picture" in both.json()["error"]
    plain = client.post("/matte", files=files, data={"background": "transparent"})
    assert plain.status_code == 200


def test_a_token(make_client, png):
    client = make_client(token="word", host="0.0.0.0")
    assert client.post("/matte", content=png).status_code == 401
    wrong = {"Authorization": "Bearer other"}
    assert client.post("/matte", content=png, headers=wrong).status_code == 401
    right = {"Authorization": "Bearer word"}
    assert client.post("/matte", content=png, headers=right).status_code == 200


def test_other_sites_and_other_host_names(make_client, png):
    client = make_client()
    origin = {"Origin": "https://example.com"}
    assert client.post("/matte", content=png, headers=origin).status_code == 403
    assert client.post("/matte", content=png, headers={"Origin": LOCAL}).status_code == 200
    assert client.get("/", headers={"Host": "example.com"}).status_code == 400


class Slow:
    """A predictor that takes its time."""

    def alpha(self, image):
        time.sleep(0.6)
        return np.zeros(image.shape[:2], np.float32)


def test_time_and_count_are_limited(make_client, png):
    limits = Limits(requests=2, seconds=1)
    with make_client(Slow(), limits=limits) as client, ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(client.post, "/matte", content=png) for _ in range(4)]
        statuses = sorted(job.result().status_code for job in jobs)
    assert statuses == [200, 503, 503, 504]


def test_documentation(make_client):
    client = make_client(token="word")
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "401" in schema["paths"]["/matte"]["post"]["responses"]
    text = client.get("/api").text
    assert "POST /matte" in text and "<script" not in text
    assert client.get("/").text == "the page"


def test_clients_wait_at_a_bound_port_and_nobody_else_gets_it():
    with bind("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        with pytest.raises(InputError, match=f"Port {port} at 127.0.0.1 cannot be used"):
            bind("127.0.0.1", port)


SERVE = """
import functools, pathlib, sys
from tfmatting.cli import program
from tfmatting.serving import page
page.Page = functools.partial(page.Page, pathlib.Path(sys.argv.pop(1)))
program()
"""
"""With a page of its own: a checkout has none until it is built."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_how_a_server_ends(number, static_page):
    words = [sys.executable, "-c", SERVE, str(static_page.folder)]
    words += ["serve", "--api", "--port", "0"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=buffered
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("The page is at http://localhost:")
        run.send_signal(number)
        assert run.communicate(timeout=60) == ("", "")
    assert run.returncode == 0
