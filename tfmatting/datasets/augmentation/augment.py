"""Joint augmentation of image and alpha with OpenCV, several times faster than tf.image.

All randomness is drawn from one NumPy generator. The augmentation of a sample depends on its seed
only, and not on the thread that runs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.augmentation.degradation import degrade
from tfmatting.datasets.augmentation.lighting import backlight, relight
from tfmatting.datasets.augmentation.shapes import AS_FRAMED, Shapes, cut_square, vary_shape
from tfmatting.errors import InputError
from tfmatting.imaging.resize import AREA, resize, resize_labels


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the augmentation. `NONE` turns it off.

    Attributes:
        flip: probability of a horizontal flip.
        rotation: largest angle in degrees, to either side.
        zoom: (smallest, largest) factor; above 1 crops.
        shift: largest shift to either side, as a fraction of the side.
        brightness: largest change, as a fraction of 255.
        contrast: largest relative change of the distance from mid-grey.
        saturation: largest relative change of the distance from grey.
        colour_cast: largest relative change of each channel on its own.
        gamma: largest exponent; the smallest is its inverse.
        grey: probability of a grey image.
        light: probability of light from one side; see `relight`.
        backlight: probability of a person against the light, at any strength; see `backlight`.
        degradation: probability of blur, motion blur, noise or JPEG compression.
        band: (smallest, largest) kernel diameter of the trimap, in pixels at the training size.
        shapes: how often the frame's proportions change.
        nobody_in_full: pictures of nobody are varied in full where photos as taken are varied
            less: they have no outline to keep as it was taken.
        crops: sides in pixels of the photo; one is drawn for each sample, and a square window of
            it is cut before all else. None when empty; a smaller photo gives its largest square.

    Raises:
        InputError: a crop of less than one pixel.
    """

    flip: float = 0.5
    rotation: float = 15.0
    zoom: tuple[float, float] = (0.8, 1.4)
    shift: float = 0.12
    brightness: float = 0.2
    contrast: float = 0.25
    saturation: float = 0.3
    colour_cast: float = 0.1
    gamma: float = 1.4
    grey: float = 0.03
    light: float = 0.0
    backlight: float = 0.0
    degradation: float = 0.3
    band: tuple[int, int] = (2, 5)
    shapes: Shapes = AS_FRAMED
    crops: tuple[int, ...] = ()
    nobody_in_full: bool = False

    def __post_init__(self):
        if any(side < 1 for side in self.crops):
            raise InputError(f"A crop has at least 1 pixel a side. Received: {self.crops}.")

    def scaled(self, part: float) -> Augmentation:
        """Return a weaker augmentation.

        Ranges and probabilities are multiplied by `part`, and factors are raised to its power.
        Flips stay as they are.
        """
        smallest, largest = self.zoom
        products = {name: getattr(self, name) * part for name in SCALED}
        zoom = (smallest**part, largest**part)
        return replace(self, zoom=zoom, gamma=self.gamma**part, **products)


SCALED = (
    "rotation",
    "shift",
    "brightness",
    "contrast",
    "saturation",
    "colour_cast",
    "grey",
    "light",
    "degradation",
)
NONE = Augmentation(0, 0, (1, 1), 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, (3, 3))


