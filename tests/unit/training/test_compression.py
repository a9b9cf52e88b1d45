"""The tf_keras bridge, quantization-aware training and pruning, on small models."""

import dataclasses

import cv2
import keras
import numpy as np
import pytest

from tfmatting import build, load_model
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models.lfm import LIGHT
from tfmatting.training.compression.fine_tuning import FineTuning
from tfmatting.training.compression.pruning import prune, sparsity_of
from tfmatting.training.compression.quantization import NotQuantized, quantize_aware
from tfmatting.training.compression.tf_keras_copy import take_weights, to_tf_keras
from tfmatting.training.recipes import find_recipe

SOURCES = sample_listing(8, size=(80, 70)).sources
SMALL = {
    "tnet": {"width": 0.25},
    "lfm": LIGHT,
    "unet": {"width": 0.125},
    "deeplab_v3": {"encoder": "mobilenet_v3_large", "output_stride": 16},
    "deeplab_v3_plus": {"width": 0.5},
    "modnet": {},
}
IMAGE = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("float32")


def weights_of(model):
    return [np.array(weight) for weight in model.weights]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("tnet", "unet") else [pytest.mark.slow])
        for name in SMALL
    ],
)
def test_a_twin_gives_the_same_alpha_and_its_weights_come_back(name):
    keras.utils.set_random_seed(2)
    model = build(name, (64, 64), **SMALL[name])
    for _ in range(3):
        model({"image": IMAGE}, training=True)
    copy = to_tf_keras(model, ("alpha",))
    expected = np.asarray(model({"image": IMAGE}, training=False)["alpha"])
    np.testing.assert_allclose(copy(IMAGE, training=False), expected, atol=1e-5)
    keras.utils.set_random_seed(3)
    other = build(name, (64, 64), **SMALL[name])
    copy = to_tf_keras(model, tuple(model.output))
    take_weights(other, copy, ("",))
    assert all(map(np.array_equal, weights_of(other), weights_of(model)))


def test_models_of_several_inputs_are_refused():
    with pytest.raises(ValueError, match="image alone"):
        to_tf_keras(build("modnet", (32, 32), prior_alpha=True), ("alpha",))


@pytest.fixture
def tuning(tmp_path, tiny_tnet):
    """A copy of the tiny T-Net and an epoch's fine-tuning of it."""
    recipe = find_recipe("tnet", "mobile", smoke=True)
    recipe = dataclasses.replace(recipe, model=tiny_tnet.matting_config)
    model = keras.models.clone_model(tiny_tnet)
    model.set_weights(tiny_tnet.get_weights())
    model.matting_config = tiny_tnet.matting_config
    return model, FineTuning(
        recipe, recipe.stages[0], SOURCES, SOURCES[:4], tmp_path, 2, 1e-3, print
    )


@pytest.mark.slow
def test_pruning_reaches_its_sparsity_and_the_rest_learns(tuning, tiny_tnet):
    model, fine_tuning = tuning
    prune(model, fine_tuning, 0.6)
    assert sparsity_of(model) == pytest.approx(0.6, abs=0.01)
    assert sparsity_of(tiny_tnet) < 0.01
    rows = (fine_tuning.folder / "history.csv").read_text().splitlines()
    assert len(rows) == 3 and "val_loss" in rows[0]
    depthwise = [layer for layer in model.layers if "Depthwise" in type(layer).__name__]
    assert all((layer.get_weights()[0] != 0).any() for layer in depthwise)
    with pytest.raises(ValueError, match="between 0 and 1"):
        prune(model, fine_tuning, 1.0)


@pytest.mark.slow
def test_quantization_aware_training_moves_the_weights(tuning, tiny_tnet):
    model, fine_tuning = tuning
    copy = quantize_aware(model, fine_tuning)
    moved = [
        not np.array_equal(ours, theirs)
        for ours, theirs in zip(weights_of(model), weights_of(tiny_tnet), strict=True)
    ]
    assert np.mean(moved) > 0.9
    left = {"DepthwiseConv2D": set(), "Conv2D": set()}
    for layer in copy.layers:
        kind = type(getattr(layer, "layer", layer)).__name__
        if kind in left:
            left[kind].add(isinstance(layer.quantize_config, NotQuantized))
    # rounded by one scale for all channels, depthwise kernels would be noise
    assert left == {"DepthwiseConv2D": {True}, "Conv2D": {False}}


@pytest.mark.slow
def test_ranges_begin_where_the_network_is_so_that_a_short_training_does(tuning):
    model, fine_tuning = tuning
    copy = quantize_aware(model, dataclasses.replace(fine_tuning, epochs=1, learning_rate=1e-9))
    size = model.matting_config.input_size
    images = np.stack([cv2.resize(s.load().image, size[::-1]) for s in SOURCES]).astype("float32")
    index = fine_tuning.outputs.index("alpha")
    rounded = np.asarray(copy(images, training=False)[index])
    alpha = np.asarray(model({"image": images}, training=False)["alpha"])
    assert np.abs(rounded - alpha).mean() < 0.004


@pytest.mark.slow
def test_the_command_writes_a_checkpoint_and_an_integer_file(tmp_path, command, tiny_checkpoint):
    words = (
        "train", "--model", "tnet", "--recipe", "mobile", "--smoke", "--output", tmp_path,
        "--input-size", "64,96", "--weights", tiny_checkpoint, "--epochs", 1,
    )  # fmt: skip
    code, out, err = command(*words, "--quantize-aware")
    assert code == 0, err
    folder = tmp_path / "tnet" / "quantize_aware"
    runtime = open_runtime(folder / "int8.tflite")
    model = load_model(folder / "best.keras")
    image = SOURCES[0].load().image[:64, :64].repeat(2, axis=1)[None, :, :96]
    expected = np.asarray(model({"image": image}, training=False)["alpha"])
    assert np.abs(runtime.run({"image": image})["alpha"] - expected).mean() < 0.05
    assert "int8.tflite" in out and "alpha differs" in out
    code, _, err = command(*words, "--quantize-aware", "--prune", 0.5)
    assert code == 2 and "--quantize-aware or --prune" in err
    code, _, err = command(*words, "--prune", 1.5)
    assert code == 2 and "between 0 and 1" in err
