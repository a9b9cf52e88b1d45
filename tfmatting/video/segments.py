"""Encodes a video in short segments, so that a stopped run can be resumed.

Each segment is a file with a list of the exact times of its frames beside it. A segment appears
when it is complete. `mux` puts the segments together. A run goes on after the last segment before
which none is missing or damaged.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from tfmatting.documents import read_json
from tfmatting.errors import InputError, TfmattingError
from tfmatting.files import atomic_path, write_json
from tfmatting.video.container import import_av
from tfmatting.video.names import file_name
from tfmatting.video.pipeline import Picture
from tfmatting.video.writer import PictureWriter

SEGMENT_FRAMES = 250
"""The longest distance of key frames in x264: a new segment costs no extra byte."""
SETTINGS = "settings.json"


class UnfinishedRunError(TfmattingError, FileExistsError):
    """An earlier run left segments, and neither resuming nor starting again was chosen."""


def is_begun(output: Path) -> bool:
    """Whether a stopped run left finished segments of a video."""
    folder = _folder_of(output)
    return any(folder.glob("*.mkv")) and (folder / SETTINGS).is_file()


def _folder_of(output: Path) -> Path:
    return output.parent / f".{output.name}.segments"


class Segments:
    """The segments of a video, in a hidden folder beside the output.

    Args:
        output: the video that is being made.
        settings: what the pictures depend on, as JSON values.
        resume: continue after the segments that exist; where none does, begin.

    Attributes:
        times: the presentation times of the frames, one list per segment.
        notes: what `resume` finds otherwise than a stopped run leaves it, one line each.

    Raises:
        UnfinishedRunError: segments exist, and `resume` is false.
        InputError: the segments were made with other settings.
    """

    def __init__(self, output: Path, settings: dict[str, Any], *, resume: bool = False):
        self.folder = _folder_of(output)
        self._settings = settings
        begun = is_begun(output)
        if begun and not resume:
            raise UnfinishedRunError(
                f"An unfinished run left {self.folder}. Add --resume (resume=True) to continue "
                "it, or remove the folder."
            )
        if begun:
            self._check_settings()
        else:
            self.remove()
        self.times: list[list[int]] = list(self._sound())
        self.notes: list[str] = []
        if resume and not begun:
            self.notes.append("nothing was left to resume: made from the start")
        elif begun and len(self._stored()) > len(self.times):
            first = self._path(len(self.times))
            self.notes.append(f"{first} is damaged or missing: made again from there on")

    @property
    def paths(self) -> list[Path]:
        """The finished segments in order."""
        return [self._path(index) for index in range(len(self.times))]

    @property
    def frames(self) -> int:
        """The number of frames in the finished segments."""
        return sum(map(len, self.times))

    @property
    def last_pts(self) -> int | None:
        """The time of the last finished frame; None if there is none."""
        return self.times[-1][-1] if self.times else None

    def write(
        self, pictures: Iterator[Picture], open_writer: Callable[[Path], PictureWriter]
    ) -> Generator[Picture]:
        """Encode pictures and yield each one after it went to the encoder.

        Pictures up to `last_pts` are skipped: they are in a finished segment.
        """
        last = self.last_pts
        fresh = (picture for picture in pictures if last is None or picture.pts > last)
        for path in set(self._stored()) - set(self.paths):
            path.unlink()  # else the next run would take it for one of this run
        if not self.times:
            write_json(self.folder / SETTINGS, self._settings)
        for first in fresh:
            segment = itertools.chain([first], itertools.islice(fresh, SEGMENT_FRAMES - 1))
            times: list[int] = []
            path = self._path(len(self.times))
            with atomic_path(path) as temporary:
                with open_writer(temporary) as writer:
                    for picture in segment:
                        writer.write(picture.pixels)
                        times.append(picture.pts)
                        yield picture
                temporary.with_suffix(".txt").write_text("\n".join(map(str, times)), "utf-8")
            self.times.append(times)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06d}.mkv"

    def _stored(self) -> list[Path]:
        return sorted(self.folder.glob("*.mkv"))

    def _sound(self) -> Iterator[list[int]]:
        """Yield the times of each segment up to the first that is missing or damaged."""
        for path in map(self._path, itertools.count()):
            try:
                times = [int(line) for line in path.with_suffix(".txt").read_text("utf-8").split()]
            except (OSError, ValueError):
                return
            if not times or _count(path) != len(times):
                return
            yield times

    def _check_settings(self) -> None:
        earlier = read_json(self.folder / SETTINGS)
        if not isinstance(earlier, dict):
            raise InputError(f"{self.folder} is damaged. Remove it.")
        now = json.loads(json.dumps(self._settings))
        changed = sorted(key for key in {*earlier, *now} if earlier.get(key) != now.get(key))
        if changed:
            raise InputError(
                f"--resume continues with the settings that made {self.folder}. Changed: "
                f"{', '.join(changed)}."
            )


def _count(path: Path) -> int:
    """The pictures in a segment; none if it is missing or cannot be opened."""
    av = import_av()
    try:
        with av.open(file_name(path)) as segment:
            return sum(packet.size > 0 for packet in segment.demux(video=0))
    except (av.error.FFmpegError, OSError, IndexError):
        return 0
