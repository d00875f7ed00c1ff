"""Terminals as a picture, for where no page is live: what stands on each, and its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..picture.paper import CHAR, MARGIN, card, finished, write_at
from ..picture.text import fit
from .session import Session

WIDTH = 720  # pixels
ROW = 18
TOP = 44
LINES = 12
"""A longer screen shows its last lines."""
IN_A_ROW = 2
SIZE = (WIDTH - MARGIN) / IN_A_ROW - MARGIN


def terminals_svg(title: str, hint: str, sessions: Sequence[Session]) -> str:
    """Draw terminals side by side, two in a row, with a hint above them, as SVG."""
    screens = [_lines(session) for session in sessions]
    height = ROW * max(map(len, screens)) + 12
    rows = -(-len(screens) // IN_A_ROW)
    parts = [
        *card(WIDTH, TOP + rows * (height + MARGIN), title, "\n".join(map("\n".join, screens))),
        write_at(MARGIN, 26, hint, "rf-m"),
    ]
    for number, lines in enumerate(screens):
        row, column = divmod(number, IN_A_ROW)
        x, y = MARGIN + column * (SIZE + MARGIN), TOP + row * (height + MARGIN)
        parts += _terminal(lines, x, y, height)
    return finished([*parts, "</svg>"])


def _lines(session: Session) -> list[str]:
    """Return what stands in a terminal: its name, its screen, its prompt."""
    screen = session.screen.split("\n")[-LINES:] if session.screen else []
    return [session.terminal.name, *screen, session.prompt]


def _terminal(lines: Sequence[str], x: float, y: float, height: float) -> Iterator[str]:
    size = f'x="{x}" y="{y}" width="{SIZE}" height="{height}" rx="4"'
    yield f'<rect class="rf-lane" style="fill:none" {size}/>'
    for number, line in enumerate(lines, start=1):
        kind = "rf-b" if number == 1 else ""
        yield write_at(x + 8, y + ROW * number, fit(line, int((SIZE - 16) / CHAR)), kind)
