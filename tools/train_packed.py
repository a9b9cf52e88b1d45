"""Trains on a packed set with any of Keras' backends, such as JAX on a machine with a GPU.

    KERAS_BACKEND=jax python tools/train_packed.py packed --recipe portrait_fine \\
        --weights modnet.keras --output RUN --epochs 20 --workers 16

The machine needs JAX, Keras, OpenCV and Pillow, not TensorFlow. `RUN/best.keras` opens with every
backend. `tools/pack_training_set.py` makes the set.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from train_on_vote import add_recipe_options, say, voted_recipe

from tfmatting.datasets.negatives import NegativeSource
from tfmatting.datasets.sources import read_all
from tfmatting.imaging.io import list_images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("packed", type=Path)
    add_recipe_options(add)
    add("--batch-size", type=int)
    add("--side", type=int, help="pixels of the network's input; the recipe's if omitted")
    add("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    from tfmatting.training.backend_loop import train_stage
    from tfmatting.training.stage_run import StageRun

    recipe = voted_recipe(arguments)
    if arguments.batch_size:
        recipe = replace(recipe, batch_size=arguments.batch_size)
    if arguments.side:
        size = (arguments.side, arguments.side)
        recipe = replace(recipe, model=replace(recipe.model, input_size=size))
    negatives = list_images(arguments.packed / "negatives")
    people = read_all(str(arguments.packed / "train")).sources
    run = StageRun(
        recipe=recipe,
        stage=recipe.stages[0],
        train=[*people, *(NegativeSource(f"negative_{path.stem}", path) for path in negatives)],
        validation=read_all(str(arguments.packed / "val")).sources,
        folder=arguments.output,
        backgrounds=negatives,
        seed=arguments.seed,
        weights=arguments.weights,
    )
    best = train_stage(run, report=say, workers=arguments.workers)
    print(f"Best checkpoint: {best}")


if __name__ == "__main__":
    main()
