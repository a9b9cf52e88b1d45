"""The model that a stage starts from, and whose weights it begins with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from tfmatting.checkpoints.backbone_sources import UnavailableWeightsError
from tfmatting.checkpoints.imagenet import load_backbone_weights
from tfmatting.checkpoints.partial_weights import load_partial_weights
from tfmatting.errors import MissingExtraError
from tfmatting.models import build, load_model
from tfmatting.models.metadata import LETTERBOX, RESIZING
from tfmatting.training.distribution.distribution import ALONE, Distribution
from tfmatting.training.memory import check_memory
from tfmatting.training.pooled_normalization import check_normalization
from tfmatting.training.stages.compilation import freeze, has_gpu
from tfmatting.training.stages.stage import Recipe, Stage


def stage_model(
    recipe: Recipe,
    stage: Stage,
    weights: Path | None,
    report: Callable[[str], None],
    *,
    fill: bool = True,
    distribution: Distribution = ALONE,
) -> keras.Model:
    """Build or load the model that a stage trains, adapt it, and freeze the other layers.

    Args:
        recipe, weights, report, fill: as of `initial_model`; the recipe is the one during the
            stage.
        stage: may turn the model into another form, and says which layers learn.
        distribution: the devices that a batch is divided among.

    Raises:
        InputError: weights that do not fit, a batch that memory cannot hold, or a stage that
            leaves nothing to learn.
    """
    model = initial_model(recipe, weights, report, fill=fill)
    if stage.adapt:
        model = stage.adapt(model, recipe)
    shown = {LETTERBOX: recipe.letterbox, RESIZING: recipe.resizing}
    model.metadata = {**model.metadata, **shown}
    if not has_gpu():
        check_memory(model, distribution.worker_batch(recipe.batch_size))
    freeze(model, stage)
    check_normalization(model, distribution.normalization_batch(recipe.batch_size))
    return model


def initial_model(
    recipe: Recipe, weights: Path | None, report: Callable[[str], None], *, fill: bool = True
) -> keras.Model:
    """Build or load a recipe's model.

    Args:
        recipe: names the model, its form and its backbone weights.
        weights: a checkpoint, taken in its own form at the recipe's input size.
        report: receives a line on where the weights come from.
        fill: load the backbone weights; not where a run that is resumed brings its own.

    Raises:
        InputError: weights that do not fit.
        OSError: a file that cannot be read.
    """
    config = recipe.model
    if weights:
        report(f"Starting from {weights}.")
        return load_model(weights, expect=recipe.model_name, input_size=config.input_size)
    options = {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.name != "input_size"
    }
    model = build(recipe.model_name, config.input_size, **options)
    if fill and hasattr(config, "encoder"):
        report(_fill(model, recipe))
    return model


def _fill(model: keras.Model, recipe: Recipe) -> str:
    if recipe.backbone_weights != "auto":
        return _fill_from(recipe.backbone_weights, model, recipe.model)
    try:
        return _fill_from("imagenet", model, recipe.model)
    except (UnavailableWeightsError, MissingExtraError) as error:
        return f"warning: the encoder starts from random weights, and learns far slower. {error}"


def _fill_from(source: str, model: keras.Model, config: Any) -> str:
    if source.endswith(".keras"):
        count = load_partial_weights(model, source)
        return f"{count} of {len(model.variables)} arrays from {source}."
    count = load_backbone_weights(
        model,
        source,
        encoder=config.encoder,
        width=getattr(config, "width", 1.0),
        normalization=model.get_layer("normalization"),
    )
    if not count:
        return "Encoder starts from random weights."
    return f"Encoder {config.encoder}: {count} ImageNet arrays from {source}."
