"""Show numbers as bars, as text and as SVG in one bundle."""

from __future__ import annotations

from typing import Any

from .text import pad, wide

LONGEST = 40  # characters


class Bars:
    """Compare numbers by the length of bars, each with its name and its value."""

    def __init__(self, values: dict[str, float], what: str) -> None:
        self.values = values
        self.what = what

    def __repr__(self) -> str:
        names = max(map(wide, self.values), default=0)
        shown = {name: f"{value:,}" for name, value in self.values.items()}
        numbers = max(map(len, shown.values()), default=0)
        most = max(self.values.values(), default=0) or 1
        lines = [
            f"{pad(name, names)}  {shown[name]:>{numbers}}  {'█' * round(LONGEST * value / most)}"
            for name, value in self.values.items()
        ]
        return "\n".join([self.what, *(line.rstrip() for line in lines)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self)}


def bars(values: dict[str, float], what: str) -> Bars:
    """Picture numbers as bars; `what` says what they count, with its unit."""
    return Bars(values, what)
