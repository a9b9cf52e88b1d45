"""One film as a part of a command's work: what became of it, and its row in a manifest."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfmatting.errors import MissingExtraError, MissingFileError
from tfmatting.row_file import RowFile
from tfmatting.video.matte import VideoReport, matte_video

COLUMNS = {
    "film": str,
    "output": str,
    "frames": int,
    "seconds": float,
    "problems": str,
    "error": str,
    "time": str,
}
"""`seconds` is how long the work took; `problems` are what could not be read, with "; " between;
`time` is when the film was done, in UTC."""


@dataclass(frozen=True)
class FilmResult:
    """What became of a film.

    Attributes:
        film, output: the files. After an error the output is not of this film.
        report: what `matte_video` said; None after an error.
        seconds: how long it took.
        error: why there is no output, or None.
    """

    film: Path
    output: Path
    report: VideoReport | None
    seconds: float
    error: Exception | None = None

    @property
    def sound(self) -> bool:
        """Whether all of the film could be read and written."""
        return self.report is not None and not self.report.problems

    def row(self) -> dict[str, Any]:
        """What became of it, by the names of `COLUMNS`."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        frames, problems = (self.report.frames, self.report.problems) if self.report else (0, [])
        error = "" if self.error is None else str(self.error)
        values = (self.film, self.output, frames, f"{self.seconds:.1f}", "; ".join(problems))
        return dict(zip(COLUMNS, (*values, error, now), strict=True))


def matte_film(film: Path, output: Path, **options: Any) -> FilmResult:
    """Matte a film; what is wrong with the film is told by the result.

    Args:
        film, output: the files.
        options: of `matte_video`.

    Raises:
        MissingFileError: no such model.
        MissingExtraError: PyAV or the runtime of the model is not installed.
    """
    start, report, failure = time.monotonic(), None, None
    try:
        report = matte_video(film, output, **options)
    except MissingExtraError:
        raise  # every film would need it
    except (ValueError, OSError) as error:
        if isinstance(error, MissingFileError) and film.exists():
            raise  # the model, which every film would need
        failure = error
    return FilmResult(film, output, report, time.monotonic() - start, failure)


@contextlib.contextmanager
def noting(manifest: str | Path | None) -> Iterator[Callable[[FilmResult], None]]:
    """Give a function that keeps the row of a film; it does nothing without a manifest.

    Raises:
        InputError: the manifest is no table of films.
        MissingExtraError: `.parquet` without pyarrow.
    """
    with RowFile(manifest, COLUMNS) if manifest else contextlib.nullcontext() as table:

        def note(result: FilmResult) -> None:
            if table:
                table.write(result.row())

        yield note
