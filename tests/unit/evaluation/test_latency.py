import json
import time

import numpy as np
import pytest

from tfmatting.evaluation import latency
from tfmatting.evaluation.latency import measure, table
from tfmatting.evaluation.latency_picture import write_bars
from tfmatting.evaluation.memory import peak_memory
from tfmatting.imaging.io import read_image


class Sleeper:
    """A runtime that takes a known time."""

    input_size, input_names = (8, 8), ("image",)

    def __init__(self, seconds):
        self.seconds = seconds

    def run(self, inputs):
        time.sleep(self.seconds)
        return {"alpha": np.zeros((1, 8, 8, 1), np.float32)}


@pytest.fixture
def sleepers(monkeypatch, tmp_path):
    """Files whose names say how many milliseconds they take."""
    paths = [tmp_path / f"{name}.tflite" for name in (4, 20)]
    for path in paths:
        path.write_bytes(b"x" * 1000)
    monkeypatch.setattr(latency, "open_network", lambda path, *_: Sleeper(float(path.stem) / 1000))
    monkeypatch.setattr(latency, "peak_memory", lambda *_: 12.0)
    return paths


def test_medians_are_ratios_to_the_first(sleepers):
    first, second = measure(sleepers, rounds=5)
    assert first.low >= 4 and first.ratio == 1
    assert second.low >= 20 and second.ratio == second.median / first.median > 1.5
    assert (first.height, first.width, first.megabytes) == (8, 8, 0.001)
    assert "20.tflite" in table([first, second])


def test_a_photo_is_timed_from_its_own_size(sleepers, monkeypatch):
    sizes = []
    monkeypatch.setattr(
        latency.Predictor, "alpha", lambda self, image: sizes.append(image.shape) or 0
    )
    measure(sleepers[:1], photo=np.zeros((40, 30, 3), np.uint8), rounds=2)
    assert set(sizes) == {(40, 30, 3)}


def test_memory_is_that_of_a_process_of_its_own(tiny_tflite):
    assert 20 < peak_memory(tiny_tflite) < 1000


def test_the_command_writes_figures_and_a_picture(command, tmp_path, tiny_tflite):
    words = ("benchmark", "--model", tiny_tflite, "portrait", "--rounds", 2, "--threads", 1)
    code, out, err = command(*words, "--json", tmp_path / "b.json", "-o", tmp_path / "b.png")
    assert code == 0, err
    assert "tiny.tflite" in out and "portrait " in out
    entries = json.loads((tmp_path / "b.json").read_text())
    assert [entry["model"] for entry in entries] == ["tiny.tflite", "portrait"]
    assert entries[0]["ratio"] == 1 and entries[0]["memory"] > 20
    picture = read_image(tmp_path / "b.png")
    assert picture.min() < 100 < picture.max()


def test_bars_need_a_picture_name(sleepers, tmp_path):
    results = measure(sleepers, rounds=2)
    with pytest.raises(ValueError):
        write_bars(results, tmp_path / "b.nothing")
    assert not (tmp_path / "b.nothing").exists()


def test_how_to_time_a_phone(command):
    code, out, _ = command("benchmark", "--device", "adb")
    assert code == 0 and "benchmark_model" in out


def test_an_unknown_model_is_refused(command):
    code, _, err = command("benchmark", "--model", "nothing.tflite")
    assert code == 2 and "No model at nothing.tflite" in err
