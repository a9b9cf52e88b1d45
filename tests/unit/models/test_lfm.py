import keras
import numpy as np
import pytest

from tfmatting import build
from tfmatting.backbones.densenet import BLOCKS
from tfmatting.checkpoints.imagenet import load_backbone_weights
from tfmatting.checkpoints.lfm import RENAMED, load_lfm
from tfmatting.models.lfm import FUSION_PREFIX, LIGHT

BATCH_NORM = 4  # gamma, beta, mean, variance
FUSION = (256, 128, 128, 64, 256)
WIDTH = 128


def encoder_parameters(blocks):
    """DenseNet by arithmetic: (parameters, channels of the four skips and the end)."""
    total, channels = 7 * 7 * 3 * 64 + BATCH_NORM * 64, 64
    skips = [64]
    for number, repeats in enumerate(blocks):
        for _ in range(repeats):
            total += BATCH_NORM * channels + channels * 128 + BATCH_NORM * 128 + 9 * 128 * 32
            channels += 32
        if number < 3:
            skips.append(channels)
            total += BATCH_NORM * channels + channels * (channels // 2)
            channels //= 2
    return total + BATCH_NORM * channels, skips, channels


def decoder_parameters(skips, channels):
    """One branch: five blocks, then the pyramid's up4 and four levels."""
    total, blocks = 0, []
    for skip in [*reversed(skips), None]:
        joined = channels + (skip or 0)
        channels = max(skip or channels, WIDTH)
        total += joined * channels + BATCH_NORM * channels
        blocks.append(channels)
    total += blocks[0] * WIDTH + WIDTH
    for block in blocks[1:]:
        if block != WIDTH:
            total += block * WIDTH + WIDTH
        total += 9 * WIDTH * WIDTH + WIDTH + WIDTH + 1
    return total


def fusion_parameters():
    total, channels = 9 * 3 * WIDTH + WIDTH + BATCH_NORM * WIDTH, 3 * WIDTH
    for filters in FUSION:
        total += 9 * channels * filters + filters + BATCH_NORM * filters
        channels = filters
    return total + channels + 1


COUNTS = {"densenet121": 16_526_985, "densenet169": 25_804_425, "densenet201": 37_910_153}


@pytest.mark.parametrize("encoder", BLOCKS)
def test_parameters_are_those_of_the_arithmetic(encoder):
    encoded, skips, channels = encoder_parameters(BLOCKS[encoder])
    total = encoded + 2 * decoder_parameters(skips, channels) + fusion_parameters()
    assert total == COUNTS[encoder]
    assert build("lfm", (32, 32), encoder=encoder).count_params() == total


@pytest.fixture(scope="module")
def light():
    keras.utils.set_random_seed(2)
    return build("lfm", (64, 32), **LIGHT)


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (1, 64, 32, 3)).astype("uint8")


def test_alpha_is_the_blend_of_both_branches(light, image):
    out = {k: np.asarray(v) for k, v in light({"image": image}, training=False).items()}
    beta = out["fusion_weight"]
    blend = beta * out["foreground"] + (1 - beta) * (1 - out["background"])
    np.testing.assert_allclose(out["alpha"], blend, atol=1e-6)
    assert out["foreground_sides"].shape == (1, 64, 32, 3)


def test_sizes_and_options_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"multiple of 32.*\(500, 500\).*\(512, 512\)"):
        build("lfm", (500, 500))
    with pytest.raises(ValueError, match="densenet121"):
        build("lfm", (64, 64), encoder="resnet")
    with pytest.raises(ValueError, match="five"):
        build("lfm", (64, 64), fusion_channels=(8, 8))


