"""Makes labels of what `tools/ask_teachers.py` was told, and sheets to look at them.

    python tools/vote_labels.py PHOTOS OPINIONS -o VOTE --mask MASKS
    python tools/vote_labels.py PHOTOS OPINIONS -o VOTE --certain HAIR_MASKS --prefix hair_

Without masks, or with masks of a part of the person, a photo is left out where the networks part
by more than `--allowed` of it. Every photo gives `VOTE/image/` (a link) and `VOTE/alpha/`; a row of
`VOTE/PREFIXvotes.csv` has what was mended and disputed; `VOTE/sheets/PREFIXNN.png` show those with
the most of either, and some others: photo, mask, median, label.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from tfmatting.console import progress_bar
from tfmatting.datasets.vote import Verdict, median_alpha, vote_on_mask, vote_without_mask
from tfmatting.files import atomic_path
from tfmatting.imaging.io import list_images, read_alpha, read_image, write_image
from tfmatting.imaging.resize import resize

SMALLEST = 0.01
"""Of the photo: a person that the networks see no more of than this is none to learn from."""


def read_opinions(path: Path) -> np.ndarray:
    """Opinions uint8 [H, W, 3] of a photo; PNG keeps them as they were."""
    return read_image(path)


def find_mask(folder: Path | None, stem: str) -> Path | None:
    """A photo's mask: of the same stem, or with -gt or -org in it."""
    if folder is None:
        return None
    for name in (stem, stem.replace("-org", "-gt"), f"{stem}-gt"):
        if (folder / f"{name}.png").is_file():
            return folder / f"{name}.png"
    return None


def tile(image: np.ndarray, maps: list[np.ndarray], label: np.ndarray, height: int = 200):
    """A photo, maps and the photo cut out by its label, side by side."""
    under = image * (label[..., None] / 255.0) + (60, 160, 90) * (1 - label[..., None] / 255.0)
    parts = [image, *(np.repeat(m[..., None], 3, axis=2) for m in maps), under.astype(np.uint8)]
    height = min(height, round(0.75 * height * image.shape[0] / image.shape[1]))
    width = max(1, round(height * image.shape[1] / image.shape[0]))
    return np.hstack([resize(part, (height, width)) for part in parts])


def sheet(tiles: list[np.ndarray], columns: int = 3) -> np.ndarray:
    """Tiles in rows, padded with white to one width."""
    height, width = (max(tile.shape[side] for tile in tiles) for side in (0, 1))
    tiles = [
        np.pad(
            tile,
            ((0, height - tile.shape[0] + 4), (0, width - tile.shape[1] + 6), (0, 0)),
            constant_values=255,
        )
        for tile in tiles
    ]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.vstack(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("opinions", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--mask", type=Path)
    parser.add_argument("--certain", type=Path)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--allowed", type=float, default=0.02)
    parser.add_argument("--leave-out", type=Path, help="a file of names, one a line")
    parser.add_argument("--sheets", type=int, default=4)
    arguments = parser.parse_args()
    unwanted = set()
    if arguments.leave_out and arguments.leave_out.is_file():
        unwanted = set(arguments.leave_out.read_text("utf-8").split())
    rows = []
    for path in progress_bar(list_images(arguments.photos)):
        asked = arguments.opinions / f"{path.stem}.png"
        name = arguments.prefix + path.stem
        if not asked.is_file() or name in unwanted:
            (arguments.output / "alpha" / f"{name}.png").unlink(missing_ok=True)
            (arguments.output / "image" / f"{name}{path.suffix}").unlink(missing_ok=True)
            continue
        verdict = judge(path, asked, arguments)
        kept = arguments.mask is not None or (
            verdict.disputed <= arguments.allowed and (verdict.alpha > 127).mean() >= SMALLEST
        )
        rows.append((path, name, verdict.mended, verdict.disputed, kept))
        image = arguments.output / "image" / f"{name}{path.suffix}"
        alpha = arguments.output / "alpha" / f"{name}.png"
        if kept and 0 < verdict.alpha.mean() < 255:
            write_image(alpha, verdict.alpha)
            image.parent.mkdir(parents=True, exist_ok=True)
            if not image.exists():
                image.symlink_to(path.resolve())
        else:
            alpha.unlink(missing_ok=True)
            image.unlink(missing_ok=True)
    with (
        atomic_path(arguments.output / f"{arguments.prefix}votes.csv") as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "mended", "disputed", "kept"))
        writer.writerows((n, f"{m:.4f}", f"{d:.4f}", int(k)) for _, n, m, d, k in rows)
    mended, disputed = (np.array([row[i] for row in rows]) for i in (2, 3))
    print(
        f"{len(rows)} photos, {sum(row[4] for row in rows)} kept; mended "
        f"{(mended > 0.005).sum()}, disputed {(disputed > 0.01).sum()}"
    )
    draw(rows, arguments)


def judge(path: Path, asked: Path, arguments: argparse.Namespace) -> Verdict:
    """The verdict on one photo by what there is of masks."""
    opinions = read_opinions(asked)
    mask = find_mask(arguments.mask, path.stem)
    if mask is not None:
        return vote_on_mask(read_alpha(mask), opinions)
    certain = find_mask(arguments.certain, path.stem)
    return vote_without_mask(opinions, None if certain is None else read_alpha(certain))


def draw(rows: list[tuple], arguments: argparse.Namespace) -> None:
    """Sheets of those with most mended, those with most disputed, and some others."""
    generator = np.random.default_rng(0)
    orders = {
        "mended": sorted(rows, key=lambda row: -row[2]),
        "disputed": sorted((row for row in rows if row[4]), key=lambda row: -row[3]),
        "left_out": [row for row in rows if not row[4]],
        "any": [rows[index] for index in generator.permutation(len(rows))],
    }
    for title, order in orders.items():
        for number in range(arguments.sheets if title != "any" else 2):
            chosen = order[18 * number : 18 * (number + 1)]
            tiles = []
            for path, *_ in chosen:
                asked = arguments.opinions / f"{path.stem}.png"
                opinions, verdict = read_opinions(asked), judge(path, asked, arguments)
                mask = find_mask(arguments.mask or arguments.certain, path.stem)
                maps = [median_alpha(opinions), verdict.alpha]
                maps = [read_alpha(mask), *maps] if mask else maps
                tiles.append(tile(read_image(path), maps, verdict.alpha))
            if tiles:
                target = arguments.output / "sheets" / f"{arguments.prefix}{title}_{number}.png"
                write_image(target, sheet(tiles))
                names = " ".join(path.stem for path, *_ in chosen)
                print(f"{target.name}: {names}")


if __name__ == "__main__":
    main()
