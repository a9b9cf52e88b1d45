"""Draws each network of the registry from its Keras graph: `docs/models/NAME.svg`.

    python tools/draw_networks.py -o docs/models

A box is a stretch of layers at one size: the channels that later boxes take, its convolutions, its
parameters. Boxes stand in the order that they are
computed in, coarser ones lower. Nothing is drawn by hand: a network that changes is drawn anew,
and a test compares.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape
from math import log2
from pathlib import Path

import tfmatting
from tfmatting.models.spec import SPECS

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "Dense")
WIDTH, HEIGHT, GAP_X, LANE, MARGIN = 96, 46, 34, 70, 64
ENCODER, DECODER, EDGE, INK = "#c9dcf5", "#cfe9cf", "#7a8594", "#1d2530"


@dataclass
class Box:
    """Layers that are joined and of one size."""

    row: int
    phase: int
    layers: list = field(default_factory=list)
    after: set[int] = field(default_factory=set)
    outputs: list[str] = field(default_factory=list)
    leaving: set[int] = field(default_factory=set)
    column: int = 0
    lane: int = 0

    @property
    def convolutions(self) -> int:
        return sum(type(layer).__name__ in CONVOLUTIONS for layer in self.layers)

    @property
    def parameters(self) -> int:
        return sum(int(layer.count_params()) for layer in self.layers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="of the registry; all if omitted")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    for name in arguments.names or SPECS:
        (arguments.output / f"{name}.svg").write_text(draw(name), encoding="utf-8")


def draw(name: str) -> str:
    """The picture of a network of the registry in its default form, as SVG."""
    model = tfmatting.build(name)
    return to_svg(place(boxes_of(model)), model, name)


def boxes_of(model) -> dict[int, Box]:
    """Group the layers: joined, of one size, and with as many enlargements before them."""
    whole = _side(model.get_layer("image"))
    sources = {layer: _sources(layer) for layer in model.layers}
    rows, phases = {}, {}
    for layer in model.layers:  # sources come first
        rows[layer] = _row(layer, whole)
        before = [phases[source] for source in sources[layer]]
        larger = [source for source in sources[layer] if _side(layer) > 1.5 * _side(source)]
        phases[layer] = max(before, default=0) + bool(larger)
    group = _joined(model.layers, sources, rows, phases)
    boxes: dict[int, Box] = {}
    for layer in model.layers:
        box = boxes.setdefault(group[layer], Box(rows[layer], phases[layer]))
        box.layers.append(layer)
        box.after |= {group[source] for source in sources[layer]} - {group[layer]}
        for source in sources[layer]:
            if group[source] != group[layer]:
                boxes[group[source]].leaving.add(int(source.output.shape[-1]))
    for output, tensor in model.output.items():
        boxes[group[tensor._keras_history.operation]].outputs.append(output)
    return _without_idle(boxes)


def _sources(layer) -> list:
    nodes = layer._inbound_nodes
    return [parent.operation for node in nodes for parent in node.parent_nodes]


def _side(layer) -> float:
    shape = layer.output.shape
    return shape[1] if len(shape) == 4 and shape[1] else 1


def _row(layer, whole: int) -> int:
    """0 at full size, 1 at a half and so on; padding does not count."""
    return round(log2(whole / _side(layer)))


def _joined(layers, sources, rows, phases) -> dict:
    """Layer -> number of its group: connected layers of one row and phase."""
    parent = {layer: layer for layer in layers}

    def root(layer):
        while parent[layer] is not layer:
            layer = parent[layer]
        return layer

    for layer in layers:
        for source in sources[layer]:
            if (rows[layer], phases[layer]) == (rows[source], phases[source]):
                parent[root(layer)] = root(source)
    number = {layer: index for index, layer in enumerate(layers)}
    return {layer: number[root(layer)] for layer in layers}


def _without_idle(boxes: dict[int, Box]) -> dict[int, Box]:
    """Leave out boxes that compute nothing, such as an enlargement alone; their arrows go on."""
    for key, box in list(boxes.items()):
        if not box.convolutions and not box.outputs and box.after:
            del boxes[key]
            for other in boxes.values():
                if key in other.after:
                    other.after = other.after - {key} | box.after
    return boxes


def place(boxes: dict[int, Box]) -> dict[int, Box]:
    """Give each box a column after all that it reads, and a lane where two would meet."""
    pending = dict(boxes)
    while pending:
        for key, box in list(pending.items()):
            if not box.after & set(pending):
                box.column = 1 + max((boxes[source].column for source in box.after), default=-1)
                del pending[key]
    taken = defaultdict(int)
    for box in boxes.values():
        box.lane = taken[box.row, box.column]
        taken[box.row, box.column] += 1
    return boxes


def to_svg(boxes: dict[int, Box], model, name: str) -> str:
    """Draw placed boxes."""
    rows = sorted({box.row for box in boxes.values()})
    lanes = {row: 1 + max(box.lane for box in boxes.values() if box.row == row) for row in rows}
    tops = {row: 56 + LANE * sum(lanes[other] for other in rows if other < row) for row in rows}
    width = MARGIN + (1 + max(box.column for box in boxes.values())) * (WIDTH + GAP_X)
    height = 70 + LANE * sum(lanes.values())
    size = "x".join(map(str, model.get_layer("image").output.shape[1:3]))
    title = f"{name}, {size}, {model.count_params():,} parameters, trainable and not"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="14" fill="{INK}">{escape(title)}</text>',
    ]
    for row in rows:
        side = "1x1" if row == max(rows) and _is_global(boxes, row) else f"1/{2**row}"
        label = "full size" if row == 0 else side
        lines.append(f'<text x="12" y="{tops[row] + 27}" fill="{EDGE}">{label}</text>')
    for box in boxes.values():
        lines += [
            _arrow(_corner(boxes[key], tops), _corner(box, tops)) for key in sorted(box.after)
        ]
    for box in boxes.values():
        lines += _drawn(box, *_corner(box, tops))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _is_global(boxes, row) -> bool:
    return all(
        _side(layer) == 1 for box in boxes.values() if box.row == row for layer in box.layers
    )


def _corner(box: Box, tops: dict[int, int]) -> tuple[int, int]:
    return MARGIN + box.column * (WIDTH + GAP_X), tops[box.row] + box.lane * LANE


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + WIDTH, start[1] + HEIGHT / 2
    to_x, to_y = end[0], end[1] + HEIGHT / 2
    bend = max(16, (to_x - x) / 2)
    curve = f"M{x},{y} C{x + bend},{y} {to_x - bend},{to_y} {to_x},{to_y}"
    head = f"M{to_x - 6},{to_y - 4} L{to_x},{to_y} L{to_x - 6},{to_y + 4}"
    return f'<path d="{curve} {head}" fill="none" stroke="{EDGE}" stroke-width="1.2"/>'


def _drawn(box: Box, x: int, y: int) -> list[str]:
    narrow_or_wide = max if box.phase else min  # a decoder's narrow ends are side outputs
    channels = narrow_or_wide(box.leaving, default=int(box.layers[-1].output.shape[-1]))
    first = f"{channels} channel" + "s" * (channels > 1)
    if not box.convolutions:
        is_input = type(box.layers[0]).__name__ == "InputLayer"
        texts = [first, box.layers[0].name if is_input else "enlarged"]
    else:
        count = box.parameters
        size = f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.1f} k"
        texts = [first, f"{box.convolutions} conv, {size}"]
    colour = DECODER if box.phase else ENCODER
    lines = [
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="{colour}" '
        f'stroke="{EDGE}"/>'
    ]
    for index, text in enumerate(texts):
        place_ = f'x="{x + WIDTH / 2:g}" y="{y + 19 + 16 * index}"'
        lines.append(f'<text {place_} text-anchor="middle" fill="{INK}">{escape(text)}</text>')
    if box.outputs:
        text = escape(", ".join(box.outputs))
        lines.append(
            f'<text x="{x + WIDTH}" y="{y - 5}" text-anchor="end" font-weight="bold" '
            f'fill="{INK}">{text}</text>'
        )
    return lines


if __name__ == "__main__":
    main()
