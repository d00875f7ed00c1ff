"""Text in columns, which stay columns on a narrow page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# As far from the edge as what is printed.
STYLE = "margin: 0; padding: 0 var(--jp-code-padding, 0); white-space: pre; overflow-x: auto"


class Columns(str):
    """Text whose columns stand below each other: where there is no room, it scrolls.

    JupyterLab breaks the lines of text that is printed, and the rest of a row then looks like a
    row of its own.
    """

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], gap: int) -> Columns:
        """Write a line a row, with so many spaces between the columns at least."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = ([f"{c:{w}}" for c, w in zip(row, widths, strict=True)] for row in rows)
        return cls("\n".join((" " * gap).join(cells).rstrip() for cells in padded))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f'<pre style="{STYLE}">{escape(self)}</pre>'
