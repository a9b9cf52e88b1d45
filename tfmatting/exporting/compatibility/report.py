"""What the linter reports of a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tfmatting.exporting.compatibility.targets import Target


@dataclass(frozen=True)
class OperatorReport:
    """One operator of the file.

    Attributes:
        index: its place in the graph.
        kind: its type, such as "CONV_2D".
        version: the version of that type; an ONNX file's opset.
        name: its output tensor.
        work: its multiply-adds.
        reason: why it is refused; empty when it is accepted.
        follows: it would be accepted, but an operator before it is not.
    """

    index: int
    kind: str
    version: int
    name: str
    work: int
    reason: str
    follows: bool = False


@dataclass(frozen=True)
class LintReport:
    """What an accelerator makes of a file, by its published list.

    Attributes:
        target: the accelerator.
        operators: every operator of the file, in order.
        ready: whether all work of note runs on the accelerator.
        host_work: the share of the multiply-adds that stays on the host, in [0, 1]; None where a
            file is accepted as a whole or not at all.
    """

    target: Target
    operators: list[OperatorReport]
    ready: bool
    host_work: float | None

    @property
    def refused(self) -> list[OperatorReport]:
        """The operators that the accelerator does not accept."""
        return [operator for operator in self.operators if operator.reason]

    def counts(self) -> list[tuple[str, int, str, int]]:
        """Return (kind, version, reason, number of operators), sorted."""
        counted = Counter((each.kind, each.version, each.reason) for each in self.operators)
        return [(*key, count) for key, count in sorted(counted.items())]
