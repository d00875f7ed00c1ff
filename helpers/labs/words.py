"""Words that several labs have in common."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 3


def few(names: Sequence[str]) -> str:
    """Name the messages; of many the first, and how many follow."""
    rest = len(names) - MOST_NAMES
    *first, last = [*names[:MOST_NAMES], f"{rest} more"] if rest > 0 else names
    return f"{', '.join(first)} and {last}" if first else last
