"""Draws the validation figures of a training, stage by stage.

    python tools/draw_curve.py runs/tnet coarse fine finish -o docs/curve.png

IoU and MAD come from `history.csv` and are measured at the network's size. In a stage of several
runs, each run is a line, and the average of their weights is a point.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tfmatting.files import atomic_path
from tfmatting.plots import new_figure
from tfmatting.training.callbacks.recorder import read_history

COLUMNS = {
    "val_alpha_iou": ("IoU", 1, (0.1, 1.0)),
    "val_alpha_mad": ("MAD x1e3", 1000, (0.0, 0.9)),
}
"""Column -> label, factor, and the quantiles to show. The first epochs lie far outside them."""


def read_column(folder: Path, name: str) -> list[float]:
    """Read one figure of a stage or run, one value for each epoch."""
    return [float(row[name]) for row in read_history(folder / "history.csv")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the model's folder below --output of train.py")
    parser.add_argument("stages", nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()

    figure = new_figure(width=9, height=3.4)
    for axes, (column, (label, scale, shown)) in zip(
        figure.subplots(1, len(COLUMNS)), COLUMNS.items(), strict=True
    ):
        first, values = 1, []
        for index, stage in enumerate(arguments.stages):
            folder = arguments.folder / stage
            runs = sorted(folder.glob("run_*")) or [folder]
            curves = [[scale * value for value in read_column(run, column)] for run in runs]
            for curve in curves:
                axes.plot(range(first, first + len(curve)), curve, color=f"C{index}", linewidth=1.4)
                values += curve
            first += max(map(len, curves))
            if len(runs) > 1:
                mean = scale * read_column(folder, column)[0]
                axes.plot(first - 1, mean, "o", color=f"C{index}", markersize=5)
            axes.plot([], [], color=f"C{index}", label=stage)
        low, high = np.quantile(values, shown)
        axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with atomic_path(arguments.output) as temporary:
        figure.savefig(temporary, dpi=110)


if __name__ == "__main__":
    main()
