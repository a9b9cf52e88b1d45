"""What the registry says of a model."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tfmatting.config import Size


@dataclass(frozen=True)
class ModelSpec:
    """One row of the registry.

    Attributes:
        name: as on the command line.
        module: dotted path of the module with the model; imported when first needed.
        build: the name of its builder there, `config -> keras.Model`.
        config: the name of its frozen configuration dataclass there.
        inputs: names of the model's inputs.
        outputs: names of the model's outputs; "alpha" is always one.
        training_outputs: further outputs that only losses look at; exports leave them out.
        recipe: dotted path of the training recipes' module.
        default_size: (height, width) when none is asked for.
        paper: the source.
        importer: dotted module and function that set its weights from a foreign checkpoint, and
            return the model where the checkpoint's form made them rebuild it.
        original_nodes: output -> its node's name in the graphs of the original's own clients.
        licence: of the original's code, or of the idea where only a paper exists.
    """

    name: str
    module: str
    build: str
    config: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    recipe: str
    importer: tuple[str, str]
    default_size: Size
    paper: str
    licence: str
    training_outputs: tuple[str, ...] = ()
    original_nodes: dict[str, str] = field(default_factory=dict)

    def config_type(self) -> type:
        """The model's configuration dataclass."""
        return getattr(importlib.import_module(self.module), self.config)

    def builder(self) -> Callable[[Any], Any]:
        """The function that builds the model from its configuration."""
        return getattr(importlib.import_module(self.module), self.build)
