"""Draw rows as an SVG: a lane for each client, and beside it a script with what is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from .paper import CHAR, MARGIN, card, finished, write_at
from .rows import Row
from .text import broken, fit, wide, write

SCRIPT = 64  # characters that a line of the script may take; what is longer goes on below it
OUTCOME = 20  # of these for the outcome, where the commands leave it no more
WORD = 51  # of a word that is not broken: rows.py cuts longer ones, but for those of an error
NAME = 14  # characters of a client's name in a line; a longer one goes on below
INDENT = 6  # of a line that says what the broker holds
ROW = 24
TOP = 44
LINE = 14  # of a name that takes several

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
    "note": "no command: what happened there",
    "held": "what the broker holds after the command above",
}


@dataclass(frozen=True)
class _Sheet:
    """Where everything goes, in pixels; the columns of the script in characters.

    The lanes come first: on a narrow screen they are in sight, and the script scrolls.
    """

    names: int
    words: int
    outcome: int
    lanes: dict[str, float]
    top: int
    left: float
    width: float
    height: float

    @property
    def script(self) -> int:
        return self.names + self.words + self.outcome

    def lane(self, client: str) -> float:
        return self.lanes.get(client, MARGIN)

    def y(self, index: float) -> float:
        return self.top + ROW * index + ROW // 2


def draw(rows: list[Row], lanes: list[str]) -> str:
    """Draw the rows; `lanes` gives the order of the clients that take part."""
    told, title = write(rows), title_of(rows, lanes)
    rows = list(_with_holdings_below(rows))
    columns = _columns(rows)
    lanes = _taking_part(rows, lanes)
    rows = [line for row in rows for line in _lines_of(row, *columns[1:])]
    sheet = _measure(rows, columns, lanes)
    parts = [
        *card(sheet.width, sheet.height, title, told),
        *_lanes(rows, sheet),
        *_waits(rows, sheet),
        *_trunks(rows, sheet),
        *(part for i, row in enumerate(rows) for part in _row(row, sheet.y(i), sheet)),
        *_legend(rows, sheet),
        "</svg>",
    ]
    return finished(parts)


def title_of(rows: list[Row], lanes: list[str]) -> str:
    """Say what the picture is: whose messages."""
    *most, last = _taking_part(rows, lanes) or ["nobody"]
    return f"Message flow of {', '.join(most)} and {last}" if most else f"Message flow of {last}"


def _with_holdings_below(rows: list[Row]) -> Iterator[Row]:
    """Give what the broker holds a row of its own: beside the lanes it would make them too wide."""
    for row in rows:
        yield replace(row, holds={})
        for key, what in row.holds.items():
            yield Row("held", "", "", holds={key: what})


def _taking_part(rows: list[Row], lanes: list[str]) -> list[str]:
    present = [name for r in rows for name in (r.sender or r.client, r.client) if name]
    return [name for name in dict.fromkeys([*lanes, *present]) if name in present]


def _lines_of(row: Row, words: int, outcome: int) -> Iterator[Row]:
    """Break a name, a command and its outcome into as many lines as their columns need."""
    if row.sender or row.style in ("gap", "held"):
        yield row
        return
    parts = _heading(row.client), broken(row.words, words - 1), broken(row.outcome, outcome)
    (_, said, answered), *further = zip_longest(*parts, fillvalue="")
    yield replace(row, words=said, outcome=answered)
    for more in further:
        yield Row("more", *more)


def _measure(rows: list[Row], columns: tuple[int, int, int], lanes: list[str]) -> _Sheet:
    x = float(MARGIN)
    places = {}
    for name in lanes:
        room = max(56.0, CHAR * min(NAME, wide(name)) + 12)
        places[name] = round(x + room / 2, 1)
        x += room
    left = round(x + (MARGIN if lanes else 0), 1)
    top = TOP + LINE * (max((len(_heading(name)) for name in lanes), default=1) - 1)
    sheet = _Sheet(*columns, places, top, left, 0, 0)
    width = max(round(left + CHAR * sum(columns) + MARGIN), 420)
    return replace(sheet, width=width, height=sheet.y(len(rows)) + 18 * len(_styles(rows)) + 12)


def _heading(name: str) -> list[str]:
    """Break a client's name into lines, after its hyphens and the like where it has any."""
    lines = [""]
    for part in re.findall(r"[^-_:. ]*[-_:. ]*", name):
        if wide(lines[-1] + part) > NAME:
            lines += broken(part, NAME)
        else:
            lines[-1] += part
    return [line for line in lines if line] or [""]


