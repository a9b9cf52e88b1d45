"""`train.py`, `tfmatting train`."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from tfmatting.cli.arguments import positive, size
from tfmatting.console import progress_bar
from tfmatting.datasets.sources import SAMPLE, SAMPLE_COUNT
from tfmatting.errors import InputError

SMOKE_SAMPLES = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("--model", default="lfm", metavar="NAME", help="a model of the registry")
    add("--recipe", metavar="NAME", help="a recipe of the model; its first when omitted")
    add("--stage", default="all", metavar="NAME|all", help="a stage of the model's")
    add("--data", default=SAMPLE, metavar="DIR|sample", help="a data set; sample draws one")
    add("--backgrounds", metavar="DIR", help="people-free pictures; every third is held back")
    add(
        "--frames",
        type=Path,
        metavar="DIR|VIDEO",
        help="pictures or a video without truth, for stages that learn from them (soc)",
    )
    add("--input-size", type=size, metavar="H,W")
    add("--batch-size", type=positive, metavar="N")
    add("--epochs", type=positive, metavar="N")
    add("--learning-rate", type=float, metavar="X")
    add("--seed", type=int, default=0, metavar="N")
    add("--output", type=Path, default=Path("runs"), metavar="DIR")
    add("--weights", type=Path, metavar="FILE|RUN", help="a checkpoint to start from")
    add("--backbone-weights", metavar="imagenet|none|FILE")
    add("--classes", type=positive, metavar="N", help="of the masks; segmenters only")
    add("--wandb", default="", metavar="PROJECT", help="log to Weights & Biases, too")
    add(
        "--quantize-aware",
        action="store_true",
        help="train a finished model on with eight bits in mind, and write its int8 file",
    )
    add(
        "--prune",
        type=float,
        metavar="SPARSITY",
        help="train a finished model on while so large a part of its weights becomes 0",
    )
    add("--resume", action="store_true", help="go on where the last run in --output stopped")
    add("--overwrite", action="store_true", help="replace an earlier run in --output")
    add("--smoke", action="store_true", help="a minute's run that only shows that all works")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="any setting of the recipe")


def run(arguments: argparse.Namespace) -> int:
    """Train the stages asked for and say where the checkpoint is."""
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.datasets.backgrounds import read_backgrounds
    from tfmatting.training.checkpoints import BEST, LAST, claim_folder, find_checkpoint
    from tfmatting.training.soup import run_soup
    from tfmatting.training.trainer import Run, run_stage
    from tfmatting.video.frames import read_frames

    if arguments.quantize_aware or arguments.prune is not None:
        from tfmatting.cli.compression import run_compression

        return run_compression(arguments)
    arguments = _with_stored_arguments(arguments)
    recipe = resolve_recipe(arguments)
    folder = arguments.output / recipe.model_name
    chosen = _stages_to_run(recipe, arguments, folder)
    weights = find_checkpoint(arguments.weights) if arguments.weights else None
    if weights is None:
        earlier = recipe.earlier(chosen[0])
        weights = folder / earlier.name / BEST if earlier else None
    elif recipe.earlier(chosen[0]):
        _warn_of_stage_order(recipe, chosen[0], weights)
    for name in chosen:
        claim_folder(
            folder / name,
            resume=arguments.resume,
            overwrite=arguments.overwrite,
            weights=weights,
        )
    split = find_samples(arguments, recipe, folder)
    backgrounds = read_backgrounds(arguments.backgrounds).train if arguments.backgrounds else ()
    frames = ()
    if any(recipe.stage(name).unlabelled for name in chosen):
        if arguments.frames is None:
            raise InputError(
                "This stage learns from frames without truth. Give --frames DIR|VIDEO."
            )
        frames = read_frames(arguments.frames)
    for name in chosen:
        stage = recipe.stage(name)
        train = run_soup if stage.runs > 1 else run_stage
        weights = train(
            Run(
                recipe=recipe,
                stage=stage,
                train=split.train.sources,
                validation=split.validation.sources,
                folder=folder / name,
                backgrounds=backgrounds,
                frames=frames if stage.unlabelled else (),
                experiment=arguments.wandb,
                seed=arguments.seed,
                weights=weights,
                resume=arguments.resume and any((folder / name).rglob(LAST)),
                command=tuple(arguments.arguments),
            ),
            report=print,
        )
    print(f"Best checkpoint: {weights}. Next: python export.py --weights {weights} --format tflite")
    return 0


def _stages_to_run(recipe, arguments: argparse.Namespace, folder: Path) -> list[str]:
    """The stages asked for, and before them those they build upon and that are not done yet."""
    from tfmatting.training.checkpoints import BEST

    if arguments.stage == "all":
        labelled = [stage.name for stage in recipe.stages if not stage.unlabelled]
        names = [stage.name for stage in recipe.stages]
        if arguments.frames or names == labelled:
            return names
        left_out = ", ".join(name for name in names if name not in labelled)
        print(f"Stage {left_out} is left out: it learns from --frames, and none are given.")
        return labelled
    chosen = [recipe.stage(arguments.stage).name]
    if arguments.weights:
        return chosen
    while (earlier := recipe.earlier(chosen[0])) and not _done(folder / earlier.name, earlier):
        chosen.insert(0, earlier.name)
    if len(chosen) > 1:
        print(
            f"Stage {arguments.stage} builds upon {', '.join(chosen[:-1])}: no finished {BEST} "
            "there yet, so that is trained first."
        )
    return chosen


def _done(folder: Path, stage) -> bool:
    """Whether a stage has run for the epochs it was given, or left nothing to go on with."""
    from tfmatting.models import read_metadata
    from tfmatting.training.checkpoints import BEST, LAST

    if not (folder / BEST).is_file():
        return False
    last, config = folder / LAST, folder / "config.json"
    if not last.is_file():
        return True
    epochs = stage.epochs
    if config.is_file():
        epochs = json.loads(config.read_text())["recipe"]["stages"][0]["epochs"]
    return read_metadata(last)["epoch"] >= epochs


def _warn_of_stage_order(recipe, name: str, weights: Path) -> None:
    """Say when a stage starts from weights that its earlier stage did not make."""
    from tfmatting.models import read_metadata

    earlier = recipe.earlier(name)
    trained = read_metadata(weights).get("stage")
    order = [stage.name for stage in recipe.stages]
    if trained not in order or order.index(trained) < order.index(earlier.name):
        print(
            f"Warning: stage {name} builds upon {earlier.name}; {weights} "
            + (f"comes from stage {trained}." if trained else "does not say what trained it.")
        )


def resolve_recipe(arguments: argparse.Namespace):
    """The model's recipe with the command line's changes."""
    from tfmatting.config import check_multiple, override
    from tfmatting.training.recipes import find_recipe

    recipe = find_recipe(arguments.model, arguments.recipe, smoke=arguments.smoke)
    changes: dict = {}
    if arguments.input_size:
        changes["model"] = dataclasses.replace(recipe.model, input_size=arguments.input_size)
        recipe = dataclasses.replace(
            recipe,
            stages=tuple(dataclasses.replace(stage, input_size=None) for stage in recipe.stages),
        )
    if arguments.classes:
        if not hasattr(recipe.model, "classes"):
            raise InputError(f"Model {recipe.model_name} has no classes. Leave --classes out.")
        model = changes.get("model", recipe.model)
        changes["model"] = dataclasses.replace(model, classes=arguments.classes)
    if arguments.batch_size:
        changes["batch_size"] = arguments.batch_size
    if arguments.backbone_weights:
        changes["backbone_weights"] = arguments.backbone_weights
    if arguments.smoke and not arguments.backbone_weights:
        changes["backbone_weights"] = "none"
    if arguments.epochs:
        changes["stages"] = tuple(
            dataclasses.replace(stage, epochs=arguments.epochs) for stage in recipe.stages
        )
    recipe = dataclasses.replace(recipe, **changes)
    if arguments.learning_rate is not None:
        stages = tuple(
            dataclasses.replace(
                stage,
                schedule=dataclasses.replace(stage.schedule, learning_rate=arguments.learning_rate),
            )
            for stage in recipe.stages
        )
        recipe = dataclasses.replace(recipe, stages=stages)
    for setting in arguments.set:
        key, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set takes KEY=VALUE. Received: {setting!r}.")
        recipe = override(recipe, key, value)
    check_multiple(recipe.model.input_size, recipe.model.stride)
    return recipe


def find_samples(arguments: argparse.Namespace, recipe, folder: Path):
    """Find the samples and look at each, so that no broken one stops the run later."""
    from tfmatting.datasets.inspection import inspect, write_report
    from tfmatting.datasets.sources import Split, read_split

    split = read_split(
        arguments.data,
        validation_part=recipe.validation_part,
        seed=arguments.seed,
        classes=getattr(recipe.model, "classes", 2),
        sample_count=SMOKE_SAMPLES if arguments.smoke else SAMPLE_COUNT,
    )
    if arguments.data == SAMPLE:
        return split
    checked = Split(inspect(split.train, progress_bar), inspect(split.validation, progress_bar))
    problems = [*checked.train.problems, *checked.validation.problems]
    if problems:
        report = folder / "data_problems.csv"
        write_report(report, problems)
        print(f"{len(problems)} samples cannot be used: {report}. First: {problems[0].reason}")
    return checked


def _with_stored_arguments(arguments: argparse.Namespace) -> argparse.Namespace:
    """On --resume, the options of the run's start hold; what is given now comes after them."""
    if not arguments.resume:
        return arguments
    configs = sorted((arguments.output / arguments.model).rglob("config.json"))
    if not configs:
        raise InputError(
            f"Nothing to resume under {arguments.output / arguments.model}. Start without --resume."
        )
    newest = max(configs, key=lambda path: path.stat().st_mtime)
    stored = json.loads(newest.read_text(encoding="utf-8"))["command"]
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = list(arguments.arguments[1:])
    merged = parser.parse_args([*stored[1:], *given])
    merged.arguments = [word for word in (*stored, *given) if word != "--resume"]
    merged.resume = True
    return merged
