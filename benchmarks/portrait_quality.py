"""Models side by side on photos, clips and pictures without people.

    python benchmarks/portrait_quality.py --models portrait portrait_lite --selfie SELFIE \\
        --data DIR/val SOFT --backgrounds PEOPLE_FREE --clips STILL MOVING --json figures.json

IoU, MAD and the MAD within 7 pixels of the true edge are of whole photos at their own size, over
all, over those wider than high, and by the part of the name before the first "_". False alarms are
those of `tfmatting evaluate --backgrounds`. Clips are folders of `frames/` and `alpha/`; they are
matted in order.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from comparison import add_models, load_models, table, write_json

from tfmatting import metrics
from tfmatting.console import progress_bar
from tfmatting.datasets.sources import read_all
from tfmatting.evaluation.clips import Judged
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.evaluation.scores import Row, by_prefix, means
from tfmatting.imaging.io import write_image
from tfmatting.imaging.resize import resize
from tfmatting.imaging.visualization import grey_to_rgb

METRICS = {
    "iou": metrics.iou,
    "mad": metrics.mad,
    "edge_mad": metrics.edge_mad,
    "wide": lambda _, truth, region=None: float(truth.shape[1] > truth.shape[0]),
}
SMALLEST_GROUP = 10
"""Images; the mean of fewer says little."""
COLUMNS = (
    ("iou", "IoU", "{:.4f}", 1),
    ("mad", "MAD x1e3", "{:.1f}", 1e3),
    ("edge_mad", "edge MAD", "{:.3f}", 1),
    ("dtssd", "dtSSD x1e2", "{:.2f}", 1e2),
    ("mean_alpha", "mean alpha", "{:.4f}", 1),
    ("alarms", "alarms %", "{:.1f}", 100),
)
CROP = (192, 192)


def with_groups(rows: list[Row], figures: dict[str, float]) -> dict[str, dict[str, float]]:
    """Figures of all images, and of each group that is large enough."""
    result = {"all": {"images": len(rows), **figures}}
    groups = by_prefix(rows)
    wide = [row for row in rows if row.figures.get("wide")]
    named = [*(groups.items() if len(groups) > 1 else ()), ("wide", wide)]
    for name, group in named:
        if SMALLEST_GROUP <= len(group) < len(rows):
            result[name] = {"images": len(group), **means(group)}
    return result


def judge(model: Judged, arguments: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    """Figures of a model by data set and group."""
    figures = {}
    for folder in (*arguments.data, *arguments.clips):
        result = evaluate(model, folder, metrics=METRICS, progress=progress_bar)
        figures[folder.name] = with_groups(result.rows, result.means)
    for folder in arguments.backgrounds:
        alarms = evaluate(model, None, backgrounds=folder, progress=progress_bar).false_alarms
        assert alarms
        figures[folder.name] = with_groups(alarms.rows, means(alarms.rows))
    return figures


def lines(figures: dict) -> list[list[str]]:
    """Rows of the table."""
    return [
        [model, folder, group, str(values["images"])]
        + [text.format(values[key] * by) if key in values else "" for key, _, text, by in COLUMNS]
        for model, folders in figures.items()
        for folder, groups in folders.items()
        for group, values in groups.items()
    ]


def hair_strip(models: dict[str, Judged], clips: list[Path]) -> np.ndarray:
    """Rows of frames, cropped to the hair: frame, truth, the matte of each model."""
    rows = []
    for clip in clips:
        sources = read_all(str(clip)).sources
        for source in sources[:: max(1, len(sources) // 2)][:2]:
            sample = source.load()
            part = top_of(sample.alpha)
            truth = sample.alpha.astype(np.float32) / 255
            mattes = [model.alpha(sample.image) for model in models.values()]
            crops = [grey_to_rgb(matte[part]) for matte in (truth, *mattes)]
            rows.append(np.hstack([resize(crop, CROP) for crop in (sample.image[part], *crops)]))
    return np.vstack(rows)


def top_of(alpha: np.ndarray) -> tuple[slice, slice]:
    """The square around the upper outline of a person."""
    ys, xs = np.nonzero(alpha > 127)
    side = 2 * min(alpha.shape) // 3
    top = max(0, int(ys.min()) - side // 5)
    left = int(np.clip(np.median(xs[ys < ys.min() + side // 2]) - side / 2, 0, None))
    return slice(top, top + side), slice(left, left + side)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_models(parser)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--backgrounds", type=Path, nargs="*", default=[])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("-o", "--output", type=Path, help="a picture of the hair in the clips")
    arguments = parser.parse_args()
    models = load_models(arguments)
    figures = {name: judge(model, arguments) for name, model in models.items()}
    header = ["model", "data", "group", "images", *(title for _, title, _, _ in COLUMNS)]
    print(table(header, lines(figures)))
    write_json(arguments.json, figures)
    if arguments.output:
        write_image(arguments.output, hair_strip(models, arguments.clips))


if __name__ == "__main__":
    main()