def _columns(rows: list[Row]) -> tuple[int, int, int]:
    """Share the script's width between who, what and the outcome; each may take several lines.

    A column is never so narrow that a key or an element must be broken.
    """
    commands = [row for row in rows if not row.sender and row.style not in ("gap", "held")]
    names = min(NAME, _longest(row.client for row in commands)) + 2
    said, told = [row.words for row in commands], [row.outcome for row in commands]
    outcome = _longest(told)
    room = SCRIPT - names - min(outcome, OUTCOME)
    words = max(min(_longest(said) + 3, room), _longest_word(said))
    spanning = max((_room(row) for row in rows if row not in commands), default=0)
    wanted = min(SCRIPT - names - words, max(outcome, spanning - names - words))
    return names, words, max(wanted, _longest_word(told))


def _longest_word(texts: list[str]) -> int:
    return min(WORD, _longest(word for text in texts for word in text.split(" ")) + 1)


def _longest(texts: Iterable[str]) -> int:
    return max(map(wide, texts), default=0)


def _room(row: Row) -> int:
    """Count what a line without columns of its own takes."""
    if row.holds:
        return INDENT + sum(wide(text) for text, _ in _held(row, SCRIPT))
    return wide(_spanning(row))


def _spanning(row: Row) -> str:
    """Write a delivery, or how many rows are left out: these lines have no columns."""
    return f"  └─▶ {row.client}  {row.words}" if row.sender else row.words


def _held(row: Row, room: int) -> list[tuple[str, bool]]:
    """Cut what a key holds in pieces: a text and whether it stands in a box, as an element does."""
    shown = []
    [(key, what)] = row.holds.items()
    for text, boxed in _pieces(key, what):
        if room > 0:
            shown.append((fit(text, room), boxed))
        room -= wide(text)
    return shown


def _pieces(key: str, what: str) -> Iterator[tuple[str, bool]]:
    elements = re.fullmatch(r"\[(.*)\]( \+\d+)?", what)
    if not elements:
        yield f"{key}: {what}", False
        return
    yield f"{key}: ", False
    for element in elements[1].split("] ["):
        yield f" {element} ", True
        yield " ", False
    if elements[2]:
        yield elements[2].strip(), False


def _styles(rows: list[Row]) -> list[str]:
    present = {r.style for r in rows}
    return [style for style in LEGEND if style in present]


