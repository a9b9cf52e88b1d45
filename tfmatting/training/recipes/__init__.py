"""Recipes: a module a model, a function a recipe, listed in the module's `RECIPES`."""

from __future__ import annotations

import importlib

from tfmatting.errors import InputError
from tfmatting.models.registry import find
from tfmatting.training.stages.stage import Recipe


def find_recipe(model_name: str, recipe_name: str | None = None, *, smoke: bool = False) -> Recipe:
    """Return a model's recipe; its first when none is named.

    Args:
        model_name: a name of the registry.
        recipe_name: a key of the recipe module's `RECIPES`.
        smoke: the seconds-long form that only shows that everything runs.

    Raises:
        ValueError: unknown model or recipe; the known ones are listed.
    """
    recipes = importlib.import_module(find(model_name).recipe).RECIPES
    name = recipe_name or next(iter(recipes))
    if name not in recipes:
        raise InputError(
            f"Model {model_name!r} has no recipe {name!r}. Known: {', '.join(recipes)}."
        )
    return recipes[name](smoke=smoke)
