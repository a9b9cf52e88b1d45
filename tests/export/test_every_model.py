"""Every model of the registry, small and with random weights, through the formats."""

import keras
import numpy as np
import pytest

from tfmatting import build
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.export.exporter import export
from tfmatting.export.formats import FORMATS
from tfmatting.models import REGISTRY
from tfmatting.models.lfm import LIGHT

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
CELLS = (
    ("pb", "float32"),
    ("onnx", "float32"),
    ("tflite", "float32"),
    ("tflite", "float16"),
    ("tflite", "int8"),
)


def settled(name, size, options):
    """A model whose batch-norm statistics are those of noise."""
    keras.utils.set_random_seed(3)
    model = build(name, size, **options)
    image = np.random.default_rng(0).integers(0, 256, (4, *size, 3)).astype("uint8")
    for _ in range(30):
        model({"image": image}, training=True)
    return model


@pytest.fixture(scope="module", params=REGISTRY)
def model(request):
    return settled(request.param, *SMALL[request.param])


def exported(model, folder, name, precision):
    path = folder / f"model{FORMATS[name].suffix}"
    comparison = export(
        model, path, format_name=name, precision=precision, calibration=PHOTOS, checks=PHOTOS
    )
    return path, comparison


@pytest.mark.parametrize(("name", "precision"), CELLS)
def test_an_export_gives_the_keras_models_alpha(model, tmp_path, name, precision):
    if model.name == "modnet" and precision == "int8":
        pytest.skip("instance norms of random weights have no range that 8 bits could cover")
    path, comparison = exported(model, tmp_path, name, precision)
    assert comparison.mean_difference <= FORMATS[name].tolerances[precision]
    if precision == "int8":
        assert {"SPACE_TO_BATCH_ND", "FLOAT32"}.isdisjoint(operators_and_types(path))


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


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_the_other_encoders_too(tmp_path, name):
    model = settled(name, *OTHERS[name])
    for cell in CELLS:
        _, comparison = exported(model, tmp_path, *cell)
        assert comparison.mean_difference <= FORMATS[cell[0]].tolerances[cell[1]]
