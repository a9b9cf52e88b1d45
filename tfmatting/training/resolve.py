"""Resolves options to a run: the recipe with all changes, and the stages in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tfmatting.config import check_multiple, override, to_dictionary
from tfmatting.datasets.names import SAMPLE
from tfmatting.errors import InputError
from tfmatting.models import read_metadata
from tfmatting.models.checkpoints import ALL_STAGES, BEST, find_checkpoint, is_done
from tfmatting.training.options import TrainingOptions
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stages.stage import Recipe

Report = Callable[[str], None]


@dataclass(frozen=True)
class ResolvedRun:
    """A resolved run.

    Attributes:
        options: as asked for.
        recipe: with every change of the options.
        stages: names of the stages, in order.
        folder: of the model below the output folder; each stage has one in it.
        weights: the checkpoint that the first stage starts from; none when None.
    """

    options: TrainingOptions
    recipe: Recipe
    stages: tuple[str, ...]
    folder: Path
    weights: Path | None

    @property
    def stage_folders(self) -> list[Path]:
        """The folder of each stage."""
        return [self.folder / name for name in self.stages]

    @property
    def data(self) -> str:
        """The data set; drawn samples when none was asked for."""
        return self.options.data or SAMPLE

    @property
    def seed(self) -> int:
        """Of weights, order and augmentation; 0 when none was asked for."""
        return self.options.seed or 0

    def describe(self) -> dict:
        """The recipe as JSON can hold it; functions by their names."""
        recipe = to_dictionary(replace(self.recipe, stages=()))
        return {**recipe, "stages": [stage.describe() for stage in self.recipe.stages]}


def resolve(options: TrainingOptions, output: Path, report: Report) -> ResolvedRun:
    """Resolve the options of a run.

    Raises:
        InputError: an unknown model, recipe, stage or setting, or a value out of range.
        MissingFileError: no such weights.
    """
    recipe = resolve_recipe(options)
    folder = output / recipe.model_name
    stages = stages_to_run(recipe, options, folder, report)
    earlier = recipe.earlier(stages[0])
    if options.weights is None:
        weights = folder / earlier.name / BEST if earlier else None
    else:
        weights = find_checkpoint(options.weights)
        if earlier:
            warn_of_stage_order(recipe, stages[0], weights, report)
    return ResolvedRun(options, recipe, tuple(stages), folder, weights)


def check_runs(run: ResolvedRun) -> None:
    """Refuse a cluster for stages that have one run each.

    Raises:
        InputError: no stage of the run averages several.
    """
    if all(run.recipe.stage(name).runs == 1 for name in run.stages):
        raise InputError(
            "--ray trains the runs of a stage that averages several at the same time. Received: "
            f"{', '.join(run.stages)}, with one run each. Leave --ray out, or give "
            f"--set stages.{run.stages[-1]}.runs=3."
        )


def resolve_recipe(options: TrainingOptions) -> Recipe:
    """The model's recipe with the changes that were asked for."""
    recipe = find_recipe(options.model, options.recipe, smoke=options.smoke)
    changes: dict = {}
    if options.input_size:
        changes["model"] = replace(recipe.model, input_size=options.input_size)
        stages = tuple(replace(stage, input_size=None) for stage in recipe.stages)
        recipe = replace(recipe, stages=stages)
    if options.classes:
        if not hasattr(recipe.model, "classes"):
            raise InputError(f"Model {recipe.model_name} has no classes. Leave --classes out.")
        model = changes.get("model", recipe.model)
        changes["model"] = replace(model, classes=options.classes)
    if options.batch_size:
        changes["batch_size"] = options.batch_size
    if options.backbone_weights or options.smoke:
        changes["backbone_weights"] = options.backbone_weights or "none"
    if options.epochs:
        changes["stages"] = tuple(replace(stage, epochs=options.epochs) for stage in recipe.stages)
    recipe = replace(recipe, **changes)
    if options.learning_rate is not None:
        stages = tuple(
            replace(stage, schedule=replace(stage.schedule, learning_rate=options.learning_rate))
            for stage in recipe.stages
        )
        recipe = replace(recipe, stages=stages)
    recipe = override(recipe, options.settings)
    check_multiple(recipe.model.input_size, recipe.model.stride)
    return recipe


def stages_to_run(
    recipe: Recipe, options: TrainingOptions, folder: Path, report: Report
) -> list[str]:
    """The requested stages, preceded by unfinished stages that they build upon."""
    if options.stage in (None, ALL_STAGES):
        names = [stage.name for stage in recipe.stages]
        labelled = [stage.name for stage in recipe.stages if not stage.unlabelled]
        if options.frames or names == labelled:
            return names
        left_out = ", ".join(name for name in names if name not in labelled)
        report(f"Stage {left_out} is left out: it learns from --frames, and none are given.")
        return labelled
    chosen = [recipe.stage(options.stage).name]
    if options.weights:
        return chosen
    while (earlier := recipe.earlier(chosen[0])) and not is_done(
        folder / earlier.name, earlier.epochs
    ):
        chosen.insert(0, earlier.name)
    if len(chosen) > 1:
        report(
            f"Stage {options.stage} builds upon {', '.join(chosen[:-1])}: no finished {BEST} "
            "there yet, so that is trained first."
        )
    return chosen


def warn_of_stage_order(recipe: Recipe, name: str, weights: Path, report: Report) -> None:
    """Warn when a stage starts from weights that do not come from the previous stage."""
    earlier = recipe.earlier(name)
    assert earlier is not None  # the caller looked
    trained = read_metadata(weights).get("stage")
    order = [stage.name for stage in recipe.stages]
    if trained not in order or order.index(trained) < order.index(earlier.name):
        report(
            f"Warning: stage {name} builds upon {earlier.name}; {weights} "
            + (f"comes from stage {trained}." if trained else "does not say what trained it.")
        )
