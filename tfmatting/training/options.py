"""The options of a training run, as saved in `run.json`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfmatting.config import Size, typed
from tfmatting.datasets.names import SAMPLE
from tfmatting.documents import read_json
from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import write_json
from tfmatting.models.checkpoints import RUN_FILE, find_checkpoint
from tfmatting.models.spec import find

MOST = 2**32 - 1
"""NumPy's largest seed; of anything else it is a slip."""


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
        ignored: the number of a mask that states no class; 255 when None.
        strategy: the devices that it computes on, one of `STRATEGIES`; None stands for one device.
        synchronized_batch_norm: replicas share the statistics of a batch.
        wandb: a Weights & Biases project; None and "" stand for none.
        smoke: the recipe at a size that only shows that everything runs.
        settings: dotted name of a recipe's setting -> its value as text.

    Raises:
        InputError: a number of samples or epochs, or a seed, that is none.
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
    ignored: int | None = None
    strategy: str | None = None
    synchronized_batch_norm: bool = False
    wandb: str | None = None
    smoke: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and least <= value <= MOST):
                raise InputError(
                    f"`{name}` is a whole number from {least} to {MOST}. Received: {value!r}."
                )

    def on_top_of(self, earlier: TrainingOptions) -> TrainingOptions:
        """The earlier run's options, overridden by those given here."""
        given = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        # a smoke run stays one: another size is another model
        given = {name: value for name, value in given.items() if value is not None}
        given = {name: value for name, value in given.items() if value is not False}
        settings = {**earlier.settings, **self.settings}
        return dataclasses.replace(earlier, **{**given, "settings": settings})


def check_names(options: TrainingOptions) -> None:
    """Refuse what cannot be found, before TensorFlow is imported.

    Raises:
        InputError: an unknown model, or a folder of weights that holds several runs.
        MissingFileError: no such data or weights.
    """
    find(options.model)
    if options.weights is not None:
        find_checkpoint(options.weights)
    if options.data not in (None, SAMPLE) and not Path(options.data).is_dir():
        raise MissingFileError(f"No data folder at {options.data}.")


def write_options(folder: Path, options: TrainingOptions, recipe: dict[str, Any]) -> None:
    """Write `run.json`: the options, and the recipe that they resolved to."""
    document = {"options": dataclasses.asdict(options), "recipe": recipe}
    write_json(folder / RUN_FILE, document)


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
    document = read_json(path)
    values = document.get("options") if isinstance(document, dict) else None
    known = {item.name for item in dataclasses.fields(TrainingOptions)}
    if not isinstance(values, dict) or set(values) - known:
        raise InputError(f"{path} is none of this version's. Start with another --output.")
    settings = values.pop("settings", {})
    if not isinstance(settings, dict) or not all(isinstance(v, str) for v in settings.values()):
        raise InputError(f"{path} is damaged: its settings are no texts by name.")
    return TrainingOptions(**typed(TrainingOptions, values), settings=settings)
