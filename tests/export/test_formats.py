"""Every cell of the table: written, loaded back, compared; at a second size, too."""

import zipfile
from pathlib import Path

import cv2
import flatbuffers
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting import build, load, load_model, save_model
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.exporter import ExportMismatchError, compare, export
from tfmatting.exporting.formats import (
    FORMATS,
    PRECISIONS,
    cells,
    check_cell,
    markdown_table,
)
from tfmatting.exporting.inputs import input_batches
from tfmatting.exporting.tflite.flatbuffer import read_tree
from tfmatting.exporting.tflite.metadata import model_metadata
from tfmatting.exporting.tflite.writer import representative_batches
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models import REGISTRY

CELLS = [(name, precision) for name, entry in FORMATS.items() for precision in entry.tolerances]
PHOTOS = [source.load().image for source in sample_listing(6, seed=2, size=(90, 70)).sources]


@pytest.mark.parametrize(("name", "precision"), CELLS)
def test_a_cell_gives_the_keras_models_alpha(tmp_path, tiny_tnet, name, precision):
    path = tmp_path / f"model{FORMATS[name].suffix}"
    comparison = export(
        tiny_tnet, path, format_name=name, precision=precision, calibration=PHOTOS, checks=PHOTOS
    )
    assert comparison.images == 6
    assert comparison.mean_difference <= FORMATS[name].tolerances[precision]
    assert comparison.largest_difference > 0 or precision == "float32"
    written = {path, path.with_suffix(".pbtxt")} if name == "pb" else {path}
    assert set(tmp_path.iterdir()) == written


def test_every_cell_of_the_matrix_has_a_tolerance_or_a_reason():
    matrix = list(cells(tuple(REGISTRY)))
    assert len(matrix) == len(REGISTRY) * len(FORMATS) * len(PRECISIONS)
    for cell in matrix:
        assert (cell.tolerance is None) == bool(cell.refusal)


def test_the_readme_shows_the_table():
    readme = Path(__file__).parents[2] / "README.md"
    assert markdown_table() in readme.read_text(encoding="utf-8")


def test_opencv_and_onnx_runtime_agree_on_an_onnx_file(tmp_path, tiny_tnet):
    path = tmp_path / "m.onnx"
    export(tiny_tnet, path, format_name="onnx", precision="float32", calibration=[], checks=PHOTOS)
    batch = input_batches(tiny_tnet, PHOTOS[:1])[0]
    net = cv2.dnn.readNetFromONNX(str(path))
    net.setInput(batch["image"].astype(np.float32), "image")
    expected = open_runtime(path).run(batch)["alpha"]
    np.testing.assert_allclose(net.forward("alpha"), expected, atol=1e-4)


def test_serving_takes_photos_of_any_size_and_encoded_ones(tmp_path, tiny_tnet):
    path = tmp_path / "served"
    export(
        tiny_tnet, path, format_name="saved_model", precision="float32",
        calibration=[], checks=PHOTOS[:1],
    )  # fmt: skip
    served = tf.saved_model.load(str(path))
    photos = np.stack([cv2.resize(photo, (150, 110)) for photo in PHOTOS[:2]])
    alphas = served.signatures["photos"](image=tf.constant(photos))["alpha"].numpy()
    assert alphas.shape == (2, 110, 150, 1) and alphas.min() >= 0 and alphas.max() <= 1
    ours = load(tiny_checkpoint_of(tiny_tnet, tmp_path), refine=False).alpha(photos[0])
    assert np.abs(alphas[0, ..., 0] - ours).mean() < 0.02  # another averaging when shrinking
    for suffix in (".png", ".jpg"):
        data = cv2.imencode(suffix, photos[0][..., ::-1])[1].tobytes()
        alpha = served.signatures["encoded"](image=tf.constant(data))["alpha"].numpy()
        assert alpha.shape == (1, 110, 150, 1)
        assert np.abs(alpha[0] - alphas[0]).mean() < (1e-6 if suffix == ".png" else 0.05)


def tiny_checkpoint_of(model, folder):
    save_model(model, folder / "tiny.keras")
    return folder / "tiny.keras"


def test_a_file_of_a_fixed_size_refuses_another(tiny_tflite):
    with pytest.raises(ValueError, match="exported for 64x96"):
        open_runtime(tiny_tflite, input_size=(96, 96))


