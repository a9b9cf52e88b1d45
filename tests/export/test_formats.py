"""Every cell of the table: written, loaded back, compared; at a second size, too."""

import subprocess
import sys
import zipfile

import cv2
import flatbuffers
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmatting import build, load, load_model, save_model
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.exporter import compare, write_verified
from tfmatting.exporting.formats import (
    FORMATS,
    PRECISIONS,
    cells,
    check_cell,
    find_format,
)
from tfmatting.exporting.inputs import input_batches
from tfmatting.exporting.report import ExportMismatchError
from tfmatting.exporting.tflite.flatbuffer import read_tree
from tfmatting.exporting.tflite.metadata import model_metadata
from tfmatting.exporting.tflite.writer import representative_batches
from tfmatting.exporting.writers import WRITERS
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models import REGISTRY

CELLS = [(name, precision) for name, entry in FORMATS.items() for precision in entry.tolerances]
LENGTHY = ("dynamic", "int16x8", "mixed")
PHOTOS = [source.load().image for source in sample_listing(6, seed=2, size=(90, 70)).sources]


def exported(model, path, name, precision="float32"):
    """Write one cell of the matrix and return the comparison."""
    cell = check_cell(model.name, FORMATS[name], precision)
    return write_verified(model, path, cell, calibration=PHOTOS, checks=PHOTOS)


@pytest.mark.parametrize(
    ("name", "precision"),
    [pytest.param(*cell, marks=[pytest.mark.slow] * (cell[1] in LENGTHY)) for cell in CELLS],
)
def test_a_cell_gives_the_keras_models_alpha(tmp_path, tiny_tnet, plain_tnet, name, precision):
    path = tmp_path / f"model{FORMATS[name].suffix}"
    # blobFromImage has one scale for all channels, and the mobile form has three
    model = plain_tnet if FORMATS[name].preprocessing == "external" else tiny_tnet
    comparison = exported(model, path, name, precision)
    assert comparison.images == 6
    assert comparison.mean_difference <= FORMATS[name].tolerances[precision]
    assert comparison.largest_difference > 0 or precision == "float32"
    written = {path, path.with_suffix(".pbtxt")} if path.suffix == ".pb" else {path}
    assert set(tmp_path.iterdir()) == written


@pytest.fixture(scope="module")
def plain_tnet():
    """The original form of T-Net, small, whose pixels have one scale."""
    keras.utils.set_random_seed(3)
    return build("tnet", (64, 96), width=0.25, stem_stride=2)


def test_every_row_has_its_code():
    assert list(WRITERS) == list(FORMATS)


def test_the_table_needs_no_tensorflow():
    """In a fresh process where TensorFlow and Keras cannot be imported."""
    code = (
        "import sys; sys.modules |= dict.fromkeys(('tensorflow', 'keras'))\n"
        "from tfmatting.exporting.formats import FORMATS; print(*FORMATS)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.split() == list(FORMATS), result.stderr


def test_the_command_line_selects_each_row():
    for row in FORMATS.values():
        assert find_format(row.format, row.preprocessing) is row
    with pytest.raises(ValueError, match="saved_model, pb, onnx, tflite"):
        find_format("coreml")
    with pytest.raises(ValueError, match="Only pb leaves.*Received: onnx"):
        find_format("onnx", "external")
    with pytest.raises(ValueError, match="inside or external. Received: 'outside'"):
        find_format("pb", "outside")


def test_every_cell_of_the_matrix_has_a_tolerance_or_a_reason():
    matrix = list(cells(tuple(REGISTRY)))
    assert len(matrix) == len(REGISTRY) * len(FORMATS) * len(PRECISIONS)
    for cell in matrix:
        assert (cell.tolerance is None) == bool(cell.refusal)


def test_opencv_and_onnx_runtime_agree_on_an_onnx_file(tmp_path, tiny_tnet):
    path = tmp_path / "m.onnx"
    exported(tiny_tnet, path, "onnx")
    batch = input_batches(tiny_tnet, PHOTOS[:1])[0]
    net = cv2.dnn.readNetFromONNX(str(path))
    net.setInput(batch["image"].astype(np.float32), "image")
    expected = open_runtime(path).run(batch)["alpha"]
    np.testing.assert_allclose(net.forward("alpha"), expected, atol=1e-4)


def test_serving_takes_photos_of_any_size_and_encoded_ones(tmp_path, tiny_tnet):
    path = tmp_path / "served"
    exported(tiny_tnet, path, "saved_model")
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
        in_a_list = served.signatures["encoded"](image=tf.constant([data]))["alpha"]
        assert np.array_equal(in_a_list, alpha)


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
    exported(model, path, "tflite")
    assert open_runtime(path).input_size == (96, 32)


def test_the_comparison_fails_on_another_models_file(tmp_path, tiny_tnet, tiny_tflite):
    keras.utils.set_random_seed(9)
    other = build("tnet", (64, 96), width=0.25, stem_stride=2)
    runtime = open_runtime(tiny_tflite)
    difference = compare(other, runtime, PHOTOS).mean_difference
    assert difference > FORMATS["tflite"].tolerances["int8"]


def test_a_mismatch_removes_the_file(tmp_path, tiny_tnet, monkeypatch):
    monkeypatch.setitem(FORMATS["tflite"].tolerances, "int8", 0.0)
    path = tmp_path / "m.tflite"
    with pytest.raises(ExportMismatchError, match="removed"):
        exported(tiny_tnet, path, "tflite", "int8")
    assert not list(tmp_path.iterdir())


def test_int8_files_are_integer_throughout_and_take_plain_pixels(tmp_path, tiny_tnet):
    from ai_edge_litert.interpreter import Interpreter

    path = tmp_path / "m.tflite"
    exported(tiny_tnet, path, "tflite", "int8")
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
    compact, plain = (tmp_path / f"{name}.tflite" for name in ("compact", "plain"))
    writer.write_tflite(tiny_tnet, compact, "int8", batches)
    monkeypatch.setattr(flatbuffer, "_SharingBuilder", flatbuffers.Builder)
    plain.write_bytes(flatbuffer.write_tree(flatbuffer.read_tree(compact.read_bytes())))
    assert compact.stat().st_size < 0.93 * plain.stat().st_size
    outputs = [open_runtime(path).run(batches[0])["alpha"] for path in (compact, plain)]
    assert np.array_equal(*outputs)


def test_calibration_covers_the_whole_range_of_pixels():
    first, second = representative_batches([{"image": np.full((1, 4, 4, 3), 90, np.uint8)}] * 2)
    assert first["image"].min() == 0 and first["image"].max() == 255
    assert (second["image"] == 90).all()


def test_cells_that_do_not_exist_are_refused(tmp_path, tiny_tnet):
    tflite = FORMATS["tflite"]
    with pytest.raises(ValueError, match="No precision 'int4'"):
        check_cell("tnet", tflite, "int4")
    with pytest.raises(ValueError, match="no int8 onnx of tnet: TensorRT and ATC.*has: float32"):
        check_cell("tnet", FORMATS["onnx"], "int8")
    path = tmp_path / "m.tflite"
    with pytest.raises(ValueError, match="calibration photos"):
        int8 = check_cell("tnet", tflite, "int8")
        write_verified(tiny_tnet, path, int8, calibration=[], checks=PHOTOS)
    with pytest.raises(ValueError, match="at least one photo"):
        float32 = check_cell("tnet", tflite, "float32")
        write_verified(tiny_tnet, path, float32, calibration=[], checks=[])
    assert not list(tmp_path.iterdir())
