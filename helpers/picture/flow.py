"""Show what the clients sent and received, as text and as SVG in one bundle."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from ..record import Step
from .fold import folded
from .lanes import title_of
from .page import in_page
from .rows import Note, Row, cut, parts_of
from .svg import draw
from .text import write


class Flow:
    """A picture of the steps of a record.

    `lanes` names the clients, in the order in which they get a column. Jupyter shows the HTML,
    which holds both, else the SVG or the text; all are made from the same rows, so none says more.
    `notes` say what happened that no command says: when, to whom and what.
    """

    def __init__(
        self,
        steps: list[Step],
        lanes: list[str],
        earlier: Set[int] = frozenset(),
        notes: Sequence[Note] = (),
    ):
        self._parts = parts_of(steps, earlier, notes)
        self.rows: list[Row] = cut(self._parts)
        self.lanes = lanes

    def __repr__(self) -> str:
        return write(self.rows)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        words, rows = repr(self), cut(folded(self._parts))
        if not rows:  # as when its cell is run again; an empty card would say nothing
            return {"text/plain": words}
        title = title_of(rows, self.lanes)
        svg = draw(rows, self.lanes, title, words)
        html = in_page(svg, title, words)
        return {"text/plain": words, "image/svg+xml": svg, "text/html": html}
