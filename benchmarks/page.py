"""The page in Chromium: weight, first matte, the camera beside MediaPipe's selfie model, photos.

    python benchmarks/page.py --selfie selfie_segmentation.tflite --film camera.y4m

The selfie model runs in the same page, worker and compositor: its file is given the names that the
page looks for. It then sees pixels of 0 to 255 instead of 0 to 1, so that its mattes mean nothing;
its time is the same. Needs `make page`, playwright and Chromium.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from comparison import SELFIE, table, write_json
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import sync_playwright

from tfmatting.exporting.tflite.flatbuffer import read_tree, write_tree
from tfmatting.serving.page import COMPRESSED, PAGE, Page
from tfmatting.serving.server import make_server

FLAGS = ("--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
FIRST_LOAD = ("portrait_int8", "portrait_video", "portrait.tflite", "threaded", "compat")
"""Parts of the names of files that the first visit with `portrait_lite` does not fetch twice."""
MEGAPIXELS = (1, 12, 24)
SECONDS = 10

CAMERA = """async ({ model, seconds }) => {
  const { Matting } = await import("/tfmatting.js");
  const bytes = typeof model === "object"
    ? new Blob([Uint8Array.from(atob(model.file), (letter) => letter.charCodeAt(0))]) : model;
  const matting = await Matting.load({ model: bytes });
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const canvas = document.createElement("canvas");
  const camera = await matting.camera(canvas, stream, { background: { kind: "blur" } });
  const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
  await wait(3000);
  const figures = [];  // twice a second
  camera.onfigures = (figure) => figures.push(figure);
  const late = [], started = performance.now();
  while (performance.now() - started < 1000 * seconds) {
    const asked = performance.now();
    await wait(10);
    late.push(performance.now() - asked - 10);
  }
  const mean = (name) => figures.reduce((sum, figure) => sum + figure[name], 0) / figures.length;
  stream.getTracks().forEach((track) => track.stop());
  matting.close();
  return {
    frames_per_second: mean("fps"), model: mean("model"), composite: mean("composite"),
    late_mean: late.reduce((sum, value) => sum + value, 0) / late.length,
    late_most: Math.max(...late),
  };
}"""

FIRST = """async (jpeg) => {
  const { Matting } = await import("/tfmatting.js");
  const started = performance.now();
  const matting = await Matting.load({ model: "portrait_lite" });
  const loaded = performance.now();
  await matting.alpha(new Blob([Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0))]));
  const done = performance.now();
  matting.close();
  return { load: loaded - started, matte: done - loaded };
}"""

PHOTO = """async ({ width, height, jpeg }) => {
  const { Matting } = await import("/tfmatting.js");
  const small = await createImageBitmap(
    new Blob([Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0))]));
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(small, 0, 0, width, height);
  const file = await canvas.convertToBlob({ type: "image/jpeg" });
  const started = performance.now();
  const matting = await Matting.load({ model: "portrait_lite" });
  const loaded = performance.now();
  const photo = await matting.open(file);
  await photo.preview();
  const shown = performance.now();
  await photo.file();
  const written = performance.now();
  matting.close();
  return { load: loaded - started, shown: shown - loaded, written: written - shown };
}"""


def with_signature(path: Path) -> bytes:
    """A TFLite file whose only input is named `image` and whose only output `alpha`."""
    tree = read_tree(path.read_bytes())
    graph = tree.subgraphs[0]

    def named(name: str, index: int):
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name, index
        return entry

    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "serving_default", 0
    signature.inputs = [named("image", graph.inputs[0])]
    signature.outputs = [named("alpha", graph.outputs[0])]
    tree.signatureDefs = [signature]
    return write_tree(tree)


def first_load_bytes() -> int:
    """Bytes of a first visit with `portrait_lite`, compressed as the server sends them."""
    total = 0
    for path in PAGE.rglob("*"):
        if not path.is_file() or any(part in path.name for part in FIRST_LOAD):
            continue
        data = path.read_bytes()
        total += len(gzip.compress(data)) if path.suffix in COMPRESSED else len(data)
    return total


def write_film(path: Path, photo: np.ndarray) -> None:
    """Twenty frames of a photo that moves sideways, as Chromium's camera reads them."""
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        for frame in range(20):
            shift = int(40 * np.sin(frame / 20 * 2 * np.pi))
            small = cv2.resize(np.roll(photo, shift, axis=1), (640, 480))
            film.write(b"FRAME\n" + cv2.cvtColor(small, cv2.COLOR_RGB2YUV_I420).tobytes())


