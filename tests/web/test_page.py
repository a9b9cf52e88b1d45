"""The page as a whole: nothing leaves its origin, it works offline, everyone can use it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from tfmatting.serving.page import PAGE, Page
from tfmatting.serving.server import make_server

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
READY = "body[data-ready]"


def use_example(page) -> None:
    page.click("#example")
    page.wait_for_selector("#viewer[data-shown]", timeout=60_000)
    page.wait_for_selector('#viewer[aria-busy="false"]')


def test_no_request_leaves_the_origin(page, base_url, console_errors):
    requests: list[str] = []
    page.context.on("request", lambda request: requests.append(request.url))
    page.goto(base_url)
    page.wait_for_selector("body[data-page=ready]")
    use_example(page)
    page.click("#tab-camera")
    page.click("#start")
    page.wait_for_selector("#figures[data-fps]", timeout=60_000)
    others = [url for url in requests if not url.startswith((base_url, "blob:", "data:"))]
    assert not others
    assert any(url.endswith(".wasm") for url in requests)
    assert not console_errors


@pytest.mark.parametrize("tab", ["photos", "camera"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(opened, tab, scheme):
    if not AXE.is_file():
        pytest.skip("needs axe-core (npm ci in web/)")
    opened.emulate_media(color_scheme=scheme)
    violations = audit(opened)
    if tab == "photos":
        use_example(opened)
    else:
        opened.click("#tab-camera")
    violations += audit(opened)
    assert not violations


def audit(page) -> list[str]:
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def test_fits_a_phone(browser, base_url):
    context = browser.new_context(
        viewport={"width": 375, "height": 667},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    page = context.new_page()
    page.goto(base_url)
    page.wait_for_selector("body[data-page=ready]")
    for step in (lambda: None, lambda: use_example(page), lambda: page.click("#tab-camera")):
        step()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 375
        small = page.evaluate(
            """() => [...document.querySelectorAll("button:not([hidden]), select")]
              .filter((item) => item.offsetParent && !item.classList.contains("link"))
              .map((item) => [item.id, item.getBoundingClientRect().height])
              .filter(([, height]) => height < 36)"""
        )
        assert not small
    context.close()


@pytest.fixture
def own_server(tmp_path):
    """A copy of the page that a test may change, and its server."""
    folder = tmp_path / "page"
    shutil.copytree(PAGE, folder)
    server = make_server(Page(folder), port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, folder
    server.shutdown()
    server.server_close()


def controlled(page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_works_offline_after_a_visit(page, own_server):
    server, _ = own_server
    page.goto(f"http://localhost:{server.server_port}/")
    page.wait_for_selector("body[data-page=ready]")
    use_example(page)
    controlled(page)
    wait_for_cache(page)
    server.shutdown()
    server.server_close()
    page.reload()
    page.wait_for_selector("body[data-page=ready]")
    use_example(page)
    assert page.inner_text("#photo-facts").startswith("512 \u00d7 512")


def wait_for_cache(page) -> None:
    script = """async () => {
      const keys = await (await caches.open("tfmatting")).keys();
      return [".wasm", "portrait_lite.tflite", "page.js"]
        .every((part) => keys.some(({ url }) => url.includes(part)));
    }"""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(200)
    raise AssertionError("the service worker did not keep what the visit used")


def test_a_new_version_is_offered_and_fetches_what_changed(page, own_server):
    server, folder = own_server
    page.goto(f"http://localhost:{server.server_port}/")
    page.wait_for_selector("body[data-page=ready]")
    use_example(page)
    wait_for_cache(page)
    page.reload()
    page.wait_for_selector("body[data-page=ready]")
    style = folder / "style.css"
    style.write_text(style.read_text() + "\n.brand { color: rgb(1, 2, 3); }\n")
    script = folder / "service_worker.js"
    text = script.read_text()
    start = text.index('"style.css":"') + len('"style.css":"')
    script.write_text(text[:start] + "f" * 16 + text[start + 16 :])
    fetched: list[str] = []
    page.context.on("request", lambda request: fetched.append(request.url))
    page.evaluate("navigator.serviceWorker.getRegistration().then((item) => item.update())")
    page.wait_for_selector("#update:not([hidden])", timeout=30_000)
    colour = "getComputedStyle(document.querySelector('.brand')).color"
    assert page.evaluate(colour) != "rgb(1, 2, 3)"
    with page.expect_navigation():
        page.click("#update-now")
    page.wait_for_selector("body[data-page=ready]")
    assert page.evaluate(colour) == "rgb(1, 2, 3)"
    assert not any(url.endswith(".wasm") for url in fetched)
    keys = page.evaluate(
        "caches.open('tfmatting').then((c) => c.keys()).then((k) => k.map((r) => r.url))"
    )
    assert sum("style.css" in url for url in keys) == 1
