"""Trains a finished portrait network on: labels by vote, negatives, all shapes, several people.

    python tools/train_on_vote.py --masks DIR/train --vote VOTE --validation DIR/val \\
        --negatives PEOPLE_FREE BACKGROUNDS --things THINGS --weights portrait.keras --output RUN

Photos that the vote has no label for yet keep their masks. Samples that cannot be used are named
and left out. Of the negatives every third of each kind is held back. `--resume` goes on where a
stopped run was. `--quantize-aware` trains with rounding and writes `RUN/int8.tflite`, too.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tfmatting.config import parse_size
from tfmatting.console import progress_bar
from tfmatting.datasets.augmentation.gatherings import Gathering
from tfmatting.datasets.augmentation.shapes import Shapes
from tfmatting.datasets.inspection import inspect
from tfmatting.datasets.negatives import NegativeSource, read_negatives
from tfmatting.datasets.sample import Listing
from tfmatting.datasets.sources import read_all
from tfmatting.tensorflow_setup import import_tensorflow

KINDS = ("animal", "clothes")
SHAPES = Shapes(crop=0.25, letterbox=0.1, lying=0.06, upside_down=0.03)
GATHERING = Gathering(probability=0.16, smallest=0.5, beside=0.5, beside_as_taken=0.07)


def add_recipe_options(add: Callable) -> None:
    """Add what a last stage on labels by vote may be given."""
    add("--recipe", default="portrait")
    add("--stage", default="finish", help="of the recipe; temporal trains a network for films")
    add("--weights", type=Path, required=True)
    add("--output", type=Path, required=True)
    add("--input-size", type=parse_size, metavar="H,W", help="the recipe's when omitted")
    add("--epochs", type=int, default=4)
    add("--rate", type=float, default=3e-4)
    add("--schedule", default="cosine", help="constant while more epochs follow, cosine to finish")
    add("--variation", type=float, default=0.3)
    add("--replace", type=float, default=0.06, help="people before another background")
    add("--gathered", type=float, default=GATHERING.probability, help="scenes of several people")
    add("--shapes", type=float, default=1.0, help="factor on how often photos change their shape")
    add("--nobody-in-full", action="store_true", help="vary pictures without people in full")
    add("--backlight", type=float, default=0.0, help="people darkened against the light")
    add("--seed", type=int, default=81)


def voted_recipe(asked: argparse.Namespace, runs: int = 1):
    """The recipe's last stage with shapes and gatherings; negatives come as samples."""
    from tfmatting.training.recipes.portrait import MODNET_RECIPES, RECIPES
    from tfmatting.training.stages.schedules import Schedule

    recipe = (RECIPES | MODNET_RECIPES)[asked.recipe]()
    gathering = replace(GATHERING, probability=asked.gathered)
    composition = replace(recipe.composition, empty=0.06, gathering=gathering)
    stage = replace(
        recipe.stage(asked.stage),
        epochs=asked.epochs,
        augmentation_strength=asked.variation,
        runs=runs,
        schedule=Schedule(asked.schedule, asked.rate, warmup_epochs=0.3),
    )
    if asked.input_size:
        recipe = replace(recipe, model=replace(recipe.model, input_size=asked.input_size))
        stage = replace(stage, input_size=None)
    often = (SHAPES.crop, SHAPES.letterbox, SHAPES.lying, SHAPES.upside_down)
    shapes = Shapes(*(part * asked.shapes for part in often))
    augmentation = replace(
        recipe.augmentation,
        shapes=shapes,
        backlight=asked.backlight,
        nobody_in_full=asked.nobody_in_full,
    )
    return replace(
        recipe,
        augmentation=augmentation,
        # what the stage takes off other backgrounds is put back: it is set for this stage
        composition=replace(composition, replace=asked.replace / max(asked.variation, 0.01)),
        stages=(stage,),
    )


def repeated(word: str) -> tuple[str, int]:
    """What `--repeat` says: a kind of negatives, and how often an epoch shows each of them."""
    kind, _, times = word.partition("=")
    if kind not in KINDS or not times.isdecimal() or int(times) < 1:
        rule = f"needs KIND=TIMES, of {', '.join(KINDS)} and a whole number from 1"
        raise argparse.ArgumentTypeError(f"{rule}. Received: {word!r}.")
    return kind, int(times)


