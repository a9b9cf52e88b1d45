"""Reads the nodes of a frozen TensorFlow graph without TensorFlow.

A `.pb` is a protocol buffer of TensorFlow's `GraphDef`: field 1 is a node; of a node, field 1 is
its name, 2 its operator, 3 an input, and 5 an attribute, a name and a value. Of a value, field 5
is a truth value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""How a field is written."""


class DamagedGraphError(ValueError):
    """The bytes are no graph."""


@dataclass(frozen=True)
class GraphNode:
    """A node of a graph.

    Attributes:
        name, operator: "encoder/conv1", "Conv2D".
        inputs: names of the nodes it takes, without the number of an output.
        switches: its attributes that are true or false.
    """

    name: str
    operator: str
    inputs: tuple[str, ...]
    switches: dict[str, bool] = field(default_factory=dict)


def read_nodes(data: bytes) -> list[GraphNode]:
    """Read a graph's nodes, in its order.

    Raises:
        DamagedGraphError: no graph, or one that ends too early.
    """
    try:
        nodes = [_node(value) for number, value in _fields(data) if number == 1]
    except (IndexError, UnicodeDecodeError, TypeError) as error:
        raise DamagedGraphError("The file is no TensorFlow graph.") from error
    if not nodes or not all(node.operator for node in nodes):
        raise DamagedGraphError("The file is no TensorFlow graph.")
    return nodes


def _node(data: bytes) -> GraphNode:
    texts: dict[int, list[str]] = {1: [""], 2: [""], 3: []}
    switches = {}
    for number, value in _fields(data):
        if number in texts:
            texts[number].append(value.decode())
        elif number == 5:
            entry = dict(_fields(value))
            switch = dict(_fields(entry.get(2, b""))).get(5)
            if isinstance(switch, int):
                switches[entry[1].decode()] = bool(switch)
    inputs = tuple(text.lstrip("^").split(":")[0] for text in texts[3])
    return GraphNode(texts[1][-1], texts[2][-1], inputs, switches)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of every field of a message: bytes, or an integer."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        if kind == BYTES:
            length, place = _varint(data, place)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise IndexError(kind)
        if place + length > len(data):
            raise IndexError(place)
        yield number, data[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """The integer at a place, seven bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
