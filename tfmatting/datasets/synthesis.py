"""The sample data set: drawn people with strands of hair and an exact soft alpha.

Figures and backgrounds are drawn with hard edges at several times the size and then averaged
down. Alpha is therefore the exact fraction of each pixel that the figure covers, and the image is
the exact mixture. A seed gives any number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tfmatting.config import Size
from tfmatting.datasets.sample import Listing, Sample

OVERSAMPLING = 4
SKIN_TONES = ((255, 219, 190), (238, 196, 160), (205, 150, 110), (150, 100, 70), (92, 60, 45))
HAIR_COLOURS = ((20, 18, 18), (60, 40, 28), (110, 75, 45), (170, 130, 80), (150, 150, 150))


@dataclass(frozen=True)
class SyntheticSource:
    """One drawn sample.

    Attributes:
        index: number of the sample; (seed, index) determines it.
        seed: of the data set.
        size: (height, width) in pixels.
    """

    index: int
    seed: int = 0
    size: Size = (320, 240)

    @property
    def identifier(self) -> str:
        return f"sample_{self.seed}_{self.index:05d}"

    def load(self) -> Sample:
        """Draw the image, uint8 [H, W, 3], and its soft alpha, uint8 [H, W]."""
        generator = np.random.default_rng((self.seed, self.index))
        large = (self.size[0] * OVERSAMPLING, self.size[1] * OVERSAMPLING)
        background = draw_background(large, generator)
        foreground, coverage = draw_figure(large, generator)
        image = np.where(coverage[..., None] > 0, foreground, background)
        target = (self.size[1], self.size[0])
        image = cv2.resize(image, target, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(coverage, target, interpolation=cv2.INTER_AREA)
        noise = generator.normal(0, generator.uniform(0, 4), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
        return Sample(self.identifier, image, alpha)


def sample_listing(count: int, seed: int = 0, size: Size = (320, 240)) -> Listing:
    """List the first `count` samples of a seed."""
    return Listing([SyntheticSource(index, seed, size) for index in range(count)])


def draw_background(size: Size, generator: np.random.Generator) -> np.ndarray:
    """Draw a textured scene without people, uint8 [H, W, 3]."""
    height, width = size
    canvas = _gradient(size, generator)
    for _ in range(int(generator.integers(4, 14))):
        colour = _colour(generator)
        x, y = generator.integers(0, width), generator.integers(0, height)
        w, h = (
            generator.integers(width // 20, width // 2),
            generator.integers(height // 20, height // 2),
        )
        kind = generator.integers(3)
        if kind == 0:
            cv2.rectangle(canvas, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
        elif kind == 1:
            axes = (int(w // 2), int(h // 2))
            angle = float(generator.uniform(0, 180))
            cv2.ellipse(canvas, (int(x), int(y)), axes, angle, 0, 360, colour, -1)
        else:
            end = (int(generator.integers(0, width)), int(generator.integers(0, height)))
            thickness = int(generator.integers(2, max(3, width // 30)))
            cv2.line(canvas, (int(x), int(y)), end, colour, thickness)
    if generator.random() < 0.5:
        canvas = cv2.GaussianBlur(canvas, (0, 0), generator.uniform(1, max(1.0, width / 60)))
    return _textured(canvas, generator, 22)


def draw_figure(size: Size, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a person from the chest or the hips up.

    Returns:
        The colours, uint8 [H, W, 3], and the coverage, uint8 [H, W] of 0 and 255.
    """
    height, width = size
    body = _Body.random(size, generator)
    canvas = np.zeros((height, width, 3), np.uint8)
    coverage = np.zeros((height, width), np.uint8)

    def fill(points: np.ndarray, colour) -> None:
        polygon = [points.round().astype(np.int32)]
        cv2.fillPoly(canvas, polygon, colour)
        cv2.fillPoly(coverage, polygon, 255)

    hair = HAIR_COLOURS[generator.integers(len(HAIR_COLOURS))]
    _draw_strands(canvas, coverage, body, hair, generator, behind=True)
    if body.arm:
        path, thickness = [body.arm_path().round().astype(np.int32)], int(0.8 * body.unit)
        cv2.polylines(canvas, path, False, body.clothing, thickness)
        cv2.polylines(coverage, path, False, 255, thickness)
    fill(body.torso_outline(), body.clothing)
    _draw_pattern(canvas, body, generator)
    fill(body.neck_outline(), _shaded(body.skin, 0.85))
    fill(body.head_outline(), body.skin)
    _draw_face(canvas, body)
    fill(body.cap_outline(), hair)
    _draw_strands(canvas, coverage, body, hair, generator, behind=False)
    return _textured(canvas, generator, 14), coverage


