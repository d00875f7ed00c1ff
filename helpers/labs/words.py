"""Words that several labs have in common."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 4


def few(names: Sequence[str]) -> str:
    """Name a few things; of many the first three, and how many follow."""
    shown = list(names)
    if len(names) > MOST_NAMES:
        shown = [*names[:3], f"{len(names) - 3} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
