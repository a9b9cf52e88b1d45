"""The readers that are fuzzed: what each is given, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import seeds


@dataclass(frozen=True)
class Reader:
    """A reader of files from strangers.

    Attributes:
        seeds: valid files that are changed.
        read: reads a file, as the package does.
        suffix: of the files.
        wrap: puts changed bytes into a whole file, where only a part of it is changed.
        beside: further files that lie beside each, by suffix.
        count: how many changed files each run reads in `make test`.
    """

    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    suffix: str = ""
    wrap: Callable[[bytes], bytes] = bytes
    beside: Callable[[], dict[str, bytes]] = dict
    count: int = 60


def _read_photo(path: Path) -> None:
    from tfmatting.imaging.io import read_photo

    read_photo(path)


def _read_class_map(path: Path) -> None:
    from tfmatting.imaging.class_maps import read_class_map

    read_class_map(path)


def _read_film(path: Path) -> None:
    from tfmatting.video.reader import VideoReader

    with VideoReader(path) as reader:
        for number, _ in enumerate(reader.frames()):
            if number > 20:
                break


def _use_model(path: Path) -> None:
    """Load a model and run it once."""
    import numpy as np

    from tfmatting.inference.loading import load

    load(path, threads=1).alpha(np.full((8, 8, 3), 90, np.uint8))


def _lint(path: Path) -> None:
    from tfmatting.exporting.compatibility.lint import lint

    lint(path, "edgetpu" if path.suffix == ".tflite" else "hailo")


def _read_metadata(path: Path) -> None:
    from tfmatting.models.metadata import read_metadata

    read_metadata(path)


def _load_model(path: Path) -> None:
    from tfmatting.models.saving import load_model

    load_model(path)


def _read_h5(path: Path) -> None:
    from tfmatting.checkpoints.keras_h5 import read_h5

    read_h5(path)


def _read_npz(path: Path) -> None:
    from tfmatting.checkpoints.backbone_sources import read_npz

    read_npz(str(path))


def _read_state_dict(path: Path) -> None:
    from tfmatting.checkpoints.pytorch import read_state_dict

    read_state_dict(path)


def _read_modnet_onnx(path: Path) -> None:
    from tfmatting.checkpoints.modnet_onnx import read_modnet_onnx

    read_modnet_onnx(path)


def _kind(suffix: str, read: Callable[[Path], object], **options) -> Reader:
    return Reader(lambda: [seeds.stored(suffix)], read, f".{suffix}", **options)


READERS = {
    "photo": Reader(seeds.pictures, _read_photo, count=400),
    "class_map": Reader(seeds.pictures, _read_class_map, count=200),
    "film": _kind("mp4", _read_film, count=80),
    "tflite": _kind("tflite", _use_model, count=80),
    "tflite_lint": _kind("tflite", _lint, count=40),
    "onnx": _kind("onnx", _use_model, count=150),
    "onnx_lint": _kind("onnx", _lint, count=100),
    "onnx_weights": _kind("onnx", _read_modnet_onnx, count=100),
    "pb": _kind("pb", _use_model, beside=lambda: {".pbtxt": seeds.stored("pbtxt")}, count=5),
    "pbtxt": Reader(
        lambda: [seeds.stored("pbtxt")],
        lambda path: _use_model(path.with_suffix(".pb")),
        ".pbtxt",
        beside=lambda: {".pb": seeds.stored("pb")},
        count=5,
    ),
    "keras": _kind("keras", _read_metadata, count=100),
    "keras_config": Reader(
        lambda: [seeds.keras_config()], _read_metadata, ".keras", seeds.with_config, count=150
    ),
}
"""Readers that need neither TensorFlow nor PyTorch."""

HEAVY = {
    "h5": _kind("h5", _read_h5, count=60),
    "npz": _kind("npz", _read_npz, count=150),
    "pth": _kind("pth", _read_state_dict, count=150),
    "keras_options": Reader(
        lambda: [seeds.keras_config()], _load_model, ".keras", seeds.with_config, count=20
    ),
    "keras_weights": Reader(
        lambda: [seeds.weights()], _load_model, ".keras", seeds.with_weights, count=10
    ),
}
"""Readers that do."""