def read_samples(masks: list[Path], votes: list[Path]) -> list:
    """Voted samples, and those with masks of which there is no vote."""
    voted = {s.identifier: s for folder in votes for s in read_all(str(folder)).sources}
    for folder in masks:
        for source in read_all(str(folder)).sources:
            voted.setdefault(source.identifier, source)
    return [voted[name] for name in sorted(voted)]


def round_while_training(run, asked: argparse.Namespace) -> Path:
    """Train with rounding; the file in 8 bits is calibrated on photos of all kinds."""
    from tfmatting.models import load_model
    from tfmatting.training.compression import import_compression

    tune = import_compression().tune
    from tfmatting.training.compression.fine_tuning import FineTuning

    train = list(run.train)
    random.Random(asked.seed).shuffle(train)
    run.folder.mkdir(parents=True, exist_ok=True)
    tuning = FineTuning(
        run.recipe,
        run.stage,
        train,
        run.validation,
        run.folder,
        asked.epochs,
        asked.rate,
        say,
        asked.seed,
        run.backgrounds,
    )
    return tune(load_model(run.weights), tuning)


def say(line: str) -> None:
    """Print a line when it is said."""
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add_recipe_options(add)
    add("--masks", type=Path, nargs="*", default=[])
    add("--vote", type=Path, nargs="*", default=[])
    add("--validation", type=Path, required=True)
    add("--negatives", type=Path, nargs="+", required=True)
    often = "negatives that an epoch has several times, alone and behind people"
    add("--repeat", type=repeated, nargs="*", default=[], metavar="KIND=TIMES", help=often)
    add("--things", type=Path, help="image/ and alpha/ of things that look like people")
    add("--runs", type=int, default=1)
    add("--leave-out", type=Path, help="a file of names, one a line")
    add("--resume", action="store_true")
    add("--quantize-aware", action="store_true")
    arguments = parser.parse_args()
    if arguments.quantize_aware and (arguments.resume or arguments.runs > 1):
        parser.error("--quantize-aware is one short run. Leave --resume and --runs out.")
    import_tensorflow()
    from tfmatting.imaging.io import list_images
    from tfmatting.training.averaging import train_averaged
    from tfmatting.training.stage_run import StageRun
    from tfmatting.training.trainer import run_stage

    recipe = voted_recipe(arguments, arguments.runs)
    times = dict(arguments.repeat)
    negatives = [
        path
        for folder in arguments.negatives
        for kind, split in read_negatives(folder, KINDS).items()
        for path in split.train * times.get(kind, 1)
    ]
    people = read_samples(arguments.masks, arguments.vote)
    if arguments.leave_out:
        unwanted = set(arguments.leave_out.read_text("utf-8").split())
        people = [source for source in people if source.identifier not in unwanted]
        negatives = [path for path in negatives if path.stem not in unwanted]
    usable = inspect(Listing(people), progress_bar)
    for problem in usable.problems:
        print(f"Left out: {problem.path}: {problem.reason}")
    people = usable.sources
    samples = [
        *people,
        *(
            NegativeSource(f"negative_{number}_{path.stem}", path)
            for number, path in enumerate(negatives)
        ),
    ]
    things = list_images(arguments.things / "image") if arguments.things else []
    print(f"{len(people)} people, {len(negatives)} negatives, {len(things)} things", flush=True)
    run = StageRun(
        recipe=recipe,
        stage=recipe.stages[0],
        train=samples,
        validation=read_all(str(arguments.validation)).sources,
        folder=arguments.output,
        # things are named among the pictures that people stand before, too
        backgrounds=[*negatives, *things],
        seed=arguments.seed,
        weights=arguments.weights,
        resume=arguments.resume,
    )
    if arguments.quantize_aware:
        best = round_while_training(run, arguments)
    else:
        train = train_averaged if arguments.runs > 1 else run_stage
        best = train(run, report=say)
    print(f"Best checkpoint: {best}")


if __name__ == "__main__":
    main()
