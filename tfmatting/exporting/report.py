"""What an export reports: how far the file is from the Keras model, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfmatting.errors import TfmattingError


class ExportMismatchError(TfmattingError, RuntimeError):
    """The exported file does not reproduce the Keras model's alpha; it was removed."""


@dataclass(frozen=True)
class Comparison:
    """The alpha of an exported file beside the Keras model's, over some photos.

    Attributes:
        images: the number of photos compared.
        mean_difference: the mean absolute difference of alpha, in [0, 1].
        largest_difference: the largest absolute difference at one pixel, in [0, 1].
    """

    images: int
    mean_difference: float
    largest_difference: float


@dataclass(frozen=True)
class ExportReport:
    """What `tfmatting.export` wrote.

    Attributes:
        path: the file or folder.
        megabytes: its size in 10^6 bytes.
        comparison: its alpha beside the Keras model's.
        tolerance: the largest mean difference that the format's table allows.
        quantization_report: the picture of quantization errors, when one was asked for.
        client_call: the line of C++ that prepares a photo for a graph with external
            preprocessing; empty for other files.
        compile_command: what compiles the file for its device; empty for other files.
    """

    path: Path
    megabytes: float
    comparison: Comparison
    tolerance: float
    quantization_report: Path | None = None
    client_call: str = ""
    compile_command: str = ""

    def table(self) -> str:
        """Render the comparison as two lines of text: a heading and the figures."""
        heading = (
            f"{'file':44} {'MB':>6} {'photos':>6} {'mean |d|':>9} {'allowed':>8} {'max |d|':>9}"
        )
        found = self.comparison
        return (
            f"{heading}\n{self.path!s:44} {self.megabytes:6.2f} {found.images:6} "
            f"{found.mean_difference:9.2g} {self.tolerance:8.0e} {found.largest_difference:9.2g}"
        )

    @property
    def next(self) -> str:
        """What to do with the file: a command, or the client's call."""
        if self.client_call:
            return f"The client's call: {self.client_call}"
        if self.compile_command:
            return f"Next: {self.compile_command}"
        return f"Next: python -m tfmatting matte PHOTO -o OUT.png --model {self.path}"
