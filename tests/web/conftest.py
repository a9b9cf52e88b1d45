"""The page in Debian's Chromium, served as `tfmatting serve` does.

`make browser` runs them; they are skipped where the page is not built (`make page`), or Chromium or
playwright is missing.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the page's tests need playwright")

from tfmatting.serving.page import PAGE, Page
from tfmatting.serving.server import make_server

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    missing = not CHROMIUM.exists() or not (PAGE / "index.html").is_file()
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:  # sockets of servers and of the browser close when collected
            item.add_marker(
                pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
            )
        needs_browser = {"page", "browser"} & set(getattr(item, "fixturenames", ()))
        if needs_browser and here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="needs Chromium and a built page"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, camera_film):
    """Debian's Chromium, whose camera is a film of the astronaut."""
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera_film}"]
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Small pages: WebGL and compositing run in software."""
    return {**browser_context_args, "viewport": {"width": 1000, "height": 760}}


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """The photo that the tests use, uint8 [512, 512, 3]."""
    return pytest.importorskip("skimage.data").astronaut()


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory, astronaut) -> Path:
    """Twenty frames of the astronaut moving sideways, as Chromium's fake camera reads them."""
    import cv2

    path = tmp_path_factory.mktemp("camera") / "film.y4m"
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W320 H240 F30:1 Ip A1:1 C420jpeg\n")
        for frame in range(20):
            shift = int(20 * np.sin(frame / 20 * 2 * np.pi))
            window = np.roll(astronaut[:384], shift, axis=1)
            small = cv2.resize(window, (320, 240), interpolation=cv2.INTER_AREA)
            film.write(b"FRAME\n" + cv2.cvtColor(small, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


@pytest.fixture(scope="session")
def base_url():
    """Address of a running server of the page."""
    with make_server(Page(), port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def console_errors(page):
    """Console errors and exceptions of the page but for LiteRT's notes, which go there, too."""
    found: list[str] = []

    def note(message):
        text = message.text
        litert = text.startswith(("INFO: ", "WARNING: "))
        if message.type == "error" and not litert:
            found.append(text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def opened(page, base_url):
    """The page, ready for clicks."""
    page.goto(base_url)
    page.wait_for_selector("body[data-page=ready]")
    return page
