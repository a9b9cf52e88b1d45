"""The settings of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import NONE, Augmentation
from tfmatting.datasets.augmentation.composition import AS_TAKEN, Composition
from tfmatting.datasets.augmentation.prior import Prior
from tfmatting.datasets.pipeline.share import WHOLE, Share
from tfmatting.errors import InputError
from tfmatting.imaging.resize import AREA, RESIZINGS

TRUTHS = ("alpha", "trimap", "classes", "scene")
"""What a model's outputs may be compared with."""


@dataclass(frozen=True)
class PipelineSettings:
    """How samples become batches.

    Attributes:
        input_size: (height, width) that the model takes.
        batch_size: samples per batch, of all workers together.
        augmentation: ranges of the augmentation; `NONE` for validation.
        composition: how new scenes are composed from samples; `AS_TAKEN` for validation.
        augmentation_strength: strength of the augmentation for original photos, as a fraction of
            `augmentation`. Composed scenes are augmented in full.
        classes: of the mask. 1 or 2: person or not; more: the mask is a map of class indices.
        person_class: the class whose mask is the alpha, for maps of class indices.
        letterbox: keep the proportions of photos, with grey bars that are background.
        resizing: how photos and alpha are resized where nothing is varied; see `resize`.
        given_trimaps: a data set's own trimaps count; where it has none, or a scene was composed,
            they are drawn from alpha.
        prior: how the previous frame's alpha is made; None for models without that input.
        shuffle: shuffle the samples anew in each epoch.
        seed: of the order and of the augmentation.
        cache_megabytes: upper limit of the decoded samples that are kept in memory.
        cache_margin: samples are cached larger than `input_size` by this factor, so that crops
            keep their detail.
        share: the part of every batch that is read here.
        truths: those of `TRUTHS` that are made; alpha always is.

    Raises:
        InputError: compositions of maps of class indices, or photos that are both varied and
            resized otherwise than by area.
    """

    input_size: Size
    batch_size: int
    augmentation: Augmentation = NONE
    composition: Composition = AS_TAKEN
    augmentation_strength: float = 1.0
    classes: int = 2
    person_class: int = 1
    letterbox: bool = False
    resizing: str = AREA
    given_trimaps: bool = True
    prior: Prior | None = None
    shuffle: bool = False
    seed: int = 0
    cache_megabytes: int = 4096
    cache_margin: float = 1.35
    share: Share = WHOLE
    truths: tuple[str, ...] = TRUTHS

    def __post_init__(self):
        if self.resizing not in RESIZINGS:
            raise InputError(f"`resizing` is one of {RESIZINGS}. Received: {self.resizing!r}.")
        if self.resizing != AREA and self.augmentation != NONE:
            raise InputError(
                f"Photos that are varied are resized by area. Received: {self.resizing!r} and an "
                "augmentation. Give --set resizing=area, or no augmentation."
            )
        if self.multiclass and self.composition != AS_TAKEN:
            raise InputError(
                f"Scenes are composed of people and not of {self.classes} classes. Set "
                "composition.replace and composition.empty to 0."
            )

    @property
    def multiclass(self) -> bool:
        """Whether masks hold class indices, which must not be interpolated."""
        return self.classes > 2
