"""Show numbers as bars, as text and as SVG in one bundle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .page import in_page
from .paper import CHAR, MARGIN, card, finished, write_at
from .text import pad, wide

LONGEST = 40  # characters that the longest bar takes
ROW = 22
TOP = 40


class Bars:
    """Numbers to compare by the length of their bars, each with its name and its value."""

    def __init__(self, values: dict[str, float], what: str) -> None:
        self.what = what
        self.names = list(values)
        self.numbers = [f"{value:,}" for value in values.values()]
        most = max(values.values(), default=0) or 1
        self.shares = [value / most for value in values.values()]

    def __repr__(self) -> str:
        names, numbers = _widest(self.names), _widest(self.numbers)
        lines = [
            f"{pad(name, names)}  {number:>{numbers}}  {'█' * round(LONGEST * share)}".rstrip()
            for name, number, share in zip(self.names, self.numbers, self.shares, strict=True)
        ]
        return "\n".join([self.what, *lines])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        words, svg = repr(self), finished(self._drawn())
        html = in_page(svg, self.what, words)
        return {"text/plain": words, "image/svg+xml": svg, "text/html": html}

    def _drawn(self) -> Iterator[str]:
        number = MARGIN + CHAR * (_widest(self.names) + 2 + _widest(self.numbers))
        start = round(number + 2 * CHAR, 1)
        width = max(start + CHAR * LONGEST, MARGIN + CHAR * wide(self.what)) + MARGIN
        yield from card(round(width), TOP + ROW * len(self.names) + 8, self.what, repr(self))
        yield write_at(MARGIN, 24, self.what, "rf-b")
        for i, share in enumerate(self.shares):
            y, length = TOP + ROW * i, round(CHAR * LONGEST * share, 1)
            yield write_at(MARGIN, y + 14, self.names[i])
            yield write_at(round(number, 1), y + 14, self.numbers[i], "", ' text-anchor="end"')
            yield f'<rect class="rf-message" x="{start}" y="{y + 3}" width="{length}" height="15"/>'
        yield "</svg>"


def _widest(texts: list[str]) -> int:
    return max(map(wide, texts), default=0)


def bars(values: dict[str, float], what: str) -> Bars:
    """Picture numbers as bars; `what` says what they count, with its unit."""
    return Bars(values, what)
