"""Writes pictures as an animated GIF with one palette for the whole film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tfmatting.video.container import import_av
from tfmatting.video.names import file_name

HUNDREDTH = Fraction(1, 100)
"""GIF counts time in hundredths of a second."""
SHORTEST = 2
"""Hundredths; browsers slow pictures down that are shorter."""
PALETTE = "stats_mode=full:reserve_transparent=1"
DITHER = "dither=bayer:bayer_scale=3:diff_mode=rectangle:alpha_threshold=128"
"""An ordered pattern stays in place: error diffusion flickers from picture to picture."""

Pictures = Callable[[], Iterator[tuple[np.ndarray, float]]]
"""Gives the film from its start: pictures uint8 [H, W, 4], RGBA, and their times in seconds."""


def write_gif(pictures: Pictures, path: Path, last_seconds: float) -> int:
    """Write an animated GIF that repeats for ever.

    Args:
        pictures: the film; it is read twice.
        path: the file.
        last_seconds: how long the last picture is shown.

    Returns:
        The number of pictures that are left out because they last less than `SHORTEST`.

    Raises:
        OSError: the file cannot be written.
    """
    av = import_av()
    palette, times = _palette(pictures)
    kept = _kept(times)
    shown = [time for time, keep in zip(times, kept, strict=True) if keep]
    last = max(SHORTEST, round(last_seconds * 100))
    ends = [*shown[1:], shown[-1] + last]
    spans = iter(zip(shown, ends, strict=True))
    with av.open(file_name(path), "w", format="gif", options={"final_delay": str(last)}) as film:
        stream: Any = film.add_stream("gif", rate=100)
        stream.height, stream.width = size = _size(pictures)
        stream.pix_fmt, stream.codec_context.time_base = "pal8", HUNDREDTH
        painter = _Painter(palette, size)
        for (pixels, _), keep in zip(pictures(), kept, strict=True):
            if keep:
                start, end = next(spans)
                painted = painter.paint(pixels, start)
                painted.duration = end - start
                film.mux(stream.encode(painted))
        film.mux(stream.encode())
    return kept.count(False)


def _size(pictures: Pictures) -> tuple[int, int]:
    pixels, _ = next(pictures())
    return pixels.shape[0], pixels.shape[1]


def _palette(pictures: Pictures) -> tuple[Any, list[int]]:
    """Return the palette of the whole film as a frame, and all times in hundredths."""
    graph = import_av().filter.Graph()
    height, width = _size(pictures)
    source = graph.add_buffer(width=width, height=height, format="rgba", time_base=HUNDREDTH)
    graph.link_nodes(source, graph.add("palettegen", PALETTE), graph.add("buffersink")).configure()
    times = []
    for pixels, seconds in pictures():
        times.append(round(seconds * 100))
        source.push(_frame(pixels, len(times)))
    source.push(None)
    return graph.vpull(), times


class _Painter:
    """Paints pictures in the colours of a palette."""

    def __init__(self, palette: Any, size: tuple[int, int]):
        self._graph = graph = import_av().filter.Graph()
        height, width = size
        options = {"format": "rgba", "time_base": HUNDREDTH}
        self._source = graph.add_buffer(width=width, height=height, name="film", **options)
        colours = graph.add_buffer(
            width=palette.width, height=palette.height, name="palette", **options
        )
        paint, sink = graph.add("paletteuse", DITHER), graph.add("buffersink")
        self._source.link_to(paint, 0, 0)
        colours.link_to(paint, 0, 1)
        paint.link_to(sink)
        graph.configure()
        palette.pts, palette.time_base = 0, HUNDREDTH
        colours.push(palette)
        colours.push(None)

    def paint(self, pixels: np.ndarray, pts: int) -> Any:
        self._source.push(_frame(pixels, pts))
        painted = self._graph.vpull()
        painted.pts, painted.time_base = pts, HUNDREDTH
        return painted


def _frame(pixels: np.ndarray, pts: int) -> Any:
    frame = import_av().VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgba")
    frame.pts, frame.time_base = pts, HUNDREDTH
    return frame


def _kept(times: list[int]) -> list[bool]:
    """Return for each time whether it is far enough from the kept one before."""
    kept, last = [], None
    for time in times:
        kept.append(last is None or time - last >= SHORTEST)
        last = time if kept[-1] else last
    return kept
