"""Making a quantized TFLite file smaller without changing a number in it.

Every channel of a quantized weight and bias has a zero point of 64 bits, and all of them are 0:
a tenth of a small model's file. A flatbuffer may point to one vector from many places, so each
distinct vector is written once.
"""

from __future__ import annotations

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

IDENTIFIER = b"TFL3"
BUFFER_ALIGNMENT = 16
"""What the schema demands of weights (`force_align`), and Python's packing forgets."""


class _SharingBuilder(flatbuffers.Builder):
    """A builder that gives a vector it has written before instead of a second copy."""

    def __init__(self, size: int):
        super().__init__(size)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:  # noqa: N802, the library's name
        data = x.tobytes()
        key = (x.dtype.str, data)
        if key not in self._written:
            alignment = BUFFER_ALIGNMENT if x.dtype == np.uint8 else x.itemsize
            self.StartVector(x.itemsize, x.size, alignment)
            self.head -= len(data)
            self.Bytes[self.head : self.head + len(data)] = data
            self._written[key] = self.EndVector()
        return self._written[key]


def compact(model: bytes) -> bytes:
    """Rewrite a TFLite file with every distinct vector written once."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))
    builder = _SharingBuilder(len(model))
    builder.Finish(tree.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())