def augment(
    image: np.ndarray,
    alpha: np.ndarray,
    size: Size,
    settings: Augmentation,
    generator: np.random.Generator,
    *,
    labels: bool = False,
    marks: bool = False,
    resizing: str = AREA,
) -> tuple[np.ndarray, np.ndarray]:
    """Augment a pair and resize it to `size`.

    Args:
        image: uint8 [H, W, 3].
        alpha: uint8 [H, W], or several maps as [H, W, N].
        size: (height, width) of the result. The aspect ratio is not kept.
        settings: ranges of the augmentation.
        generator: the only source of randomness.
        labels: alpha holds class indices, which must not be interpolated.
        marks: so does the last of several maps, and only that.
        resizing: the rule where nothing but the size changes; see `resize`.

    Returns:
        uint8 [height, width, 3], and uint8 [height, width] or [height, width, N].
    """
    if settings != NONE:
        if settings.crops:
            image, alpha = cut_square(image, alpha, settings.crops, generator)
        image, alpha = vary_shape(image, alpha, settings.shapes, generator)
        matrix = _affine(image.shape[:2], size, settings, generator)
        target = (size[1], size[0])
        image = cv2.warpAffine(
            image, matrix, target, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )

        def warp(maps: np.ndarray, nearest: bool) -> np.ndarray:
            rule = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
            return cv2.warpAffine(
                maps, matrix, target, flags=rule, borderMode=cv2.BORDER_REFLECT_101
            )

        alpha, kept = _without_marks(alpha, marks)
        alpha = warp(alpha, labels)
        kept = None if kept is None else warp(kept, True)
        image = _recolour(image, settings, generator)
        if settings.light and generator.random() < settings.light:
            image = relight(image, generator)
        if settings.backlight and not labels and generator.random() < settings.backlight:
            image = backlight(image, alpha if alpha.ndim == 2 else alpha[..., 0], generator)
        if generator.random() < settings.degradation:
            image, alpha = degrade(image, alpha, generator, labels=labels)
        return image, alpha if kept is None else np.dstack([alpha, kept])
    alpha, kept = _without_marks(alpha, marks)
    image, alpha = resize_pair(image, alpha, size, labels=labels, resizing=resizing)
    return image, alpha if kept is None else np.dstack([alpha, resize_labels(kept, size)])


def _without_marks(maps: np.ndarray, marks: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Split off the last of several maps, if it holds class indices."""
    if not marks:
        return maps, None
    first = maps[..., :-1] if maps.shape[2] > 2 else maps[..., 0]
    return np.ascontiguousarray(first), np.ascontiguousarray(maps[..., -1])


def resize_pair(
    image: np.ndarray,
    alpha: np.ndarray,
    size: Size,
    *,
    labels: bool = False,
    resizing: str = AREA,
) -> tuple[np.ndarray, np.ndarray]:
    """Resize both to `size`; class indices by nearest neighbour."""
    if labels:
        return resize(image, size, resizing), resize_labels(alpha, size)
    return resize(image, size, resizing), resize(alpha, size, resizing)


def _affine(
    source: Size, target: Size, settings: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Return rotation, zoom, shift and flip about the centre as one 2x3 matrix."""
    zoom = np.exp(generator.uniform(*np.log(settings.zoom)))
    angle = np.deg2rad(generator.uniform(-settings.rotation, settings.rotation))
    shift = generator.uniform(-settings.shift, settings.shift, 2)
    mirror = -1.0 if generator.random() < settings.flip else 1.0
    # Move the centre of the source to 0, scale to target pixels, rotate, move to the new centre.
    to_target = np.diag([target[1] / source[1], target[0] / source[0]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * zoom, zoom]) @ to_target
    centre = np.array([target[1], target[0]]) * (0.5 + shift) - 0.5
    offset = centre - linear @ ((np.array([source[1], source[0]]) - 1) / 2)
    return np.column_stack([linear, offset])


def _recolour(
    image: np.ndarray, settings: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Change brightness, contrast, colour cast and gamma by one table, then the saturation."""
    brightness = generator.uniform(-settings.brightness, settings.brightness) * 255
    contrast = 1 + generator.uniform(-settings.contrast, settings.contrast)
    saturation = 1 + generator.uniform(-settings.saturation, settings.saturation)
    cast = 1 + generator.uniform(-settings.colour_cast, settings.colour_cast, 3)
    gamma = settings.gamma ** generator.uniform(-1, 1)
    if generator.random() < settings.grey:
        saturation = 0.0
    levels = 255 * (np.arange(256) / 255) ** gamma
    levels = (levels - 128) * contrast + 128 + brightness
    table = np.clip(levels[:, None] * cast, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table.reshape(1, 256, 3))
    if saturation != 1:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        image = cv2.addWeighted(image, saturation, grey, 1 - saturation, 0)
    return image
