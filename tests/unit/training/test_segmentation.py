"""What segmenters need of training: class maps, Dice, a rate that falls on a plateau."""

import dataclasses

import keras
import numpy as np
import pytest

from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.datasets.augmentation.composition import Composition
from tfmatting.datasets.inspection import inspect
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.datasets.sources import read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import write_image
from tfmatting.models import load_model
from tfmatting.ops.overlap import dice_without_background
from tfmatting.training.callbacks.plateau import ReduceOnPlateau
from tfmatting.training.callbacks.recorder import read_history
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.stage import Plateau
from tfmatting.training.trainer import run_stage


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """Six photos with masks of three classes, and two that are wrong."""
    root = tmp_path_factory.mktemp("numbered")
    generator = np.random.default_rng(0)
    for index in range(8):
        image = generator.integers(0, 256, (40, 48, 3)).astype(np.uint8)
        mask = np.zeros((40, 48), np.uint8)
        mask[:, 16:32], mask[:, 32:] = 1, 2
        if index == 6:
            mask[0, 0] = 7
        if index == 7:
            mask[:] = 2
        write_image(root / "image" / f"{index}.png", image)
        write_image(root / "alpha" / f"{index}.png", mask)
    return root


def three_classes(root):
    return read_split(str(root), validation_part=0.2, seed=0, sample_count=0, classes=3)


def test_masks_outside_the_classes_and_of_one_class_are_left_out_and_named(numbered):
    split = three_classes(numbered)
    problems = [
        problem
        for listing in (split.train, split.validation)
        for problem in inspect(listing).problems
    ]
    reasons = " ".join(problem.reason for problem in problems)
    assert len(problems) == 2 and "--classes 8" in reasons and "all 2" in reasons
    with pytest.raises(ValueError, match="two classes"):
        read_split("sample", validation_part=0.1, seed=0, sample_count=4, classes=3)


def test_class_numbers_are_never_mixed(numbered):
    split = inspect(three_classes(numbered).train)
    settings = PipelineSettings(
        (32, 32), 2, augmentation=Augmentation(), classes=3, person_class=1, shuffle=True
    )
    for _, truths in make_dataset(split.sources, settings, epochs=3):
        classes = truths["classes"].numpy()
        assert classes.shape[1:] == (32, 32, 3) and set(np.unique(classes)) == {0.0, 1.0}
        assert (classes.sum(axis=-1) == 1).all()
        assert np.array_equal(truths["alpha"].numpy()[..., 0], classes[..., 1])
    with pytest.raises(ValueError, match="Scenes are composed of people"):
        PipelineSettings((32, 32), 2, composition=Composition(), classes=3)


def test_two_classes_are_background_and_person_and_one_is_the_person():
    sources = sample_listing(2, size=(64, 48)).sources
    for classes in (1, 2):
        settings = PipelineSettings((64, 48), 2, classes=classes)
        _, truths = next(iter(make_dataset(sources, settings, epochs=1)))
        person = truths["alpha"].numpy() >= 128 / 255
        expected = person if classes == 1 else np.concatenate([~person, person], axis=-1)
        assert np.array_equal(truths["classes"].numpy(), expected.astype("float32"))


def test_dice_by_hand():
    true = np.eye(3, dtype="float32")[np.array([[[0, 1], [1, 2]]])]
    pred = np.eye(3, dtype="float32")[np.array([[[0, 1], [2, 2]]])] * 0.6 + 0.1
    expected = (2 * 1 / 3 + 2 * 1 / 3) / 2
    assert float(dice_without_background(true, pred)[0]) == pytest.approx(expected)
    empty = np.eye(3, dtype="float32")[np.zeros((1, 2, 2), int)]
    assert float(dice_without_background(empty, empty)[0]) == 1.0
    one = np.array([1.0, 1, 0, 0], "float32").reshape(1, 2, 2, 1)
    assert float(dice_without_background(one, one * 0.6)[0]) == 1.0
    assert float(dice_without_background(one, one * 0.4)[0]) == 0.0


VALUES = [0.5, 0.6, 0.6, 0.6, 0.6, 0.55, 0.59, 0.58, 0.7]


def falls(values, seen=0):
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0))
    callback = ReduceOnPlateau(Plateau("dice"), values[:seen])
    callback.set_model(model)
    rates = []
    for epoch, value in enumerate(values[seen:]):
        callback.on_epoch_end(epoch, {"dice": value})
        rates.append(round(float(model.optimizer.learning_rate), 6))
    return rates


def test_the_rate_falls_where_pytorchs_does_and_a_resumed_run_remembers():
    """torch.optim.lr_scheduler.ReduceLROnPlateau(mode="max", patience=2) on the same figures."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", patience=2)
    expected = []
    for value in VALUES:
        scheduler.step(value)
        expected.append(round(optimizer.param_groups[0]["lr"], 6))
    assert falls(VALUES) == expected and expected[-1] == 0.01
    assert falls(VALUES, seen=3)[1] == pytest.approx(0.1)


def test_the_tutorials_recipe_trains_and_writes_dice(tmp_path):
    recipe = find_recipe("unet", "original", smoke=True)
    model = dataclasses.replace(recipe.model, width=0.125)
    recipe = dataclasses.replace(recipe, model=model, batch_size=2)
    sources = sample_listing(6, size=(48, 48)).sources
    run_stage(StageRun(recipe, recipe.stages[0], sources[:4], sources[4:], tmp_path), print)
    row = read_history(tmp_path / "history.csv")[0]
    assert 0 <= float(row["val_classes_dice_without_background"]) <= 1
    assert float(row["learning_rate"]) == pytest.approx(1e-3)
    assert load_model(tmp_path / "best.keras").matting_config.width == 0.125


def test_the_recipe_holds_the_tutorials_figures():
    for name in ("unet", "deeplab_v3", "deeplab_v3_plus"):
        recipe = find_recipe(name)
        stage = recipe.stages[0]
        assert (recipe.batch_size, stage.epochs, recipe.validation_part) == (16, 300, 0.1)
        assert stage.optimization.name == "rmsprop" and stage.optimization.momentum == 0.9
        assert stage.optimization.weight_decay == 1e-8 and stage.plateau.patience == 2
