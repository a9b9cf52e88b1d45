"""The linter names the culprits: half-pixel corners, mirrored padding, a dynamic batch, floats."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tfmatting import build
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError
from tfmatting.exporting.compatibility.graph_def import read_nodes
from tfmatting.exporting.compatibility.lint import lint
from tfmatting.exporting.compatibility.targets import TARGETS, ONNXTarget
from tfmatting.exporting.export import export
from tfmatting.exporting.exporter import write_verified
from tfmatting.exporting.formats import FORMATS, check_cell
from tfmatting.exporting.graph.frozen_graph import write_frozen_graph
from tfmatting.models.registry import REGISTRY
from tfmatting.models.variants import with_edge_tpu_corners

PHOTOS = [source.load().image for source in sample_listing(4, seed=2, size=(90, 70)).sources]


def int8_file(function, path, batch=1):
    """Quantize a function of [batch, 16, 16, 4]."""
    concrete = tf.function(function).get_concrete_function(
        tf.TensorSpec((batch, 16, 16, 4), tf.float32)
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [np.random.default_rng(i).random((1, 16, 16, 4)).astype(np.float32)] for i in range(4)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path.write_bytes(converter.convert())
    return path


KERNEL = np.random.default_rng(1).normal(size=(3, 3, 4, 4)).astype(np.float32)


def convolved(x):
    return tf.nn.conv2d(x, KERNEL, 1, "SAME")


def enlarged(x, half_pixel):
    larger = tf.raw_ops.ResizeBilinear(
        images=convolved(x), size=(32, 32), half_pixel_centers=half_pixel,
        align_corners=not half_pixel,
    )  # fmt: skip
    return convolved(larger)


def mirrored(x):
    return convolved(tf.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]], "SYMMETRIC"))


CULPRITS = {
    "half-pixel": (lambda x: enlarged(x, True), 1, "RESIZE_BILINEAR", "half-pixel corners"),
    "mirror": (mirrored, 1, "MIRROR_PAD", "not in the published list"),
    "dynamic": (convolved, None, "CONV_2D", "dynamic shape [-1"),
}


@pytest.mark.parametrize("name", CULPRITS)
def test_culprits_are_named(tmp_path, command, name):
    function, batch, kind, reason = CULPRITS[name]
    path = int8_file(function, tmp_path / "m.tflite", batch)
    report = lint(path)
    assert not report.ready
    assert any(item.kind == kind and reason in item.reason for item in report.refused)
    code, out, _ = command("lint", path, "--target", "edgetpu")
    assert code == 1 and kind in out and reason in out and "not ready" in out


def test_the_same_enlargement_with_aligned_corners_maps(tmp_path):
    report = lint(int8_file(lambda x: enlarged(x, False), tmp_path / "m.tflite"))
    assert report.ready and report.refused == [] and report.host_work == 0
    work = sum(operator.work for operator in report.operators)
    assert work == 3 * 3 * 4 * 4 * (16 * 16 + 32 * 32)


@pytest.fixture(scope="module")
def aligned_tnet(tiny_tnet):
    return with_edge_tpu_corners(tiny_tnet)


def test_a_tnet_for_the_edge_tpu_is_ready_but_for_its_softmax(tmp_path, aligned_tnet, command):
    import keras

    size = (128, 128)  # at less than 16,000 scores the softmax maps, too
    keras.utils.set_random_seed(1)
    large = build("tnet", size, width=0.25, stem_stride=2)
    path = tmp_path / "m.tflite"
    cell = check_cell("tnet", FORMATS["tflite"], "int8")
    write_verified(large, path, cell, calibration=PHOTOS, checks=PHOTOS)
    report = lint(path)
    assert report.ready and 0 < report.host_work < 0.01
    assert [item.kind for item in report.refused if not item.follows] == ["SOFTMAX"]
    code, out, _ = command("lint", path)
    verdict = "ready, with 3 small operators on the host, by the published list; not tested"
    assert code == 0 and verdict in out


def test_a_float_file_is_not_for_the_edge_tpu_and_is_for_phones(tiny_tflite):
    report = lint(tiny_tflite)
    assert not report.ready and report.host_work == 1
    assert any("float32 tensor" in operator.reason for operator in report.refused)
    assert lint(tiny_tflite, "gpu").ready and lint(tiny_tflite, "nnapi").ready


@pytest.mark.slow
def test_export_for_the_edge_tpu(tmp_path, command, tiny_checkpoint):
    path = tmp_path / "m.tflite"
    words = ("export", "--weights", tiny_checkpoint, "--target", "edgetpu", "--output", path)
    code, _, err = command(*words)
    assert code == 2 and "int8 only" in err and not path.exists()
    code, out, err = command(*words, "--precision", "int8")
    assert code == 0, err
    assert "align corners now" in out
    assert lint(path).ready


def test_aligned_corners_keep_all_weights(tiny_tnet, aligned_tnet):
    assert aligned_tnet.matting_config.corner == "align_corners"
    for ours, theirs in zip(aligned_tnet.weights, tiny_tnet.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert with_edge_tpu_corners(aligned_tnet) is aligned_tnet
    with pytest.raises(ValueError, match="no option 'corner'"):
        with_edge_tpu_corners(build("modnet", (32, 32)))


@pytest.mark.parametrize("name", REGISTRY)
def test_every_model_but_modnet_has_a_form_for_the_edge_tpu(name):
    assert hasattr(REGISTRY[name].config, "corner") == (name != "modnet")


def test_a_model_without_that_form_is_refused_with_the_remedy(tmp_path):
    fault = r"align corners\. Received: modnet, .* Export another model, such as a T-Net\."
    with pytest.raises(InputError, match=fault):
        export(build("modnet", (32, 32)), tmp_path / "m.tflite", precision="int8", target="edgetpu")


def test_what_is_no_tflite_file_is_refused(tmp_path, command):
    path = tmp_path / "x.tflite"
    path.write_bytes(b"nothing of the kind")
    code, _, err = command("lint", path)
    assert code == 2 and "Not a TFLite file" in err
    with pytest.raises(ValueError, match="No target 'hexagon'. Known: edgetpu, gpu, nnapi"):
        lint(path, "hexagon")
    with pytest.raises(FileNotFoundError, match=r"none\.tflite"):
        lint(tmp_path / "none.tflite")


@pytest.mark.parametrize(
    "target", [name for name, target in TARGETS.items() if isinstance(target, ONNXTarget)]
)
def test_an_onnx_file_and_what_a_compiler_would_not_take(tmp_path, command, target):
    def saved(name, operator, opset=17, **attributes):
        node = onnx.helper.make_node(operator, ["x"] + ["", "s"] * (operator == "Resize"), ["y"],
                                     **attributes)  # fmt: skip
        scale = onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "s")
        values = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (1, 1, None, None))
            for name in "xy"
        ]
        graph = onnx.helper.make_graph([node], "g", values[:1], values[1:], [scale])
        opsets = [onnx.helper.make_opsetid("", opset)]
        onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), name)
        return name

    words = ("--target", target)
    code, out, _ = command("lint", saved(tmp_path / "a.onnx", "Sigmoid"), *words)
    assert code == 0 and "1 of 1 operators map" in out and "ready, by the" in out
    code, out, _ = command("lint", saved(tmp_path / "b.onnx", "Det"), *words)
    assert code == 1 and "not in the published list" in out
    code, out, _ = command("lint", saved(tmp_path / "c.onnx", "Sigmoid", 20), *words)
    assert code == 1 and "opset 20; the newest taken is" in out
    code, out, _ = command("lint", saved(tmp_path / "d.onnx", "Resize", mode="cubic"), *words)
    assert code == 1 and "mode cubic; taken are linear, nearest" in out
    (tmp_path / "e.onnx").write_bytes(b"no graph")
    code, _, err = command("lint", tmp_path / "e.onnx", *words)
    assert code == 2 and "Not an ONNX file" in err
    code, _, err = command("lint", tmp_path / "e.tflite", *words)
    assert code == 2 and "reads .onnx files" in err


def frozen(path, function, size=(1, 16, 16, 4)):
    """Freeze a function of an image into a `.pb`."""
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(size, tf.float32))
    path.write_bytes(
        convert_variables_to_constants_v2(concrete).graph.as_graph_def().SerializeToString()
    )
    return path


def normalized_as_in_training(x):
    ones = tf.ones(4)
    return tf.raw_ops.FusedBatchNormV3(
        x=x, scale=ones, offset=ones, mean=[], variance=[], is_training=True
    )[0]


GRAPHS = {
    "opencv": (lambda x: tf.math.cumsum(convolved(x), 1), "Cumsum", "not in the published list"),
    "litert": (lambda x: tf.math.lgamma(convolved(x)), "Lgamma", "not in the published list"),
    "training": (normalized_as_in_training, "FusedBatchNormV3", "as in training"),
    "size": (
        lambda x: tf.raw_ops.ResizeBilinear(images=x, size=2 * tf.shape(x)[1:3]),
        "ResizeBilinear",
        "must be a constant",
    ),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_what_a_reader_of_graphs_lacks_is_named(tmp_path, command, name):
    function, kind, reason = GRAPHS[name]
    target = name if name in TARGETS else "opencv"
    size = (1, None, None, 4) if name == "size" else (1, 16, 16, 4)
    path = frozen(tmp_path / "m.pb", function, size)
    report = lint(path, target)
    assert any(item.kind == kind and reason in item.reason for item in report.refused)
    code, out, _ = command("lint", path, "--target", target)
    assert code == 1 and kind in out and reason in out
    assert lint(frozen(path, convolved), target).ready


def test_our_own_graph_is_ready_and_what_is_none_is_refused(tmp_path, command, tiny_tnet):
    path = tmp_path / "m.pb"
    write_frozen_graph(tiny_tnet, path, "float32", [])
    nodes = tf.compat.v1.GraphDef.FromString(path.read_bytes()).node
    read = read_nodes(path.read_bytes())
    assert [(node.name, node.op) for node in nodes] == [(n.name, n.operator) for n in read]
    assert [tuple(node.input) for node in nodes] == [n.inputs for n in read]
    code, out, _ = command("lint", path)
    assert code == 0 and "OpenCV" in out and "ready, by the" in out
    for data in (b"", b"no graph", path.read_bytes()[:-7]):
        path.write_bytes(data)
        code, _, err = command("lint", path)
        assert code == 2 and "Not a frozen TensorFlow graph" in err and err.count("\n") == 1


def test_neither_kind_of_file_needs_tensorflow(tmp_path, tiny_tflite):
    """In a fresh process where TensorFlow and Keras cannot be imported."""
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Sigmoid", ["x"], ["y"])
    ends = [[value(name, onnx.TensorProto.FLOAT, (1, 1, 4, 4))] for name in "xy"]
    graph = onnx.helper.make_graph([node], "g", *ends)
    opsets = [onnx.helper.make_opsetid("", 17)]
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "m.onnx"
    )
    code = (
        "import sys; sys.modules |= dict.fromkeys(('tensorflow', 'keras', 'skimage'))\n"
        "from tfmatting.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    for path, target in ((tiny_tflite, "gpu"), (tmp_path / "m.onnx", "tensorrt")):
        result = subprocess.run(
            [sys.executable, "-c", code, "lint", path, "--target", target],
            capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        assert "ready, by the published list" in result.stdout
