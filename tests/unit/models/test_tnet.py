import json

import keras
import numpy as np
import pytest

from tests.golden.seeded import GOLDEN, SIZES, seeded_image, seeded_state
from tests.golden.tnet import bright
from tfmatting import build
from tfmatting.checkpoints.partial_weights import load_partial_weights
from tfmatting.checkpoints.pytorch import assign
from tfmatting.checkpoints.tnet import SEPARABLE, layer_names, load_tnet, separable_layer_names


def trainable(model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


@pytest.fixture(scope="module")
def state():
    return seeded_state(json.loads((GOLDEN / "tnet_shapes.json").read_text()))


def test_parameter_counts_of_model_and_encoder():
    model = build("tnet", (32, 32))
    assert trainable(model) == 2_228_387 == int(np.load(GOLDEN / "tnet.npz")["parameters"])
    encoder = keras.Model(model.input, model.get_layer("block_16_project_BN").output)
    assert trainable(encoder) == 1_812_800


@pytest.mark.parametrize("size", SIZES)
def test_logits_equal_pytorchs(state, size):
    """Tolerance: float32 sums in another order; a wrong corner rule is off by 0.1 and more."""
    model = build("tnet", size)
    assign(model, state, layer_names())
    network = keras.Model(model.input, model.get_layer("logits").output)
    logits = np.asarray(network({"image": seeded_image(size)[None]}, training=False))[0]
    expected = np.load(GOLDEN / "tnet.npz")["logits_{}x{}".format(*size)]
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(logits, expected, atol=1e-4)


@pytest.mark.parametrize("option", [{"corner": "half_pixel"}, {"padding": "same"}])
def test_the_comparison_notices_another_rule(state, option):
    model = build("tnet", SIZES[1], **option)
    assign(model, state, layer_names())
    network = keras.Model(model.input, model.get_layer("logits").output)
    logits = np.asarray(network({"image": seeded_image(SIZES[1])[None]}, training=False))[0]
    expected = np.load(GOLDEN / "tnet.npz")["logits_{}x{}".format(*SIZES[1])]
    assert np.abs(logits - expected).max() > 1e-2


@pytest.mark.parametrize("size", SIZES[:2])
def test_conv_dw_as_encoder_equals_pytorchs(size):
    """The depthwise blocks of the original have ReLU where keras.applications has ReLU6."""
    golden = np.load(GOLDEN / "tnet_conv_dw.npz")
    expected = golden["logits_{}x{}".format(*size)]
    state = bright(seeded_state(json.loads((GOLDEN / "tnet_conv_dw_shapes.json").read_text())))
    differences = []
    for activation in ("relu", "relu6"):
        model = build("tnet", size, **{**SEPARABLE, "block_activation": activation})
        assert trainable(model) == golden["parameters"]
        assign(model, state, separable_layer_names())
        network = keras.Model(model.input, model.get_layer("logits").output)
        logits = np.asarray(network({"image": seeded_image(size)[None]}, training=False))[0]
        differences.append(np.abs(logits - expected).max() / np.abs(expected).max())
    assert differences[0] < 1e-4 and differences[1] > 1e-2, differences


def test_a_file_with_conv_dw_is_read_as_mobilenet_v1(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is an extra")
    state = seeded_state(json.loads((GOLDEN / "tnet_conv_dw_shapes.json").read_text()))
    tensors = {name: torch.from_numpy(value) for name, value in state.items()}
    torch.save({"tnet": tensors}, tmp_path / "tnet.pth")
    model = load_tnet(build("tnet", (32, 32)), tmp_path / "tnet.pth")
    assert model.matting_config.encoder == "mobilenet_v1"
    assert model.matting_config.block_activation == "relu"
    kernel = np.asarray(model.get_layer("conv_dw_13").kernel)
    assert np.array_equal(
        kernel[..., 0], state["feature.block_5.1.0.weight"][:, 0].transpose(1, 2, 0)
    )


def test_missing_surplus_and_wrong_tensors_are_all_listed(state):
    model = build("tnet", (32, 32))
    before = [np.array(weight) for weight in model.get_weights()]
    broken = dict(state)
    del broken["last_conv.bias"]
    broken["extra.weight"] = np.zeros(3, np.float32)
    broken["s5_up_conv.1.weight"] = np.zeros((1, 1, 3, 3), np.float32)
    with pytest.raises(ValueError, match="1 missing: last_conv.bias") as caught:
        assign(model, broken, layer_names())
    assert "1 surplus: extra.weight" in str(caught.value)
    assert "1 wrongly shaped: s5_up_conv.1.weight (1, 1, 3, 3)" in str(caught.value)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_alpha_is_foreground_and_half_of_unknown(tiny_tnet):
    image = np.random.default_rng(0).integers(0, 256, (1, 64, 96, 3)).astype("uint8")
    outputs = {k: np.asarray(v) for k, v in tiny_tnet({"image": image}).items()}
    trimap = outputs["trimap"]
    np.testing.assert_allclose(trimap.sum(-1), 1, atol=1e-5)
    expected = trimap[..., 2:] + 0.5 * trimap[..., 1:2]
    np.testing.assert_allclose(outputs["alpha"], expected, atol=1e-6)


def test_forms_and_encoders(mobile_options):
    mobile = build("tnet", (64, 64), **mobile_options)
    assert mobile.output["alpha"].shape == (None, 64, 64, 1)
    assert trainable(mobile) == 2_228_387 - 32 * 32 - 2 * 32  # without the first 1x1 expansion
    first = build("tnet", (32, 48), encoder="mobilenet_v1", width=0.5, corner="legacy")
    assert first.output["trimap"].shape == (None, 32, 48, 3)
    half = build("tnet", (32, 32), width=0.5)
    assert trainable(half) < 0.35 * 2_228_387


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_size": (100, 96)}, r"multiple of 16. Received: \(100, 96\). Use \(96, 96\)"),
        ({"encoder": "vgg"}, "mobilenet_v2"),
        ({"padding": "reflect"}, "symmetric"),
        ({"corner": "none"}, "half_pixel"),
        ({"stem_stride": 4}, "1 or 2"),
        ({"block_activation": "relu"}, "Set `encoder` to mobilenet_v1"),
        ({"block_activation": "swish"}, "relu6 or relu"),
        ({"depth": 3}, "Known: block_activation, channel_order"),
    ],
)
def test_what_cannot_be_built_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build("tnet", **options)
    with pytest.raises(ValueError, match="Known: lfm"):
        build("unknown")


def test_a_shorter_form_begins_with_the_longer_ones_weights(
    mobile_options, tiny_tnet, tiny_checkpoint, tmp_path
):
    options = {**mobile_options, "width": 0.25}
    short = build("tnet", (64, 96), **options, levels=4)
    assert load_partial_weights(short, tiny_checkpoint) == len(short.variables)
    names = [layer.name for layer in short.layers if layer.weights]
    assert "s4_up_conv" in names and "s5_up_conv" not in names
    for name in names:
        for ours, theirs in zip(
            short.get_layer(name).get_weights(),
            tiny_tnet.get_layer(name).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="arrays fit the model's"):
        load_partial_weights(build("tnet", (64, 64), **mobile_options), tiny_checkpoint)
