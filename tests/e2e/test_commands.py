"""The commands of the README, and what they say to bad input."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tfmatting.imaging.io import read_image, write_image
from tfmatting.inference.pretrained import SHIPPED

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def smoke_run(tmp_path_factory):
    """`train.py --smoke` in an empty folder, as a user runs it."""
    folder = tmp_path_factory.mktemp("smoke")
    start = time.monotonic()
    result = subprocess.run(
        [sys.executable, ROOT / "train.py", "--model", "tnet", "--recipe", "mobile", "--smoke"],
        cwd=folder, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return folder, result, time.monotonic() - start


def test_train_says_where_the_checkpoint_is_and_what_comes_next(smoke_run):
    folder, result, _ = smoke_run
    last = result.stdout.strip().splitlines()[-1]
    assert "runs/tnet/supervised/best.keras" in last and "export.py" in last
    assert (folder / "runs/tnet/supervised/best.keras").is_file()


def test_export_takes_the_run_and_evaluate_and_matte_take_the_file(smoke_run, command):
    folder, _, _ = smoke_run
    here = Path.cwd()
    os.chdir(folder)
    try:
        # a smoke run is taken where it is named alone
        code, out, err = command(
            *("export", "--format", "tflite", "--precision", "int8", "--weights", "runs/tnet")
        )
        assert code == 0, err
        assert "runs/tnet/supervised/best.keras" in out
        model = next(folder.glob("*.tflite"))
        code, out, err = command("evaluate", "--model", model, "--json", "e.json", "-o", "eval")
        assert code == 0, err
        figures = json.loads((folder / "e.json").read_text())
        assert list(figures) == [
            "images", "sad", "mad", "mse", "grad", "conn", "iou", "dice"
        ]  # fmt: skip
        assert figures["images"] == 24 and (folder / "eval" / "worst.png").is_file()
        code, out, err = command("matte", photo_file(folder), "-o", "out.png", "--model", model)
        assert code == 0, err
    finally:
        os.chdir(here)


def test_a_run_is_not_written_over_by_accident(smoke_run, command):
    folder, _, _ = smoke_run
    best = folder / "runs/tnet/supervised/best.keras"
    before = best.read_bytes()
    code, _, err = command("train", "--model", "tnet", "--smoke", "--output", folder / "runs")
    assert code == 2 and "--overwrite" in err
    code, _, err = command(
        "train", "--model", "tnet", "--smoke", "--output", folder / "runs", "--weights", best,
        "--overwrite",
    )  # fmt: skip
    assert code == 2 and "weights to start from" in err
    assert best.read_bytes() == before


def test_a_refused_run_takes_the_place_of_none(smoke_run, command, tmp_path):
    """Nor leaves a trace where there was none."""
    folder, _, _ = smoke_run
    best = folder / "runs/tnet/supervised/best.keras"
    kept = {path: path.read_bytes() for path in (best, folder / "runs/tnet/run.json")}
    empty = tmp_path / "data"
    for name in ("image", "alpha"):
        (empty / name).mkdir(parents=True)
    asked = ("train", "--model", "tnet", "--data", empty, "--smoke", "--overwrite")
    code, _, err = command(*asked, "--output", folder / "runs")
    assert code == 2 and "can be used" in err
    other = SHIPPED / "portrait_fine.keras"
    at_fault = ("--weights", other), ("--backbone-weights", tmp_path / "none.keras")
    for words in at_fault:
        code, _, err = command(
            "train", "--model", "tnet", "--smoke", "--overwrite", *words, "--output",
            folder / "runs",
        )  # fmt: skip
        assert code == 2 and str(words[1]) in err
    assert {path: path.read_bytes() for path in kept} == kept
    code, _, _ = command(*asked, "--output", tmp_path / "runs")
    assert code == 2 and not (tmp_path / "runs").exists()


def photo_file(folder):
    from skimage import data

    write_image(folder / "astronaut.jpg", data.astronaut())
    return folder / "astronaut.jpg"


def test_the_model_that_ships_cuts_out_the_astronaut(tmp_path, command):
    photo = photo_file(tmp_path)
    code, out, err = command("matte", photo, "-o", tmp_path / "cut.png")
    assert code == 0 and "1 of 1 written" in out, err
    import cv2

    cutout = cv2.imread(str(tmp_path / "cut.png"), cv2.IMREAD_UNCHANGED)
    alpha = cutout[..., 3] / 255
    assert alpha[90:180, 190:255].mean() > 0.97  # her face
    assert alpha[250:400, 60:250].mean() > 0.95  # her suit
    assert alpha[:150, :100].mean() < 0.15  # the flag, which leaks a little
    assert alpha[:100, 400:].mean() < 0.1  # the shuttle
    for background in ("blur", "#204080", photo):
        target = tmp_path / "b.jpg"
        code, _, err = command("matte", photo, "-o", target, "--background", background)
        assert code == 0 and read_image(target).shape == (512, 512, 3), err


def test_a_threshold_makes_a_mask(tmp_path, command, tiny_tflite):
    photo = photo_file(tmp_path)
    masks = []
    for threshold in ("0.45", "0.55"):
        words = ("matte", photo, "-o", tmp_path / "mask.png", "--model", tiny_tflite, "--alpha")
        code, _, err = command(*words, "--threshold", threshold)
        assert code == 0, err
        masks.append(read_image(tmp_path / "mask.png"))
        assert set(np.unique(masks[-1])) <= {0, 255}
    assert (masks[0] >= masks[1]).all() and masks[0].mean() > masks[1].mean()


def test_a_folder_goes_through_and_its_broken_photo_is_reported(tmp_path, command, tiny_tflite):
    inputs = tmp_path / "in"
    for name in ("a", "b"):
        write_image(inputs / f"{name}.png", np.full((30, 40, 3), 90, np.uint8))
    (inputs / "broken.jpg").write_text("no picture")
    code, out, err = command("matte", inputs, "-o", tmp_path / "out", "--model", tiny_tflite)
    assert code == 2 and "2 of 3 written" in out and "broken.jpg" in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


def test_a_pair_of_two_sizes_is_reported_and_the_others_judged(
    tmp_path, command, samples, tiny_tflite
):
    for sample, alpha in ((samples[0], samples[0].alpha), (samples[1], samples[1].alpha[:50])):
        write_image(tmp_path / "image" / f"{sample.identifier}.png", sample.image)
        write_image(tmp_path / "alpha" / f"{sample.identifier}.png", alpha)
    code, out, err = command("evaluate", "--model", tiny_tflite, "--data", tmp_path)
    assert code == 2 and out.startswith("1 images") and "1 could not be judged" in out
    assert "one size" in err


def bad_inputs(folder):
    """Command words, and what the one line on stderr must name."""
    photo = folder / "photo.png"
    write_image(photo, np.full((40, 30, 3), 90, np.uint8))
    write_image(folder / "whole.jpg", np.full((40, 30, 3), 90, np.uint8))
    (folder / "text.jpg").write_text("hello")
    (folder / "zero.png").touch()
    (folder / "cut.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:-40])
    (folder / "empty").mkdir()
    (folder / "file").touch()
    for suffix in (".keras", ".tflite"):
        (folder / f"noise{suffix}").write_bytes(b"noise")
    out = folder / "out.png"
    return [
        (["matte", folder / "none.jpg", "-o", out], "none.jpg"),
        (["matte", folder / "text.jpg", "-o", out], "text.jpg"),
        (["matte", folder / "zero.png", "-o", out], "0 bytes"),
        (["matte", folder / "cut.jpg", "-o", out], "truncated"),
        (["matte", folder / "empty", "-o", folder / "out"], "No pictures"),
        (["matte", photo, "-o", folder / "out.gif"], "out.gif"),
        (["matte", photo, "-o", folder / "file" / "out.png"], "file"),
        (["matte", photo, "-o", photo], "overwritten"),
        (["matte", photo, "-o", folder / "out.jpg"], "no transparency"),
        (["matte", photo, photo, "-o", out], "need a folder"),
        (["matte", photo, "-o", out, "--background", "no-colour"], "#rrggbb"),
        (["matte", photo, "-o", out, "--threshold", "1.5"], "between 0 and 1"),
        (["matte", photo, "-o", out, "--model", "unknown"], "unknown"),
        (["matte", photo, "-o", out, "--model", folder / "noise.keras"], "noise.keras"),
        (["evaluate", "--data", folder / "empty"], "no known data layout"),
        (["evaluate", "--data", folder / "nowhere"], "nowhere"),
        (["train", "--model", "unet9"], "Known: lfm, tnet"),
        (["train", "--model", "tnet", "--stage", "joint"], "supervised"),
        (["train", "--model", "tnet", "--input-size", "100,100"], "multiple of 16"),
        (["train", "--model", "tnet", "--set", "speed=3"], "No setting named"),
        (["train", "--model", "deeplab_v3", "--input-size", "30,30"], "multiple of"),
        (["train", "--model", "deeplab_v3", "--set", "model.encoder=vgg"], "resnet50"),
        (["train", "--model", "tnet", "--weights", folder / "noise.keras"], "noise.keras"),
        (["export", "--weights", folder / "none.keras"], "none.keras"),
        (["export", "--weights", folder / "empty"], "best.keras"),
        (["export", "--weights", folder / "noise.keras"], "noise.keras"),
        (["export", "--format", "pb", "--precision", "int8"], "no int8 pb of tnet"),
        (["export", "--precision", "int8", "--calibration", folder / "empty"], "No pictures"),
        (["benchmark", "--model", folder / "none.tflite"], "none.tflite"),
        (["lint", folder / "noise.keras"], "reads .tflite files"),
        (["lint", folder / "noise.tflite"], "Not a TFLite file"),
        (["webcam", "--camera", folder / "nothing.mp4"], "nothing.mp4"),
        (["convert", folder / "noise.keras", "--model", "tnet", "-o", folder / "x.pth"], "x.pth"),
        (["prepare", "pairs", "-o", folder / "p"], "source folder"),
        (["prepare", "pairs", folder / "nowhere", "-o", folder / "p"], "nowhere"),
    ]


def test_bad_input_is_one_line_exit_code_two_and_no_file(tmp_path, command):
    for words, named in bad_inputs(tmp_path):
        before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        code, _, err = command(*words)
        assert code == 2, (words, err)
        assert named in err, (words, err)
        assert err.count("\n") == 1 and "Traceback" not in err, (words, err)
        after = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        assert before == after, words


def test_words_that_are_no_options_are_refused_by_the_parser(command):
    for words in (["train", "--input-size", "8"], ["train", "--epochs", "0"], ["fly"], []):
        code, _, err = command(*words)
        assert code == 2 and err


def test_models_and_version(command):
    code, out, _ = command("models")
    assert code == 0 and "2,228,387" in out and "ships: portrait" in out
    code, out, _ = command("--version")
    assert code == 0 and out.startswith("tfmatting ")


def test_names_that_a_terminal_cannot_show_do_no_harm(tmp_path, tiny_tflite):
    name = tmp_path / "\N{GRINNING FACE} \udce9.png"
    write_image(name, np.zeros((32, 32, 3), np.uint8))
    words = ("matte", name, "-o", tmp_path / "out", "--model", tiny_tflite)
    result = subprocess.run(
        [sys.executable, "-m", "tfmatting", *words],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "1 of 1 written" in result.stdout and (tmp_path / "out" / name.name).is_file()
