"""What Keras users do with a model, in one process; `test_keras_habits` does it in several."""

from __future__ import annotations

import importlib.util

import keras
import numpy as np
import pytest

from tfmatting import MattingModel, build, load_model
from tfmatting.losses.matting import alpha_l1
from tfmatting.models.variants import with_any_size

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (4, 32, 64, 3)).astype("float32")
ALPHA = (RANDOM.random((4, 32, 64, 1)) > 0.5).astype("float32")


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    return build("tnet", (32, 64), width=0.25)


def alpha_of(model):
    return np.asarray(model({"image": IMAGE}, training=False)["alpha"])


class Doubled(MattingModel):
    """Trains in another way; saved as the network."""

    def compute_loss(self, *arguments, **options):
        return 2 * super().compute_loss(*arguments, **options)


def test_a_compiled_model_comes_back_with_its_optimizer(model, tmp_path):
    model.compile(keras.optimizers.Adam(1e-3), loss={"alpha": "mae"}, run_eagerly=True)
    model.fit({"image": IMAGE}, {"alpha": ALPHA}, batch_size=2, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert int(loaded.optimizer.iterations) == 2
    for ours, theirs in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        assert np.array_equal(ours, theirs)
    for both in (model, loaded):  # and both go on alike
        keras.utils.set_random_seed(2)
        both.fit({"image": IMAGE}, {"alpha": ALPHA}, batch_size=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(alpha_of(loaded), alpha_of(model), atol=1e-6)


@pytest.mark.slow
def test_frozen_layers_stay_frozen_in_keras_and_are_free_in_ours(model, tmp_path):
    model.get_layer("last_conv").trainable = False
    model.compile("adam", loss={"alpha": "mae"}, run_eagerly=True)
    model.fit({"image": IMAGE}, {"alpha": ALPHA}, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert len(loaded.trainable_variables) == len(model.trainable_variables)
    assert not loaded.get_layer("last_conv").trainable
    assert load_model(tmp_path / "m.keras").get_layer("last_conv").trainable


def test_a_model_that_a_stage_compiled_opens_uncompiled(model, tmp_path):
    model.compile("adam", loss={"alpha": alpha_l1}, run_eagerly=True)
    model.fit({"image": IMAGE}, {"alpha": ALPHA}, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert not loaded.compiled
    assert np.array_equal(alpha_of(loaded), alpha_of(model))


@pytest.mark.slow
def test_model_checkpoint_writes_files_that_load(model, tmp_path):
    model.compile("adam", loss={"alpha": "mae"}, run_eagerly=True)
    path = tmp_path / "{epoch}.keras"
    callback = keras.callbacks.ModelCheckpoint(str(path))
    model.fit({"image": IMAGE}, {"alpha": ALPHA}, epochs=2, callbacks=[callback], verbose=0)
    assert np.array_equal(alpha_of(load_model(tmp_path / "2.keras")), alpha_of(model))


def test_a_subclass_trains_its_way_and_saves_the_network(model, tmp_path):
    doubled = Doubled(model)
    assert doubled.matting_config == model.matting_config and doubled.weights == model.weights
    for each in (model, doubled):
        each.compile("sgd", loss={"alpha": "mae"})
    losses = [each.evaluate({"image": IMAGE}, {"alpha": ALPHA}, verbose=0) for each in
              (model, doubled)]  # fmt: skip
    assert losses[1] == pytest.approx(2 * losses[0])
    doubled.save(tmp_path / "m.keras")
    for load in (load_model, keras.models.load_model):
        loaded = load(tmp_path / "m.keras")
        assert type(loaded) is MattingModel
        assert np.array_equal(alpha_of(loaded), alpha_of(model))


def test_a_copy_by_configuration_is_a_matting_model_and_a_clone_a_plain_one(model, tmp_path):
    copy = MattingModel.from_config(model.get_config())
    clone = keras.models.clone_model(model)
    for other in (copy, clone):
        other.set_weights(model.get_weights())
        assert np.array_equal(alpha_of(other), alpha_of(model))
    assert copy.matting_config == model.matting_config
    clone.save(tmp_path / "clone.keras")
    reopened = keras.models.load_model(tmp_path / "clone.keras")
    assert np.array_equal(alpha_of(reopened), alpha_of(model))


def test_keras_exports_it_as_a_saved_model(model, tmp_path):
    import tensorflow as tf

    model.export(str(tmp_path / "served"), verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "served"))  # owns what `serve` refers to
    served = loaded.serve({"image": IMAGE})
    np.testing.assert_allclose(served["alpha"], alpha_of(model), atol=1e-5)


def test_summary_names_layers_and_counts(model):
    lines = []
    model.summary(print_fn=lines.append)
    assert "last_conv" in "\n".join(lines) and f"{model.count_params():,}" in "\n".join(lines)


@pytest.mark.skipif(
    importlib.util.find_spec("pydot") is None, reason="plot_model needs pydot and Graphviz"
)
def test_plot_model_draws_it(model, tmp_path):
    keras.utils.plot_model(model, str(tmp_path / "model.png"))
    assert (tmp_path / "model.png").stat().st_size > 1000


def test_a_model_of_any_size_keeps_its_configuration(model):
    free = with_any_size(model)
    assert isinstance(free, MattingModel) and free.matting_config == model.matting_config
    assert tuple(free.input["image"].shape) == (None, None, None, 3)
    assert np.array_equal(alpha_of(free), alpha_of(model))
