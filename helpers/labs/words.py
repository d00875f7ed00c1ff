"""Words that several labs have in common."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 3


def few(names: Sequence[str]) -> str:
    """Name messages; of many the first three, and how many follow."""
    rest = len(names) - MOST_NAMES
    told = [*names[:MOST_NAMES], *([f"{rest} more"] if rest > 0 else [])]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))
