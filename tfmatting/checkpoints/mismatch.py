"""Says how weights differ from the model that they are read into."""

from __future__ import annotations

from collections.abc import Sequence

from tfmatting.errors import InputError

SHOWN = 6
"""Names of each kind; files of another network differ in hundreds."""


def refuse_mismatch(
    what: str, model: str, missing: Sequence[str], surplus: Sequence[str], wrong: Sequence[str]
) -> None:
    """Refuse weights that do not fit.

    Args:
        what: the weights, as the sentence begins.
        model: its name.
        missing, surplus, wrong: names of arrays; `wrong` with both shapes.

    Raises:
        InputError: there is one of them.
    """
    kinds = {"missing": missing, "surplus": surplus, "wrongly shaped": wrong}
    parts = [f"{len(found)} {kind}: {shortened(found)}" for kind, found in kinds.items() if found]
    if parts:
        raise InputError(
            f"{what} not fit {model!r}. {'; '.join(parts)}. Take the model and the size that they "
            "were trained as."
        )


def shortened(names: Sequence[str], most: int = SHOWN) -> str:
    """The first names and how many follow; empty without any."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
