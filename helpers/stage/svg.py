"""A stage as SVG: who sends on the left, the broker in the middle, who receives on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..picture.paper import CHAR, MARGIN, card, finished, gathered, write_at
from ..picture.text import broken, wide
from .model import MARKS, Link, Place, Side, Stage
from .ring import NODE, SIZE, Point, Ray, Ring, Way, ring_of, without_ring
from .text import write
from .words import OF_NODES, SIDES, Piece, amount, link_words, name_of, pieces, signs

WIDTH = 720  # pixels
NARROW = 290  # pixels; for a phone, where the wide picture would have letters of 5 pixels
ROW = 26
LINE = 18  # pixels between lines of words without messages
TOP = 36
GAP = 6
LETTERS = 12  # pixels that a line of words is high
SPOTS = (0.5, 0.65, 0.35, 0.8, 0.2)  # of a line, for its words: the first that is free
INSIDE = 10  # pixels between the frame of a place and what it holds
BETWEEN = 46  # pixels between two lanes, for what joins them
LEAST = 14  # characters of a state for which a lane has room
RING = 270  # pixels that a ring takes at least
AXIS = 34  # pixels that an axis takes, with the labels below it
LANES: tuple[Side, ...] = ("sends", "broker", "receives")
SHARES = {"sends": 0.5, "broker": 3.0, "receives": 2.0}  # of what is left when all have room


@dataclass(frozen=True)
class _Box:
    """A place as it is drawn: where it stands, and its parts."""

    x: float
    y: float
    width: float
    height: float
    parts: list[str]


@dataclass
class _Sheet:
    """What has been drawn, how far down it reaches, and where each place stands."""

    top: float
    parts: list[str] = field(default_factory=list)
    bottom: float = field(init=False)
    boxes: dict[str, _Box] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)  # what no line may cross
    words: list[tuple[float, float, float]] = field(default_factory=list)  # on lines: where, width
    gates: dict[tuple[str, str], Point] = field(default_factory=dict)  # into the ring, by link
    nodes: set[str] = field(default_factory=set)  # of the ring
    told: set[tuple[str, str]] = field(default_factory=set)  # links whose words stand in the ring

    def __post_init__(self) -> None:
        self.bottom = self.top

    def add(self, place: Place, box: _Box) -> None:
        self.boxes.setdefault(place.name, box)  # in a ring, it stands there already
        self.parts += box.parts
        self.bottom = max(self.bottom, box.y + box.height)


def draw(stage: Stage, width: int = WIDTH, headline: str = "") -> str:
    """Draw a stage as wide as this; on a narrow paper the lanes stand below each other."""
    return finished(_drawn(stage, width, headline))


def _drawn(stage: Stage, width: int, headline: str) -> Iterator[str]:
    room = _room(width - 2 * MARGIN)
    titles = broken(stage.title, room)
    above = broken(headline, room) if headline else []
    sheet = _Sheet(top=TOP + LINE * (len(titles) - 1 + len(above)))
    written = _lanes(without_ring(stage), ring_of(stage), sheet, width)
    _outcomes(stage, sheet, width)
    foot = [line for words in written for line in broken(words, room)]
    foot += _in_lines(signs(stage), room)
    height = sheet.bottom + 10 + ROW * len(foot)
    yield from card(width, round(height + 6, 1), stage.title, write(stage, headline))
    for number, line in enumerate([*titles, *above]):
        kind = "rf-b" if number < len(titles) else ""
        yield write_at(MARGIN, 24 + LINE * number, line, kind)
    yield from gathered(sheet.parts)
    yield from sheet.over
    for number, line in enumerate(foot):
        yield write_at(MARGIN, round(sheet.bottom + 27 + ROW * number, 1), line, "rf-m")
    yield "</svg>"


# The lanes.


def _lanes(stage: Stage, ring: Ring | None, sheet: _Sheet, width: int) -> list[str]:
    """Draw the lanes and what joins them; return the words of the links that have no line."""
    lanes = {side: [p for p in stage.places if p.side == side] for side in LANES}
    lanes = {s: places for s, places in lanes.items() if places or (ring and s == "broker")}
    widths = _widths(lanes, ring, width)
    if widths is None:
        ring = replace(ring, ways=()) if ring else None  # who is outside has no line to it
        for side, places in lanes.items():
            _lane(side, places, ring, sheet, MARGIN, sheet.bottom + 14, width - 2 * MARGIN)
        return link_words(stage.links)
    x = float(MARGIN)
    for (side, places), own in zip(lanes.items(), widths, strict=True):
        _lane(side, places, ring, sheet, x, sheet.top + 8, own)
        x = round(x + own + BETWEEN, 1)
    return _links(stage.links, sheet)


def _widths(lanes: dict[Side, list[Place]], ring: Ring | None, width: int) -> list[float] | None:
    """Share the paper among lanes beside each other, if what is in them has room there."""
    least = [
        max([RING * (ring is not None and side == "broker"), *map(_least, places)])
        for side, places in lanes.items()
    ]
    free = width - 2 * MARGIN - BETWEEN * (len(lanes) - 1) - sum(least)
    if width < WIDTH or free < 0:
        return None
    shares = [SHARES[side] for side in lanes]
    return [
        round(own + free * share / sum(shares), 1) for own, share in zip(least, shares, strict=True)
    ]


def _least(place: Place) -> float:
    """Return how wide a place must be for its name and for each message in it."""
    words = [name_of(place), place.state[:LEAST]]
    pixels = [*(CHAR * wide(w) for w in words), *(_width(p) for p in pieces(place) if p.mark)]
    return max(pixels) + 2 * INSIDE * (2 if place.side == "broker" else 1)


def _lane(
    side: Side,
    places: Sequence[Place],
    ring: Ring | None,
    sheet: _Sheet,
    x: float,
    y: float,
    width: float,
) -> None:
    """Draw the places of a lane from y on; those of the broker stand in one frame."""
    is_broker = side == "broker"
    heading = OF_NODES if is_broker and ring else SIDES[side]
    sheet.parts.append(write_at(x, round(y + 8, 1), heading, "rf-m"))
    top = y = y + 18
    frame = len(sheet.parts)
    inset = INSIDE if is_broker else 0
    if is_broker and ring:
        y += _ring(ring, sheet, x, y, width)
    names = max((CHAR * (wide(name_of(place)) + 2) for place in places), default=0)
    names = names if names < 0.45 * width else 0
    for place in places:
        y += inset
        box = _box(place, x + inset, y, width - 2 * inset, names if is_broker else 0)
        sheet.add(place, box)
        y += box.height + (0 if is_broker else GAP + 2)
    if is_broker:
        height = y + inset - top
        sheet.parts.insert(frame, _frame(x, top, width, height, "rf-broker"))
        sheet.bottom = max(sheet.bottom, y + inset)


def _ring(ring: Ring, sheet: _Sheet, x: float, y: float, width: float) -> float:
    """Draw the ring in the middle of its lane; return how high it is."""
    scale = round(min(1.0, width / SIZE), 3)
    left = round(x + (width - SIZE * scale) / 2, 1)
    placed = f'<g transform="translate({left:g} {y:g}) scale({scale:g})">'
    sheet.over += [placed, *_ring_parts(ring), "</g>"]
    sheet.nodes = set(ring.nodes)
    for way in ring.ways:
        ends = (way.link.start, way.link.end)
        sheet.gates[ends] = (left + way.gate[0] * scale, y + way.gate[1] * scale)
        sheet.told |= {ends} if way.words else set()
    sheet.bottom = max(sheet.bottom, y + SIZE * scale)
    return SIZE * scale


def _ring_parts(ring: Ring) -> Iterator[str]:
    for (x1, y1), (x2, y2) in ring.lines:
        yield f'<path class="rf-lane" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke-opacity=".4"/>'
    for ray in ring.rays:
        yield from _ray(ray)
    for way in ring.ways:
        yield from _way(way)
    lines: list[Ray | Way] = [*ring.rays, *ring.ways]
    for (x, y), words in [(line.words_at, line.words) for line in lines]:
        if not words:
            continue
        half = CHAR * wide(words) / 2 + 4
        size = f'width="{2 * half:g}" height="18" rx="3"'
        yield f'<rect class="rf-card" x="{x - half:g}" y="{y - 9:g}" {size}/>'
        yield write_at(x, round(y + 4, 1), words, "", ' text-anchor="middle"')
    for name, (x, y) in ring.nodes.items():
        yield f'<circle class="rf-store" cx="{x:g}" cy="{y:g}" r="{NODE}" stroke-width="2"/>'
        yield write_at(x, round(y + 4, 1), name, "rf-b", ' text-anchor="middle"')


def _ray(ray: Ray) -> Iterator[str]:
    """Draw a line with a head at the node that receives."""
    (x1, y1), (x2, y2) = ray.start, ray.end
    yield f'<path class="rf-message" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke-width="2"/>'
    yield _tip(ray.end, ray.turn)


def _way(way: Way) -> Iterator[str]:
    """Draw the end of a line from outside, with a head where a node receives."""
    dashes = ' stroke-dasharray="4 3"' if not way.link.count else ""
    yield f'<path class="rf-lane" style="fill:none" d="{way.path}"{dashes}/>'
    if way.is_to_node and way.link.count:
        yield _tip(way.tip, way.turn)


def _tip(point: Point, turn: float) -> str:
    turned = f"translate({point[0]:g} {point[1]:g}) rotate({turn:g})"
    return f'<path class="rf-dot" d="M0 0l-8 -4.5v9z" transform="{turned}"/>'


def _frame(x: float, y: float, width: float, height: float, kind: str) -> str:
    size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect class="{kind}" {size} rx="8"/>'


def _box(place: Place, x: float, y: float, width: float, names: float = 0) -> _Box:
    """Draw a place: its name with its state, then what it holds, `names` pixels from the left."""
    inner, room = x + INSIDE, width - 2 * INSIDE
    parts, end, bottom = _heading(place, inner, y + 4, room)
    if place.axis:
        drawn, bottom = _axis(place, inner, bottom, room)
        parts += drawn
    elif place.bars:
        drawn, bottom = _bars(place, inner, bottom, room)
        parts += drawn
    elif held := [*pieces(place), *_noted(place)]:
        beside = max(end, inner + names) if names else end
        line = _Line(inner + names if names else inner, beside, bottom - ROW, inner + room)
        drawn, bottom = _rows(held, line)
        parts += drawn
    height = round(bottom + 6 - y, 1)
    return _Box(x, y, width, height, [_frame(x, y, width, height, "rf-card"), *parts])


def _bars(place: Place, x: float, y: float, room: float) -> tuple[list[str], float]:
    """Draw numbers as bars, and below them what else the place holds."""
    start = x + CHAR * (max(wide(bar.words) for bar in place.bars) + 1)
    longest = x + room - start - CHAR * (max(wide(str(bar.value)) for bar in place.bars) + 1)
    parts: list[str] = []
    for bar in place.bars:
        width = round(longest * bar.value / bar.most, 1)
        dashes = f' stroke-dasharray="{d}"' if (d := MARKS[bar.mark].dashes) else ""
        size = f'x="{start:g}" y="{y + 5:g}" width="{width:g}" height="14"'
        look = f'class="{MARKS[bar.mark].style}" fill-opacity=".25"'
        parts += [
            write_at(x, round(y + 17, 1), bar.words, "rf-m"),
            f"<rect {look} {size}{dashes}/>" if bar.value else "",
            write_at(round(start + width + CHAR / 2, 1), round(y + 17, 1), str(bar.value), "rf-b"),
        ]
        y += ROW - 4
    if not (held := [*pieces(place), *_noted(place)]):
        return parts, y
    drawn, bottom = _rows(held, _Line(x, x, y, x + room))
    return parts + drawn, bottom


def _noted(place: Place) -> list[Piece]:
    return [Piece(place.note)] if place.note else []


def _heading(place: Place, x: float, y: float, room: float) -> tuple[list[str], float, float]:
    """Write name and state beside each other, or below where one line is too short.

    Return the parts, where what follows in the same line begins, and where the next line does.
    """
    name = name_of(place)
    end = x + CHAR * (wide(name) + 2)
    parts = [write_at(x, round(y + 17, 1), name, "rf-b")]
    if not place.state:
        return parts, end, y + ROW
    if CHAR * (wide(name) + 2 + wide(place.state)) <= room:
        parts.append(write_at(round(end, 1), round(y + 17, 1), place.state, "rf-m"))
        return parts, end + CHAR * (wide(place.state) + 2), y + ROW
    for line in broken(place.state, _room(room)):
        y += LINE
        parts.append(write_at(x, round(y + 17, 1), line, "rf-m"))
    return parts, x + room, y + ROW


@dataclass(frozen=True)
class _Line:
    """Where lines of messages stand: the first one begins at `first`, the others at `start`."""

    start: float
    first: float
    y: float
    end: float


def _rows(held: Sequence[Piece], line: _Line) -> tuple[list[str], float]:
    """Draw messages and words in as many lines as they need; return where the next thing begins."""
    parts: list[str] = []
    left, y = line.first, line.y
    for piece in _fitting(held, _room(line.end - line.start)):
        if left > line.start and left + _width(piece) > line.end:
            left, y = line.start, y + ROW
        parts += _drawn_piece(piece, round(left, 1), y)
        left += _width(piece) + GAP
    return parts, y + ROW


def _width(piece: Piece) -> float:
    return round(CHAR * (wide(piece.words) + (1.5 if piece.mark else 0)), 1)


def _fitting(held: Sequence[Piece], room: int) -> Iterator[Piece]:
    """Break words that are wider than the place."""
    for piece in held:
        if piece.mark:
            yield piece
        else:
            yield from map(Piece, broken(piece.words, room))


def _drawn_piece(piece: Piece, x: float, y: float) -> Iterator[str]:
    if piece.mark is None:
        yield write_at(x, round(y + 17, 1), piece.words, "rf-m")
        return
    fill = "" if piece.mark.style == "rf-store" else ' style="fill:none" stroke-width="1.5"'
    dashes = f' stroke-dasharray="{piece.mark.dashes}"' if piece.mark.dashes else ""
    size = f'x="{x:g}" y="{y + 3:g}" width="{_width(piece):g}" height="20" rx="4"'
    yield f'<rect class="{piece.mark.style}" {size}{fill}{dashes}/>'
    yield write_at(round(x + CHAR * 0.75, 1), round(y + 17, 1), piece.words)


def _room(width: float) -> int:
    """Count the characters of a line."""
    return int(width / CHAR)


# A place with an axis.


def _axis(place: Place, x: float, y: float, room: float) -> tuple[list[str], float]:
    """Draw messages at their points, cursors as needles, and labels below."""
    middle = y + 12
    line = f'x1="{x:g}" y1="{middle:g}" x2="{x + room:g}" y2="{middle:g}"'
    parts = [f'<line class="rf-lane" {line}/>']
    for at, label in place.axis:
        parts.append(_below(x + room * at, middle + 20, label, x, room))
    for token in place.tokens:
        if token.at is not None:
            cx = round(x + room * token.at, 1)
            mark = MARKS[token.mark]
            dashes = f' style="fill:none" stroke-dasharray="{mark.dashes}"' if mark.dashes else ""
            look = f'class="{mark.style}" cx="{cx:g}" cy="{middle:g}" r="5"'
            parts.append(f"<circle {look}{dashes}/>")
    for cursor in place.cursors:
        if cursor.at is not None:
            cx = round(x + room * cursor.at, 1)
            parts.append(
                f'<line class="rf-wait" x1="{cx:g}" y1="{middle - 12:g}" x2="{cx:g}" '
                f'y2="{middle + 8:g}" stroke-width="2"/>'
            )
    rows, bottom = _rows([*pieces(place), *_noted(place)], _Line(x, x, y + AXIS, x + room))
    return parts + rows, bottom


def _below(x: float, y: float, label: str, start: float, room: float) -> str:
    """Write a label centred at its point, and inside."""
    left = min(max(x - CHAR * wide(label) / 2, start), start + room - CHAR * wide(label))
    return write_at(round(left, 1), round(y, 1), label, "rf-m")


# What joins places, and what came of it.


def _links(links: Iterable[Link], sheet: _Sheet) -> list[str]:
    """Draw a line for each link between two lanes; return the words of the others."""
    untold = []
    for link in links:
        start, end = _spot(link, link.start, sheet), _spot(link, link.end, sheet)
        is_drawn = start and end and abs(start.x - end.x) > 2 * INSIDE
        is_told = (link.start, link.end) in sheet.told
        if start and end and is_drawn:
            sheet.parts += _line(link, start, end)
            if (link.start, link.end) not in sheet.gates:
                is_told = _words_on(link, start, end, sheet)
        if not is_drawn or not is_told:
            untold.append(link)
    return link_words(untold)


def _spot(link: Link, name: str, sheet: _Sheet) -> _Box | None:
    """Return the box of one end of a link; of a node, the gate through which the line goes."""
    gate = sheet.gates.get((link.start, link.end))
    if gate and name in sheet.nodes:
        return _Box(gate[0], gate[1], 0, 0, [])
    return sheet.boxes.get(name)


def _line(link: Link, start: _Box, end: _Box) -> Iterator[str]:
    (x1, y1), (x2, y2) = _ends(start, end)
    bend, dashes = (x1 + x2) / 2, ' stroke-dasharray="4 3"' if not link.count else ""
    yield (
        f'<path class="rf-lane" style="fill:none" d="M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} '
        f'{y2:g} {x2:g} {y2:g}"{dashes}/>'
    )
    if link.count and end.width:  # who waits has got nothing yet; at a gate, the line goes on
        tip = -6 if x1 < x2 else 6
        yield f'<path class="rf-dot" d="M{x2:g} {y2:g}l{tip} -4v8z"/>'


def _words_on(link: Link, start: _Box, end: _Box, sheet: _Sheet) -> bool:
    """Write what went along a line where it stands on no other words; tell whether it could.

    Of one message the line says enough.
    """
    if link.count == 1 and not link.words:
        return True
    width = CHAR * wide(amount(link))
    spots = [_on(start, end, share, width) for share in SPOTS]
    free = [spot for spot in spots if not any(_is_near(spot, width, each) for each in sheet.words)]
    if wide(amount(link)) > _room(BETWEEN) or not free:
        return False
    x, y = free[0]
    sheet.words.append((x, y, width))
    sheet.parts.append(write_at(round(x - width / 2, 1), round(y - 5, 1), amount(link), "rf-m"))
    return True


def _on(start: _Box, end: _Box, share: float, width: float) -> Point:
    """Return where so much of a line is behind; words of this width do not reach into a place."""
    (x1, y1), (x2, y2) = _ends(start, end)
    rest, reach = 1 - share, max(0.0, (abs(x2 - x1) - width) / 2)
    aside = (x2 - x1) * (share**3 + 1.5 * share * rest - 0.5)
    y = y1 * rest**2 * (1 + 2 * share) + y2 * share**2 * (1 + 2 * rest)
    return (x1 + x2) / 2 + min(max(aside, -reach), reach), y


def _is_near(spot: Point, width: float, other: tuple[float, float, float]) -> bool:
    """Tell whether words at a spot would stand on others."""
    x, y, own = other
    return abs(spot[0] - x) < (width + own) / 2 and abs(spot[1] - y) < LETTERS


def _ends(start: _Box, end: _Box) -> tuple[Point, Point]:
    """Return the two points between which a line goes, at the edges that face each other."""
    if start.x < end.x:
        return (start.x + start.width, _height(start)), (end.x, _height(end))
    return (start.x, _height(start)), (end.x + end.width, _height(end))


def _height(box: _Box) -> float:
    return box.y + (17 if box.width else 0)


def _outcomes(stage: Stage, sheet: _Sheet, width: int) -> None:
    """Draw what came of it below all lanes."""
    places = [place for place in stage.places if place.side == "after"]
    if not places:
        return
    y = sheet.bottom + 12
    sheet.parts.append(write_at(MARGIN, round(y + 8, 1), SIDES["after"], "rf-m"))
    y += 18
    for place in places:
        box = _box(place, MARGIN, y, width - 2 * MARGIN)
        sheet.add(place, box)
        y += box.height + GAP


def _in_lines(words: Sequence[str], room: int) -> list[str]:
    """Join words in lines of so many characters."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}   {word}" if lines else word
        if lines and wide(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
