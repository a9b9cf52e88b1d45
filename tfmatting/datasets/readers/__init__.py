"""The table of data layouts. Each layout has one reader in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfmatting.datasets.readers.aisegment import read_aisegment
from tfmatting.datasets.readers.automatic_portrait_matting import (
    has_mattes_beside,
    read_automatic_portrait_matting,
)
from tfmatting.datasets.readers.conference_video import read_conference_parts, read_conference_video
from tfmatting.datasets.readers.cutouts import read_cutouts
from tfmatting.datasets.readers.frames import read_frames
from tfmatting.datasets.readers.lfm_lists import read_lfm_lists, read_lfm_parts
from tfmatting.datasets.readers.paired_folders import is_paired, read_paired_folders
from tfmatting.datasets.readers.tnet_lists import read_tnet_lists, read_tnet_parts
from tfmatting.datasets.readers.videomatte240k import read_videomatte240k
from tfmatting.datasets.readers.voc import read_voc, read_voc_parts
from tfmatting.datasets.sample import Listing, Parts
from tfmatting.errors import InputError, MissingFileError


@dataclass(frozen=True)
class Layout:
    """How a data set is stored on disk.

    Attributes:
        name: as on the command line.
        description: what such a folder holds.
        marks: glob patterns that must all match for a folder to have this layout, or a function
            that says whether it has.
        read: lists the samples of a folder.
        parts: lists the parts that the layout itself divides a folder into; None if it does not.
    """

    name: str
    description: str
    marks: tuple[str, ...] | Callable[[Path], bool]
    read: Callable[[Path], Listing]
    parts: Callable[[Path], Parts] | None = None

    def matches(self, root: Path) -> bool:
        """Whether a folder has this layout."""
        if callable(self.marks):
            return self.marks(root)
        return all(any(root.glob(mark)) for mark in self.marks)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "lfm-lists",
            "train_set.txt, val_set.txt, test_set.txt: `image alpha` a line",
            ("*_set.txt",),
            read_lfm_lists,
            read_lfm_parts,
        ),
        Layout(
            "pairs",
            "image/NAME.* + alpha/NAME.*, or imgs/ + masks/NAME[_matte].*",
            is_paired,
            read_paired_folders,
        ),
        Layout(
            "aisegment",
            "clip_img/ tree of photos + matting/ tree of .png, alpha in channel 3",
            ("clip_img", "matting"),
            read_aisegment,
        ),
        Layout(
            "tnet-lists",
            "NAME_img.json, NAME_alpha.json, NAME_trimap.json",
            ("*_img.json", "*_alpha.json"),
            read_tnet_lists,
            read_tnet_parts,
        ),
        Layout(
            "voc",
            "JPEGImages/ + SegmentationClass/ of class numbers + ImageSets/Segmentation/*.txt",
            ("JPEGImages", "SegmentationClass"),
            read_voc,
            read_voc_parts,
        ),
        Layout(
            "cutouts",
            "cutout/*.png with transparency + background/*, composited on the fly",
            ("cutout", "background"),
            read_cutouts,
        ),
        Layout(
            "frames",
            "clips: frames/[CLIP/]NAME.* + alpha/[CLIP/]NAME.*",
            ("frames", "alpha"),
            read_frames,
        ),
        Layout(
            "videomatte240k",
            "clips: fgr/CLIP/*.jpg + pha/CLIP/*.jpg, composited on the fly",
            ("fgr", "pha"),
            read_videomatte240k,
        ),
        Layout(
            "conference-video",
            "original_training/originalV_N.jpg + ground_truth_training/gtV_N.jpg",
            ("original_training", "ground_truth_training"),
            read_conference_video,
            read_conference_parts,
        ),
        # the last: it looks through the whole tree
        Layout(
            "automatic-portrait-matting",
            "NAME.png + NAME_matte.png (or _mask, _alpha) side by side",
            has_mattes_beside,
            read_automatic_portrait_matting,
        ),
    )
}


def find_layout(root: str | Path, name: str | None = None) -> Layout:
    """Return the named layout, or the first layout that matches a folder.

    Raises:
        MissingFileError: no such folder.
        InputError: an unknown name, or a folder without a known layout; the message lists all.
    """
    root = Path(root)
    if not root.is_dir():
        raise MissingFileError(f"No data folder at {root}.")
    if name is not None:
        if name not in LAYOUTS:
            raise InputError(f"No data layout named {name!r}. Known: {_known()}.")
        return LAYOUTS[name]
    layout = match_layout(root)
    if layout is None:
        raise InputError(f"{root} has no known data layout. Known: {_known()}.")
    return layout


def match_layout(root: Path) -> Layout | None:
    """Return the first layout that matches a folder; None if none does."""
    return next((layout for layout in LAYOUTS.values() if layout.matches(root)), None)


def _known() -> str:
    return "; ".join(f"{layout.name} ({layout.description})" for layout in LAYOUTS.values())
