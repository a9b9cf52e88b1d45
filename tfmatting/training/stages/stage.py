"""A recipe as data: a model, how samples vary, and the stages it is trained in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tfmatting.config import Size, to_dictionary
from tfmatting.datasets.augmentation.augment import Augmentation
from tfmatting.datasets.augmentation.composition import AS_TAKEN, Composition
from tfmatting.datasets.augmentation.prior import Prior
from tfmatting.datasets.pipeline.settings import TRUTHS
from tfmatting.errors import InputError
from tfmatting.imaging.resize import AREA
from tfmatting.training.stages.schedules import Schedule

LossTerms = dict[str, tuple[tuple[float, Callable], ...]]
"""Output name -> (weight, loss function) pairs, summed."""


@dataclass(frozen=True)
class Optimization:
    """The optimizer of a stage.

    Attributes:
        name: "adam", "adamw", "sgd" or "rmsprop".
        weight_decay: decoupled, per step times the learning rate; biases and batch-norm
            weights are left out.
        momentum: of sgd and rmsprop.
        clip_norm: largest global gradient norm; none when 0.
        beta_2: of adam: how long it remembers squared gradients.
        weight_penalty: factor of an L2 term in the loss: the sum, over all arrays that learn but
            batch normalisation's, of the mean square of each.
    """

    name: str = "adamw"
    weight_decay: float = 0.0
    momentum: float = 0.9
    clip_norm: float = 0.0
    beta_2: float = 0.999
    weight_penalty: float = 0.0


@dataclass(frozen=True)
class Plateau:
    """Times `factor` when `monitor` has not risen for more than `patience` epochs."""

    monitor: str
    patience: int = 2
    factor: float = 0.1


@dataclass(frozen=True)
class Stage:
    """One stage of training.

    Attributes:
        name: "supervised", or the paper's own name of the stage.
        epochs: passes over the training samples.
        losses: what is minimised, by output.
        schedule: the learning rate over the stage.
        optimization: the optimizer.
        input_size: (height, width) where it is not the recipe's.
        trainable: prefix of the layers that learn, or several; all others are frozen, statistics
            included.
        frozen: prefix of layers that do not; none when empty.
        freeze_backbone: the encoder does not learn, statistics included.
        freeze_normalization: every batch normalisation stays as it is, statistics and scale.
        fix_statistics: every batch normalisation normalises by the statistics that it has, and
            keeps them; scale and offset learn.
        targets: output -> what it is compared with; of the same name where there is one, else
            alpha.
        metrics: output -> further functions of truth and prediction, written to the history.
        monitor: the figure of the history by which the best epoch is chosen: the highest where it
            ends in iou, dice or accuracy, else the lowest.
        plateau: lowers the rate when a figure stops rising; the schedule must be constant.
        adapt: turns the model it starts from, and the recipe, into the one it trains.
        start_teaches: the network that it starts from is the teacher, where the recipe has none.
        unlabelled: learns from frames without truth; `losses` are not used.
        batch_size: where it is not the recipe's.
        augmentation_strength: how far photos as taken are varied, and how often people get another
            background, as part of what the recipe says: networks end better near photos as taken.
            Composed scenes are always varied in full.
        runs: how often it is trained from the same start, with the seeds that follow the first;
            what goes on is the mean of their weights.
    """

    name: str
    epochs: int
    losses: LossTerms
    schedule: Schedule
    optimization: Optimization = field(default_factory=Optimization)
    input_size: Size | None = None
    trainable: str | tuple[str, ...] = ""
    frozen: str = ""
    freeze_backbone: bool = False
    freeze_normalization: bool = False
    fix_statistics: bool = False
    targets: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, tuple[Callable, ...]] = field(default_factory=dict)
    monitor: str = "val_alpha_mad"
    plateau: Plateau | None = None
    adapt: Callable[[Any, Recipe], Any] | None = None
    start_teaches: bool = False
    unlabelled: bool = False
    batch_size: int | None = None
    augmentation_strength: float = 1.0
    runs: int = 1

    def describe(self) -> dict[str, Any]:
        """The stage as JSON can hold it; functions by their names."""
        plain = to_dictionary(replace(self, losses={}, metrics={}, adapt=None))
        plain["losses"] = {
            output: {function.__name__: weight for weight, function in terms}
            for output, terms in self.losses.items()
        }
        return plain

    def target(self, output: str) -> str:
        """The name of what an output is compared with: one of `TRUTHS`."""
        return self.targets.get(output, output if output in TRUTHS else "alpha")


@dataclass(frozen=True)
class Teacher:
    """The teacher of a distillation, and its share in the target.

    Attributes:
        checkpoint: a `.keras` file of a network that takes a photo and gives alpha; nobody when
            empty.
        share: of the teacher's alpha in the target; the rest is the mask's.
    """

    checkpoint: str = ""
    share: float = 0.5

    def __post_init__(self):
        if not 0 <= self.share <= 1:
            raise InputError(f"A teacher's share is 0 to 1. Received: {self.share}.")


@dataclass(frozen=True)
class Recipe:
    """All settings of a training run except the data and the seed.

    Attributes:
        name: the recipe's own name among its model's.
        model_name: a name of the registry.
        model: the model's configuration dataclass, its input size included.
        stages: in order.
        batch_size: samples a step.
        backbone_weights: "imagenet", "none", a file of them, or a `.keras` checkpoint of another
            form of the model, of which every array that fits is taken; "auto" is "imagenet", or
            "none" with a warning where they cannot be had.
        augmentation: variations of the training samples.
        composition: other scenes made of them.
        prior: how the previous frame's alpha is made, for models that take one.
        teacher: a finished network whose alpha is mixed into the truth.
        letterbox: keep the proportions of photos, with grey bars, instead of stretching them.
        resizing: "area", or "cubic" as in T-Net's own code, which aliases; nothing may be varied
            then. The checkpoint says so, and photos are shown to it in the same way.
        given_trimaps: learn from a data set's own trimaps; else they are drawn from alpha.
        average_decay: of the exponential moving average of the weights; none when 0.
        validation_part: part of the samples held back where the data has no `val`.
        precision: Keras' dtype policy; half precision pays on GPUs only.
    """

    name: str
    model_name: str
    model: Any
    stages: tuple[Stage, ...]
    batch_size: int
    backbone_weights: str = "auto"
    augmentation: Augmentation = field(default_factory=Augmentation)
    composition: Composition = AS_TAKEN
    prior: Prior = field(default_factory=Prior)
    teacher: Teacher = field(default_factory=Teacher)
    letterbox: bool = False
    resizing: str = AREA
    given_trimaps: bool = True
    average_decay: float = 0.0
    validation_part: float = 0.1
    precision: str = "float32"

    def smoke(self, *, epochs: int = 1, **model_changes: Any) -> Recipe:
        """The same recipe, small enough to run in a minute, to check that everything works.

        Args:
            epochs: of every stage.
            **model_changes: fields of the model's configuration; `input_size` is twice its stride
                where it is not among them.
        """
        changes = {"input_size": (2 * self.model.stride,) * 2, **model_changes}
        stages = (
            replace(stage, epochs=epochs, input_size=None, batch_size=None, runs=min(stage.runs, 2))
            for stage in self.stages
        )
        return replace(
            self,
            model=replace(self.model, **changes),
            batch_size=4,
            backbone_weights="none",
            stages=tuple(stages),
        )

    def during(self, stage: Stage) -> Recipe:
        """The recipe with what the stage has otherwise."""
        return replace(
            self,
            model=replace(self.model, input_size=stage.input_size or self.model.input_size),
            batch_size=stage.batch_size or self.batch_size,
            composition=self.composition.scaled(stage.augmentation_strength),
        )

    def earlier(self, name: str) -> Stage | None:
        """The stage that must be done before the named one; none for the first."""
        index = self.stages.index(self.stage(name))
        return self.stages[index - 1] if index else None

    def stage(self, name: str) -> Stage:
        """Find a stage by name; ValueError lists the known ones."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        known = ", ".join(stage.name for stage in self.stages)
        raise InputError(f"Model {self.model_name!r} has no stage {name!r}. Known: {known}, all.")
