"""Draws latencies as bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfmatting.evaluation.latency import Latency
from tfmatting.files import atomic_path
from tfmatting.plots import new_figure


def write_bars(results: Sequence[Latency], path: Path) -> None:
    """Draw a bar per model with a whisker from the 10th to the 90th percentile.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: the suffix is not that of a picture.
    """
    figure = new_figure(width=8, height=1.2 + 0.45 * len(results))
    axes = figure.subplots()
    rows = range(len(results))
    medians = [entry.median for entry in results]
    spread = (
        [entry.median - entry.low for entry in results],
        [entry.high - entry.median for entry in results],
    )
    bars = axes.barh(rows, medians, xerr=spread, color="#4c78a8", ecolor="#555555", height=0.6)
    axes.bar_label(bars, [f"{value:.1f}" for value in medians], padding=6)
    labels = [f"{entry.model}\n{entry.height}x{entry.width}" for entry in results]
    axes.set_yticks(rows, labels, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("milliseconds: median, 10th to 90th percentile")
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120)
