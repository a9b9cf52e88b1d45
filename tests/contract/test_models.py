"""What every model of the registry must do; a new model is tested by being in the table."""

import dataclasses

import keras
import numpy as np
import pytest

from tfmatting import build, load_model, save_model
from tfmatting.checkpoints.importers import IMPORTERS
from tfmatting.models import REGISTRY, SPECS, MattingModel, validated_config
from tfmatting.training.recipes import RECIPES, find_recipe
from tfmatting.training.recipes.lfm import LIGHT
from tfmatting.training.stages.compilation import compile_stage
from tfmatting.training.stages.schedules import Schedule

LIGHTER = {
    "lfm": LIGHT,
    "unet": {"width": 0.25},
    "deeplab_v3": {"auxiliary": True},
    "deeplab_v3_plus": {"width": 0.5},
}
"""Options that spare time and change nothing of what is tested here."""


@pytest.fixture(scope="module", params=SPECS)
def model(request):
    """The model at a small size that is not square."""
    keras.utils.set_random_seed(0)
    options = LIGHTER.get(request.param, {})
    stride = validated_config(request.param, **options).stride
    return build(request.param, (2 * stride, 3 * stride), **options)


@pytest.fixture
def image(model):
    size = model.matting_config.input_size
    return np.random.default_rng(0).integers(0, 256, (2, *size, 3)).astype("uint8")


def test_the_tables_have_the_same_models_and_stages():
    assert list(SPECS) == list(REGISTRY) == list(IMPORTERS) == list(RECIPES)
    for name, spec in SPECS.items():
        assert tuple(stage.name for stage in find_recipe(name).stages) == spec.stages


@pytest.mark.parametrize("name", SPECS)
def test_the_default_form_has_the_parameters_of_the_table(name):
    model = build(name)
    assert model.matting_config.input_size == SPECS[name].default_size
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert trainable == SPECS[name].trainable_parameters


def test_inputs_and_outputs_are_those_of_the_table(model):
    spec = SPECS[model.name]
    assert sorted(model.input) == sorted(spec.inputs)
    assert set(spec.outputs) <= set(model.output) <= {*spec.outputs, *spec.training_outputs}


def test_alpha_has_the_images_size_and_range(model, image):
    alpha = np.asarray(model({"image": image}, training=False)["alpha"])
    assert alpha.shape == (*image.shape[:3], 1) and alpha.dtype == np.float32
    assert alpha.min() >= 0 and alpha.max() <= 1 and alpha.std() > 0


def test_uint8_and_float_pixels_are_the_same(model, image):
    whole = model({"image": image}, training=False)["alpha"]
    real = model({"image": image.astype("float32")}, training=False)["alpha"]
    assert np.array_equal(whole, real)


def test_a_batch_is_its_samples(model, image):
    """Tolerance: libraries add in another order for other batch sizes, through 200 layers."""
    together = np.asarray(model({"image": image}, training=False)["alpha"])
    for index in range(2):
        alone = np.asarray(model({"image": image[index : index + 1]}, training=False)["alpha"])
        np.testing.assert_allclose(alone[0], together[index], atol=1e-4)


@pytest.mark.parametrize(
    ("save", "load"),
    [(save_model, load_model), (keras.Model.save, keras.models.load_model)],
    ids=["ours", "Keras' own"],
)
def test_saving_and_loading_changes_nothing(model, image, tmp_path, save, load):
    save(model, tmp_path / "m.keras")
    loaded = load(tmp_path / "m.keras")
    assert isinstance(loaded, MattingModel) and loaded.matting_config == model.matting_config
    for name, value in model({"image": image}, training=False).items():
        assert np.array_equal(value, loaded({"image": image}, training=False)[name])


def test_every_weight_has_a_gradient(model, image):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        outputs = model({"image": image.astype("float32")}, training=True)
        loss = 0.0
        for output in outputs.values():
            target = np.random.default_rng(1).random(output.shape[:3]).astype("float32")[..., None]
            weight = tf.range(1.0, output.shape[-1] + 1)  # a sum over classes is constant
            loss += tf.reduce_mean(weight * (output - target) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None and np.isfinite(gradient).all(), variable.path


# a stage leaves the fusion net, and a second head without a loss, unlearned
@pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning")
def test_a_few_steps_lower_the_loss(model, image):
    size = image.shape[1:3]
    alpha = np.zeros((2, *size, 1), "float32")
    alpha[:, size[0] // 2 :] = 1
    trimap = keras.ops.one_hot((alpha[..., 0] * 2).astype("int32"), 3)
    clone = build(model.name, size, **LIGHTER.get(model.name, {}))
    stage = dataclasses.replace(
        find_recipe(model.name).stages[0], schedule=Schedule("constant", 5e-4)
    )
    compile_stage(clone, stage, steps=100)
    clone.run_eagerly = True  # tracing takes longer than these steps
    classes = np.concatenate([1 - alpha, alpha], axis=-1)
    band, pixels = np.zeros_like(alpha), image.astype("float32") / 127.5 - 1
    scene = np.concatenate([alpha, band, pixels], axis=-1)
    truths = {"alpha": alpha, "trimap": trimap, "classes": classes, "scene": scene}
    inputs = {"image": image.astype("float32")}
    targets = {name: truths[stage.target(name)] for name in clone.output}
    logs = [clone.train_on_batch(inputs, targets, return_dict=True) for _ in range(6)]
    assert logs[-1]["loss"] < logs[0]["loss"]


def test_a_size_off_the_stride_names_a_good_one(model):
    stride = model.matting_config.stride
    with pytest.raises(ValueError, match=rf"multiple of {stride}.*Use \({2 * stride}, "):
        build(model.name, (2 * stride + 1, 3 * stride))
