"""Write rows as plain text: all that the SVG says, without a picture."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from .rows import Row

WIDEST = 64  # columns; a longer part pushes only its own line to the right


def write(rows: list[Row]) -> str:
    """Write one line a row: who, what, the reply, and what the broker holds afterwards."""
    if not rows:
        return "(nothing was sent or received since the last flow)"
    name_width = _name_width(rows)
    table = [(_left(row, name_width), row.outcome, _held(row)) for row in rows]
    widths = [
        min(WIDEST, _width([line[i] for line in table if any(line[i + 1 :])])) for i in (0, 1)
    ]
    return "\n".join(
        "   ".join([pad(left, widths[0]), pad(outcome, widths[1]), held]).rstrip()
        for left, outcome, held in table
    )


def wide(text: str) -> int:
    """Count the columns that a text takes: East Asian characters and emoji two, accents none."""
    # Late, here and below: its tables take 50 ms to load, which an import of helpers would pay.
    import wcwidth

    return wcwidth.width(text)


def _ends(text: str) -> list[int]:
    """Return after how many columns each character ends."""
    import wcwidth

    return list(accumulate(map(wcwidth.wcwidth, text)))


def pad(text: str, width: int) -> str:
    """Fill a text with spaces up to this many columns."""
    return text + " " * (width - wide(text))


def fit(text: str, width: int) -> str:
    """Shorten a text to this many columns, with an ellipsis at its end."""
    if wide(text) <= width:
        return text
    return "".join(c for c, end in zip(text, _ends(text), strict=True) if end < width) + "…"


def broken(text: str, width: int) -> list[str]:
    """Break a text into lines of this many columns, between its words where it has any."""
    lines = []
    while wide(text) > width:
        fitting = bisect_right(_ends(text), width) or 1
        space = text.rfind(" ", 1, fitting + 1)
        lines.append(text[: space if space > 0 else fitting])
        text = text[len(lines[-1]) :].removeprefix(" ")
    return [*lines, text]


def _width(texts: list[str]) -> int:
    return max(map(wide, texts), default=0)


def _name_width(rows: list[Row]) -> int:
    return _width([row.client for row in rows if not row.sender])


def _left(row: Row, name_width: int) -> str:
    if row.style == "gap":
        return row.words
    if row.sender:
        return f"  └─▶ {row.client}  {row.words}"
    return f"{pad(row.client, name_width)}  {row.words}"


def _held(row: Row) -> str:
    held = "   ".join(f"{key}: {what}" for key, what in row.holds.items())
    return held and f"| {held}"
