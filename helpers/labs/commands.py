"""The commands of an act as lines of text, where many are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby


def folded(lines: Sequence[str]) -> list[str]:
    """Write what is repeated in a row once, and how often it came.

    A line that is indented belongs to the command above it.
    """
    found: list[str] = []
    for block, alike in groupby(_blocks(lines)):
        more = sum(1 for _ in alike) - 1
        found += block
        if more:
            found.append(f"  … {more} more, all alike")
    return found


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if block and not line.startswith(" "):
            yield block
            block = []
        block.append(line)
    if block:
        yield block
