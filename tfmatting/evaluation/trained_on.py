"""Which part of a data set a training run has held out, from what the run's folder says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfmatting.documents import read_json

RUN_FILE = "run.json"


@dataclass(frozen=True)
class TrainingRun:
    """What decides the samples that a run held out of data in one piece.

    Attributes:
        data: the data set's folder.
        validation_part: fraction of the samples.
        seed: of the choice.
    """

    data: Path
    validation_part: float
    seed: int


def training_run(model: str | Path) -> TrainingRun | None:
    """Find the run that a checkpoint belongs to.

    Args:
        model: a file; a checkpoint of a run is OUTPUT/MODEL/STAGE/best.keras, and what the run
            was asked for is in OUTPUT/MODEL/run.json.

    Returns:
        The run; None if the file lies in no run's folder, or the run drew its samples.
    """
    path = Path(model).resolve().parent.parent / RUN_FILE
    if not Path(model).is_file() or not path.is_file():
        return None
    try:
        document = read_json(path)
        options, recipe = document["options"], document["recipe"]
        data = options["data"]
        if data is None or data == "sample":
            return None
        return TrainingRun(Path(data), float(recipe["validation_part"]), int(options["seed"] or 0))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # another program's file of that name
