"""The settings of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from tfmatting.config import Size
from tfmatting.datasets.augmentation.augment import NONE, Augmentation
from tfmatting.datasets.augmentation.composition import AS_TAKEN, Composition
from tfmatting.datasets.augmentation.prior import Prior
from tfmatting.errors import InputError


@dataclass(frozen=True)
class PipelineSettings:
    """How samples become batches.

    Attributes:
        input_size: (height, width) that the model takes.
        batch_size: samples per batch.
        augmentation: ranges of the augmentation; `NONE` for validation.
        composition: how new scenes are composed from samples; `AS_TAKEN` for validation.
        augmentation_strength: strength of the augmentation for original photos, as a fraction of
            `augmentation`. Composed scenes are augmented in full.
        classes: of the mask. 1 or 2: person or not; more: the mask is a map of class indices.
        person_class: the class whose mask is the alpha, for maps of class indices.
        letterbox: keep the proportions of photos, with grey bars that are background.
        given_trimaps: a data set's own trimaps count; where it has none, or a scene was composed,
            they are drawn from alpha.
        prior: how the previous frame's alpha is made; None for models without that input.
        shuffle: shuffle the samples anew in each epoch.
        seed: of the order and of the augmentation.
        cache_megabytes: upper limit of the decoded samples that are kept in memory.
        cache_margin: samples are cached larger than `input_size` by this factor, so that crops
            keep their detail.

    Raises:
        InputError: compositions of maps of class indices.
    """

    input_size: Size
    batch_size: int
    augmentation: Augmentation = NONE
    composition: Composition = AS_TAKEN
    augmentation_strength: float = 1.0
    classes: int = 2
    person_class: int = 1
    letterbox: bool = False
    given_trimaps: bool = True
    prior: Prior | None = None
    shuffle: bool = False
    seed: int = 0
    cache_megabytes: int = 4096
    cache_margin: float = 1.35

    def __post_init__(self):
        if self.multiclass and self.composition != AS_TAKEN:
            raise InputError(
                f"Scenes are composed of people and not of {self.classes} classes. Set "
                "composition.replace and composition.empty to 0."
            )

    @property
    def multiclass(self) -> bool:
        """Whether masks hold class indices, which must not be interpolated."""
        return self.classes > 2
