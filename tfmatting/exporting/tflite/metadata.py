"""The metadata of a TFLite file, in the form that MediaPipe Tasks reads.

With it, MediaPipe's ImageSegmenter runs the file as it is on Android, on iOS, on the web and in
Python. Its confidence mask is alpha. The flatbuffer follows `metadata_schema.fbs` of TFLite's
metadata, identifier M001; the numbers below are the field numbers of that schema.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import keras
import numpy as np

from tfmatting.models import find
from tfmatting.version import __version__

NAME = "TFLITE_METADATA"
IDENTIFIER = b"M001"
PARSER_VERSION = "1.0.0"
LABELS_FILE = "labels.txt"
LABELS = "person\n"
RGB = 1
NORMALIZATION, IMAGE_PROPERTIES, TENSOR_AXIS_LABELS = 1, 2, 2


@dataclass(frozen=True)
class _Table:
    """A flatbuffer table: field number -> text, a table, a list of tables, floats, or a byte."""

    fields: dict[int, Any] = field(default_factory=dict)


def model_metadata(model: keras.Model) -> bytes:
    """Return the metadata of a model of the registry: its name, source, licence and tensors."""
    spec = find(model.name)
    return segmenter_metadata(
        f"tfmatting {model.name}",
        f"Portrait matting. Source: {spec.paper}.",
        licence=spec.licence,
        takes_prior="prior_alpha" in model.input,
    )


def segmenter_metadata(
    title: str, description: str, *, licence: str, takes_prior: bool = False, divisor: float = 1.0
) -> bytes:
    """Return what MediaPipe's ImageSegmenter needs to know of a network from RGB to alpha.

    Args:
        title: the model's name, for people.
        description: what it is, for people.
        licence: of its weights.
        takes_prior: whether there is a second input, the alpha of the previous frame.
        divisor: MediaPipe divides the pixels 0..255 by it before the network sees them.
    """
    pixels = _Table({0: NORMALIZATION, 1: _Table({0: [0.0], 1: [float(divisor)]})})
    picture = _Table({0: IMAGE_PROPERTIES, 1: _Table({0: RGB})})
    inputs = [_Table({0: "image", 1: "RGB photo.", 3: picture, 4: [pixels]})]
    if takes_prior:
        inputs.append(
            _Table({0: "prior_alpha", 1: "Alpha of the frame before; zeros for the first."})
        )
    labels = _Table({0: LABELS_FILE, 1: "What alpha is of.", 2: TENSOR_AXIS_LABELS})
    alpha = _Table({0: "alpha", 1: "Opacity of the person, 0..1.", 6: [labels]})
    root = _Table(
        {
            0: title,
            1: description,
            2: __version__,
            3: [_Table({2: inputs, 3: [alpha]})],
            4: "tfmatting",
            5: licence,
            7: PARSER_VERSION,
        }
    )
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, root), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def with_labels(model: bytes) -> bytes:
    """Append the label file to a TFLite file, as the ZIP archive that readers look for."""
    data = io.BytesIO(model)
    with zipfile.ZipFile(data, "a") as archive:
        # a fixed time makes exports of the same weights equal, byte for byte
        archive.writestr(zipfile.ZipInfo(LABELS_FILE), LABELS)
    return data.getvalue()


def _write(builder: flatbuffers.Builder, table: _Table) -> int:
    # what a table points to is written before the table itself
    values = {slot: _reference(builder, value) for slot, value in table.fields.items()}
    builder.StartObject(max(table.fields, default=-1) + 1)
    for slot, value in values.items():
        if isinstance(table.fields[slot], int):
            builder.PrependInt8Slot(slot, value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return builder.EndObject()


def _reference(builder: flatbuffers.Builder, value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, _Table):
        return _write(builder, value)
    if isinstance(value[0], float):
        return builder.CreateNumpyVector(np.array(value, np.float32))
    offsets = [_write(builder, entry) for entry in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()
