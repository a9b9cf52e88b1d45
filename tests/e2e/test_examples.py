"""The examples, each run as its own program in an interpreter of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tfmatting
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import read_image, read_rgba, write_image
from tfmatting.inference import load
from tfmatting.inference.loading import SHIPPED

EXAMPLES = Path(__file__).parents[2] / "examples"
MEDIAPIPE = os.environ.get("TFMATTING_MEDIAPIPE_PYTHON")
BLOCK = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "tfmatting"):
            raise ModuleNotFoundError(name + " must not be needed")
sys.meta_path.insert(0, Refuse())
import runpy
path = sys.argv.pop(1)
runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    write_image(path, sample_listing(1, seed=3, size=(128, 160)).sources[0].load().image)
    return path


def run_alone(example, *words, interpreter=sys.executable):
    """Run an example where neither TensorFlow nor this package can be imported."""
    result = subprocess.run(
        [interpreter, "-c", BLOCK, str(EXAMPLES / example), *map(str, words)],
        capture_output=True, text=True, timeout=120, cwd="/",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]


def matte_of(model, photo):
    return load(model, refine=False).alpha(read_image(photo))


def test_litert_needs_neither_tensorflow_nor_this_package(tmp_path, photo, tiny_tflite, tiny_tnet):
    integer = tmp_path / "int8.tflite"
    photos = [source.load().image for source in sample_listing(4, seed=2).sources]
    tfmatting.export(tiny_tnet, integer, precision="int8", calibration=photos)
    for model in (tiny_tflite, integer):
        run_alone("litert_python.py", model, photo, tmp_path / "out.png")
        alpha = read_rgba(tmp_path / "out.png")[..., 3] / 255
        assert np.abs(alpha - matte_of(model, photo)).mean() < 5e-3


def test_onnx_runtime(tmp_path, photo, tiny_tnet):
    model = tmp_path / "m.onnx"
    tfmatting.export(tiny_tnet, model, format="onnx")
    run_alone("onnx_runtime.py", model, photo, tmp_path / "out.png")
    alpha = read_rgba(tmp_path / "out.png")[..., 3] / 255
    assert np.abs(alpha - matte_of(model, photo)).mean() < 5e-3


@pytest.mark.skipif(
    not MEDIAPIPE,
    reason="MediaPipe lives in an environment of its own: set TFMATTING_MEDIAPIPE_PYTHON to it",
)
def test_mediapipe_runs_the_file_as_it_is(tmp_path, photo, tiny_tflite):
    run_alone(
        "mediapipe_python.py", tiny_tflite, photo, tmp_path / "out.png", interpreter=MEDIAPIPE
    )
    alpha = read_rgba(tmp_path / "out.png")[..., 3] / 255
    assert np.abs(alpha - matte_of(tiny_tflite, photo)).mean() < 0.02  # another enlargement


@pytest.mark.skipif(not MEDIAPIPE, reason="as above")
def test_mediapipe_gives_the_shipped_models_alpha(tmp_path):
    """At the network's own size, where nothing is enlarged, to 2 of 255."""
    predictor, path = load(refine=False), tmp_path / "photo.png"
    image = sample_listing(1, seed=5, size=predictor.input_size).sources[0].load().image
    write_image(path, image)
    run_alone(
        "mediapipe_python.py", SHIPPED / "portrait.tflite", path, tmp_path / "out.png",
        interpreter=MEDIAPIPE,
    )  # fmt: skip
    alpha = read_rgba(tmp_path / "out.png")[..., 3]
    assert np.abs(alpha - 255 * predictor.alpha(image)).max() <= 2


def test_the_light_commands_need_no_tensorflow(tmp_path, photo, tiny_tflite, tiny_tnet):
    """`matte` and `benchmark` in a process where TensorFlow cannot be imported."""
    code = BLOCK.split("import runpy")[0].replace('"keras", "tfmatting"', '"keras"')
    code += "from tfmatting.cli import main; sys.exit(main(sys.argv[1:]))"
    for words in (
        ("matte", photo, "-o", tmp_path / "o.png", "--model", tiny_tflite),
        ("benchmark", "--model", tiny_tflite, "--rounds", 1, "--json", tmp_path / "b.json"),
    ):
        result = subprocess.run(
            [sys.executable, "-c", code, *map(str, words)],
            capture_output=True, text=True, timeout=120,
            cwd=EXAMPLES.parent,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads((tmp_path / "b.json").read_text())[0]["median"] > 0


def test_the_demo_shows_the_mattes_of_both_defaults(tmp_path):
    """The quickest look at the project: `make demo` without the install."""
    pytest.importorskip("skimage", reason="the demo's photo comes with scikit-image")
    result = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py", "--output", tmp_path / "demo"],
        capture_output=True, text=True, timeout=120, cwd=EXAMPLES.parent,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    assert "portrait_fine (" in result.stdout and "portrait (" in result.stdout
    sheet = read_image(tmp_path / "demo" / "side_by_side.png")
    assert sheet.shape == (512, 5 * 512, 3)
    fine, fast = sheet[:, 512:1024, 0] / 255, sheet[:, 1024:1536, 0] / 255
    assert 0.2 < fine.mean() < 0.7
    # the helmet in her arm is person to one and half of it to the other
    assert 0 < np.abs(fine - fast).mean() < 0.08
    assert read_rgba(tmp_path / "demo" / "cutout.png").shape == (512, 512, 4)


def test_tensorflow_serving_is_asked_and_answers_as_the_saved_model_does(
    tmp_path, photo, tiny_tnet
):
    model = tmp_path / "models" / "portrait" / "1"
    tfmatting.export(tiny_tnet, model, format="saved_model")
    words = ["serving/client.py", "saved-model", model, photo, tmp_path / "cutout.png"]
    result = subprocess.run(
        [sys.executable, EXAMPLES / words[0], *map(str, words[1:])],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    alpha = read_rgba(tmp_path / "cutout.png")[..., 3] / 255
    assert alpha.shape == (128, 160)
    expected = load(model, refine=False).alpha(read_image(photo))
    assert np.abs(alpha - expected).mean() < 0.02  # another averaging when shrinking


@pytest.mark.slow
def test_ray_serve_answers_as_the_command_does(tmp_path, photo):
    """Runs in a network namespace with loopback alone, where Ray finds nothing else."""
    pytest.importorskip("ray.serve", reason="ray[serve] is not installed")
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode:
        pytest.skip("no network namespaces here (unshare -n)")
    script = EXAMPLES / "serving" / "check_ray_serve.py"
    words = f"ip link set lo up && exec {sys.executable} {script} {photo} {tmp_path / 'a.png'}"
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    result = subprocess.run(
        ["unshare", "-n", "sh", "-c", words],
        capture_output=True, text=True, timeout=540, env=environment,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    assert "16 answers, all the same; a broken photo: 415" in result.stdout
    assert read_rgba(tmp_path / "a.png").shape == (128, 160, 4)
