"""Writes the pictures of a video and the audio of its input to one file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from pathlib import Path

from tfmatting.config import Size
from tfmatting.video.checks import check_output
from tfmatting.video.finishing import finish
from tfmatting.video.pipeline import Picture
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.writer import PictureWriter


def write_video(
    pictures: Generator[Picture],
    reader: VideoReader,
    segments: Segments,
    output: Path,
    *,
    size: Size,
    transparent: bool = False,
    progress: Callable[..., Iterable] | None = None,
) -> None:
    """Encode pictures in segments, then make the file of the segments and the audio of the input.

    When anything raises, the finished segments stay and the exception gets a note that says so.

    Args:
        pictures: the frames of the output that no finished segment holds.
        reader: the input.
        segments: where the pictures go first; removed at the end.
        output: the file.
        size: upright (height, width) of the pictures.
        transparent: the pictures are RGBA.
        progress: wraps the frames and is called as `tqdm.tqdm` is, with `total`, `unit` and
            `initial`.

    Raises:
        InputError: see `check_output`.
        OSError: the file cannot be written.
    """
    encoding = check_output(output, transparent=transparent)

    def open_writer(path: Path) -> PictureWriter:
        return PictureWriter(path, reader.facts, encoding, size, transparent)

    try:
        with closing(pictures), closing(segments.write(pictures, open_writer)) as written:
            total = reader.facts.frames or None
            frames: Iterable[Picture] = written
            if progress:
                frames = progress(written, total=total, unit="frame", initial=segments.frames)
            for _ in frames:
                pass
        finish(segments, reader, encoding, output)
    except BaseException as error:
        if not segments.frames:
            segments.remove()
        else:
            error.add_note(
                f"{segments.frames} finished frames are kept in {segments.folder}. Run it again "
                "with --resume (resume=True) to continue."
            )
        raise
    segments.remove()
