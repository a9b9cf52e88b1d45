"""Names of a run's checkpoints, and the checkpoint that a file or a folder stands for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfmatting.documents import read_json
from tfmatting.errors import InputError, MissingFileError
from tfmatting.models.metadata import CheckpointError, read_metadata

BEST = "best.keras"
LAST = "last.keras"
RUN_FILE = "run.json"
ALL_STAGES = "all"


@dataclass(frozen=True)
class RunCheckpoint:
    """A `best.keras`, and where it stands in its run.

    Attributes:
        path: the file.
        run: the run's folder; the checkpoint's own where nothing says what run it is of.
        order: of its stage in the recipe; what was compressed comes after all stages, or before
            them if the last stage was trained anew since.
        epoch: of its stage.
        finished: the run has done all epochs of the last stage that it was asked for.
        smoke: the run only shows that everything works.
    """

    path: Path
    run: Path
    order: int = 0
    epoch: int = 0
    finished: bool = True
    smoke: bool = False

    @property
    def rank(self) -> tuple[int, int, float]:
        """Later stages come first, then later epochs."""
        return self.order, self.epoch, self.path.stat().st_mtime


def find_checkpoint(path: str | Path) -> Path:
    """Return a checkpoint file itself, or that of the last stage below a run's folder.

    Args:
        path: a file; a run's folder, or that of one of its stages.

    Raises:
        MissingFileError: no such file, or a folder without a checkpoint.
        InputError: a folder of several runs.
    """
    path = Path(path)
    if not path.is_dir():
        if not path.exists():
            raise MissingFileError(f"No checkpoint at {path}.")
        return path
    found = list(checkpoints_below(path))
    if not found:
        raise MissingFileError(f"No {BEST} below {path}. Train a model first.")
    runs = sorted({str(checkpoint.run) for checkpoint in found})
    if len(runs) > 1:
        raise InputError(
            f"A folder of weights holds one run. Received: {path}, with {', '.join(runs)}. Name "
            "one of them, or a file."
        )
    return max(found, key=lambda checkpoint: checkpoint.rank).path


def newest_finished(folder: Path) -> tuple[Path | None, list[Path]]:
    """The checkpoint of the newest finished run below a folder, and the runs left out.

    Runs that were stopped and smoke runs are left out.
    """
    found = list(checkpoints_below(folder))
    good = [checkpoint for checkpoint in found if checkpoint.finished and not checkpoint.smoke]
    left_out = sorted({checkpoint.run for checkpoint in found} - {item.run for item in good})
    if not good:
        return None, left_out
    newest = max(good, key=lambda checkpoint: checkpoint.path.stat().st_mtime).run
    return max((c for c in good if c.run == newest), key=lambda c: c.rank).path, left_out


def checkpoints_below(folder: Path) -> Iterable[RunCheckpoint]:
    """Every `best.keras` below a folder; of an averaged stage, the mean alone.

    Files of that name that hold no model are left out.
    """
    for path in sorted(folder.rglob(BEST)):
        if not (path.parent.parent / BEST).is_file():
            with contextlib.suppress(CheckpointError):
                yield _place(path)


def is_done(folder: Path, epochs: int) -> bool:
    """Whether the stage in a folder has run all of its epochs, or cannot be continued.

    Args:
        folder: of the stage.
        epochs: how many it has where its `config.json` does not say so.
    """
    if not (folder / BEST).is_file():
        return False
    last, config = folder / LAST, folder / "config.json"
    if not last.is_file():
        return True
    if config.is_file():
        with contextlib.suppress(ValueError, KeyError, TypeError, IndexError):  # another program's
            epochs = _read(config)["recipe"]["stages"][0]["epochs"]
    return read_metadata(last).get("epoch", 0) >= epochs


def _place(path: Path) -> RunCheckpoint:
    run = next((folder for folder in path.parents[1:3] if (folder / RUN_FILE).is_file()), None)
    epoch = read_metadata(path).get("epoch", 0)
    alone = RunCheckpoint(path, path.parent, epoch=epoch, finished=is_done(path.parent, 0))
    if run is None:
        return alone
    try:
        document = _read(run / RUN_FILE)
        options, stages = document["options"], document["recipe"]["stages"]
        names = [stage["name"] for stage in stages]
        last, smoke = run / _last_stage(options, stages), bool(options["smoke"])
    except (ValueError, KeyError, TypeError, IndexError):
        return alone  # another program's file of that name
    name = path.relative_to(run).parts[0]
    if name in names:
        return RunCheckpoint(path, run, names.index(name), epoch, is_done(last, 0), smoke)
    order = -1 if _is_older(path, last / BEST) else len(names)
    return RunCheckpoint(path, run, order, epoch, smoke=smoke)


def _is_older(path: Path, other: Path) -> bool:
    """Whether what was compressed was made of an earlier training than the one that is there."""
    return other.is_file() and path.stat().st_mtime < other.stat().st_mtime


def _last_stage(options: dict[str, Any], stages: list[dict[str, Any]]) -> str:
    """The last stage that a run was asked for."""
    if options["stage"] not in (None, ALL_STAGES):
        return options["stage"]
    trained = [s["name"] for s in stages if options["frames"] or not s["unlabelled"]]
    return trained[-1]


def _read(path: Path) -> Any:
    return read_json(path)
