"""Peak memory and time of one training step, with each stage of a recipe in its own process.

Drawn samples go through the same pipeline as in `train.py`. The first step traces the graph and is
not counted. Memory is the process's peak minus what the process held before it built the model.

    python benchmarks/training_step.py --model lfm --recipe paper
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import time

import numpy as np

from tfmatting.evaluation.latency import own_peak_memory


def measure(name: str, recipe_name: str, stage_name: str, steps: int) -> dict[str, float]:
    """Build the stage's model, take its steps, and return seconds and megabytes."""
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
    from tfmatting.datasets.synthesis import sample_listing
    from tfmatting.models import build
    from tfmatting.training.recipes import find_recipe
    from tfmatting.training.stage_data import with_targets
    from tfmatting.training.stages.compilation import compile_stage, freeze

    before = own_peak_memory()
    recipe = find_recipe(name, recipe_name)
    stage = recipe.stage(stage_name)
    config = dataclasses.asdict(recipe.model)
    model = build(name, config.pop("input_size"), **config)
    freeze(model, stage)
    compile_stage(model, stage, steps)
    settings = PipelineSettings(
        recipe.model.input_size, recipe.batch_size, augmentation=recipe.augmentation, shuffle=True
    )
    sources = sample_listing(recipe.batch_size * 2).sources
    batches = iter(with_targets(make_dataset(sources, settings), model, stage))
    seconds = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        model.train_on_batch(*next(batches))
        seconds.append(time.perf_counter() - start)
    return {
        "seconds": float(np.median(seconds[1:])),
        "megabytes": own_peak_memory() - before,
        "batch": recipe.batch_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lfm")
    parser.add_argument("--recipe", default="paper")
    parser.add_argument("--stage", help="only this one")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        figures = measure(arguments.model, arguments.recipe, arguments.stage, arguments.steps)
        print(json.dumps(figures))
        return
    from tfmatting.training.recipes import find_recipe

    recipe = find_recipe(arguments.model, arguments.recipe)
    print(f"{arguments.model}, recipe {recipe.name}, {recipe.model.input_size}, batch", end=" ")
    print(f"{recipe.batch_size}: median of {arguments.steps} steps, peak memory")
    for stage in recipe.stages:
        if arguments.stage not in (None, stage.name):
            continue
        words = [sys.executable, __file__, "--alone", "--stage", stage.name]
        words += ["--model", arguments.model, "--recipe", recipe.name]
        words += ["--steps", str(arguments.steps)]
        output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        figures = json.loads(output.strip().splitlines()[-1])
        print(f"{stage.name:12} {figures['seconds']:7.1f} s {figures['megabytes']:8.0f} MB")


if __name__ == "__main__":
    main()
