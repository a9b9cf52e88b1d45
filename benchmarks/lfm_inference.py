"""Peak memory and time of one LFM inference, with each route in its own process.

The routes are a frozen graph in OpenCV, a TFLite file in LiteRT, an ONNX file in ONNX Runtime, the
traced Keras function, and `predict` on the graph as built. Memory is the process's peak minus what
the process held before it loaded the model. Below the table: what the network's multiply-adds take
at the rate of a product of matrices, which no route can go below without doing fewer of them, and
where OpenCV's time goes.

    python benchmarks/lfm_inference.py --size 512,512 --encoder densenet201
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from tfmatting.config import parse_size
from tfmatting.evaluation.latency import own_peak_memory

ROUTES = {
    "pb in OpenCV": "pb",
    "tflite in LiteRT": "tflite",
    "onnx in ONNX Runtime": "onnx",
    "Keras, traced function": "keras",
    "Keras, predict": "keras",
}
FORMS = tuple(form for form in ROUTES.values() if form != "keras")
BASE = "Keras, predict"
ROUNDS = 3


def measure(route: str, folder: Path) -> dict[str, float]:
    """Load one route's file, run it, and return seconds and megabytes."""
    from tfmatting.inference.runtimes import open_runtime

    if route.startswith("Keras"):
        import tfmatting  # its import is not the model's memory
        from tfmatting.tensorflow_setup import import_tensorflow

        import_tensorflow()
        tfmatting.build("tnet", (32, 32), width=0.25)
    before = own_peak_memory()
    if route == BASE:
        model = tfmatting.load_model(folder / "lfm.keras")
        size = model.matting_config.input_size

        def run(image):
            return model.predict({"image": image}, verbose=0)

    else:
        runtime = open_runtime(folder / f"lfm.{ROUTES[route]}")
        size = runtime.input_size

        def run(image):
            return runtime.run({"image": image})

    image = np.random.default_rng(0).integers(0, 256, (1, *size, 3)).astype(np.uint8)
    run(image)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run(image)
        times.append(time.perf_counter() - start)
    return {"seconds": float(np.median(times)), "megabytes": own_peak_memory() - before}


def build(folder: Path, size: tuple[int, int], encoder: str) -> None:
    """Write the model with random weights."""
    import tfmatting
    from tfmatting.models.lfm import LIGHT

    options = LIGHT if encoder == "light" else {"encoder": encoder}
    tfmatting.save_model(tfmatting.build("lfm", size, **options), folder / "lfm.keras")


def export(folder: Path, form: str) -> None:
    """Write the model in the form of a route."""
    import tfmatting

    model = tfmatting.load_model(folder / "lfm.keras")
    size = model.matting_config.input_size
    photos = [np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)]
    tfmatting.export(model, folder / f"lfm.{form}", format=form, calibration=photos)
    print(own_peak_memory())


def limit(file: Path) -> tuple[float, float]:
    """The multiply-adds of a TFLite file, and those that NumPy's product does in a second."""
    from tfmatting.exporting.compatibility.lint_tflite import multiply_adds
    from tfmatting.exporting.tflite.flatbuffer import operator_kind, read_tree

    tree = read_tree(file.read_bytes())
    graph = tree.subgraphs[0]
    work = sum(
        multiply_adds(graph, operator, operator_kind(tree, operator)[0])
        for operator in graph.operators
    )
    factor = np.ones((3000, 3000), np.float32)
    product = factor @ factor
    times = []
    for _ in range(5):
        start = time.perf_counter()
        np.matmul(factor, factor, out=product)
        times.append(time.perf_counter() - start)
    return work, len(factor) ** 3 / min(times)


def opencv_kinds(file: Path, size: tuple[int, int]) -> dict[str, float]:
    """Seconds of each kind of layer in OpenCV, the longest first."""
    network = cv2.dnn.readNetFromTensorflow(str(file))
    for _ in range(2):
        network.setInput(np.zeros((1, 3, *size), np.float32), "image")
        network.forward("alpha")
    _, ticks = network.getPerfProfile()
    kinds: dict[str, float] = defaultdict(float)
    for name, count in zip(network.getLayerNames(), ticks.ravel(), strict=True):
        kind = network.getLayer(network.getLayerId(name)).type
        kinds[kind] += float(count) / cv2.getTickFrequency()
    return dict(sorted(kinds.items(), key=lambda item: -item[1]))


def alone(*words: object) -> str:
    """What this script prints in a process of its own: exports leave gigabytes behind."""
    command = [sys.executable, __file__, *map(str, words)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=parse_size, default=(512, 512), metavar="H,W")
    parser.add_argument("--encoder", default="densenet201", help="or light")
    parser.add_argument("--route", choices=ROUTES, help=argparse.SUPPRESS)
    parser.add_argument("--form", choices=FORMS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.form:
        export(arguments.folder, arguments.form)
        return
    if arguments.route:
        print(json.dumps(measure(arguments.route, arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), arguments.size, arguments.encoder)
        for form in FORMS:
            peak = float(alone("--form", form, "--folder", folder).split()[-1])
            print(f"Exporting {form} takes {peak / 1000:.1f} GB.", flush=True)
        results = {}
        for route in ROUTES:
            output = alone("--route", route, "--folder", folder)
            results[route] = json.loads(output.strip().splitlines()[-1])
        work, rate = limit(Path(folder) / "lfm.tflite")
        kinds = opencv_kinds(Path(folder) / "lfm.pb", arguments.size)
    base = results[BASE]
    print(f"LFM, {arguments.encoder}, {arguments.size[0]}x{arguments.size[1]}")
    print(f"{'route':26} {'s':>6} {'ratio':>6} {'MB':>7} {'ratio':>6}")
    for route, figures in results.items():
        seconds, megabytes = figures["seconds"], figures["megabytes"]
        print(
            f"{route:26} {seconds:6.2f} {seconds / base['seconds']:6.2f} {megabytes:7.0f} "
            f"{megabytes / base['megabytes']:6.2f}"
        )
    shortest = work / rate
    print(
        f"{work / 1e9:.1f} G multiply-adds, {rate / 1e9:.0f} G a second in a product of matrices: "
        f"{shortest:.2f} s, ratio {shortest / base['seconds']:.2f}"
    )
    parts = [f"{kind} {seconds:.2f}" for kind, seconds in kinds.items() if seconds >= 0.01]
    print(f"OpenCV, s: {', '.join(parts)}")


if __name__ == "__main__":
    main()
