"""The peer's interface, with a stand-in for its file."""

import types

import numpy as np
import pytest

from tfmatting.evaluation.evaluate import evaluate
from tfmatting.evaluation.selfie import SelfieSegmenter


class Interpreter:
    """Says that what is red is a person."""

    side = 256

    def __init__(self, path, num_threads):
        self.mask = None

    def allocate_tensors(self):
        pass

    def get_input_details(self):
        return [{"shape": np.array([1, self.side, self.side, 3]), "index": 0}]

    def get_output_details(self):
        return [{"shape": np.array([1, self.side, self.side, 1]), "index": 1}]

    def set_tensor(self, index, value):
        assert index == 0 and value.shape == (1, 256, 256, 3) and value.dtype == np.float32
        self.mask = value[..., :1]

    def invoke(self):
        pass

    def get_tensor(self, index):
        assert index == 1
        return self.mask


@pytest.fixture
def file(tmp_path, monkeypatch):
    fake = types.SimpleNamespace(Interpreter=Interpreter)
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", fake)
    (tmp_path / "selfie.tflite").write_bytes(b"weights")
    return tmp_path / "selfie.tflite"


def test_a_photo_of_any_size_gets_a_mask_of_its_size(file):
    photo = np.zeros((90, 130, 3), np.uint8)
    photo[20:60, 40:100, 0] = 255
    alpha = SelfieSegmenter(file).alpha(photo)
    assert alpha.shape == (90, 130) and alpha.dtype == np.float32
    assert alpha[25:55, 45:95].min() > 0.99 and alpha[:15].max() == 0
    with pytest.raises(TypeError, match="uint8"):
        SelfieSegmenter(file).alpha(photo / 255)


def test_it_is_judged_as_a_model_is(file, pairs):
    assert 0 < evaluate(SelfieSegmenter(file), pairs).means["mad"] < 1


def test_other_files_are_refused(file, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="No model"):
        SelfieSegmenter(tmp_path / "none.tflite")
    monkeypatch.setattr(Interpreter, "side", 192)
    with pytest.raises(ValueError, match="192"):
        SelfieSegmenter(file)


def test_a_real_file_of_another_model_is_refused(tiny_tflite):
    with pytest.raises(ValueError, match="selfie model maps"):
        SelfieSegmenter(tiny_tflite)
