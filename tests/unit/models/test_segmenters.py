"""DeepLabV3, DeepLabV3+ and U-Net against PyTorch's."""

import json

import keras
import numpy as np
import pytest

from tests.golden.seeded import GOLDEN, seeded_image, seeded_state
from tests.golden.segmenters import SEGMENTERS
from tfmatting import build, convert
from tfmatting.checkpoints.importers import IMPORTERS
from tfmatting.models import load_model
from tfmatting.models.saving import CheckpointError
from tfmatting.models.variants import with_new_classifier

torch = pytest.importorskip("torch", reason="reading .pth needs PyTorch")


def trainable(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def write_state(name, path):
    shapes = json.loads((GOLDEN / f"{name}_shapes.json").read_text())
    state = {key: torch.from_numpy(value) for key, value in seeded_state(shapes).items()}
    torch.save(state, path)
    return path


def imported(name, size, path, **options):
    """Our network with the file's weights."""
    case = SEGMENTERS[name]
    pixels = {"mean": tuple(np.broadcast_to(case.mean, 3).tolist())}
    pixels["scale"] = tuple(np.broadcast_to(case.scale, 3).tolist())
    return IMPORTERS[case.model](
        build(case.model, size, **{**case.options, **pixels, **options}), path
    )


@pytest.mark.parametrize(
    "name",
    # the deepest has the layers of resnet50, and more of them
    [pytest.param(n, marks=pytest.mark.slow if "resnet101" in n else ()) for n in SEGMENTERS],
)
def test_logits_are_pytorchs(name, tmp_path):
    """Tolerance: 1e-3 where logits are of order one; resnet101's reach hundreds here."""
    golden = np.load(GOLDEN / f"{name}.npz")
    path = write_state(name, tmp_path / "weights.pth")
    for size in SEGMENTERS[name].sizes:
        model = imported(name, size, path)
        assert trainable(model) == int(golden["parameters"])
        layers = {"out": "logits", "aux": "auxiliary_logits"}
        for key, layer in layers.items():
            entry = "{}_{}x{}".format(key, *size)
            if entry not in golden:
                continue
            inner = keras.Model(model.input, model.get_layer(layer).output)
            logits = np.asarray(inner({"image": seeded_image(size)[None]}, training=False))[0]
            expected = golden[entry]
            tolerance = 1e-3 * max(1.0, float(np.abs(expected).max()) / 20)
            assert np.abs(logits - expected).max() <= tolerance


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("deeplab_v3_plus_16", ()),
        ("deeplab_v3_mobilenet_v3_large", ("--normalization", "imagenet")),
    ],
)
def test_a_converted_model_sees_the_originals_pixels(name, words, tmp_path, command):
    """By the command alone: nothing here says what the pixels are."""
    case, size = SEGMENTERS[name], SEGMENTERS[name].sizes[0]
    state, target = write_state(name, tmp_path / "weights.pth"), tmp_path / "m.keras"
    code, _, err = command(
        "convert", state, "--model", case.model, "--input-size", "{},{}".format(*size),
        "-o", target, *words,
    )  # fmt: skip
    assert code == 0, err
    expected = np.load(GOLDEN / f"{name}.npz")["out_{}x{}".format(*size)]
    classes = load_model(target)({"image": seeded_image(size)[None]}, training=False)["classes"]
    chances = np.exp(expected) / np.exp(expected).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.asarray(classes)[0], chances, atol=1e-4)


def test_deeplab_v3_is_converted_with_its_codes_pixels(tmp_path):
    name = "deeplab_v3_mobilenet_v3_large"
    model = convert(write_state(name, tmp_path / "weights.pth"), "deeplab_v3", input_size=(32, 32))
    assert model.matting_config.mean == (0, 0, 0) and model.matting_config.scale == (255,) * 3
    for normalization, match in (("caffe", "unit, symmetric, imagenet"), ("unit", "of its orig")):
        with pytest.raises(ValueError, match=match):
            of = "deeplab_v3" if normalization == "caffe" else "tnet"
            convert(tmp_path / "weights.pth", of, normalization=normalization)


def test_the_person_of_torchvisions_21_classes_is_alpha(tmp_path):
    name = "deeplab_v3_mobilenet_v3_large"
    model = imported(name, (32, 48), write_state(name, tmp_path / "weights.pth"))
    assert model.matting_config.person_class == 15 and model.matting_config.auxiliary
    outputs = model({"image": seeded_image((32, 48))[None]}, training=False)
    expected = np.load(GOLDEN / f"{name}.npz")["out_32x48"]
    chances = np.exp(expected) / np.exp(expected).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.asarray(outputs["alpha"])[0, ..., 0], chances[..., 15], atol=1e-4)