def _lanes(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for name, x in sheet.lanes.items():
        for number, words in enumerate(_heading(name)):
            yield write_at(x, 24 + LINE * number, words, "rf-b", ' text-anchor="middle"')
        line = f"M{x} {sheet.top - 10}V{sheet.y(len(rows)) - 12}"
        yield f'<path class="rf-lane" d="{line}" stroke-width=".6"/>'


def _waits(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for i, row in enumerate(rows):
        if row.style == "wait":
            x, end = sheet.lane(row.client), sheet.y(_end_of_wait(rows, i))
            yield f'<path class="rf-wait" d="M{x} {sheet.y(i)}V{end}" {BAR}/>'


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
            start = start if row.style == "more" else i
        elif i + 1 == len(rows) or not rows[i + 1].sender:
            line = f"M{sheet.lane(row.sender)} {sheet.y(start)}V{sheet.y(i)}"
            yield f'<path class="rf-dot" d="{line}" stroke-width="1.5"/>'


def _row(row: Row, y: float, sheet: _Sheet) -> Iterator[str]:
    if row.style == "held":
        yield from _store(row, y, sheet)
        return
    yield from _script(row, y + 4, sheet)
    if row.sender:
        yield from _arrow(row.style, sheet.lane(row.sender), sheet.lane(row.client), y)
    elif row.style == "error":
        yield from _cross(sheet.lane(row.client), y)
    elif row.style == "note":
        yield from _diamond(sheet.lane(row.client), y) if row.client else ()
    elif row.style not in ("gap", "more"):
        yield f'<circle class="rf-dot" cx="{sheet.lane(row.client)}" cy="{y}" r="4"/>'


def _script(row: Row, y: float, sheet: _Sheet) -> Iterator[str]:
    if row.sender or row.style == "gap":
        yield write_at(sheet.left, y, fit(_spanning(row), sheet.script), "rf-m")
        return
    x = sheet.left
    name = _heading(row.client)[0]
    for words, width in ((name, sheet.names), (row.words, sheet.words), (row.outcome, 0)):
        if words:
            yield write_at(round(x, 1), y, words)
        x += CHAR * width


def _arrow(style: str, start: float, end: float, y: float) -> Iterator[str]:
    """Draw an arrow from lane to lane, or a short hook where sender and receiver are one client."""
    back = -1 if end > start else 1
    begin = end + 24 if start == end else start
    dash = f' stroke-dasharray="{DASHES[style]}"' if style in DASHES else ""
    tip = round(end + back * 8, 1)
    yield f'<path class="rf-{style}" d="M{begin} {y}H{tip}" stroke-width="2"{dash}/>'
    head = f"M{end} {y}L{tip} {y - 5}V{y + 5}Z"
    hollow = ' style="fill:none" stroke-width="1.5"' if style == "pmessage" else ""
    yield f'<path class="rf-{style}" d="{head}"{hollow}/>'


def _cross(x: float, y: float) -> Iterator[str]:
    yield f'<circle class="rf-error" cx="{x}" cy="{y}" r="6" stroke-width="1.5"/>'
    yield f'<path class="rf-error" d="M{x - 3} {y - 3}l6 6m0 -6l-6 6" stroke-width="1.5"/>'


def _diamond(x: float, y: float) -> Iterator[str]:
    yield f'<path class="rf-store" d="M{x} {y - 6}l6 6l-6 6l-6 -6z" stroke-width="1.5"/>'


def _store(row: Row, y: float, sheet: _Sheet) -> Iterator[str]:
    """Write what the broker holds, with a box around each element of a list."""
    x = sheet.left + CHAR * INDENT
    for text, boxed in _held(row, sheet.script - INDENT):
        width = CHAR * wide(text)
        if boxed:
            box = f'x="{x:.1f}" y="{y - 8}" width="{width:.1f}" height="17" rx="3"'
            yield f'<rect class="rf-store" {box}/>'
        if text.strip():
            yield write_at(round(x, 1), y + 4, text, "" if boxed else "rf-m")
        x += width


def _legend(rows: list[Row], sheet: _Sheet) -> Iterator[str]:
    for i, style in enumerate(_styles(rows)):
        y = sheet.y(len(rows)) + 18 * i + 4
        if style == "wait":
            yield f'<path class="rf-wait" d="M{MARGIN} {y}h40" {BAR}/>'
        elif style == "error":
            yield from _cross(MARGIN + 20, y)
        elif style == "note":
            yield from _diamond(MARGIN + 20, y)
        elif style == "held":
            yield f'<rect class="rf-store" x="{MARGIN}" y="{y - 8}" width="40" height="16" rx="3"/>'
        else:
            yield from _arrow(style, MARGIN, MARGIN + 40, y)
        yield write_at(MARGIN + 50, y + 4, LEGEND[style], "rf-m")
