import dataclasses

import keras
import numpy as np
import pytest

from tests.unit.training.test_training import small_run
from tfmatting.models import build, load_model, save_model
from tfmatting.training.averaging import average_checkpoints
from tfmatting.training.callbacks.weight_average import WeightAverage
from tfmatting.training.trainer import run_stage


def small_model():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, name="d")])
    model.compile("sgd", "mse")
    return model


def test_the_average_follows_its_formula():
    model = small_model()
    average = WeightAverage(0.5)
    average.set_model(model)
    start = np.asarray(model.get_layer("d").kernel).copy()
    average.on_train_begin()
    expected = start
    for step, decay in enumerate((0, 1 / 5, 2 / 6, 3 / 7, 0.5, 0.5), start=1):
        model.get_layer("d").kernel.assign(start + step)
        average.on_train_batch_end(step)
        expected = decay * expected + (1 - decay) * (start + step)
        with average.applied():
            np.testing.assert_allclose(model.get_layer("d").kernel, expected, rtol=1e-6)
    np.testing.assert_allclose(model.get_layer("d").kernel, start + 6)


@pytest.mark.slow
@pytest.mark.traced
def test_best_holds_the_average_and_a_resumed_run_goes_on_with_it(tmp_path):
    run = small_run(tmp_path)
    run = dataclasses.replace(run, recipe=dataclasses.replace(run.recipe, average_decay=0.9))
    run_stage(dataclasses.replace(run, stage=dataclasses.replace(run.stage, epochs=1)), print)
    best, last = (
        load_model(tmp_path / name).get_layer("last_conv").get_weights()[0]
        for name in ("best.keras", "last.keras")
    )
    assert np.abs(best - last).max() > 1e-6
    run_stage(dataclasses.replace(run, resume=True), print)
    with np.load(tmp_path / "average.npz") as archive:
        assert int(archive["arr_0"]) == 6
    (tmp_path / "average.npz").unlink()
    longer = dataclasses.replace(run.stage, epochs=4)
    with pytest.raises(ValueError, match="average"):
        run_stage(dataclasses.replace(run, stage=longer, resume=True), print)


def test_checkpoints_of_several_runs_are_averaged(tmp_path, tiny_tnet, tiny_checkpoint):
    moved = load_model(tiny_checkpoint)
    for variable in moved.variables:
        variable.assign_add(np.full(variable.shape, 0.5, "float32"))
    save_model(moved, tmp_path / "moved.keras")
    average = average_checkpoints([tiny_checkpoint, tmp_path / "moved.keras", tiny_checkpoint])
    for ours, first in zip(average.variables, tiny_tnet.variables, strict=True):
        np.testing.assert_allclose(ours, np.asarray(first) + 0.5 / 3, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="two checkpoints or more. Received: 1"):
        average_checkpoints([tiny_checkpoint])
    options = {k: v for k, v in vars(tiny_tnet.matting_config).items() if k != "input_size"}
    save_model(build("tnet", (64, 96), **{**options, "levels": 4}), tmp_path / "short.keras")
    with pytest.raises(ValueError, match=r"one form. Received: .*short.keras"):
        average_checkpoints([tiny_checkpoint, tmp_path / "short.keras"])
