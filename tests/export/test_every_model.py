"""Every model of the registry, small and with random weights, through the formats."""

import gc

import keras
import numpy as np
import pytest

from tests.networks import settle
from tfmatting import build, load
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.compatibility.lint import lint
from tfmatting.exporting.compatibility.targets import TARGETS
from tfmatting.exporting.exporter import compare, write_verified
from tfmatting.exporting.formats import EXCEPTIONS, FORMATS, cells, check_cell
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models import REGISTRY
from tfmatting.models.lfm import LIGHT
from tfmatting.models.variants import ONE_SIZE, with_any_size

SMALL = {
    "tnet": ((64, 96), {}),
    "lfm": ((64, 96), LIGHT),
    "unet": ((32, 48), {"width": 0.125}),
    "deeplab_v3": ((32, 48), {"encoder": "mobilenet_v3_large", "output_stride": 16}),
    "deeplab_v3_plus": ((32, 48), {"width": 0.5}),
    "modnet": ((64, 96), {}),
}
OTHERS = {
    "deeplab_v3": ((32, 40), {}),
    "deeplab_v3_plus": ((32, 48), {"encoder": "xception", "output_stride": 8}),
    "unet": ((32, 48), {"width": 0.125, "bilinear": True, "classes": 1}),
}
PHOTOS = [source.load().image for source in sample_listing(4, seed=2, size=(90, 70)).sources]
CELLS = [(cell.format.name, cell.precision) for cell in cells(("tnet",)) if cell.tolerance]
"""Every cell that has a file; `test_formats` looks at those that have none."""
OWN_SCALES = ("deeplab_v3",)
"""Models that divide each channel by a number of its own, which blobFromImage cannot do."""
RARE = ("float16", "int8_weights", "dynamic", "int16x8", "mixed")
RANDOM_NORMS = {"dynamic": 0.03, "int8": 0.1, "mixed": 0.1}
"""What MODNet may differ by with random weights: its instance norms enlarge noise without bound,
and its alpha is noise of the whole range. Trained, it keeps to the table (see the README)."""


def settled(name, size, options):
    """A model whose batch-norm statistics are those of noise."""
    keras.utils.set_random_seed(3)
    model = build(name, size, **options)
    settle(model, 4)
    return model


QUICK = ("unet",)
"""`test_formats` puts the smallest T-Net through every cell; the larger models are slow."""
ROWS = [
    pytest.param(
        name, marks=[pytest.mark.xdist_group(name)] + [pytest.mark.slow] * (name not in QUICK)
    )
    for name in REGISTRY
]
"""One worker makes a model, for all of its files."""


@pytest.fixture(scope="module", params=ROWS)
def model(request):
    return settled(request.param, *SMALL[request.param])


@pytest.fixture(autouse=True)
def freed():
    """Graphs refer to themselves and hold all weights: without this they add up to gigabytes."""
    yield
    gc.collect()


def exported(model, folder, name, precision):
    path = folder / f"model{FORMATS[name].suffix}"
    cell = check_cell(model.name, FORMATS[name], precision)
    return path, write_verified(model, path, cell, calibration=PHOTOS, checks=PHOTOS)


def refused_for_its_scales(model, folder, name):
    """Whether the client cannot normalise for this model; the export must say so then."""
    if name != "pb_external" or model.name not in OWN_SCALES:
        return False
    with pytest.raises(ValueError, match="one scale for all channels"):
        exported(model, folder, name, "float32")
    return True


@pytest.mark.parametrize(
    ("name", "precision"),
    [pytest.param(*cell, marks=[pytest.mark.slow] * (cell[1] in RARE)) for cell in CELLS],
)
def test_an_export_gives_the_keras_models_alpha(model, tmp_path, monkeypatch, name, precision):
    if model.name == "modnet" and precision in RANDOM_NORMS:
        monkeypatch.setitem(EXCEPTIONS, (model.name, name, precision), RANDOM_NORMS[precision])
    if model.name == "deeplab_v3" and precision == "int16x8":
        with pytest.raises(ValueError, match="HARD_SWISH"):  # MobileNetV3's
            exported(model, tmp_path, name, precision)
        return
    if refused_for_its_scales(model, tmp_path, name):
        return
    path, comparison = exported(model, tmp_path, name, precision)
    assert comparison.mean_difference <= check_cell(model.name, FORMATS[name], precision).tolerance
    if name == "onnx":
        for target in (name for name, target in TARGETS.items() if target.suffix == ".onnx"):
            assert lint(path, target).refused == []
    if precision == "int8":
        assert {"SPACE_TO_BATCH_ND", "FLOAT32"}.isdisjoint(operators_and_types(path))


@pytest.mark.parametrize("precision", ["float32", pytest.param("float16", marks=pytest.mark.slow)])
def test_a_client_may_choose_the_size(model, tmp_path, precision):
    if model.name in ONE_SIZE:
        with pytest.raises(ValueError, match="made for one size"):
            with_any_size(model)
        return
    path, _ = exported(with_any_size(model), tmp_path, "tflite", precision)
    size = model.matting_config.input_size
    assert load(path).input_size == size
    larger = (size[0] + model.matting_config.stride, 2 * size[1])
    fixed = build(model.name, larger, **SMALL[model.name][1])
    fixed.set_weights(model.get_weights())
    runtime = open_runtime(path, input_size=larger)
    assert runtime.input_size == larger
    difference = compare(fixed, runtime, PHOTOS).mean_difference
    assert difference <= check_cell(model.name, FORMATS["tflite"], precision).tolerance


def operators_and_types(path):
    """Operator names, and the types of all tensors, in a TFLite file."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(
        str(path), experimental_default_delegate_latest_features=False,
        experimental_op_resolver_type=_without_delegates(),
    )  # fmt: skip
    names = {operator["op_name"] for operator in interpreter._get_ops_details()}
    types = {np.dtype(tensor["dtype"]).name.upper() for tensor in interpreter.get_tensor_details()}
    return names | types


def _without_delegates():
    from ai_edge_litert.interpreter import OpResolverType

    return OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


@pytest.fixture(
    scope="module",
    # one after the other: a graph of 160 MB takes ten gigabytes while it is folded
    params=[pytest.param(name, marks=pytest.mark.xdist_group("others")) for name in OTHERS],
)
def other_model(request):
    return settled(request.param, *OTHERS[request.param])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "precision"), [cell for cell in CELLS if cell[1] not in RARE])
def test_the_other_encoders_too(other_model, tmp_path, name, precision):
    if refused_for_its_scales(other_model, tmp_path, name):
        return
    _, comparison = exported(other_model, tmp_path, name, precision)
    assert comparison.mean_difference <= FORMATS[name].tolerances[precision]
