"""Exported models that are programs: they may compute, and neither read nor write files."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fuzz import seeds
from tfmatting.errors import TfmattingError
from tfmatting.inference import load

PHOTO = np.full((8, 8, 3), 90, np.uint8)


@pytest.fixture
def saved(tmp_path):
    """Writes a SavedModel of a function of the photo."""
    tf = pytest.importorskip("tensorflow")

    def write(compute):
        module = tf.Module()
        image = tf.TensorSpec([1, 8, 8, 3], tf.float32, "image")
        module.serve = tf.function(lambda image: {"alpha": compute(tf, image)}, [image])
        tf.saved_model.save(module, str(tmp_path / "model"), module.serve)
        return tmp_path / "model"

    return write


def test_a_saved_model_that_computes(saved):
    path = saved(lambda tf, image: tf.reduce_mean(image, -1, keepdims=True) / 255)
    np.testing.assert_allclose(load(path, refine=False).alpha(PHOTO), 90 / 255, atol=1e-5)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("what", ["writes", "reads", "prints", "python"])
def test_a_saved_model_with_files(tmp_path, saved, what, nested):
    target = tmp_path / "written"

    def evil(tf, image):
        alpha = tf.reduce_mean(image, -1, keepdims=True)
        if what == "writes":
            with tf.control_dependencies([tf.io.write_file(str(target), "evil")]):
                return tf.identity(alpha)
        if what == "reads":
            text = tf.io.read_file("/etc/passwd")
            return alpha + tf.cast(tf.strings.length(text), tf.float32)
        if what == "prints":
            tf.print("evil", output_stream=f"file://{target}")
            return alpha
        return tf.numpy_function(lambda x: x, [alpha], tf.float32)

    def inside(tf, image):
        return tf.cond(image[0, 0, 0, 0] > -1, lambda: evil(tf, image), lambda: image[..., :1])

    path = saved(inside if nested else evil)
    with pytest.raises(TfmattingError, match="neither reads nor writes"):
        load(path)
    assert not target.exists()


def test_an_onnx_file_with_its_weights_in_another_file(tmp_path):
    onnx = pytest.importorskip("onnx")
    from tfmatting.checkpoints.modnet_onnx import read_modnet_onnx

    (tmp_path / "secret").write_bytes(np.ones(3, np.float32).tobytes())
    (tmp_path / "models").mkdir()
    for number, place in enumerate(("../secret", str(tmp_path / "secret"), "/etc/passwd")):
        model = onnx.load_from_string(seeds.stored("onnx"))
        weight = model.graph.initializer[0]
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        for key, value in {"location": place, "offset": "0", "length": "12"}.items():
            entry = weight.external_data.add()
            entry.key, entry.value = key, value
        path = tmp_path / "models" / f"{number}.onnx"
        path.write_bytes(model.SerializeToString())
        for read in (load, read_modnet_onnx):
            with pytest.raises(TfmattingError, match=path.name):
                read(path)
