"""Recipes: a module a model, a function a recipe, listed in the module's `RECIPES`."""

from __future__ import annotations

from collections.abc import Callable

from tfmatting.errors import InputError
from tfmatting.models.spec import find
from tfmatting.training.recipes import deeplab_v3, deeplab_v3_plus, lfm, modnet, tnet, unet
from tfmatting.training.stages.stage import Recipe

RECIPES: dict[str, dict[str, Callable[..., Recipe]]] = {
    "lfm": lfm.RECIPES,
    "tnet": tnet.RECIPES,
    "unet": unet.RECIPES,
    "deeplab_v3": deeplab_v3.RECIPES,
    "deeplab_v3_plus": deeplab_v3_plus.RECIPES,
    "modnet": modnet.RECIPES,
}
"""A model's name -> its recipes by name, the default one first."""


def find_recipe(model_name: str, recipe_name: str | None = None, *, smoke: bool = False) -> Recipe:
    """Return a model's recipe; its first when none is named.

    Args:
        model_name: a name of the registry.
        recipe_name: a name of the model's `RECIPES`.
        smoke: the seconds-long form that only shows that everything runs.

    Raises:
        InputError: unknown model or recipe; the known ones are listed.
    """
    recipes = RECIPES[find(model_name).name]
    name = recipe_name or next(iter(recipes))
    if name not in recipes:
        raise InputError(
            f"Model {model_name!r} has no recipe {name!r}. Known: {', '.join(recipes)}."
        )
    return recipes[name](smoke=smoke)
