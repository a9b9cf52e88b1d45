"""Pairs photos with their mattes by name; a name that stands for two files is never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tfmatting.datasets.sample import FileSource, Problem

SUFFIXES = ("_matte", "_mask", "_alpha", "_seg", "-matte", "-mask", "-alpha", "-gt")
"""What a matte's name may have after its photo's."""


def by_key(
    paths: Iterable[Path], key_of: Callable[[Path], str] = lambda path: path.stem
) -> tuple[dict[str, Path], list[Problem], set[str]]:
    """Map keys to files. Files that share a key become problems, all of them.

    Args:
        paths: the files.
        key_of: the key of a file; its name without the suffix if omitted.

    Returns:
        The files by key, the problems, and the keys that several files share.
    """
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(key_of(path), []).append(path)
    problems = [
        Problem(
            str(path),
            f"{len(group)} files are named alike: {', '.join(one.name for one in group)}. "
            "Rename or remove all but one.",
        )
        for group in groups.values()
        if len(group) > 1
        for path in group
    ]
    alone = {key: group[0] for key, group in groups.items() if len(group) == 1}
    return alone, problems, groups.keys() - alone.keys()


def pair(
    images: Iterable[Path],
    alphas: Iterable[Path],
    trimaps: Iterable[Path] = (),
    *,
    image_key: Callable[[Path], str] = lambda path: path.stem,
    alpha_key: Callable[[Path], str] = lambda path: path.stem,
    alpha_channel: int | None = None,
) -> tuple[list[FileSource], list[Problem]]:
    """Pair photos and mattes by key, in the order of keys.

    Args:
        images, alphas, trimaps: the files. A photo need not have a trimap.
        image_key, alpha_key: the keys of photos and mattes; the name without the suffix if
            omitted. A trimap's key is that of its photo's name.
        alpha_channel: of the mattes.

    Returns:
        The pairs, and a problem for each file without a partner or with a name of another.
    """
    photos, alike, shared = by_key(images, image_key)
    mattes, more, also_shared = by_key(alphas, alpha_key)
    bands, most, unclear = by_key(trimaps, image_key)
    problems = [*alike, *more, *most]
    taken: set[str] = set()
    sources = [
        FileSource(
            unique(key.replace("/", "_"), taken),
            photos[key],
            mattes[key],
            bands.get(key),
            alpha_channel=alpha_channel,
        )
        for key in sorted((photos.keys() & mattes.keys()) - unclear)
    ]
    for found, others, reason in ((photos, mattes, "no alpha"), (mattes, photos, "no image")):
        problems += [
            Problem(str(found[key]), reason)
            for key in sorted(found.keys() - others.keys())
            if key not in shared | also_shared
        ]
    return sources, problems


def without_suffix(stem: str, stems: Iterable[str] = ()) -> str:
    """The name of the photo that a matte's name belongs to.

    Args:
        stem: of the matte: "a_matte", or the photo's own.
        stems: of the photos; a name among them stays as it is.
    """
    if stem in stems:
        return stem
    for suffix in SUFFIXES:
        if stem.endswith(suffix):
            return stem.removesuffix(suffix)
    return stem


def unique(stem: str, taken: set[str]) -> str:
    """Return the stem, numbered if it is taken, and add the result to `taken`."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name