@dataclass(frozen=True)
class _Body:
    """The parts of a figure. Lengths are in units of half the width of the head."""

    centre: np.ndarray
    unit: float
    tilt: float
    shoulders: float
    long_hair: float
    arm: int
    skin: tuple[int, int, int]
    clothing: tuple[int, int, int]

    @staticmethod
    def random(size: Size, generator: np.random.Generator) -> _Body:
        height, width = size
        unit = width * generator.uniform(0.09, 0.17)
        return _Body(
            centre=np.array(
                [width * generator.uniform(0.32, 0.68), height * generator.uniform(0.24, 0.42)]
            ),
            unit=unit,
            tilt=float(generator.uniform(-0.22, 0.22)),
            shoulders=float(generator.uniform(2.1, 2.9)),
            long_hair=float(generator.uniform(0, 1)),
            arm=int(generator.integers(-1, 2)),
            skin=SKIN_TONES[generator.integers(len(SKIN_TONES))],
            clothing=_colour(generator),
        )

    def place(self, points, turned: bool = True) -> np.ndarray:
        """Convert units around the centre of the head to pixels. Only the head is tilted."""
        points = np.asarray(points, np.float64)
        if turned:
            cos, sin = np.cos(self.tilt), np.sin(self.tilt)
            points = points @ np.array([[cos, sin], [-sin, cos]])
        return self.centre + points * self.unit

    def head_outline(self) -> np.ndarray:
        angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        jaw = 1 - 0.12 * np.clip(np.sin(angle), 0, 1) ** 2
        return self.place(np.column_stack([np.cos(angle) * jaw, 1.3 * np.sin(angle)]))

    def cap_outline(self) -> np.ndarray:
        angle = np.linspace(np.pi * 1.02, np.pi * 1.98, 32)
        outer = np.column_stack([1.08 * np.cos(angle), 1.42 * np.sin(angle)])
        inner = np.column_stack([0.92 * np.cos(angle[::-1]), 0.75 * np.sin(angle[::-1])])
        return self.place(np.concatenate([outer, inner]))

    def neck_outline(self) -> np.ndarray:
        return self.place([(-0.42, 0.8), (0.42, 0.8), (0.5, 2.0), (-0.5, 2.0)], turned=False)

    def torso_outline(self) -> np.ndarray:
        shoulder, bottom = self.shoulders, 14.0
        right = [(0.45, 1.6), (shoulder * 0.8, 1.95), (shoulder, 2.6), (shoulder * 0.97, bottom)]
        left = [(-x, y) for x, y in reversed(right)]
        return self.place(right + left, turned=False)

    def arm_path(self) -> np.ndarray:
        """A bent arm. The gap to the torso is a hole in the matte."""
        shoulder, side = self.shoulders, self.arm
        path = [(shoulder * 0.8, 2.5), (shoulder + 1.5, 4.4), (shoulder * 0.8, 6.2)]
        return self.place([(side * x, y) for x, y in path], turned=False)


def _draw_face(canvas: np.ndarray, body: _Body) -> None:
    for x in (-0.38, 0.38):
        eye = tuple(int(v) for v in body.place([(x, -0.1)])[0])
        axes = (int(0.17 * body.unit), int(0.09 * body.unit))
        cv2.ellipse(canvas, eye, axes, np.rad2deg(body.tilt), 0, 360, (245, 245, 245), -1)
        cv2.circle(canvas, eye, max(1, int(0.08 * body.unit)), (40, 30, 30), -1)
    thickness = max(1, int(0.07 * body.unit))
    mouth = body.place([(-0.3, 0.62), (0.0, 0.7), (0.3, 0.62)]).astype(np.int32)
    cv2.polylines(canvas, [mouth], False, _shaded(body.skin, 0.6), thickness)
    nose = body.place([(0.0, 0.0), (0.1, 0.32), (-0.05, 0.36)]).astype(np.int32)
    cv2.polylines(canvas, [nose], False, _shaded(body.skin, 0.75), thickness)


