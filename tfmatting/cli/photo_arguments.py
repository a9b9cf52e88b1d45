"""Arguments of the commands that make pictures of photos."""

from __future__ import annotations

import argparse
from typing import Any

from tfmatting.cli.arguments import add_manifest
from tfmatting.imaging.estimators import ESTIMATORS

RENDERING = ("model", "background", "threshold", "refine", "foreground", "blur_strength")
RENDERING += ("halo_free", "threads", "delegate", "metadata", "show", "outputs", "mirrored")
"""The names of the options of `add_model` and `add_rendering`."""


def add_rendering(parser: argparse.ArgumentParser) -> None:
    """Add what decides how an output of a photo looks: the options of `RENDERING`."""
    add, switch = parser.add_argument, argparse.BooleanOptionalAction
    add("--background", default="transparent", metavar="transparent|blur|COLOUR|IMAGE")
    show = parser.add_mutually_exclusive_group().add_argument
    kind: dict[str, Any] = {"dest": "show", "action": "store_const", "default": "composite"}
    show("--alpha", **kind, const="alpha", help="write the matte alone, in grey")
    show("--trimap", **kind, const="trimap", help="0, 128, 255; of a T-Net or LFM as --model")
    show("--visualize", **kind, const="visualize", help="photo, matte or classes, and overlay")
    add("--outputs", action="store_true", help="also what else the model gives, a PNG each")
    add("--threshold", type=float, metavar="X", help="a binary mask: 1 where alpha is X or more")
    add("--mirrored", action="store_true", help="see the mirror image, too: better, half as fast")
    add("--refine", action=switch, default=True, help="guided filter")
    add("--foreground", choices=ESTIMATORS, default=ESTIMATORS[0], help="colour estimation")
    add("--blur-strength", type=float, default=0.02, metavar="X", help="sigma / longer side")
    add("--halo-free", action=switch, default=True, help="no colours of the person in the blur")
    add("--metadata", action=switch, default=True, help="keep date, camera and place")


def add_parts(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of many photos."""
    add = parser.add_argument
    add("--suffix", default="", metavar="TEXT", help="of names in a folder: a.jpg -> aTEXT.png")
    add("--workers", type=int, metavar="N", help="processes; all cores for many photos")
    add("--shard", metavar="I/N", help="the i-th of n parts of the photos, for job arrays")
    add_manifest(parser, "photo")
