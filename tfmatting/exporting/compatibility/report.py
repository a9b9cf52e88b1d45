"""What a linter finds."""

from __future__ import annotations

from dataclasses import dataclass

from tfmatting.exporting.compatibility.targets import OnnxTarget, Target


@dataclass(frozen=True)
class Finding:
    """One operator.

    Attributes:
        index: its place in the graph.
        kind, version: such as "CONV_2D", 3.
        name: its output tensor.
        work: multiply-adds.
        reason: why it is not taken; empty when it is.
        follows: it would be taken, but for an operator before it.
    """

    index: int
    kind: str
    version: int
    name: str
    work: int
    reason: str
    follows: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a target makes of a file.

    Attributes:
        target: the accelerator.
        findings: every operator.
        ready: whether all work of note runs on the accelerator.
        host_work: part of the multiply-adds that stays on the host; None where a file is taken
            whole or not at all.
    """

    target: Target | OnnxTarget
    findings: list[Finding]
    ready: bool
    host_work: float | None

    @property
    def refused(self) -> list[Finding]:
        """The operators that are not taken."""
        return [finding for finding in self.findings if finding.reason]
