"""The camera's tab, with a film for a camera."""

from __future__ import annotations

import io

import numpy as np
import pytest

SECONDS = 10
STAGE = "#camera-stage canvas"


@pytest.fixture
def camera(opened):
    """The camera's tab, running with a green background."""
    opened.click("#tab-camera")
    choose(opened, "colour")
    opened.fill('#camera .detail[data-for="colour"] input', "#00ff00")
    opened.click("#start")
    opened.wait_for_selector("#figures[data-fps]", timeout=60_000)
    return opened


def choose(page, kind: str) -> None:
    page.check(f'input[name="camera-background"][value="{kind}"]', force=True)


def shot(page) -> np.ndarray:
    """The picture that "Snapshot" saves, uint8 [H, W, 4]."""
    import cv2

    with page.expect_download() as download:
        page.click("#snapshot")
    data = np.frombuffer(download.value.path().read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return cv2.cvtColor(picture, code)


def greenness(picture: np.ndarray) -> np.ndarray:
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return (green > 230) & (red < 60) & (blue < 60)


def test_the_man_stays_and_the_background_goes(camera, console_errors):
    camera.wait_for_timeout(SECONDS * 1000)
    figures = camera.evaluate("({...document.getElementById('figures').dataset})")
    assert float(figures["fps"]) > 2
    picture = shot(camera)
    assert picture.shape[:2] == (240, 320)
    green = greenness(picture)
    assert green[:60, :60].mean() > 0.9 or green[:60, -60:].mean() > 0.9
    assert green[150:210, 140:180].mean() < 0.05
    assert 0.2 < green.mean() < 0.8
    assert not console_errors


def test_backgrounds_mirror_and_side_by_side(camera):
    mirrored = shot(camera)
    camera.uncheck("#mirror")
    camera.wait_for_timeout(700)
    assert np.abs(shot(camera)[..., :3].astype(int) - mirrored[..., :3]).mean() > 5
    camera.check("#side-by-side")
    camera.wait_for_timeout(700)
    both = shot(camera)
    assert both.shape[:2] == (240, 640)
    assert greenness(both[:, :320]).mean() < 0.02 < greenness(both[:, 320:]).mean()
    camera.uncheck("#side-by-side")
    choose(camera, "transparent")
    camera.wait_for_timeout(700)
    opacity = shot(camera)[..., 3]
    assert opacity[:40].min() == 0
    assert opacity[150:200, 140:180].min() > 200
    choose(camera, "blur")
    camera.wait_for_timeout(700)
    assert shot(camera)[..., 3].min() == 255


def test_goes_on_while_the_tab_is_hidden(camera):
    """Figures go on coming for four seconds while another tab is in front."""
    other = camera.context.new_page()
    other.bring_to_front()
    frames = camera.evaluate(
        """async () => {
          const before = performance.now();
          const events = [];
          new MutationObserver(() => events.push(performance.now() - before))
            .observe(document.getElementById("figures"), { attributes: true });
          await new Promise((resolve) => setTimeout(resolve, 4000));
          return events.length;
        }"""
    )
    other.close()
    assert frames >= 4


def test_recording_is_a_film(camera, tmp_path):
    av = pytest.importorskip("av")
    camera.click("#record")
    camera.wait_for_timeout(2500)
    with camera.expect_download() as download:
        camera.click("#record")
    data = download.value.path().read_bytes()
    with av.open(io.BytesIO(data)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) > 5
    assert greenness(frames[-1]).mean() > 0.1


@pytest.mark.slow
def test_memory_after_many_frames(camera, base_url):
    """The page's memory grows by less than 12 MB in ten seconds of frames."""
    camera.wait_for_timeout(1000)
    before = heap(camera)
    camera.wait_for_timeout(SECONDS * 1000)
    assert heap(camera) < before + 12e6


def heap(page) -> float:
    """Bytes of scripts and workers, after a collection."""
    client = page.context.new_cdp_session(page)
    client.send("HeapProfiler.collectGarbage")
    return page.evaluate("async () => (await performance.measureUserAgentSpecificMemory()).bytes")
