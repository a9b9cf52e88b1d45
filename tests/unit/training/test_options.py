"""Options of a run, what a resumed run keeps of them, and every setting of every recipe."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmatting.config import override
from tfmatting.errors import InputError
from tfmatting.training.options import TrainingOptions, read_options, write_options
from tfmatting.training.recipes import RECIPES, find_recipe
from tfmatting.training.resolve import resolve_recipe

NAMES = [(model, recipe) for model, recipes in RECIPES.items() for recipe in recipes]


def leaves(config, path=""):
    """(dotted name, value) of every number, text, flag and list below a dataclass."""
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), f"{path}{field.name}"
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{name}.")
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            for entry in value:
                yield from leaves(entry, f"{name}.{entry.name}.")
        elif isinstance(value, int | float | str | tuple):
            yield name, value


@pytest.mark.parametrize(("model", "recipe"), NAMES)
def test_every_setting_of_every_recipe_can_be_set(model, recipe):
    recipe = find_recipe(model, recipe)
    found = dict(leaves(recipe))
    assert any(name.startswith("stages.") and "optimization" in name for name in found)
    for name, value in found.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if name.endswith(".name") and name.count(".") == 2:
            continue  # of a stage: its key
        assert override(recipe, {name: text}) == recipe, name


MOBILE = find_recipe("tnet", "mobile")
SETTINGS = sorted(name for name, _ in leaves(MOBILE))
TEXTS = st.one_of(
    st.text(max_size=20),
    st.integers().map(str),
    st.floats().map(repr),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=6,
    ).map(json.dumps),
)


@given(st.sampled_from(SETTINGS), TEXTS)
def test_any_text_becomes_a_value_of_the_settings_type_or_is_refused(name, text):
    before = dict(leaves(MOBILE))[name]
    try:
        changed = override(MOBILE, {name: text})
    except InputError:
        return
    after = dict(leaves(changed)).get(name)
    numbers = (int, float)  # a default of a float may be written as 0
    if isinstance(before, numbers) and not isinstance(before, bool):
        assert isinstance(after, (*numbers, type(None)))
        assert not isinstance(after, bool)
    elif name.endswith(".trainable"):  # a prefix, or several
        assert isinstance(after, (str, tuple))
    else:
        assert isinstance(after, type(before) | None)


@given(st.text(max_size=40), st.text(max_size=10))
def test_a_setting_that_does_not_exist_is_refused(name, text):
    if name in SETTINGS:
        return
    with pytest.raises(InputError):
        override(MOBILE, {name: text})


def test_settings_reach_stages_and_optimizers():
    options = TrainingOptions(
        model="tnet", settings={"stages.supervised.optimization.name": "sgd"}, epochs=3
    )
    stage = resolve_recipe(options).stage("supervised")
    assert (stage.optimization.name, stage.epochs) == ("sgd", 3)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("augmentation.zoom", '["a", 1]', "of 2: float, float"),
        ("augmentation.zoom", "[1, 2, 3]", "of 2: float, float"),
        ("stages.joint.epochs", "2", "ENTRY one of supervised"),
        ("stages", "2", "takes"),
        ("stages.supervised.losses", "{}", "takes no value as text"),
        ("stages.supervised.epochs.x", "2", "has no parts"),
    ],
)
def test_settings_of_other_kinds_are_refused(key, value, message):
    with pytest.raises(InputError, match=message):
        resolve_recipe(TrainingOptions(model="tnet", settings={key: value}))


def test_a_resumed_run_keeps_what_is_not_given_anew(tmp_path):
    first = TrainingOptions(
        model="tnet", stage="supervised", seed=7, input_size=(64, 96), smoke=True,
        settings={"batch_size": "2", "average_decay": "0.9"},
    )  # fmt: skip
    write_options(tmp_path, first, {})
    earlier = read_options(tmp_path)
    assert earlier == first
    again = TrainingOptions(model="tnet", seed=0, epochs=9, settings={"batch_size": "3"})
    merged = again.on_top_of(earlier)
    assert (merged.seed, merged.epochs, merged.stage, merged.smoke) == (0, 9, "supervised", True)
    assert merged.input_size == (64, 96)
    assert merged.settings == {"batch_size": "3", "average_decay": "0.9"}
    logged = dataclasses.replace(earlier, wandb="portraits")
    assert again.on_top_of(logged).wandb == "portraits"
    assert dataclasses.replace(again, wandb="").on_top_of(logged).wandb == ""


def test_runs_that_cannot_be_resumed_are_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError, match="Nothing to resume"):
        read_options(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="earlier version"):
        read_options(tmp_path)
