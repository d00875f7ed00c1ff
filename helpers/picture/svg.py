"""Draw rows as SVG: a lane for each client and the broker between them, beside it a script.

Below a row that changed what the broker holds stand the keys that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from .ink import Ink
from .lanes import BAND, BROKER, LABEL, Lanes, heading, stand, taking_part
from .paper import CHAR, MARGIN, SMALL, card, finished
from .rows import Row
from .shelves import Shelves, shelves, short_id
from .text import broken, fit, wide

SCRIPT = 64  # characters that a line of the script may take; what is longer goes on below it
OUTCOME = 20  # of these for the outcome, where the commands leave it no more
WORD = 51  # of a word that is not broken: rows.py cuts longer ones, but for those of an error
TOP = 24  # of the first line of names
LINE = 15  # pixels from one line to the next
BETWEEN = 9  # pixels between rows
REPLY = 14  # pixels from a command's arrow to that of its reply
NARROWEST = 360

LEGEND = {
    "sent": "a command",
    "message": "message: a channel matched",
    "pmessage": "pmessage: a pattern matched",
    "smessage": "smessage: a sharded channel matched",
    "element": "an element, taken from its list",
    "read": "elements read: they stay in their list",
    "entry": "entries read: they stay in their stream",
    "wait": "the client waits",
    "cross": "refused or lost",
    "diamond": "no command: what happened there",
    "new": "it has just come in",
    "gone": "it has just gone",
    "group": "a group's cursor: given out up to here",
    "reader": "a reader's cursor: read up to here",
    "hand": "held by a worker until acknowledged",
}
HANDS = ("hand", "new hand", "let go")


@dataclass(frozen=True)
class _Line:
    """A row in its place: its lines of name, command and outcome."""

    row: Row
    label: str
    y: int
    height: int
    lines: list[tuple[str, str, str]]

    @property
    def reply_y(self) -> int:
        """Where the arrow lies that brings something."""
        return self.y if self.row.sender or self.row.style == "fold" else self.y + REPLY


def draw(rows: list[Row], lanes: list[str], title: str, told: str) -> str:
    """Draw the rows; `lanes` gives the order of the clients that take part."""
    clients = taking_part(rows, lanes)
    labels = {number: _label(row) for number, row in enumerate(rows) if row.brings}
    places = stand(rows, clients, labels)
    left = places.end + MARGIN if clients else MARGIN
    columns = _columns(rows)
    kept = shelves(rows, left + MARGIN)
    names = {client: heading(client) for client in clients}
    y = TOP + LINE * max((len(lines) for lines in names.values()), default=1)
    placed = []
    for number, row in enumerate(rows):
        line = _line(row, labels.get(number, ""), y, columns, kept.height(row))
        placed.append(line)
        y += line.height
    sheet = _Sheet(Ink(), places, kept, columns, left, y)
    return finished(sheet.draw(placed, names, title, told))


def _label(row: Row) -> str:
    """Write what an arrow brings: the first thing, and how many more."""
    if row.style == "fold":
        return f"x{row.times}"
    first, *more = row.brought
    told = short_id(first) if row.brings == "entry" else first
    count = f" +{len(more)}" if more else ""
    return fit(" ".join(told.split()) or '""', LABEL) + count


def _line(row: Row, label: str, y: int, columns: tuple[int, int, int], below: int) -> _Line:
    _, words, outcome = columns
    if row.sender or row.style in ("gap", "fold"):
        lines = [("", _spanning(row), "")]
    else:
        parts = heading(row.client, 14), broken(row.words, words - 1), broken(row.outcome, outcome)
        lines = [*zip_longest(*parts, fillvalue="")]
    height = LINE * len(lines) + BETWEEN + below
    if row.brings and not row.sender and row.style != "fold":
        height = max(height, REPLY + LINE + BETWEEN)
    return _Line(row, label, y, height, lines)


def _spanning(row: Row) -> str:
    """Write a delivery, or how many rows are left out: these lines have no columns."""
    return f"  └─▶ {row.client}  {row.words}" if row.sender else row.words


def _columns(rows: list[Row]) -> tuple[int, int, int]:
    """Share the script's width between who, what and the outcome; each may take several lines.

    A column is never so narrow that a key or an element must be broken.
    """
    commands = [row for row in rows if not row.sender and row.style not in ("gap", "fold")]
    names = min(14, _longest(row.client for row in commands)) + 2
    said, told = [row.words for row in commands], [row.outcome for row in commands]
    outcome = _longest(told)
    room = SCRIPT - names - min(outcome, OUTCOME)
    words = max(min(_longest(said) + 3, room), _longest_word(said))
    spanning = max((wide(_spanning(row)) for row in rows if row not in commands), default=0)
    wanted = min(SCRIPT - names - words, max(outcome, spanning - names - words))
    return names, words, max(wanted, _longest_word(told))


def _longest_word(texts: list[str]) -> int:
    return min(WORD, _longest(word for text in texts for word in text.split(" ")) + 1)


def _longest(texts: Iterable[str]) -> int:
    return max(map(wide, texts), default=0)


@dataclass(frozen=True)
class _Sheet:
    """The whole picture; the lanes come first: on a narrow screen they are in sight."""

    ink: Ink
    lanes: Lanes
    kept: Shelves
    columns: tuple[int, int, int]
    left: int
    bottom: int

    def draw(
        self, lines: list[_Line], names: dict[str, list[str]], title: str, told: str
    ) -> Iterator[str]:
        self._names(names)
        self._waits(lines)
        self._links(lines)
        for line in lines:
            self._row(line)
            self.kept.draw(self.ink, line.row, line.y + LINE * len(line.lines) - 5)
        height = self._legend()
        width = self.left + CHAR * sum(self.columns)
        width = max(width, *(self.kept.width(line.row) for line in lines), 0) if lines else width
        yield from card(max(round(width) + MARGIN, NARROWEST), height, title, told)
        yield from self.ink.parts()
        yield "</svg>"

    def _names(self, names: dict[str, list[str]]) -> None:
        top = TOP + LINE * (max((len(lines) for lines in names.values()), default=1) - 1) + 8
        for name, lines in names.items():
            for number, words in enumerate(lines):
                self.ink.write("name", self.lanes.x[name], TOP + LINE * number, words)
            self.ink.line("lane", f"M{self.lanes.x[name]} {top}V{self.bottom - 8}")
        if names:
            self.ink.write("name", self.lanes.left + BAND // 2, TOP, BROKER)
            self.ink.box("band", self.lanes.left, 8, BAND, self.bottom - 16)

    def _waits(self, lines: list[_Line]) -> None:
        for number, line in enumerate(lines):
            if line.row.style == "wait":
                end = _end_of_wait(lines, number)
                x = self.lanes.x[line.row.client]
                self.ink.line("wait", f"M{x} {line.y}V{end or self.bottom - 8}")

    def _links(self, lines: list[_Line]) -> None:
        """Join each command to the deliveries below it."""
        middle, start = self.lanes.left + BAND // 2, 0
        for line in lines:
            if not line.row.sender:
                start = line.y
                continue
            edge = self.lanes.edge(line.row.client)
            self.ink.line("link", f"M{middle} {start}V{line.y}H{edge}")
            start = line.y

    def _row(self, line: _Line) -> None:
        self._script(line)
        row = line.row
        silent = row.sender or row.style in ("gap", "note") or (row.style == "fold" and row.brings)
        if row.client and not silent:
            self._command(line)
        elif row.style == "note" and row.client:
            x = self.lanes.x[row.client]
            self.ink.line("diamond", f"M{x} {line.y - 6}l6 6l-6 6l-6-6z")
        if row.brings and row.client:
            self._arrow(line)

    def _script(self, line: _Line) -> None:
        y = line.y + 4
        kind = "muted" if line.row.sender or line.row.style in ("gap", "fold") else "script"
        if kind == "muted":
            words = fit(_spanning(line.row), sum(self.columns))
            self.ink.write(kind, self.left, y, words)
            return
        names, said, _ = self.columns
        places = [round(self.left + CHAR * at) for at in (0, names, names + said)]
        for number, texts in enumerate(line.lines):
            for x, words in zip(places, texts, strict=True):
                self.ink.write(kind, x, y + LINE * number, words)

    def _command(self, line: _Line) -> None:
        """Draw who sent what: a thin arrow to the broker."""
        x, edge = self.lanes.x[line.row.client], self.lanes.edge(line.row.client)
        if line.row.style == "error":
            self.ink.line("cross", f"M{x - 6} {line.y}a6 6 0 1 0 12 0a6 6 0 1 0-12 0")
            self.ink.line("cross", f"M{x - 3} {line.y - 3}l6 6m0-6l-6 6")
        else:
            self.ink.line("dot", f"M{x} {line.y}h0")
        back = -1 if edge > x else 1
        start = x - 6 * back if line.row.style == "error" else x
        self.ink.line("sent", f"M{start} {line.y}H{edge}")
        self.ink.line("head sent", f"M{edge} {line.y}l{5 * back}-3v6z")

    def _arrow(self, line: _Line) -> None:
        """Draw what the broker hands over, with its name near the broker."""
        row, y = line.row, line.reply_y
        x, edge = self.lanes.x[row.client], self.lanes.edge(row.client)
        way = 1 if x > edge else -1
        room = round(SMALL * wide(line.label)) + 6
        begin, tip = edge + way * 6, x - way * 8
        self.ink.line(row.brings, f"M{edge} {y}H{begin}M{begin + way * room} {y}H{tip}")
        self.ink.line(f"head {row.brings}", f"M{x} {y}l{-8 * way}-5v10z")
        self.ink.write("label", begin + way * room // 2, y + 4, line.label)

    def _legend(self) -> int:
        """Explain what is in the picture; return how high this makes it."""
        y = self.bottom + 4
        for pen, words in LEGEND.items():
            if not self.ink.has(*(HANDS if pen == "hand" else (pen,))):
                continue
            self._sample(pen, MARGIN, y)
            self.ink.write("muted", MARGIN + 50, y + 4, words)
            y += 18
        return y + 2

    def _sample(self, pen: str, x: int, y: int) -> None:
        if pen == "cross":
            self.ink.line(pen, f"M{x + 14} {y}a6 6 0 1 0 12 0a6 6 0 1 0-12 0")
            self.ink.line(pen, f"M{x + 17} {y - 3}l6 6m0-6l-6 6")
        elif pen == "diamond":
            self.ink.line(pen, f"M{x + 20} {y - 6}l6 6l-6 6l-6-6z")
        elif pen in ("new", "gone", "hand"):
            self.ink.box(pen, x + 4, y - 7, 32, 14)
        elif pen in ("group", "reader"):
            self.ink.line(pen, f"M{x + 20} {y - 4}l5 8h-10z")
        elif pen == "wait":
            self.ink.line(pen, f"M{x} {y}h40")
        elif pen == "sent":
            self.ink.line("dot", f"M{x + 4} {y}h0")
            self.ink.line(pen, f"M{x + 4} {y}h36")
            self.ink.line("head sent", f"M{x + 40} {y}l-5-3v6z")
        else:
            self.ink.line(pen, f"M{x} {y}h32")
            self.ink.line(f"head {pen}", f"M{x + 40} {y}l-8-5v10z")


def _end_of_wait(lines: list[_Line], start: int) -> int | None:
    """Return where a wait ends: at what it was served with, else soon, else not at all."""
    line = lines[start]
    if line.row.outcome != "waits":
        return line.y + line.height - 12
    for later in lines[start:]:
        if later.row.client == line.row.client and later.row.style in ("element", "entry"):
            return later.y
    return None