def test_the_encoder_is_keras_applications_but_for_the_border(tmp_path):
    """Mirror and zero padding differ only near the border, so a deep feature's middle agrees."""
    keras.utils.set_random_seed(1)
    theirs = keras.applications.DenseNet121(
        include_top=False, weights=None, input_shape=(96, 96, 3)
    )
    for variable in theirs.variables:
        if "moving" in variable.path:
            variable.assign(np.random.default_rng(1).uniform(0.5, 1.5, variable.shape))
    path = tmp_path / "weights.npz"
    np.savez(path, **{variable.path: np.asarray(variable) for variable in theirs.variables})
    ours = build("lfm", (96, 96), encoder="densenet121")
    normalization = ours.get_layer("normalization")
    count = load_backbone_weights(
        ours, str(path), encoder="densenet121", width=1.0, normalization=normalization
    )
    assert count == len(theirs.variables)
    image = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3)).astype("float32")
    theirs_in = keras.applications.densenet.preprocess_input(image.copy())
    name = "conv2_block2_concat"
    a = keras.Model(theirs.input, theirs.get_layer(name).output)(theirs_in)
    b = keras.Model(ours.input, ours.get_layer(name).output)({"image": image})
    middle = (slice(None), slice(8, -8), slice(8, -8))
    np.testing.assert_allclose(np.asarray(b)[middle], np.asarray(a)[middle], atol=2e-4)
    assert np.abs(np.asarray(b) - np.asarray(a)).max() > 1e-2


def write_legacy_h5(path, model, full, leave_out=(), extra=()):
    """A Keras 1.14 file: layers by their old names, `variable:0` inside a group of the same."""
    import h5py

    old_names = {new: old for old, new in RENAMED.items()}
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if full else file
        names = []
        for layer in model.layers:
            variables = [v for v in layer.variables if v.path not in leave_out]
            if not variables:
                continue
            name = old_names.get(layer.name, layer.name)
            group = root.create_group(name)
            inner = []
            for variable in variables:
                key = f"{name}/{variable.path.rsplit('/', 1)[1]}:0"
                group.create_dataset(key, data=np.asarray(variable))
                inner.append(key.encode())
            group.attrs["weight_names"] = inner
            names.append(name.encode())
        for name in extra:
            group = root.create_group(name)
            group.create_dataset(f"{name}/kernel:0", data=np.zeros(3))
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            names.append(name.encode())
        root.attrs["layer_names"] = names


@pytest.mark.parametrize("full", [True, False])
def test_a_legacy_h5_is_read_by_layer_name(tmp_path, image, full):
    keras.utils.set_random_seed(4)
    source = build("lfm", (64, 32), encoder="densenet121")
    write_legacy_h5(tmp_path / "m.h5", source, full)
    keras.utils.set_random_seed(5)
    target = build("lfm", (64, 32), encoder="densenet121")
    load_lfm(target, tmp_path / "m.h5")
    outputs = [model({"image": image}, training=False)["alpha"] for model in (source, target)]
    assert np.array_equal(*outputs)


def test_a_legacy_h5_of_the_first_stage_has_no_fusion_network(tmp_path, light):
    fusion = [v for v in light.variables if v.path.startswith(FUSION_PREFIX)]
    before = [np.asarray(v).copy() for v in fusion]
    source = build("lfm", (64, 32), **LIGHT)
    write_legacy_h5(tmp_path / "m.h5", source, True, leave_out=[v.path for v in fusion])
    load_lfm(light, tmp_path / "m.h5")
    assert light.metadata["stage"] == "classifier"
    assert all(np.array_equal(a, b) for a, b in zip(before, fusion, strict=True))
    for ours, theirs in zip(light.variables, source.variables, strict=True):
        if not ours.path.startswith(FUSION_PREFIX):
            assert np.array_equal(ours, theirs)


def test_h5_files_that_do_not_fit_are_refused_and_nothing_is_changed(tmp_path, light):
    before = [np.asarray(v).copy() for v in light.variables]
    write_legacy_h5(
        tmp_path / "m.h5", light, True, leave_out=("fusion_conv0/bias",), extra=("fusion_conv9",)
    )
    with pytest.raises(ValueError, match="1 missing: fusion_conv0/bias; 1 surplus: fusion_conv9"):
        load_lfm(light, tmp_path / "m.h5")
    other = build("lfm", (64, 32), **{**LIGHT, "feature_channels": 40})
    write_legacy_h5(tmp_path / "o.h5", other, True)
    with pytest.raises(ValueError, match="wrongly shaped"):
        load_lfm(light, tmp_path / "o.h5")
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(ValueError, match="Not an HDF5"):
        load_lfm(light, tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        load_lfm(light, tmp_path / "none.h5")
    assert all(np.array_equal(a, b) for a, b in zip(before, light.variables, strict=True))
