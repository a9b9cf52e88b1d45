"""docs/from_the_originals.md names no option, setting or recipe that does not exist."""

from __future__ import annotations

import argparse
import importlib
import re

import pytest

from tests.e2e.originals import commands, rows, sections
from tfmatting.cli.main import COMMANDS
from tfmatting.config import override
from tfmatting.errors import InputError
from tfmatting.training.recipes import RECIPES, find_recipe

OPTION = re.compile(r"(?<![\w-])--[a-z-]+")
SETTING = re.compile(r"--set (\S+?)=([\w.-]+)")
RECIPE = re.compile(r"(?:recipe `|--recipe )(\w+)")


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of every command."""
    found = {name: argparse.ArgumentParser(prog=name) for name in COMMANDS}
    for name, parser in found.items():
        importlib.import_module(f"tfmatting.cli.{name}").add_arguments(parser)
    return found


def test_every_command_of_the_page_is_understood():
    known = parsers()
    count = 0
    for text in sections().values():
        for name, *words in commands(text):
            known[name].parse_args(words)
            count += 1
    assert count > 30


@pytest.mark.parametrize("section", sections())
def test_every_option_recipe_and_setting_exists(section):
    options = {option for parser in parsers().values() for option in parser._option_string_actions}
    recipes = {name for table in RECIPES.values() for name in table}
    here = " ".join(cell for _, cell in rows(sections()[section]))
    assert set(OPTION.findall(here)) <= options
    assert set(RECIPE.findall(here)) <= recipes
    for key, value in SETTING.findall(here):
        assert any(has(find_recipe(model), key, value) for model in RECIPES), key


def has(recipe, key: str, value: str) -> bool:
    """Whether a recipe has a setting, though it may refuse this value beside its others."""
    try:
        override(recipe, {key: value})
    except InputError as error:
        return not str(error).startswith(("No setting named", "Setting "))
    return True
