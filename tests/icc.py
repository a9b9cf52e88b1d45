"""Colour profiles made from primaries. Source: ICC.1:2022, matrix/TRC display profiles."""

import struct

import numpy as np

DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""xy of red, green and blue; white is D65."""
D65, D50 = (0.95047, 1.0, 1.08883), (0.9642, 1.0, 0.8249)
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def matrix_profile(primaries=DISPLAY_P3, gamma: float = 2.2) -> bytes:
    """An RGB profile of these primaries, adapted to D50."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]).T
    matrix = columns * np.linalg.solve(columns, D65)
    adapt = BRADFORD @ np.array(D50) / (BRADFORD @ np.array(D65))
    matrix = np.linalg.inv(BRADFORD) @ np.diag(adapt) @ BRADFORD @ matrix

    def fixed(values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    text = "wide".encode("utf-16-be")
    named = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    tags = {b"desc": named, b"cprt": named, b"wtpt": b"XYZ \0\0\0\0" + fixed(D50)}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True):
        tags[name] = b"XYZ \0\0\0\0" + fixed(column)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s4s", 2026, 11, 25, 0, 0, 0, b"acsp", b"APPL")
    header += b"\0" * (68 - len(header)) + fixed(D50)
    return header + b"\0" * (128 - len(header)) + table + body
