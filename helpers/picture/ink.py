"""Gather lines, boxes and words by their look: each look is written once, however often it is used.

Most of a saved picture would be the same attributes again and again otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .paper import write_at

# What is drawn with a pen looks like this; what comes later lies above.
PENS = {
    "band": 'class="rf-broker" stroke-width=".6"',
    "lane": 'class="rf-lane" stroke-width=".6"',
    "axis": 'class="rf-lane"',
    "wait": 'class="rf-wait" stroke-width="7" stroke-dasharray="3 3" fill="none"',
    "link": 'class="rf-dot" style="fill:none" stroke-width="1.5"',
    "sent": 'class="rf-dot" stroke-width=".8"',
    "head sent": 'class="rf-dot"',
    "message": 'class="rf-message" stroke-width="2"',
    "pmessage": 'class="rf-pmessage" stroke-width="2" stroke-dasharray="6 3"',
    "smessage": 'class="rf-smessage" stroke-width="2" stroke-dasharray="2 3"',
    "element": 'class="rf-element" stroke-width="2"',
    "read": 'class="rf-element" stroke-width="1.5" stroke-dasharray="1.5 2.5"',
    "entry": 'class="rf-entry" stroke-width="2" stroke-dasharray="8 2 2 2"',
    "head message": 'class="rf-message"',
    "head pmessage": 'class="rf-pmessage" style="fill:none" stroke-width="1.5"',
    "head smessage": 'class="rf-smessage"',
    "head element": 'class="rf-element"',
    "head read": 'class="rf-element" style="fill:none" stroke-width="1.5"',
    "head entry": 'class="rf-entry"',
    "dot": 'class="rf-dot" stroke-width="8" stroke-linecap="round"',
    "cross": 'class="rf-error" stroke-width="1.5"',
    "diamond": 'class="rf-store" stroke-width="1.5"',
    "box": 'class="rf-store"',
    "new": 'class="rf-store" stroke-width="2.5"',
    "gone": 'class="rf-wait" style="fill:none" stroke-dasharray="3 2"',
    "hand": 'class="rf-message" style="fill:none"',
    "new hand": 'class="rf-message" style="fill:none" stroke-width="2.5"',
    "let go": 'class="rf-message" style="fill:none" stroke-dasharray="3 2"',
    "group": 'class="rf-dot" stroke-width=".5"',
    "reader": 'class="rf-dot" style="fill:none" stroke-width="1.2"',
}
# Words of a kind: their class, and how they stand.
KINDS = {
    "script": "",
    "muted": 'class="rf-m"',
    "name": 'class="rf-b" text-anchor="middle"',
    "label": 'font-size="11" text-anchor="middle"',
    "strong": 'class="rf-b" font-size="11" text-anchor="middle"',
    "small": 'font-size="11"',
    "aside": 'class="rf-m" font-size="11" text-anchor="middle"',
}


@dataclass
class Ink:
    """Lines by their pen, and words by their kind."""

    _paths: dict[str, list[str]] = field(default_factory=dict)
    _words: dict[str, list[str]] = field(default_factory=dict)

    def line(self, pen: str, path: str) -> None:
        """Draw with one of the PENS."""
        self._paths.setdefault(pen, []).append(path)

    def box(self, pen: str, x: int, y: int, width: int, height: int) -> None:
        """Draw a rectangle."""
        self.line(pen, f"M{x} {y}h{width}v{height}h-{width}z")

    def write(self, kind: str, x: int, y: int, words: str) -> None:
        """Write words of one of the KINDS."""
        if words.strip():
            self._words.setdefault(kind, []).append(write_at(x, y, words))

    def parts(self) -> Iterator[str]:
        """Give the SVG of all that was drawn and written."""
        for pen, look in PENS.items():
            if pen in self._paths:
                yield f'<path {look} d="{"".join(self._paths[pen])}"/>'
        for kind, look in KINDS.items():
            if kind in self._words:
                words = "".join(self._words[kind])
                yield f"<g {look}>{words}</g>" if look else words

    def has(self, *pens: str) -> bool:
        """Tell whether something was drawn with one of these pens."""
        return any(pen in self._paths for pen in pens)
