"""Show what the clients sent and received, as text and as SVG in one bundle."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from ..record import Step
from .page import in_page
from .rows import Note, Row, rows_of
from .svg import draw, title_of
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
        self.rows: list[Row] = rows_of(steps, earlier, notes)
        self.lanes = lanes

    def __repr__(self) -> str:
        return write(self.rows)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        words, svg = repr(self), draw(self.rows, self.lanes)
        html = in_page(svg, title_of(self.rows, self.lanes), words)
        return {"text/plain": words, "image/svg+xml": svg, "text/html": html}
