"""Panoramas and scrolls: photos longer than the networks have seen.

A network takes every photo at one size. Between 1:2 and 2:1 the photo is squeezed to it, as in
training; a model that has seen upright photos alone says so (`widest`). Beyond, people would be
squeezed out of shape. A first pass over square windows (upright ones in a tall photo) finds where
people are along the photo. Each of these stretches is then matted by itself, padded to 1:2 or 2:1
where the person alone is longer. The rest is background.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tfmatting.imaging.resize import resize

LONGEST = 2.0
"""Longer side over shorter side of photos that are taken as a whole."""
UPRIGHT_WINDOW = 2.0
"""Height over width of the first pass' windows in a tall photo: people stand."""
GAP, MARGIN, LEAST = 0.15, 0.12, 0.01
"""Of the shorter side: what still joins two people; what is added around them (or of their own
length); how much of a row must be opaque to count."""
BROAD = 0.5
"""Of the shorter side: how much of it a person takes who fills the photo."""
MOST_PADDING = 8
"""Times the shorter side to which a part is padded: nobody is 16 times as long as wide."""
LEAST_WINDOW = 64
"""Pixels along the photo, so that a line of pixels is not gone through one by one."""
Network = Callable[[np.ndarray], np.ndarray]
"""uint8 [h, w, 3] -> alpha float32 [h, w]."""
Stretch = tuple[int, int]


def is_extreme(image: np.ndarray, widest: float = LONGEST) -> bool:
    """Whether a photo is taller than 1:2, or wider than `widest` (width over height)."""
    height, width = image.shape[:2]
    return height > LONGEST * width or width > widest * height


def find_stretches(image: np.ndarray, network: Network, side: int) -> list[Stretch]:
    """Find where people are along the longer side.

    Args:
        image: uint8 [H, W, 3].
        network: the first pass; it is given windows of an image whose shorter side is `side`.
        side: of the network's input.

    Returns:
        (start, stop) in pixels, in order, each with a margin; they may overlap.
    """
    height, width = image.shape[:2]
    short = min(height, width)
    scale = min(1.0, side / short)
    small = resize(image, (max(1, round(height * scale)), max(1, round(width * scale))))
    coarse = _first_pass(small, network)
    if width > height:
        coarse = coarse.T
    opaque = np.flatnonzero((coarse > 0.5).sum(axis=1) > max(1, LEAST * coarse.shape[1]))
    if not opaque.size:
        return []
    cuts = np.flatnonzero(np.diff(opaque) > GAP * coarse.shape[1])
    starts = [opaque[0], *opaque[cuts + 1]]
    stops = [*(opaque[cuts] + 1), opaque[-1] + 1]
    length, factor = max(height, width), max(height, width) / coarse.shape[0]
    return [
        _with_surroundings(round(a * factor), min(length, round(b * factor)), short, length)
        for a, b in zip(starts, stops, strict=True)
    ]


def pad_to_longest(image: np.ndarray) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Repeat the borders of an image until it is 1:2 or 2:1; also where it lies in the result.

    Its shorter side grows at most by `MOST_PADDING`.
    """
    height, width = image.shape[:2]
    wanted = min(-(-max(height, width) // int(LONGEST)), MOST_PADDING * min(height, width))
    down, right = max(0, wanted - height), max(0, wanted - width)
    top, left = down // 2, right // 2
    padded = cv2.copyMakeBorder(image, top, down - top, left, right - left, cv2.BORDER_REPLICATE)
    return padded, (slice(top, top + height), slice(left, left + width))


def blend_stretches(
    stretches: list[Stretch], mattes: list[np.ndarray], size: tuple[int, int]
) -> np.ndarray:
    """Put the mattes of stretches together; where two overlap, one fades into the other.

    Args:
        stretches: as from `find_stretches`.
        mattes: float32, one for each.
        size: (height, width) of the photo.
    """
    wide = size[1] > size[0]
    total = np.zeros(size if not wide else size[::-1], np.float32)
    weights = np.zeros(max(size), np.float32)
    for (start, stop), matte in zip(stretches, mattes, strict=True):
        steps = np.arange(stop - start, dtype=np.float32)
        ramp = np.minimum(steps + 1, steps[::-1] + 1)
        total[start:stop] += (matte.T if wide else matte) * ramp[:, None]
        weights[start:stop] += ramp
    total /= np.maximum(weights, 1)[:, None]
    return np.ascontiguousarray(total.T) if wide else total


def stretch_of(image: np.ndarray, stretch: Stretch) -> np.ndarray:
    """The part of a photo that a stretch of its longer side covers."""
    part = slice(*stretch)
    return image[:, part] if image.shape[1] > image.shape[0] else image[part]


def _first_pass(small: np.ndarray, network: Network) -> np.ndarray:
    """The larger alpha of windows that overlap by half, and of the whole photo where it is broad.

    Who fills the photo is in no window as a whole. People that are small in it are found by the
    windows; between them the whole photo shows thin ghosts, which would join their stretches.
    """
    height, width = small.shape[:2]
    short, length = min(height, width), max(height, width)
    window = max(LEAST_WINDOW, short if width > height else round(UPRIGHT_WINDOW * short))
    window = min(length, window)
    count = max(1, -(-2 * (length - window) // window) + 1)
    stretches = [
        (start, start + window) for start in np.linspace(0, length - window, count).astype(int)
    ]
    mattes = [network(np.ascontiguousarray(stretch_of(small, part))) for part in stretches]
    found = blend_stretches(stretches, mattes, (height, width))
    padded, inside = pad_to_longest(small)
    whole = network(padded)[inside]
    broad = (whole > 0.5).mean(axis=0 if width > height else 1, keepdims=True) >= BROAD
    return np.maximum(found, whole * broad)


def _with_surroundings(start: int, stop: int, short: int, length: int) -> Stretch:
    """A stretch with a margin, at least as long as the photo is wide, inside the photo."""
    margin = round(MARGIN * max(short, stop - start))
    wanted = max(stop - start + 2 * margin, min(short, length))
    start = (start + stop - wanted) // 2
    start = max(0, min(start, length - wanted))
    return start, min(length, start + wanted)
