"""The options of a training run, as saved in `run.json`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfmatting.config import Size
from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import write_text
from tfmatting.models.checkpoints import RUN_FILE


@dataclass(frozen=True)
class TrainingOptions:
    """One training run as asked for; None leaves a value open.

    An open value comes from the run that is resumed, else from the recipe or the defaults.

    Attributes:
        model: a name of the registry.
        recipe: a recipe of the model; its first when None.
        stage: a stage of the recipe, or "all", which None stands for.
        data: a data set's folder, or "sample" for drawn samples, which None stands for.
        backgrounds: a folder of images without people.
        frames: images or a video without truth, for stages that learn from them.
        input_size: (height, width).
        batch_size, epochs, learning_rate: of every stage.
        seed: of weights, order and augmentation; None stands for 0.
        weights: a checkpoint or a run's folder to start from.
        backbone_weights: "imagenet", "none" or a file.
        classes: of the masks; segmenters only.
        wandb: a Weights & Biases project; None and "" stand for none.
        smoke: the recipe at a size that only shows that everything runs.
        settings: dotted name of a recipe's setting -> its value as text.
    """

    model: str = "lfm"
    recipe: str | None = None
    stage: str | None = None
    data: str | None = None
    backgrounds: str | None = None
    frames: str | None = None
    input_size: Size | None = None
    batch_size: int | None = None
    epochs: int | None = None
    learning_rate: float | None = None
    seed: int | None = None
    weights: str | None = None
    backbone_weights: str | None = None
    classes: int | None = None
    wandb: str | None = None
    smoke: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    def on_top_of(self, earlier: TrainingOptions) -> TrainingOptions:
        """The earlier run's options, overridden by those given here."""
        given = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        # a smoke run stays one: another size is another model
        given = {name: value for name, value in given.items() if value is not None}
        given = {name: value for name, value in given.items() if value is not False}
        settings = {**earlier.settings, **self.settings}
        return dataclasses.replace(earlier, **{**given, "settings": settings})


def write_options(folder: Path, options: TrainingOptions, recipe: dict[str, Any]) -> None:
    """Write `run.json`: the options, and the recipe that they resolved to."""
    document = {"options": dataclasses.asdict(options), "recipe": recipe}
    write_text(folder / RUN_FILE, json.dumps(document, indent=2) + "\n")


def has_run(folder: Path) -> bool:
    """Whether a run has begun in a folder, by this version or an earlier one."""
    return (folder / RUN_FILE).is_file() or any(folder.rglob("config.json"))


def read_options(folder: Path) -> TrainingOptions:
    """Read the options that the run in a folder began with.

    Raises:
        MissingFileError: no run there.
        InputError: a run of an earlier version, which kept no options.
    """
    path = folder / RUN_FILE
    if not path.is_file():
        if any(folder.rglob("config.json")):
            raise InputError(
                f"A run is resumed from its {RUN_FILE}. Received: {folder}, a run of an earlier "
                "version without one. Start from its checkpoint with --weights and another "
                "--output."
            )
        raise MissingFileError(f"Nothing to resume under {folder}. Start without --resume.")
    values = json.loads(path.read_text(encoding="utf-8"))["options"]
    if values["input_size"]:
        values["input_size"] = tuple(values["input_size"])
    return TrainingOptions(**values)
