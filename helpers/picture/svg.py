"""Draw rows as an SVG: a script, a lane for each client, and what the broker holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from .rows import Row
from .text import wide, write

CHAR = 7.3
ROW = 24
TOP = 44
MARGIN = 14

# Every class begins with `rf-`: where a page takes the SVG inline, its styles reach the whole page.
STYLE = """
.rf-card{fill:#fff;stroke:#c9d1da} .rf-t{fill:#1c2733} .rf-m{fill:#56626f} .rf-b{font-weight:700}
.rf-lane{stroke:#c3cbd4} .rf-dot{fill:#1c2733;stroke:#1c2733} .rf-store{fill:#fff3dc;stroke:#8a4b00}
.rf-wait{stroke:#8a4b00} .rf-error{fill:#fff;stroke:#b3261e}
.rf-message{stroke:#0b5cad;fill:#0b5cad} .rf-pmessage{stroke:#7a1fa2;fill:#7a1fa2}
.rf-smessage{stroke:#00695c;fill:#00695c} .rf-element,.rf-entry{stroke:#8a4b00;fill:#8a4b00}
@media (prefers-color-scheme:dark){
.rf-card{fill:#15191e;stroke:#3d4650} .rf-t{fill:#e8ebef} .rf-m{fill:#aab4bf}
.rf-lane{stroke:#414b56} .rf-dot{fill:#e8ebef;stroke:#e8ebef} .rf-store{fill:#3a2c12;stroke:#ffc46b}
.rf-wait{stroke:#ffc46b} .rf-error{fill:#15191e;stroke:#ff8f87}
.rf-message{stroke:#7ab8ff;fill:#7ab8ff} .rf-pmessage{stroke:#d7a5ff;fill:#d7a5ff}
.rf-smessage{stroke:#6fd6c0;fill:#6fd6c0} .rf-element,.rf-entry{stroke:#ffc46b;fill:#ffc46b}}
""".strip().replace("\n", "")

BAR = 'stroke-width="7" stroke-dasharray="3 3" fill="none"'
DASHES = {"pmessage": "6 3", "smessage": "2 3", "entry": "8 2 2 2"}
LEGEND = {
    "message": "message: a channel matched",
    "pmessage": "pmessage: a pattern matched",
    "smessage": "smessage: a sharded channel matched",
    "element": "an element to the client that waited",
    "entry": "an entry to the client that waited",
    "wait": "the client waits",
    "error": "refused or lost",
}


@dataclass(frozen=True)
class _Sheet:
    """Hold where everything goes, in pixels."""

    lanes: dict[str, float]
    store: float
    width: float
    height: float

    def lane(self, client: str) -> float:
        return self.lanes.get(client, MARGIN)


def draw(rows: list[Row], lanes: list[str]) -> str:
    """Draw the rows; `lanes` gives the order of the clients that take part."""
    sheet = _measure(rows, _taking_part(rows, lanes))
    parts = [
        *_card(rows, sheet),
        *_lanes(rows, sheet),
        *_waits(rows, sheet),
        *_trunks(rows, sheet),
        *(part for i, row in enumerate(rows) for part in _row(row, _y(i), sheet)),
        *_legend(rows, sheet),
        "</svg>",
    ]
    return "\n".join(parts)


def _taking_part(rows: list[Row], lanes: list[str]) -> list[str]:
    present = {r.client for r in rows} | {r.sender for r in rows}
    return [name for name in lanes if name in present]


def _measure(rows: list[Row], lanes: list[str]) -> _Sheet:
    x = MARGIN + CHAR * max((wide(_script(r)) for r in rows), default=30) + 2 * MARGIN
    places = {}
    for name in lanes:
        room = max(64.0, CHAR * wide(name) + 18)
        places[name] = round(x + room / 2, 1)
        x += room
    held = max((wide(_held(r)) for r in rows), default=0)
    store = round(x + MARGIN, 1)
    width = round((store + CHAR * max(held, 17) + 24 if held else x) + MARGIN)
    return _Sheet(places, store, max(width, 420), _y(len(rows)) + 18 * len(_styles(rows)) + 8)


def _y(index: int) -> int:
    return TOP + ROW * index + ROW // 2


def _script(row: Row) -> str:
    if row.sender:
        return f"   {row.client}  {row.words}"
    return f"{row.client}  {row.words}   {row.outcome}"


def _held(row: Row) -> str:
    return "   ".join(f"{key}: {what}" for key, what in row.holds.items())


def _styles(rows: list[Row]) -> list[str]:
    present = {r.style for r in rows}
    return [style for style in LEGEND if style in present]


def _card(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    width, height = sheet.width, sheet.height
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="Message flow" '
        'style="max-width:100%;height:auto" font-size="12" '
        "font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">"
    )
    yield f"<title>Message flow</title><desc>{escape(write(rows))}</desc><style>{STYLE}</style>"
    yield (
        f'<rect class="rf-card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>'
    )


def _lanes(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for name, x in sheet.lanes.items():
        yield _text(x, 24, name, "rf-t rf-b", ' text-anchor="middle"')
        yield f'<path class="rf-lane" d="M{x} {TOP - 10}V{_y(len(rows)) - 8}"/>'
    if any(row.holds for row in rows):
        yield _text(sheet.store, 24, "the broker holds", "rf-t rf-b")


def _waits(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for i, row in enumerate(rows):
        if row.style == "wait":
            x, end = sheet.lane(row.client), _y(_end_of_wait(rows, i))
            yield f'<path class="rf-wait" d="M{x} {_y(i)}V{end}" {BAR}/>'


def _end_of_wait(rows: list[Row], start: int) -> float:
    if rows[start].outcome != "waits":
        return start + 0.4
    for i, row in enumerate(rows[start:], start):
        if row.client == rows[start].client and row.style in ("element", "entry"):
            return i
    return len(rows) - 0.4


def _trunks(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    """Join each command to the deliveries below it."""
    start = 0
    for i, row in enumerate(rows):
        if not row.sender:
            start = i
        elif i + 1 == len(rows) or not rows[i + 1].sender:
            x = sheet.lane(row.sender)
            yield f'<path class="rf-dot" d="M{x} {_y(start)}V{_y(i)}" stroke-width="1.5"/>'


def _row(row: Row, y: int, sheet: _Sheet) -> Iterator[str]:
    kind = "rf-m" if row.sender or row.style == "gap" else "rf-t"
    yield _text(MARGIN, y + 4, _script(row), kind)
    if row.sender:
        yield from _arrow(row.style, sheet.lane(row.sender), sheet.lane(row.client), y)
    elif row.style == "error":
        yield from _cross(sheet.lane(row.client), y)
    elif row.style != "gap":
        yield f'<circle class="rf-dot" cx="{sheet.lane(row.client)}" cy="{y}" r="4"/>'
    if row.holds:
        yield from _boxes(_held(row), sheet.store, y)


def _arrow(style: str, start: float, end: float, y: int) -> Iterator[str]:
    """Draw an arrow from lane to lane, or a short hook where sender and receiver are one client."""
    back = -1 if end > start else 1
    begin = end + 24 if start == end else start
    dash = f' stroke-dasharray="{DASHES[style]}"' if style in DASHES else ""
    tip = round(end + back * 8, 1)
    yield f'<path class="rf-{style}" d="M{begin} {y}H{tip}" stroke-width="2"{dash}/>'
    head = f"M{end} {y}L{tip} {y - 5}V{y + 5}Z"
    hollow = ' style="fill:none" stroke-width="1.5"' if style == "pmessage" else ""
    yield f'<path class="rf-{style}" d="{head}"{hollow}/>'


def _cross(x: float, y: int) -> Iterator[str]:
    yield f'<circle class="rf-error" cx="{x}" cy="{y}" r="6" stroke-width="1.5"/>'
    yield f'<path class="rf-error" d="M{x - 3} {y - 3}l6 6m0 -6l-6 6" stroke-width="1.5"/>'


def _boxes(held: str, x: float, y: int) -> Iterator[str]:
    """Write what is held, with a box around each element of a list."""
    for part in re.split(r"(\[.*?\])", held):
        if part.startswith("["):
            left, width = round(x + 2, 1), round(CHAR * wide(part) - 4, 1)
            box = f'x="{left}" y="{y - 8}" width="{width}" height="17" rx="3"'
            yield f'<rect class="rf-store" {box}/>'
        shown = part.strip("[]") if part.startswith("[") else part
        offset = CHAR if part.startswith("[") else 0
        if shown.strip():
            yield _text(round(x + offset, 1), y + 4, shown, "rf-t")
        x += CHAR * wide(part)


def _legend(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for i, style in enumerate(_styles(rows)):
        y = _y(len(rows)) + 18 * i
        if style == "wait":
            yield f'<path class="rf-wait" d="M{MARGIN} {y}h40" {BAR}/>'
        elif style == "error":
            yield from _cross(MARGIN + 20, y)
        else:
            yield from _arrow(style, MARGIN, MARGIN + 40, y)
        yield _text(MARGIN + 50, y + 4, LEGEND[style], "rf-m")


def _text(x: float, y: float, words: str, kind: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" xml:space="preserve"{more}>{escape(words)}</text>'
