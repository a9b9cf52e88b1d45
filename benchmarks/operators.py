"""Where the time of a TFLite file goes, operator by operator.

    python benchmarks/operators.py portrait.tflite portrait_int8.tflite --threads 1

LiteRT's Python package has no profiler. The graph is therefore cut behind each operator in turn;
all beginnings take turns for several rounds, the fastest round of each counts, and an operator
costs what its beginning takes longer than the one before. An operator that XNNPACK fuses with its
successor, and noise, can come out a little below zero.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from comparison import table, write_json

from tfmatting.exporting.tflite.flatbuffer import operator_kind, read_tree, write_tree
from tfmatting.inference.pretrained import PRETRAINED

WIDENING = "DEQUANTIZE"
"""Of weights in 16 bits, it is done once, before the first run."""


@dataclass
class Operator:
    """An operator of the graph and the milliseconds of the graph that ends with it."""

    kind: str
    shape: tuple[int, ...]
    until: float = np.inf
    own: float = 0.0


def beginnings(model: bytes) -> tuple[list[Operator], list[bytes]]:
    """The operators that are computed for every picture, and the graph cut behind each."""
    tree = read_tree(model)
    graph, operators, cut = tree.subgraphs[0], [], []
    tree.signatureDefs = None
    whole, computed = list(graph.operators), {int(index) for index in graph.inputs}
    for number, operator in enumerate(whole, start=1):
        kind, _ = operator_kind(tree, operator)
        output = graph.tensors[operator.outputs[0]]
        if kind == WIDENING and int(operator.inputs[0]) not in computed:
            continue
        computed.add(int(operator.outputs[0]))
        operators.append(Operator(kind, tuple(int(side) for side in output.shape)))
        part = copy.copy(tree)
        part.subgraphs = [copy.copy(graph)]
        part.subgraphs[0].operators = whole[:number]
        part.subgraphs[0].outputs = [int(operator.outputs[0])]
        cut.append(write_tree(part))
    return operators, cut


def measure(model: bytes, threads: int, rounds: int) -> list[Operator]:
    """Time every beginning of a graph; fill in `until` and `own`."""
    operators, cut = beginnings(model)
    runs = [prepared(content, threads) for content in cut]
    for _ in range(rounds):
        for operator, interpreter in zip(operators, runs, strict=True):
            start = time.perf_counter()
            interpreter.invoke()
            operator.until = min(operator.until, 1e3 * (time.perf_counter() - start))
    before = 0.0
    for operator in operators:
        operator.own, before = operator.until - before, operator.until
    return operators


def prepared(content: bytes, threads: int) -> Interpreter:
    """An interpreter with a random picture, which has run twice."""
    interpreter = Interpreter(model_content=content, num_threads=threads)
    interpreter.allocate_tensors()
    generator = np.random.default_rng(0)
    for details in interpreter.get_input_details():
        values = generator.integers(0, 128, details["shape"]).astype(details["dtype"])
        interpreter.set_tensor(details["index"], values)
    for _ in range(2):
        interpreter.invoke()
    return interpreter


def report(name: str, operators: list[Operator]) -> str:
    """Shares of the time by kind and by the side of the output; the ten longest operators."""
    whole = operators[-1].until
    lines = [f"{name}: {whole:.2f} ms, {len(operators)} operators"]
    for title, key in (
        ("by kind", lambda one: one.kind),
        ("by rows of the output", lambda one: str(one.shape[1]) if len(one.shape) == 4 else "-"),
    ):
        sums: dict[str, float] = defaultdict(float)
        for operator in operators:
            sums[key(operator)] += operator.own
        ordered = sorted(sums.items(), key=lambda item: -item[1])
        rows = [[kind, f"{own:.2f}", f"{own / whole:.0%}"] for kind, own in ordered]
        lines.append(table((title, "ms", "share"), rows))
    longest = sorted(enumerate(operators), key=lambda item: -item[1].own)[:10]
    rows = [
        [f"{place} {one.kind} {'x'.join(map(str, one.shape[1:]))}", f"{one.own:.2f}",
         f"{one.own / whole:.0%}"]
        for place, one in longest
    ]  # fmt: skip
    return "\n".join([*lines, table(("longest", "ms", "share"), rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="TFLite files, or names of shipped models")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    figures = {}
    for name in arguments.models:
        path = PRETRAINED[name].file if name in PRETRAINED else Path(name)
        operators = measure(path.read_bytes(), arguments.threads, arguments.rounds)
        print(report(name, operators), end="\n\n")
        figures[name] = [{"kind": o.kind, "shape": o.shape, "ms": o.own} for o in operators]
    write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
