"""Labels by vote: several networks and a mask, where there is one, agree on a matte.

A mask drawn by hand has a solid outline and, now and then, a seat counted or an arm missed; each
network errs in its own way, and the median of three errs least. So the median draws the outline,
the mask decides what belongs to the person, and where every network contradicts it in one thick
piece, the mask is mended. Pictures without people are not for a vote: networks see people in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tfmatting.errors import InputError
from tfmatting.imaging.io import alpha_to_uint8

Teacher = Callable[[np.ndarray], np.ndarray]
"""Maps a photo, uint8 [H, W, 3], to its alpha, float32 [H, W] in [0, 1]."""


@dataclass(frozen=True)
class VoteRules:
    """When the vote counts.

    Attributes:
        band: how far from the mask's outline the median's soft alpha is taken, as part of the
            photo's longer side; further away, what agrees with the mask is as solid as the mask.
        thick: disagreement that holds a disc of this radius (part of the longer side) is about
            what belongs to the person; anything thinner is about where the outline runs.
        sure: how far on its side of 0.5 each network must be to speak against the mask.
        unanimous: part of a thick piece where all of them must do so for the mask to be mended.
    """

    band: float = 0.025
    thick: float = 0.008
    sure: float = 0.1
    unanimous: float = 0.7


@dataclass(frozen=True)
class Verdict:
    """A label, and how far its makers parted.

    Attributes:
        alpha: uint8 [H, W].
        mended: part of the photo where all networks overruled the mask.
        disputed: part of the photo where thick pieces were decided against somebody: the mask
            against the median or, without a mask, one network against the others.
    """

    alpha: np.ndarray
    mended: float
    disputed: float


def ask(teachers: Sequence[Teacher], image: np.ndarray) -> np.ndarray:
    """What every network says of a photo.

    Args:
        teachers: the networks.
        image: uint8 [H, W, 3].

    Returns:
        Opinions, uint8 [H, W, T].
    """
    return np.dstack([alpha_to_uint8(teacher(image)) for teacher in teachers])


def median_alpha(opinions: np.ndarray) -> np.ndarray:
    """The median of opinions uint8 [H, W, T], for each pixel: uint8 [H, W]."""
    return (np.median(opinions, axis=2) + 0.5).astype(np.uint8)


def vote_on_mask(mask: np.ndarray, opinions: np.ndarray, rules: VoteRules = VoteRules()) -> Verdict:
    """Mend and soften a binary mask.

    Args:
        mask: uint8 [H, W], 255 = person; grey values count by their side of 0.5.
        opinions: uint8 [H, W, T].
        rules: see `VoteRules`.
    """
    _check(mask, opinions)
    inside = mask >= 128
    median = median_alpha(opinions)
    longest = max(mask.shape)
    thick = thick_parts((median >= 128) != inside, rules.thick * longest)
    against = _contradicted(inside, opinions, rules.sure)
    mended = np.zeros_like(inside)
    count, pieces = cv2.connectedComponents(thick.astype(np.uint8), connectivity=8)
    for piece in range(1, count):
        own = pieces == piece
        if against[own].mean() >= rules.unanimous:
            mended |= own
    kept = thick & ~mended
    solid = np.where(inside, 255, 0).astype(np.uint8)
    alpha = np.where(near_outline(inside, rules.band * longest) | mended, median, solid)
    # beyond the band, thin disagreement is a strand that the mask has not, or a hole of its own
    alpha = np.where(((median >= 128) != inside) & ~kept, median, alpha)
    # where the mask wins, nor does the networks' doubt around it count
    doubt = cv2.dilate(kept.astype(np.uint8), _disc(2 * rules.thick * longest)) > 0
    alpha = np.where(doubt & ~mended, solid, alpha).astype(np.uint8)
    return Verdict(alpha, float(mended.mean()), float(kept.mean()))


def vote_without_mask(
    opinions: np.ndarray, certain: np.ndarray | None = None, rules: VoteRules = VoteRules()
) -> Verdict:
    """Label a photo that has no mask, or one of a part of the person.

    Args:
        opinions: uint8 [H, W, T].
        certain: uint8 [H, W], 255 where a person is for sure, such as a mask of the hair alone;
            it says nothing of the rest.
        rules: see `VoteRules`.
    """
    alpha = median_alpha(opinions)
    radius = rules.thick * max(alpha.shape)
    split = opinions.max(axis=2).astype(np.int16) - opinions.min(axis=2) > 128
    disputed = thick_parts(split, radius)
    mended = np.zeros_like(disputed)
    if certain is not None:
        _check(certain, opinions)
        mended = thick_parts((certain >= 128) & (alpha < 128), radius)
        alpha = np.where(mended, 255, alpha).astype(np.uint8)
    return Verdict(alpha, float(mended.mean()), float((disputed & ~mended).mean()))


def thick_parts(region: np.ndarray, radius: float) -> np.ndarray:
    """What of a region belongs to pieces that hold a disc.

    Args:
        region: bool [H, W].
        radius: of the disc, in pixels.

    Returns:
        bool [H, W]: the pieces with their rounded corners; thin arms further off are left out.
    """
    disc = _disc(radius)
    opened = cv2.morphologyEx(
        region.astype(np.uint8), cv2.MORPH_OPEN, disc, borderType=cv2.BORDER_REPLICATE
    )
    return region & (cv2.dilate(opened, disc) > 0)


def near_outline(inside: np.ndarray, reach: float) -> np.ndarray:
    """Pixels not further than `reach` from the outline of a region, bool [H, W]."""
    if inside.all() or not inside.any():
        return np.zeros_like(inside)
    person = inside.astype(np.uint8)
    distance = np.where(
        inside,
        cv2.distanceTransform(person, cv2.DIST_L2, cv2.DIST_MASK_PRECISE),
        cv2.distanceTransform(1 - person, cv2.DIST_L2, cv2.DIST_MASK_PRECISE),
    )
    return distance <= reach


def _contradicted(inside: np.ndarray, opinions: np.ndarray, sure: float) -> np.ndarray:
    """Where all networks are on the other side of the mask."""
    low, high = 255 * (0.5 - sure), 255 * (0.5 + sure)
    return np.where(inside, opinions.max(axis=2) < low, opinions.min(axis=2) > high)


def _disc(radius: float) -> np.ndarray:
    diameter = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))


def _check(mask: np.ndarray, opinions: np.ndarray) -> None:
    if opinions.ndim != 3 or mask.shape != opinions.shape[:2]:
        raise InputError(
            f"Mask and opinions must have one size. Received: {mask.shape} and {opinions.shape}."
        )
