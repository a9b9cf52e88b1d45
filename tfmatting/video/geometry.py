"""How a film's stored pictures are shown: turned, mirrored, with pixels that are not square."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tfmatting.config import Size
from tfmatting.video.encoding import Encoding

ONE = 2**16
"""1.0 in the display matrix' fixed-point numbers."""


@dataclass(frozen=True)
class Geometry:
    """From stored to shown pictures: first swapped axes, then mirrored ones.

    Attributes:
        swapped: rows become columns.
        mirrored: left and right change places, after swapping.
        flipped: top and bottom change places, after swapping.
        pixel_aspect: width over height of a stored pixel.
        note: what players show otherwise than the pictures are taken here; empty if nothing.
    """

    swapped: bool = False
    mirrored: bool = False
    flipped: bool = False
    pixel_aspect: Fraction = Fraction(1)
    note: str = ""

    @property
    def rotation(self) -> int:
        """Degrees counter-clockwise that players turn the stored picture by: 0, 90, 180, 270."""
        turns = {(False, False): 0, (True, True): 180}
        if self.swapped:
            turns = {(True, False): 270, (False, True): 90}
        return turns.get((self.mirrored, self.flipped), 0)

    @property
    def is_rotation(self) -> bool:
        """Whether a turn alone shows the picture, without a mirror."""
        return self.swapped == (self.mirrored != self.flipped)

    def size(self, stored: Size) -> Size:
        """(height, width) of the shown picture."""
        return (stored[1], stored[0]) if self.swapped else stored

    def show(self, stored: np.ndarray) -> np.ndarray:
        """Turn a stored picture [H, W, ...] upright."""
        shown = stored.swapaxes(0, 1) if self.swapped else stored
        return np.ascontiguousarray(self._mirror(shown))

    def store(self, shown: np.ndarray) -> np.ndarray:
        """Turn an upright picture as the file stores it."""
        stored = self._mirror(shown)
        return np.ascontiguousarray(stored.swapaxes(0, 1) if self.swapped else stored)

    def upright(self) -> Geometry:
        """The geometry of pictures that are stored as they are shown."""
        aspect = 1 / self.pixel_aspect if self.swapped else self.pixel_aspect
        return Geometry(pixel_aspect=aspect)

    def _mirror(self, picture: np.ndarray) -> np.ndarray:
        if self.mirrored:
            picture = picture[:, ::-1]
        return picture[::-1] if self.flipped else picture


def read_geometry(frame, stream) -> Geometry:
    """Read the display matrix and the pixels' shape of a decoded frame and its stream.

    Source: FFmpeg, libavutil/display.h: (x', y') = (a x + c y, b x + d y).
    """
    aspect = stream.sample_aspect_ratio or Fraction(1)
    aspect = Fraction(aspect) if aspect > 0 else Fraction(1)
    matrix = _display_matrix(frame)
    if matrix is None:
        return Geometry(pixel_aspect=aspect)
    a, b, c, d = (int(matrix[index]) for index in (0, 1, 3, 4))
    swapped = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if swapped else (a, d)
    rest = (a, d) if swapped else (b, c)
    note = ""
    if any(abs(value) > ONE // 100 for value in rest):
        note = "players turn it by an angle that is no multiple of 90 degrees; the nearest is taken"
    return Geometry(swapped, across < 0, down < 0, aspect, note)


def written_geometry(geometry: Geometry, encoding: Encoding) -> Geometry:
    """How an output stores its pictures: turned as the input, where that survives; else upright."""
    return geometry if encoding.keeps_rotation and geometry.is_rotation else geometry.upright()


def _display_matrix(frame) -> np.ndarray | None:
    for data in frame.side_data:
        if data.type.name == "DISPLAYMATRIX":
            return np.frombuffer(bytes(data), np.int32)
    return None
