"""Clips: frames in order, for models with a prior alpha and for metrics of flicker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tfmatting.datasets.matching import by_key
from tfmatting.datasets.sample import FileSource, Problem, Sample, SampleSource
from tfmatting.errors import InputError
from tfmatting.imaging.io import list_images, read_alpha


@dataclass(frozen=True)
class FrameSource(FileSource):
    """A frame of a clip.

    Attributes:
        clip: name of the clip. Its frames are adjacent in the listing.
        earlier_path: alpha of the previous frame; None for the first frame.
    """

    clip: str = ""
    earlier_path: Path | None = None

    def load(self) -> Sample:
        """Read the frame, its alpha, and the alpha of the previous frame."""
        return with_earlier(super().load(), self.earlier_path)


def with_earlier(sample: Sample, path: Path | None) -> Sample:
    """Add the alpha of the previous frame to a sample, if there is one."""
    if path is None:
        return sample
    earlier = read_alpha(path)
    if earlier.shape != sample.alpha.shape:
        raise InputError(
            f"Frames of a clip have one size. Received: {sample.identifier} "
            f"{sample.alpha.shape} after {path.name} {earlier.shape}."
        )
    return replace(sample, earlier_alpha=earlier)


def pair_frames(
    name: str, images: Sequence[Path], alphas: Sequence[Path]
) -> tuple[list[FrameSource], list[Problem]]:
    """Pair the frames and alphas of a clip by name. Files without a partner become problems.

    The frame after a gap has no previous frame.
    """
    frames, alike, doubled = by_key(images)
    by_stem, also_alike, shared = by_key(alphas)
    sources: list[FrameSource] = []
    problems: list[Problem] = [*alike, *also_alike]
    earlier: Path | None = None
    for image in images:
        alpha = by_stem.pop(image.stem, None) if image.stem in frames else None
        if alpha is None:
            if image.stem in frames and image.stem not in shared:
                problems.append(Problem(str(image), "no alpha"))
        else:
            label = f"{name}_{image.stem}" if name else image.stem
            sources.append(FrameSource(label, image, alpha, clip=name, earlier_path=earlier))
        earlier = alpha
    problems += [
        Problem(str(path), "no image") for path in by_stem.values() if path.stem not in doubled
    ]
    return sources, problems


def clip_folders(images: Path, alphas: Path) -> list[tuple[str, list[Path], list[Path]]]:
    """List name, frames and alphas of every clip.

    Each subfolder is a clip. Without subfolders, the folders themselves hold a single clip.
    """
    names = sorted(path.name for path in images.iterdir() if path.is_dir())
    if not names:
        return [("", list_images(images), list_images(alphas))]
    return [
        (
            name,
            list_images(images / name),
            list_images(alphas / name) if (alphas / name).is_dir() else [],
        )
        for name in names
    ]


def in_clips(sources: Iterable[SampleSource]) -> dict[str, list[SampleSource]]:
    """Group frames by clip, in order. Samples that belong to no clip are left out."""
    clips: dict[str, list[SampleSource]] = {}
    for source in sources:
        clip = getattr(source, "clip", None)
        if clip is not None:
            clips.setdefault(clip, []).append(source)
    return clips
