"""A picture of a lab, drawn and written: neither says more than the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..picture.paper import CHAR, MARGIN, card, finished, write_at
from ..picture.text import broken, fit, pad, wide

WIDTH = 720  # pixels
NARROW = 290  # pixels; for a phone, where the wide picture would have letters of 5 pixels
ROW = 26
TOP = 40
GAP = 6
MOST_BOXES = 24
"""A shelf with more boxes shows the first and the last, and says how many are between them."""
LONGEST = 24  # characters of a box or a name


@dataclass(frozen=True)
class Mark:
    """How a box looks: a sign before its text, a colour, a dashed line or none."""

    sign: str
    style: str
    means: str
    dashes: str = ""


MARKS = {
    "sent": Mark("→", "rf-lane", "sent"),
    "held": Mark("", "rf-store", "held by the broker"),
    "hand": Mark("▸", "rf-message", "in a client's hands"),
    "done": Mark("✓", "rf-smessage", "received or done"),
    "lost": Mark("✕", "rf-error", "lost or missed", "4 3"),
    "cut": Mark("-", "rf-lane", "trimmed", "4 3"),
    "aside": Mark("!", "rf-error", "set aside"),
    "twice": Mark("2x", "rf-pmessage", "duplicate", "7 3"),
}


@dataclass(frozen=True)
class Box:
    """One message and how it fares: a key of MARKS."""

    text: str
    mark: str = "held"

    @property
    def words(self) -> str:
        """Write the box without its frame."""
        return f"{MARKS[self.mark].sign} {fit(self.text, LONGEST)}".strip()


@dataclass(frozen=True)
class Shelf:
    """What one place holds: a key of the broker, or a client."""

    name: str
    boxes: Sequence[Box] = ()
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """What stands above the shelves: its height, and how it is drawn on so wide a paper.

    It begins at y = 0. The shelves below say the same in words.
    """

    height: int
    draw: Callable[[int], Iterable[str]]


@dataclass(frozen=True)
class Drawing:
    """A picture in all its forms; `narrow` is the one for a phone."""

    text: str
    svg: str
    narrow: str


NO_FIGURE = Figure(0, lambda width: ())


@dataclass(frozen=True)
class _Piece:
    words: str
    mark: Mark | None = None

    @property
    def width(self) -> float:
        return round(CHAR * (wide(self.words) + (1.5 if self.mark else 0)), 1)


def shelves(title: str, rows: Sequence[Shelf], figure: Figure = NO_FIGURE) -> Drawing:
    """Draw one row a shelf, as many lines as its boxes need, and what the signs mean."""
    text = "\n".join([title, *_written(rows), *_lines(_signs(rows))])
    wide_one, narrow_one = (
        finished(_drawn(title, rows, text, figure, width)) for width in (WIDTH, NARROW)
    )
    return Drawing(text, wide_one, narrow_one)


def _written(rows: Sequence[Shelf]) -> Iterator[str]:
    names = max((wide(_name(row)) for row in rows), default=0)
    for row in rows:
        pieces = [f"[{p.words}]" if p.mark else p.words for p in _pieces(row)]
        yield "  ".join([pad(_name(row), names), " ".join(pieces)]).rstrip()


def _signs(rows: Sequence[Shelf]) -> list[str]:
    """Say what each sign means that is used."""
    used = {box.mark for row in rows for box in row.boxes}
    return [f"{m.sign or '□'} {m.means}" for name, m in MARKS.items() if name in used]


def _lines(signs: Sequence[str], room: float = float("inf")) -> list[str]:
    """Join the signs in lines of so many characters."""
    lines: list[str] = []
    for sign in signs:
        longer = f"{lines[-1]}   {sign}" if lines else sign
        if lines and wide(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(sign)
    return lines


def _name(row: Shelf) -> str:
    return fit(row.name, LONGEST)


def _pieces(row: Shelf) -> list[_Piece]:
    pieces = [_Piece(box.words, MARKS[box.mark]) for box in _few(row.boxes)]
    if left_out := len(row.boxes) - len(pieces):
        pieces.insert(MOST_BOXES // 2, _Piece(f"… {left_out} more …"))
    return [*pieces, _Piece(row.note)] if row.note else pieces


def _few(boxes: Sequence[Box]) -> Sequence[Box]:
    half = MOST_BOXES // 2
    return boxes if len(boxes) <= MOST_BOXES else [*boxes[:half], *boxes[-half:]]


def _drawn(
    title: str, rows: Sequence[Shelf], text: str, figure: Figure, width: int
) -> Iterator[str]:
    start = _start(rows, width)
    parts, y = [], TOP + figure.height
    for row in rows:
        drawn, y = _shelf(row, start, y, width)
        parts += drawn
    for line in _lines(_signs(rows), _room(MARGIN, width)):
        parts.append(write_at(MARGIN, y + 17, line, "rf-m"))
        y += ROW
    above = "".join(figure.draw(width))
    yield from card(width, y + 8, title, text)
    yield write_at(MARGIN, 24, title, "rf-b")
    yield f'<g transform="translate(0 {TOP})">{above}</g>' if above else ""
    yield from parts
    yield "</svg>"


def _start(rows: Sequence[Shelf], width: int) -> float:
    """Return where the boxes begin: beside the names, or below them if these are long."""
    names = max((wide(_name(row)) for row in rows), default=0)
    beside = round(MARGIN + CHAR * (names + 2), 1)
    return beside if beside <= width / 3 else MARGIN


def _room(start: float, width: int) -> int:
    """Count the characters between here and the margin."""
    return int((width - MARGIN - start) / CHAR)


def _shelf(row: Shelf, start: float, y: int, width: int) -> tuple[list[str], int]:
    """Draw a shelf from y on; return its parts, and where the next one begins."""
    parts = [write_at(MARGIN, y + 17, _name(row), "rf-b")]
    first = 0 if start > MARGIN else 1
    lines = 0
    for line, x, piece in _placed(_pieces(row), start, width):
        lines = first + line
        parts += _piece(piece, x, y + ROW * lines)
    return parts, y + ROW * (lines + 1) + GAP


def _placed(
    pieces: Sequence[_Piece], start: float, width: int
) -> Iterator[tuple[int, float, _Piece]]:
    line, x = 0, start
    for piece in _fitting(pieces, _room(start, width)):
        if x > start and x + piece.width > width - MARGIN:
            line, x = line + 1, start
        yield line, round(x, 1), piece
        x += piece.width + GAP


def _fitting(pieces: Sequence[_Piece], room: int) -> Iterator[_Piece]:
    """Break notes that are wider than the paper."""
    for piece in pieces:
        if piece.mark:
            yield piece
        else:
            yield from map(_Piece, broken(piece.words, room))


def _piece(piece: _Piece, x: float, y: float) -> Iterator[str]:
    if piece.mark is None:
        yield write_at(x, y + 17, piece.words, "rf-m")
        return
    fill = "" if piece.mark.style == "rf-store" else ' style="fill:none" stroke-width="1.5"'
    dashes = f' stroke-dasharray="{piece.mark.dashes}"' if piece.mark.dashes else ""
    size = f'x="{x}" y="{y + 3}" width="{piece.width}" height="20" rx="4"'
    yield f'<rect class="{piece.mark.style}" {size}{fill}{dashes}/>'
    yield write_at(round(x + CHAR * 0.75, 1), y + 17, piece.words)
