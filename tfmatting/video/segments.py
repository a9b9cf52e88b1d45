"""A video's pictures in finished segments, so that a stopped run is gone on with.

Each segment is a file of its own beside the exact times of its frames, and is begun after the one
before is whole. `mux` makes the video of them.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import atomic_path, write_text
from tfmatting.video.pipeline import Picture
from tfmatting.video.writer import PictureWriter

PIECE_FRAMES = 250
"""As long as x264's longest way between key frames: a new segment costs no byte."""
SETTINGS = "settings.json"


class Segments:
    """The segments of a video, in a hidden folder beside it.

    Args:
        output: the video.
        settings: what the pictures depend on, as JSON has it.
        resume: go on after the segments that are there.

    Raises:
        FileExistsError: segments are there and `resume` is not asked for.
        FileNotFoundError: `resume` is asked for and nothing is there.
        ValueError: the segments were made with other settings.
    """

    def __init__(self, output: Path, settings: dict[str, Any], *, resume: bool = False):
        self.folder = output.parent / f".{output.name}.segments"
        self._settings = settings
        begun = bool(self.paths) and (self.folder / SETTINGS).is_file()
        if begun and not resume:
            raise FileExistsError(
                f"An unfinished run left {self.folder}. Add --resume to go on with it, or "
                "remove it."
            )
        if resume and not begun:
            raise MissingFileError(f"Nothing to resume: no {self.folder}. Leave --resume out.")
        if begun:
            self._check_settings()
        else:
            self.remove()
        self.times: list[list[int]] = [
            [int(line) for line in path.with_suffix(".txt").read_text().split()]
            for path in self.paths
        ]

    @property
    def paths(self) -> list[Path]:
        """The finished segments in order."""
        return sorted(self.folder.glob("*.mkv"))

    @property
    def frames(self) -> int:
        """How many frames are in them."""
        return sum(map(len, self.times))

    @property
    def last_pts(self) -> int | None:
        """The time of the last frame in them; None when there is none."""
        return self.times[-1][-1] if self.times else None

    def write(
        self, pictures: Iterator[Picture], open_writer: Callable[[Path], PictureWriter]
    ) -> Generator[Picture]:
        """Encode pictures and yield each once it is handed to the encoder.

        Pictures up to `last_pts` are there already and left out.
        """
        last = self.last_pts
        fresh = (picture for picture in pictures if last is None or picture.pts > last)
        if not self.times:
            write_text(self.folder / SETTINGS, json.dumps(self._settings, indent=1))
        for first in fresh:
            segment = itertools.chain([first], itertools.islice(fresh, PIECE_FRAMES - 1))
            times: list[int] = []
            path = self.folder / f"{len(self.times):06d}.mkv"
            with atomic_path(path) as temporary:
                with open_writer(temporary) as writer:
                    for picture in segment:
                        writer.write(picture.pixels, picture.pts)
                        times.append(picture.pts)
                        yield picture
                temporary.with_suffix(".txt").write_text("\n".join(map(str, times)))
            self.times.append(times)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _check_settings(self) -> None:
        earlier = json.loads((self.folder / SETTINGS).read_text())
        now = json.loads(json.dumps(self._settings))
        changed = sorted(key for key in {*earlier, *now} if earlier.get(key) != now.get(key))
        if changed:
            raise InputError(
                f"--resume goes on with the settings that made {self.folder}. Changed: "
                f"{', '.join(changed)}."
            )
