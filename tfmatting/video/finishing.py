"""Makes the output of the finished segments: a video with sound, an animated GIF, or pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfmatting.files import atomic_path
from tfmatting.video.container import import_av
from tfmatting.video.encoding import Encoding
from tfmatting.video.gif import write_gif
from tfmatting.video.image_sequence import is_numbered, write_sequence
from tfmatting.video.mux import mux
from tfmatting.video.names import file_name
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments


def finish(segments: Segments, reader: VideoReader, encoding: Encoding, output: Path) -> None:
    """Write the output; what it cannot hold is added to the reader's `notes`.

    Raises:
        OSError: the output cannot be written.
    """
    if is_numbered(output):
        write_sequence(_pictures(segments), output, reader.first_number)
    elif output.suffix.lower() == ".gif":
        _finish_gif(segments, reader, output)
    else:
        with atomic_path(output) as temporary:
            mux(segments, reader, encoding, temporary)
        return
    if reader.audio:
        reader.notes.append(f"the sound is left out: {output.suffix} holds none")


def _finish_gif(segments: Segments, reader: VideoReader, output: Path) -> None:
    time_base, start = reader.facts.time_base, reader.first_pts
    times = [float((pts - start) * time_base) for part in segments.times for pts in part]

    def film() -> Iterator[tuple[np.ndarray, float]]:
        opaque = np.full((1, 1, 1), 255, np.uint8)
        for pixels, seconds in zip(_pictures(segments), times, strict=True):
            if pixels.shape[2] == 3:
                alpha = np.broadcast_to(opaque, (*pixels.shape[:2], 1))
                pixels = np.concatenate([pixels, alpha], axis=2)
            yield pixels, seconds

    with atomic_path(output) as temporary:
        left_out = write_gif(film, temporary, float(1 / reader.facts.frame_rate))
    if left_out:
        reader.notes.append(f"GIF shows at most 50 frames a second: {left_out} are left out")


def _pictures(segments: Segments) -> Iterator[np.ndarray]:
    """Yield the pictures of lossless segments, uint8 [H, W, 3 or 4]."""
    for path in segments.paths:
        with import_av().open(file_name(path)) as segment:
            for frame in segment.decode(video=0):
                transparent = frame.format.name == "bgra"
                yield frame.to_ndarray(format="rgba" if transparent else "rgb24")
