"""The README's table of the models that ship, beside MediaPipe's selfie model."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tfmatting.inference.pretrained import PRETRAINED, Figures

START, END = "<!-- pretrained -->", "<!-- /pretrained -->"


class Column(NamedTuple):
    """A model's title, size in 10^6 bytes, parameters and figures."""

    title: str
    megabytes: float
    parameters: int
    figures: Figures


MEDIAPIPE = Column(
    "MediaPipe selfie",
    0.25,
    106_000,
    Figures(
        iou=0.9582,
        iou_by_source=(0.9641, 0.9313, 0.9535),
        mad=25.4,
        mad_by_source=(27.3, 21.2, 17.1),
        empty_alpha=0.0135,
        false_alarms=28.9,
        things_for_people=(83.1, 64.1),
        clip_mad=(0.044, 0.086),
        milliseconds=None,
        memory_megabytes=None,
        selfie_ratio=1.0,
    ),
)
"""What others start from, measured in its own runtime on the same photos."""


class Row(NamedTuple):
    """A row: its title, the numbers of a column, how each is written, and which is best."""

    title: str
    numbers: Callable[[Column], tuple[float | None, ...]]
    forms: tuple[str, ...]
    best: Callable | None = min
    separator: str = ", "


ROWS = (
    Row(
        "MB; trainable parameters",
        lambda column: (column.megabytes, column.parameters),
        ("{:.2f}", "{:,}"),
        best=None,
        separator="; ",
    ),
    Row("IoU", lambda column: (column.figures.iou,), ("{:.4f}",), best=max),
    Row(
        "IoU of portraits (`eg`), street photos (`ccp`), mixed (`vs`)",
        lambda column: column.figures.iou_by_source,
        ("{:.4f}",) * 3,
        best=max,
    ),
    Row("MAD x1e3", lambda column: (column.figures.mad,), ("{:.1f}",)),
    Row(
        "MAD of portraits, street photos, mixed",
        lambda column: column.figures.mad_by_source,
        ("{:.1f}",) * 3,
    ),
    Row(
        "45 pictures without people: mean alpha; over 1 % of it opaque",
        lambda column: (column.figures.empty_alpha, column.figures.false_alarms),
        ("{:.4f}", "{:.1f} %"),
        separator="; ",
    ),
    Row(
        "89 pictures of animals, 167 of clothes: over 1 % of it opaque",
        lambda column: column.figures.things_for_people,
        ("{:.1f} %",) * 2,
    ),
    Row(
        "a clip with soft truth, MAD within 7 pixels of the edge: still, moving background",
        lambda column: column.figures.clip_mad,
        ("{:.3f}",) * 2,
    ),
    Row(
        "photo to alpha in LiteRT, 512x512, two threads",
        lambda column: (column.figures.milliseconds,),
        ("{:.1f} ms",),
    ),
    Row("memory of the process", lambda column: (column.figures.memory_megabytes,), ("{} MB",)),
    Row(
        "photo to mask in MediaPipe's runtime, 576x432, ratio to its selfie model's 5.3 ms",
        lambda column: (column.figures.selfie_ratio,),
        ("{:.1f}",),
        best=None,
    ),
)


def markdown_table() -> str:
    """Render the table; the best number of each row is bold.

    Returns:
        Lines of Markdown, without the markers `START` and `END`.
    """
    ours = [
        Column(f"`{row.name}`", row.megabytes, row.parameters, row.figures)
        for row in PRETRAINED.values()
    ]
    columns = [*ours, MEDIAPIPE]
    lines = [["", *(column.title for column in columns)], ["---"] * (len(columns) + 1)]
    lines += [[row.title, *_cells(row, columns)] for row in ROWS]
    texts = ["|" + "|".join(line) + "|" if line[0] == "---" else _line(line) for line in lines]
    return "\n".join(texts)


def _cells(row: Row, columns: list[Column]) -> list[str]:
    """A row's numbers as text, one cell a column."""
    by_column = [row.numbers(column) for column in columns]
    parts = []
    for numbers, form in zip(zip(*by_column, strict=True), row.forms, strict=True):
        known = [number for number in numbers if number is not None]
        best = row.best(known) if row.best else None
        texts = ["" if number is None else form.format(number) for number in numbers]
        parts.append(
            [
                f"**{text}**" if number is not None and number == best else text
                for number, text in zip(numbers, texts, strict=True)
            ]
        )
    return [row.separator.join(cell) for cell in zip(*parts, strict=True)]


def _line(cells: list[str]) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"