def measure_cameras(page: BrowserPage, selfie: Path | None) -> dict[str, dict[str, float]]:
    """Frames a second and how late the page's own thread is, for each model in turn."""
    names = ("portrait_lite", "portrait_int8", "portrait", "portrait_video")
    models: dict[str, object] = {name: name for name in names}
    if selfie:
        models[SELFIE] = {"file": base64.b64encode(with_signature(selfie)).decode()}
    return {
        name: page.evaluate(CAMERA, {"model": model, "seconds": SECONDS})
        for name, model in models.items()
    }


def data_of(photo: np.ndarray) -> str:
    """A photo as a JPEG in base64, as scripts of the page can take it."""
    return base64.b64encode(cv2.imencode(".jpg", photo[..., ::-1])[1].tobytes()).decode()


def measure_photos(page: BrowserPage, photo: np.ndarray) -> dict[int, dict[str, float]]:
    """Milliseconds from a file to the preview and to the PNG at full size."""
    times: dict[int, dict[str, float]] = {}
    for megapixels in MEGAPIXELS:
        height = round((megapixels * 1e6 * 4 / 3) ** 0.5)
        values = {"width": height * 3 // 4, "height": height}
        times[megapixels] = page.evaluate(PHOTO, {**values, "jpeg": data_of(photo)})
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--selfie", type=Path, help="MediaPipe's selfie_segmentation.tflite")
    parser.add_argument("--film", type=Path, help="a .y4m file; a moving photo if omitted")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    from skimage.data import astronaut

    photo = astronaut()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film = arguments.film or Path(folder) / "film.y4m"
        if not arguments.film:
            write_film(film, photo)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=flags)
        with make_server(Page(), port=0) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            page, first = browser.new_page(), {}
            started = time.perf_counter()
            page.goto(f"http://localhost:{server.server_port}/")
            page.wait_for_selector("body[data-page=ready]")
            first["ready"] = time.perf_counter() - started
            first |= page.evaluate(FIRST, data_of(photo))
            cameras = measure_cameras(page, arguments.selfie)
            photos = measure_photos(page, photo)
            server.shutdown()
        browser.close()
    weight = first_load_bytes()
    print(f"First load with portrait_lite, compressed: {weight / 1e6:.2f} MB")
    print(
        f"First visit: page ready after {first['ready']:.1f} s, model after "
        f"{first['load'] / 1000:.1f} s, first matte after {first['matte'] / 1000:.1f} s more\n"
    )
    least = cameras.get(SELFIE, cameras["portrait_lite"])["model"]
    shown = ("frames_per_second", "model", "composite", "late_mean", "late_most")
    rows = [
        [name, *(f"{figures[key]:.1f}" for key in shown), f"{figures['model'] / least:.2f}"]
        for name, figures in cameras.items()
    ]
    heads = ["frames/s", "model ms", "drawing ms", "late by, mean ms", "most ms", "model's ratio"]
    print(table(["camera", *heads], rows), "\n")
    rows = [[f"{m} MP", f"{t['shown']:.0f}", f"{t['written']:.0f}"] for m, t in photos.items()]
    print(table(["photo", "shown after ms", "PNG after ms"], rows))
    figures = {"first_load": weight, "first": first, "cameras": cameras, "photos": photos}
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