def test_a_new_classifier_keeps_all_but_the_classifier(tmp_path, command):
    name = "deeplab_v3_mobilenet_v3_large"
    state, target = write_state(name, tmp_path / "weights.pth"), tmp_path / "two.keras"
    words = ("convert", state, "--model", "deeplab_v3", "--input-size", "32,48", "-o", target)
    code, _, err = command(*words, "--classes", 2)
    assert code == 0, err
    model, source = load_model(target), imported(name, (32, 48), state)
    assert model.output["classes"].shape[-1] == 2
    same = {
        layer.name: all(map(np.array_equal, layer.get_weights(), of.get_weights()))
        for layer in model.layers
        if layer.weights and (of := source.get_layer(layer.name))
    }
    changed = {layer for layer, equal in same.items() if not equal}
    assert changed and all("classes" in layer or "auxiliary" in layer for layer in changed)
    with pytest.raises(ValueError, match="has no classes"):
        with_new_classifier(build("tnet", (32, 32)), 2)


def test_parameters_are_the_published():
    assert trainable(build("deeplab_v3", (32, 32))) == 39_633_986
    with_head = build("deeplab_v3", (32, 32), auxiliary=True)
    assert trainable(with_head) == 39_633_986 + 2_360_322
    for stride in (16, 8):
        assert trainable(build("deeplab_v3_plus", (32, 32), output_stride=stride)) == 5_813_266
        mobile = build("deeplab_v3", (32, 32), encoder="mobilenet_v2", output_stride=stride)
        # 1x1, three 3x3, the mean, 1,280 channels projected, a 3x3, two classes
        pyramid = 2 * 320 * 256 + 3 * 9 * 320 * 256 + 1280 * 256 + 9 * 256 * 256 + 7 * 512
        assert trainable(mobile) == 1_811_712 + pyramid + 2 * 256 + 2
    assert trainable(build("unet", (32, 32))) == 31_037_698


def test_xception_and_mobilenet_v1_give_features_at_a_quarter_and_the_output_stride():
    for encoder, channels in (("xception", (256, 2048)), ("mobilenet_v1", (128, 1024))):
        for stride in (16, 8):
            model = build("deeplab_v3_plus", (64, 32), encoder=encoder, output_stride=stride)
            low = model.get_layer("shortcut").input.shape
            deep = model.get_layer("aspp_0").input.shape
            assert low[1:] == (16, 8, channels[0])
            assert deep[1:] == (64 // stride, 32 // stride, channels[1])


def test_the_mobile_deeplab_has_the_papers_dilations_and_the_imagenet_weights_padding():
    for stride, rates in ((16, (6, 12, 18)), (8, (12, 24, 36))):
        model = build("deeplab_v3", (64, 32), encoder="mobilenet_v2", output_stride=stride)
        assert model.get_layer("aspp_0").input.shape[1:] == (64 // stride, 32 // stride, 320)
        found = [model.get_layer(f"aspp_{number}").dilation_rate for number in (1, 2, 3)]
        assert found == [(rate, rate) for rate in rates]
        assert model.get_layer("Conv1").padding == "same"


def test_one_class_is_a_sigmoid_and_alpha_itself():
    model = build("unet", (16, 32), width=0.125, classes=1)
    outputs = model({"image": seeded_image((16, 32))[None]}, training=False)
    scores = np.asarray(
        keras.Model(model.input, model.get_layer("logits").output)(
            {"image": seeded_image((16, 32))[None]}
        )
    )
    assert np.array_equal(outputs["alpha"], outputs["classes"])
    np.testing.assert_allclose(outputs["alpha"], 1 / (1 + np.exp(-scores)), atol=1e-6)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("deeplab_v3", {"encoder": "vgg"}, "resnet50.*mobilenet_v3_large"),
        ("deeplab_v3", {"encoder": "mobilenet_v3_large"}, "16"),
        ("deeplab_v3", {"output_stride": 4}, "8, 16"),
        ("deeplab_v3_plus", {"encoder": "resnet50"}, "mobilenet_v2.*xception"),
        ("deeplab_v3_plus", {"output_stride": 32}, "8 or 16"),
        ("unet", {"classes": 0}, "classes"),
        ("unet", {"person_class": 2}, "person_class"),
    ],
)
def test_what_cannot_be_built_is_refused(model, options, message):
    with pytest.raises(ValueError, match=message):
        build(model, (32, 32), **options)


def test_files_of_another_network_are_refused_by_name(tmp_path):
    path = write_state("unet", tmp_path / "weights.pth")
    with pytest.raises(ValueError, match="classifier.4.weight"):
        imported("deeplab_v3_resnet50", (32, 32), path)
    with pytest.raises(ValueError, match="8 surplus: up1.up.bias"):
        imported("unet_bilinear", (32, 32), path)
    assert issubclass(CheckpointError, ValueError)
