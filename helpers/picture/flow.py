"""Show what the clients sent and received, as text and as SVG in one bundle."""

from __future__ import annotations

from typing import Any

from ..record import Step
from .rows import Row, rows_of
from .svg import draw
from .text import write


class Flow:
    """Picture the steps of a record.

    `lanes` names the clients, in the order in which they get a column. Jupyter shows the SVG where
    it can and the text elsewhere; both are made from the same rows, so neither says more.
    """

    def __init__(self, steps: list[Step], lanes: list[str], earlier: set[int] = frozenset()):
        self.rows: list[Row] = rows_of(steps, earlier)
        self.lanes = lanes

    def __repr__(self) -> str:
        return write(self.rows)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": draw(self.rows, self.lanes)}