def test_a_tflite_file_says_what_it_is(tiny_tflite, tiny_tnet):
    data = tiny_tflite.read_bytes()
    with zipfile.ZipFile(tiny_tflite) as archive:
        assert archive.read("labels.txt") == b"person\n"
    tree = read_tree(data)
    entry = next(entry for entry in tree.metadata if entry.name == b"TFLITE_METADATA")
    written = bytes(tree.buffers[entry.buffer].data)
    assert written[4:8] == b"M001"
    assert written == model_metadata(tiny_tnet)
    for text in (b"tfmatting tnet", b"Apache-2.0", b"alpha", b"labels.txt"):
        assert text in written


def test_what_is_no_tflite_file_is_refused():
    with pytest.raises(ValueError, match="Not a TFLite file"):
        read_tree(b"nothing of the kind")


def test_a_second_size(tmp_path, tiny_checkpoint):
    model = load_model(tiny_checkpoint, input_size=(96, 32))
    path = tmp_path / "m.tflite"
    export(model, path, format_name="tflite", precision="float32", calibration=[], checks=PHOTOS)
    assert open_runtime(path).input_size == (96, 32)


def test_the_comparison_fails_on_another_models_file(tmp_path, tiny_tnet, tiny_tflite):
    keras.utils.set_random_seed(9)
    other = build("tnet", (64, 96), width=0.25, stem_stride=2)
    runtime = open_runtime(tiny_tflite)
    difference = compare(other, runtime, PHOTOS, 1e-3, 0.0).mean_difference
    assert difference > FORMATS["tflite"].tolerances["int8"]


def test_a_mismatch_removes_the_file(tmp_path, tiny_tnet, monkeypatch):
    monkeypatch.setitem(FORMATS["tflite"].tolerances, "int8", 0.0)
    path = tmp_path / "m.tflite"
    with pytest.raises(ExportMismatchError, match="removed"):
        export(
            tiny_tnet, path, format_name="tflite", precision="int8",
            calibration=PHOTOS, checks=PHOTOS,
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_int8_files_are_integer_throughout_and_take_plain_pixels(tmp_path, tiny_tnet):
    from ai_edge_litert.interpreter import Interpreter

    path = tmp_path / "m.tflite"
    export(
        tiny_tnet, path, format_name="tflite", precision="int8", calibration=PHOTOS, checks=PHOTOS
    )
    interpreter = Interpreter(str(path))
    detail = interpreter.get_signature_runner().get_input_details()["image"]
    assert detail["dtype"] == np.uint8
    scale, zero_point = detail["quantization"]
    assert scale == pytest.approx(1.0) and zero_point == 0
    kinds = {tensor["dtype"] for tensor in interpreter.get_tensor_details()}
    assert kinds <= {np.int8, np.uint8, np.int32}


def test_compaction_shrinks_and_changes_no_number(tmp_path, tiny_tnet, monkeypatch):
    from tfmatting.exporting.tflite import flatbuffer, writer

    batches = input_batches(tiny_tnet, PHOTOS)
    for name in ("compact", "plain"):
        if name == "plain":
            monkeypatch.setattr(flatbuffer, "_SharingBuilder", flatbuffers.Builder)
        writer.write_tflite(tiny_tnet, tmp_path / f"{name}.tflite", "int8", batches)
    compact, plain = (tmp_path / f"{name}.tflite" for name in ("compact", "plain"))
    assert compact.stat().st_size < 0.93 * plain.stat().st_size
    outputs = [open_runtime(path).run(batches[0])["alpha"] for path in (compact, plain)]
    assert np.array_equal(*outputs)


def test_calibration_covers_the_whole_range_of_pixels():
    first, second = representative_batches([{"image": np.full((1, 4, 4, 3), 90, np.uint8)}] * 2)
    assert first["image"].min() == 0 and first["image"].max() == 255
    assert (second["image"] == 90).all()


def test_cells_that_do_not_exist_and_wrong_names_are_refused(tmp_path, tiny_tnet):
    with pytest.raises(ValueError, match="saved_model, pb, onnx, tflite"):
        check_cell("tnet", "coreml", "float32")
    with pytest.raises(ValueError, match="No precision 'int4'"):
        check_cell("tnet", "tflite", "int4")
    with pytest.raises(ValueError, match="no int8 onnx of tnet: TensorRT and ATC.*has: float32"):
        check_cell("tnet", "onnx", "int8")
    options = {"precision": "float32", "calibration": [], "checks": PHOTOS}
    with pytest.raises(ValueError, match=r"ending in .tflite"):
        export(tiny_tnet, tmp_path / "m.pb", format_name="tflite", **options)
    with pytest.raises(ValueError, match="calibration photos"):
        export(
            tiny_tnet, tmp_path / "m.tflite", format_name="tflite",
            **{**options, "precision": "int8"},
        )  # fmt: skip
    assert not list(tmp_path.iterdir())