def _draw_pattern(canvas: np.ndarray, body: _Body, generator: np.random.Generator) -> None:
    """Draw stripes on the clothing of half of the figures."""
    if generator.random() < 0.5:
        return
    mask = np.zeros(canvas.shape[:2], np.uint8)
    cv2.fillPoly(mask, [body.torso_outline().round().astype(np.int32)], 255)
    stripes = canvas.copy()
    colour, gap = _colour(generator), generator.uniform(0.3, 0.9)
    for y in np.arange(2.0, 14.0, gap):
        ends = body.place([(-3.2, y), (3.2, y + generator.uniform(-0.1, 0.1))], turned=False)
        start, end = (tuple(int(v) for v in point) for point in ends)
        cv2.line(stripes, start, end, colour, max(1, int(gap * body.unit * 0.4)))
    canvas[mask > 0] = stripes[mask > 0]


def _draw_strands(
    canvas: np.ndarray,
    coverage: np.ndarray,
    body: _Body,
    colour: tuple[int, int, int],
    generator: np.random.Generator,
    *,
    behind: bool,
) -> None:
    """Draw hair as curves from the scalp: long hair behind the head, flyaways in front."""
    count = int(500 * (0.3 + body.long_hair)) if behind else int(generator.integers(30, 140))
    for _ in range(count):
        angle = generator.uniform(np.pi * 0.98, np.pi * 2.02)
        root = np.array([1.0 * np.cos(angle), 1.3 * np.sin(angle)])
        if behind:
            length = 0.5 + 2.8 * body.long_hair * generator.uniform(0.6, 1)
            side = np.sign(root[0]) or 1.0
            bend = root + (side * generator.uniform(0.1, 0.5), 0.3)
            tip = root + (side * generator.uniform(-0.1, 0.7), length)
        else:
            outward = root / np.linalg.norm(root)
            bend = root + outward * generator.uniform(0.1, 0.35)
            tip = bend + generator.normal(0, 0.28, 2)
        t = np.linspace(0, 1, 14)[:, None]
        curve = (1 - t) ** 2 * root + 2 * t * (1 - t) * bend + t**2 * tip
        points = [body.place(curve).round().astype(np.int32)]
        thickness = int(generator.integers(1, OVERSAMPLING))
        shade = _shaded(colour, generator.uniform(0.8, 1.5))
        cv2.polylines(canvas, points, False, shade, thickness)
        cv2.polylines(coverage, points, False, 255, thickness)


def _gradient(size: Size, generator: np.random.Generator) -> np.ndarray:
    corners = np.array([[_colour(generator) for _ in range(2)] for _ in range(2)], np.float32)
    return cv2.resize(corners, (size[1], size[0]), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _textured(canvas: np.ndarray, generator: np.random.Generator, strength: float) -> np.ndarray:
    """Add noise of several grain sizes, and uneven light."""
    height, width = canvas.shape[:2]
    result = canvas.astype(np.float32)
    for grain in (4, 16, 64):
        shape = (max(2, height // grain), max(2, width // grain), 3)
        noise = generator.normal(0, strength / 3, shape).astype(np.float32)
        result += cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
    light = generator.uniform(0.75, 1.2, (2, 2)).astype(np.float32)
    result *= cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(result, 0, 255).astype(np.uint8)


def _colour(generator: np.random.Generator) -> tuple[int, int, int]:
    grey = generator.uniform(25, 230)
    red, green, blue = (
        int(grey + 0.5 * (value - grey)) for value in generator.integers(15, 240, 3)
    )
    return red, green, blue


def _shaded(colour: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(value * factor, 0, 255)) for value in colour)
    return red, green, blue
