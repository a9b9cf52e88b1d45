"""Frozen graphs: OpenCV in Python, the original's client protocol, and the C++ program."""

import shutil
import subprocess
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest

from tests.networks import settle
from tfmatting import build
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.exporter import write_verified
from tfmatting.exporting.formats import FORMATS, check_cell
from tfmatting.exporting.graph.opencv_client import OpenCVClient, blob_parameters, client_call
from tfmatting.imaging.io import read_alpha, write_image
from tfmatting.inference.runtimes import open_runtime
from tfmatting.inference.runtimes.opencv_dnn import probe, read_input_sizes
from tfmatting.models.lfm import LIGHT

EXAMPLE = Path(__file__).parents[2] / "examples" / "opencv_cpp"
PHOTOS = [source.load().image for source in sample_listing(3, seed=2, size=(90, 70)).sources]


def exported(model, path, name="pb"):
    cell = check_cell(model.name, FORMATS[name], "float32")
    return write_verified(model, path, cell, calibration=[], checks=PHOTOS)


@pytest.fixture(scope="module")
def lfm():
    keras.utils.set_random_seed(2)
    model = build("lfm", (64, 96), **LIGHT)
    settle(model, 4)
    return model


@pytest.fixture(scope="module")
def graphs(tmp_path_factory, lfm):
    """The same model as a graph with the pixels' normalisation inside, and with it outside."""
    folder = tmp_path_factory.mktemp("graphs")
    exported(lfm, folder / "inside.pb")
    exported(lfm, folder / "external.pb", "pb_external")
    return folder


def keras_alpha(model, image):
    return np.asarray(model({"image": image[None]}, training=False)["alpha"])[0, ..., 0]


def test_every_pixel_is_within_1e_4_of_keras(graphs, lfm):
    image = np.random.default_rng(1).integers(0, 256, (64, 96, 3)).astype("uint8")
    for runtime in (
        open_runtime(graphs / "inside.pb"),
        OpenCVClient(lfm, graphs / "external.pb"),
    ):
        alpha = runtime.run({"image": image[None]})["alpha"][0, ..., 0]
        np.testing.assert_allclose(alpha, keras_alpha(lfm, image), atol=1e-4)


def test_the_text_graph_loads_and_says_the_size(graphs):
    assert read_input_sizes(graphs / "inside.pbtxt") == {"image": (64, 96)}
    net = cv2.dnn.readNet(str(graphs / "inside.pb"), str(graphs / "inside.pbtxt"))
    net.setInput(np.zeros((1, 3, 64, 96), np.float32))
    assert net.forward("alpha").shape == (1, 1, 64, 96)


def test_the_clients_call_holds_the_seeds_figures(lfm, mobile_options):
    assert "Scalar(127.156204, 115.917442, 106.031128), true" in client_call(lfm)
    scale, mean, swaps = blob_parameters(build("tnet", (64, 64)))
    assert not swaps and scale == pytest.approx(1 / 255) and mean == pytest.approx((114, 121, 134))


@pytest.mark.parametrize("form", ["original", "mobile"])
def test_tnets_softmax_is_over_the_channels(tmp_path, form, mobile_options):
    """Unmarked, OpenCV takes the last axis of its own order, the width: errors of 0.5."""
    keras.utils.set_random_seed(1)
    model = build("tnet", (64, 96), **(mobile_options if form == "mobile" else {}))
    exported(model, tmp_path / "t.pb")
    alpha = open_runtime(tmp_path / "t.pb").run({"image": np.zeros((1, 64, 96, 3), np.uint8)})
    expected = keras_alpha(model, np.zeros((64, 96, 3), np.uint8))
    np.testing.assert_allclose(alpha["alpha"][0, ..., 0], expected, atol=1e-4)


def test_graphs_that_cannot_be_used_are_refused(tmp_path, graphs, lfm):
    shutil.copy(graphs / "inside.pb", tmp_path / "alone.pb")
    with pytest.raises(FileNotFoundError, match="pbtxt"):
        open_runtime(tmp_path / "alone.pb")
    (tmp_path / "noise.pb").write_bytes(b"noise" * 9)
    (tmp_path / "noise.pbtxt").write_text((graphs / "inside.pbtxt").read_text())
    with pytest.raises(ValueError, match="OpenCV cannot load"):
        open_runtime(tmp_path / "noise.pb")
    with pytest.raises(ValueError, match="OpenCV cannot load"):
        probe(tmp_path / "noise.pb")
    (tmp_path / "noise.pbtxt").write_text("node {}")
    with pytest.raises(ValueError, match="no input"):
        open_runtime(tmp_path / "noise.pb")


def test_a_client_does_not_normalise_a_prior(tmp_path):
    model = build("modnet", (32, 32), prior_alpha=True)
    with pytest.raises(ValueError, match="also takes prior_alpha"):
        exported(model, tmp_path / "m.pb", "pb_external")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The C++ example, built."""
    if not shutil.which("cmake") or not list(Path("/usr").rglob("OpenCVConfig.cmake")):
        pytest.skip("needs CMake, a C++ compiler and OpenCV's headers (libopencv-dev)")
    build_folder = tmp_path_factory.mktemp("build")
    for command in (
        ["cmake", "-S", EXAMPLE, "-B", build_folder],
        ["cmake", "--build", build_folder],
    ):
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
    return build_folder / "matting"


@pytest.mark.parametrize(("name", "options"), [("inside", []), ("external", ["--external"])])
def test_the_cpp_program_gives_the_keras_models_matte(
    tmp_path, graphs, lfm, program, name, options
):
    """At the network's own size nothing is resized; a TIFF keeps the floats."""
    image = np.random.default_rng(1).integers(0, 256, (64, 96, 3)).astype("uint8")
    write_image(tmp_path / "photo.png", image)
    matte, composite = tmp_path / "matte.tiff", tmp_path / "composite.png"
    result = subprocess.run(
        [program, graphs / f"{name}.pb", tmp_path / "photo.png", matte, composite, *options],
        capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    alpha = cv2.imread(str(matte), cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(alpha, keras_alpha(lfm, image), atol=1e-4)
    assert read_alpha(composite, channel=0).shape == (64, 96)


def test_the_cpp_program_refuses_with_one_line(tmp_path, graphs, program):
    for words in (
        ["x"],
        [tmp_path / "none.pb", "a", "b", "c"],
        [graphs / "inside.pb", tmp_path / "none.png", "b", "c"],
    ):
        result = subprocess.run([program, *words], capture_output=True, text=True)
        last = result.stderr.strip().splitlines()[-1]  # OpenCV may warn before
        assert result.returncode == 2 and last.startswith(("matting: ", "usage: "))
