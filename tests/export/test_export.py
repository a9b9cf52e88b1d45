"""`tfmatting.export`, from Python and from the command line."""

import os
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

import tfmatting
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.export import export
from tfmatting.exporting.photos import CALIBRATION_PHOTOS, CHECKED, check_photos, read_photos
from tfmatting.imaging.io import write_image
from tfmatting.inference.pretrained import PRETRAINED
from tfmatting.inference.runtimes import open_runtime

PHOTOS = [source.load().image for source in sample_listing(4, seed=2, size=(90, 70)).sources]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_model_in_memory(here, tiny_tnet):
    lines = []
    report = export(tiny_tnet, precision="int8", calibration=PHOTOS, report=lines.append)
    assert report.path.name == "tnet_64x96_int8.tflite" and report.path.is_file()
    assert report.megabytes == pytest.approx(report.path.stat().st_size / 1e6)
    assert report.comparison.images == 1 + len(PHOTOS)
    assert 0 < report.comparison.mean_difference <= report.tolerance == 2e-2
    assert report.next.endswith(f"--model {report.path}")
    assert lines == [] and report.client_call == ""


@pytest.mark.slow
def test_a_model_in_memory_at_another_size(here, tiny_tnet):
    report = export(tiny_tnet, "m.tflite", input_size=(96, 32), calibration=PHOTOS)
    runtime = open_runtime(report.path)
    assert runtime.input_size == (96, 32)
    same = export(tiny_tnet, "n.tflite", input_size=(64, 96), calibration=PHOTOS)
    assert open_runtime(same.path).input_size == (64, 96)


@pytest.mark.slow
def test_a_file_gives_the_same_bytes_as_the_model_in_it(here, tiny_tnet, tiny_checkpoint):
    of_model = export(tiny_tnet, "model.tflite", precision="float16", calibration=PHOTOS)
    of_file = export(str(tiny_checkpoint), "file.tflite", precision="float16", calibration=PHOTOS)
    assert of_model.path.read_bytes() == of_file.path.read_bytes()


def test_the_newest_run_stands_for_nothing_and_the_model_that_ships_for_no_run(
    here, tiny_tnet, command
):
    code, out, err = command("export")
    assert code == 0, err
    assert "shipped/portrait.keras" in out and "tnet_320x320_float32.tflite" in out
    now = time.time()
    for name, age in (("old", 60), ("new", 0)):
        path = here / "runs" / name / "best.keras"
        tfmatting.save_model(tiny_tnet, path)
        os.utime(path, (now - age, now - age))
    lines = []
    report = export(calibration=PHOTOS, report=lines.append)
    assert lines == ["Exporting runs/new/best.keras."]
    assert report.path.name == "tnet_64x96_float32.tflite"
    (here / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"No best.keras below"):
        export(here / "empty")


def test_a_name_stands_for_the_checkpoint_of_a_model_that_ships(here, command):
    words = ("--weights", "portrait_lite", "--output", "m.tflite")
    code, out, err = command("export", *words)
    assert code == 0, err
    assert f"Exporting {PRETRAINED['portrait_lite'].checkpoint}." in out
    assert open_runtime(here / "m.tflite").input_size == (208, 208)


def test_external_preprocessing_says_the_clients_call(here):
    keras.utils.set_random_seed(3)
    model = tfmatting.build("tnet", (64, 96), width=0.25, stem_stride=2)
    report = export(model, "m.pb", format="pb", preprocessing="external", calibration=PHOTOS)
    assert report.client_call.startswith("blobFromImage(photo, 0.003921568")
    assert "Size(96, 64), Scalar(11" in report.client_call
    assert report.next == f"The client's call: {report.client_call}"
    assert sorted(path.name for path in here.iterdir()) == ["m.pb", "m.pbtxt"]


def test_what_cannot_be_is_refused_before_anything_is_read(here, tiny_tnet):
    refused = [
        ({"format": "coreml"}, "No export format 'coreml'. Known: saved_model, pb, onnx, tflite"),
        ({"precision": "int4"}, "No precision 'int4'"),
        ({"output": "m.pb"}, "ending in .tflite"),
        ({"output": "m.pb", "format": "saved_model"}, "a folder without suffix"),
        ({"preprocessing": "external"}, "Only pb leaves preprocessing"),
        ({"target": "edgetpu"}, "An Edge TPU takes tflite in int8 only"),
        ({"target": "hexagon"}, "any or edgetpu. Received: 'hexagon'"),
        ({"resizable": True, "precision": "int8"}, "Files of any size are tflite in float32"),
        ({"low_resolution": True}, "no option 'low_resolution'"),
        ({"calibration": []}, "at least one photo"),
        ({"calibration": "nowhere"}, "nowhere"),
    ]
    for options, message in refused:
        with pytest.raises(tfmatting.TfmattingError) as caught:
            export(tiny_tnet, **options)
        assert message in str(caught.value), options
    with pytest.raises(TypeError, match="Received: Sequential"):
        export(keras.Sequential())
    with pytest.raises(FileNotFoundError, match="none.keras"):
        export("none.keras")
    assert not list(here.iterdir())


def test_a_mismatch_is_exit_code_one_and_no_file(here, tiny_checkpoint, command, monkeypatch):
    from tfmatting.exporting.formats import FORMATS

    monkeypatch.setitem(FORMATS["tflite"].tolerances, "float16", 0.0)
    words = ("export", "--weights", tiny_checkpoint, "--precision", "float16")
    code, _, err = command(*words, "--output", "m.tflite")
    assert code == 1 and "The file was removed" in err and err.count("\n") == 1
    assert not list(here.iterdir())


def test_calibration_photos_are_spread_over_the_folder(tmp_path):
    for number in range(9):
        write_image(tmp_path / "image" / f"{number}.png", np.full((4, 4, 3), number, np.uint8))
    found = [int(photo[0, 0, 0]) for photo in read_photos(tmp_path, 3)]
    assert found == [0, 4, 8]
    drawn = read_photos("sample", 2)
    assert len(check_photos(drawn)) == 3 and CHECKED < CALIBRATION_PHOTOS
    assert len(check_photos([drawn[0]] * 20)) == 1 + CHECKED


def test_calibration_photos_shrink_as_they_are_read(tmp_path):
    for number, size in enumerate(((300, 400, 3), (400, 200, 3), (20, 30, 3))):
        write_image(tmp_path / f"{number}.png", np.full(size, 90, np.uint8))
    shrunk = read_photos(tmp_path, 9, (60, 60))
    assert [photo.shape[:2] for photo in shrunk] == [(60, 80), (120, 60), (20, 30)]
    assert read_photos(tmp_path, 9)[0].shape == (300, 400, 3)
    given = [np.zeros((300, 400, 3), np.uint8)]
    assert read_photos(given, 9, (60, 60))[0] is given[0]


def test_importing_the_function_imports_no_tensorflow():
    code = (
        "import sys; from tfmatting.exporting.export import export\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
