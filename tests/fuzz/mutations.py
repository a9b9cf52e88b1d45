"""Changes valid files into broken ones: what a transmission, a disk or a stranger might do."""

from __future__ import annotations

import random
import struct

NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
"""What lengths, offsets and counts are set to."""
MOST_CHANGES = 4


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return a changed copy of a file's bytes; it may have another length."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        if not changed:
            break
        chance.choice((_flip, _flip, _set_number, _set_number, _cut, _repeat, _swap))(
            changed, chance
        )
    return bytes(changed)


def _place(data: bytearray, chance: random.Random) -> int:
    """A position; headers come more often than their share."""
    nearby = min(len(data), 256) if chance.random() < 0.5 else len(data)
    return chance.randrange(nearby)


def _flip(data: bytearray, chance: random.Random) -> None:
    data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _set_number(data: bytearray, chance: random.Random) -> None:
    number, width = chance.choice(NUMBERS), chance.choice((1, 2, 4, 8))
    order = chance.choice("<>")
    kind = {1: "B", 2: "H", 4: "I", 8: "Q"}[width]
    place = _place(data, chance)
    packed = struct.pack(order + kind, number % 256**width)
    data[place : place + width] = packed[: len(data) - place]


def _cut(data: bytearray, chance: random.Random) -> None:
    if chance.random() < 0.5:
        del data[_place(data, chance) :]
    else:
        place = _place(data, chance)
        del data[place : place + chance.randint(1, 16)]


def _repeat(data: bytearray, chance: random.Random) -> None:
    place, length = _place(data, chance), chance.randint(1, 64)
    data[place:place] = data[place : place + length] * chance.randint(1, 4)


def _swap(data: bytearray, chance: random.Random) -> None:
    first, second, length = _place(data, chance), _place(data, chance), chance.randint(1, 16)
    if abs(first - second) >= length and max(first, second) + length <= len(data):
        one, two = slice(first, first + length), slice(second, second + length)
        data[one], data[two] = data[two], data[one]
