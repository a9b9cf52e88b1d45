"""TFLite files as trees of Python objects, and back into bytes without needless copies.

Each channel of a quantized weight or bias has a zero point of 64 bits, and all of them are 0. They
make a tenth of a small model's file. A flatbuffer may point to one vector from many places, so
each distinct vector is written once. The schema comes with LiteRT; TensorFlow is not needed.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfmatting.config import Size
from tfmatting.errors import InputError

IDENTIFIER = b"TFL3"
KINDS = {value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()}
MOST_TABLES = 200_000
BUFFER_ALIGNMENT = 16
"""The schema demands this of weights (`force_align`); the Python packer does not apply it."""


class _SharingBuilder(flatbuffers.Builder):
    """A builder that returns a vector it has written before instead of writing a copy."""

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


def read_tree(model: bytes) -> Any:
    """Read a TFLite file as the schema's `ModelT`, with all of its data inside.

    Raises:
        InputError: the bytes are not a TFLite file.
    """
    if model[4:8] != IDENTIFIER:
        raise InputError("Not a TFLite file: its identifier is missing.")
    try:
        root = schema.Model.GetRootAs(model, 0)
        if _count_tables(root) > MOST_TABLES:
            raise InputError(f"A TFLite file has at most {MOST_TABLES:,} tensors and operators.")
        tree = schema.ModelT.InitFromObj(root)
        for buffer in tree.buffers or ():
            if buffer.offset > 1:  # some writers put the weights behind the flatbuffer
                end = buffer.offset + buffer.size
                buffer.data = np.frombuffer(model[buffer.offset : end], np.uint8)
                buffer.offset = buffer.size = 0
        _check(tree)
    except InputError:
        raise
    except Exception as error:  # offsets that lead nowhere: whatever the schema's code stumbles on
        raise InputError("The TFLite file is damaged. Copy it again.") from error
    return tree


def _count_tables(root: Any) -> int:
    """How many objects a tree would have; tables that are referred to often count as often."""
    count = root.BuffersLength() + root.OperatorCodesLength() + root.MetadataLength()
    count += root.SignatureDefsLength()
    for index in range(root.SubgraphsLength()):
        graph = root.Subgraphs(index)
        count += 1 + graph.TensorsLength() + graph.OperatorsLength()
        if count > MOST_TABLES:
            break
    return count


def _check(tree: Any) -> None:
    """Look every index up that readers of the tree follow.

    Raises:
        IndexError, KeyError, TypeError, AttributeError: it leads nowhere.
    """
    for graph in tree.subgraphs:
        for operator in graph.operators:
            operator_kind(tree, operator)
            for index in (*operator.inputs, *operator.outputs):
                if index >= len(graph.tensors):
                    raise IndexError(index)
        for tensor in graph.tensors:
            tree.buffers[tensor.buffer]
            tensor.name.decode()


def operator_kind(tree: Any, operator: Any) -> tuple[str, int]:
    """Return an operator's name, such as "CONV_2D", and its version."""
    code = tree.operatorCodes[operator.opcodeIndex]
    return KINDS[max(code.builtinCode, code.deprecatedBuiltinCode)], int(code.version)


def write_tree(tree: Any) -> bytes:
    """Write a `ModelT` as bytes, each distinct vector once."""
    builder = _SharingBuilder(1 << 20)
    builder.Finish(tree.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def set_input_size(tree: Any, size: Size) -> None:
    """Set the height and width at which inputs of any size begin; leave other inputs alone."""
    graph = tree.subgraphs[0]
    for index in graph.inputs:
        tensor = graph.tensors[index]
        if tensor.shapeSignature is not None and -1 in tensor.shapeSignature[1:3]:
            tensor.shape = [tensor.shape[0], *size, tensor.shape[3]]


def add_metadata(tree: Any, name: str, data: bytes) -> None:
    """Add a named block of metadata to a `ModelT`."""
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    tree.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = name, len(tree.buffers) - 1
    tree.metadata = [*(tree.metadata or []), entry]
