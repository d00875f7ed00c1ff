"""What keys hold, below the command that changed them: lists as chips, streams as strips.

All begin at one axis, so that a queue can be followed down the page: its front stays in one place,
and so does each entry of a stream.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..record import HeldList, HeldStream, printable
from ..record.stream_words import place
from .ink import Ink
from .paper import CHAR, SMALL
from .rows import Row
from .text import broken, fit, wide

LINE = 22  # pixels from one shelf to the next
BOX = 16  # pixels that a box is high
UNDER = 17  # pixels that a line below a strip takes
LONGEST_NAME = 14  # characters that stand before the axis; a longer name stands above it
FRONT, BACK = 3, 1  # elements that are shown of a long list
WORD = 12  # characters of an element
ID, TAIL = 10, 9  # characters of an id; of a longer one so many at its end
NARROW = 12  # pixels of an entry that is not named
GAP = 36  # pixels of those that are left out
STRIP = 460  # pixels of a strip, if all entries can be named in them
MOST_CELLS = 36
FEW = 20  # entries that are all shown
FEWEST = 3  # entries that are shown rather than counted
NAMES = 40  # characters beside a cursor; more names than that stand at several
HANDS = 8  # characters of a worker's name that an entry has room for


@dataclass(frozen=True)
class Strip:
    """Where the entries of a stream stand, in pixels from the axis, and which are named."""

    cells: dict[str, tuple[int, int]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    gaps: Sequence[tuple[int, Sequence[str]]] = ()  # where, and which entries are left out there
    width: int = 0

    def past(self, at: tuple[int, int]) -> int:
        """Return where a reader stands that has read up to here."""
        ids = [*self.cells]
        number = bisect_right([place(i) for i in ids], at)
        left = sum(self.cells[ids[number - 1]]) if number else 0
        skipped = [where + GAP // 2 for where, ids in self.gaps if place(ids[0]) <= at]
        return max([left, *skipped])


@dataclass(frozen=True)
class Shelves:
    """The axis of a picture, and the strips of its streams."""

    left: int
    axis: int
    strips: dict[str, Strip]

    def height(self, row: Row) -> int:
        """Return how much room what is held takes below a row, in pixels."""
        return sum(self._height(key, held) for key, held in row.held.items())

    def width(self, row: Row) -> int:
        """Return how far to the right it reaches."""
        ends = [self._end(key, held) for key, held in row.held.items()]
        return max(ends, default=0)

    def draw(self, ink: Ink, row: Row, y: int) -> None:
        """Draw what the keys hold that changed with a row."""
        for key, held in row.held.items():
            top = y + (UNDER if _is_long(key) else 0)
            ink.write("muted", self.left, y + 12, f"{_shown(key)}:")
            ink.line("axis", f"M{self.axis} {top - 2}v{BOX + 4}")
            if isinstance(held, HeldList):
                _draw_list(ink, held, self.axis, top)
            else:
                _Stream(ink, held, self.strips[key], self.left, self.axis).draw(top)
            y += self._height(key, held)

    def _height(self, key: str, held: HeldList | HeldStream) -> int:
        above = UNDER if _is_long(key) else 0
        if isinstance(held, HeldList):
            return above + LINE
        strip = self.strips[key]
        lines = len(_levels(held, strip)) + len([*_with_hands(held, strip)])
        return above + LINE + UNDER * lines

    def _end(self, key: str, held: HeldList | HeldStream) -> int:
        named = self.left + round(CHAR * (wide(_shown(key)) + 1))
        if isinstance(held, HeldList):
            return max(named, self.axis + sum(chip.room for chip in _after(held)))
        strip = self.strips[key]
        marks = [end for level in _levels(held, strip) for _, end, _, _ in level]
        more = max(
            (round(SMALL * wide(_more(held, name, strip))) for name in held.groups), default=0
        )
        return max(named, self.axis + max([strip.width + 6 + more, *marks]))


def shelves(rows: Iterable[Row], left: int) -> Shelves:
    """Find an axis for all that these rows tell of keys."""
    held = [(key, what) for row in rows for key, what in row.held.items()]
    before = [0]
    for key, what in held:
        name = 0 if _is_long(key) else round(CHAR * (wide(_shown(key)) + 2))
        if isinstance(what, HeldList):
            name += sum(chip.room for chip in _before(what))
        else:
            groups = [group for group in what.groups if not _is_long(group)]
            name = max([name, *(round(CHAR * (wide(_shown(g)) + 3)) for g in groups)])
        before.append(name)
    streams: dict[str, list[HeldStream]] = {}
    for key, what in held:
        if isinstance(what, HeldStream):
            streams.setdefault(key, []).append(what)
    strips = {key: _strip(views) for key, views in streams.items()}
    return Shelves(left, left + max(before), strips)


def short_id(entry: str) -> str:
    """Write an id as a picture does: of a long one the end, which tells it from the others."""
    return entry if len(entry) <= ID else f"…{entry[-TAIL:]}"


def _is_long(name: str) -> bool:
    return wide(_shown(name)) > LONGEST_NAME


def _shown(name: str) -> str:
    return fit(printable(name), 48)


@dataclass(frozen=True)
class _Chip:
    words: str
    pen: str = "box"

    @property
    def width(self) -> int:
        return round(SMALL * wide(self.words)) + 8

    @property
    def room(self) -> int:
        return self.width + 4


def _chip(element: str, pen: str = "box") -> _Chip:
    return _Chip(fit(printable(element), WORD) or " ", pen)


def _before(held: HeldList) -> list[_Chip]:
    """Give what went at the front: it stands before the axis."""
    return _gone(held, "left")


def _gone(held: HeldList, *sides: str) -> list[_Chip]:
    """Give one chip for what went: the first of them, and how many more."""
    went = [element for move in held.went if move.side in sides for element in move.what]
    if not went:
        return []
    first = _chip(went[0], "gone")
    return [replace(first, words=f"{first.words} +{len(went) - 1}") if went[1:] else first]


def _after(held: HeldList) -> list[_Chip]:
    """Give what is in a list, and what went elsewhere."""
    return [*_in_it(held), *_gone(held, "right", "between")]


def _in_it(held: HeldList) -> Iterator[_Chip]:
    old = held.length - held.new_right
    if not held.length:
        yield _Chip("empty", "")
    hidden = held.length - FRONT - BACK
    front = held.first if hidden < 2 else held.first[:FRONT]
    for number, element in enumerate(front):
        yield _chip(element, "new" if number < held.new_left or number >= old else "box")
    if hidden >= 2:
        yield _Chip(f"+{hidden}", "")
        yield _chip(held.last[-1], "new" if held.new_right or not old else "box")


def _draw_list(ink: Ink, held: HeldList, axis: int, y: int) -> None:
    x = axis - sum(chip.room for chip in _before(held))
    for chip in _before(held):
        _draw_chip(ink, chip, x, y)
        x += chip.room
    x = axis + 4
    for chip in _after(held):
        _draw_chip(ink, chip, x, y)
        x += chip.room


def _draw_chip(ink: Ink, chip: _Chip, x: int, y: int) -> None:
    middle = x + chip.width // 2
    if not chip.pen:
        ink.write("aside", middle, y + 12, chip.words)
        return
    ink.box(chip.pen, x, y, chip.width, BOX)
    ink.write("strong" if chip.pen == "new" else "label", middle, y + 12, chip.words)


def _strip(views: Sequence[HeldStream]) -> Strip:
    """Give each entry that some moment is to show a place of its own."""
    there = _there(views)
    shown = _to_show(views, there)
    few = [i for ids in _left_out(there, shown).values() if len(ids) <= FEWEST for i in ids]
    shown = sorted([*shown, *few], key=place)
    gaps = _left_out(there, shown)
    room = {entry: _room(entry, views) for entry in shown}
    new = [entry for entry in shown if any(view.came(entry) for view in views)]
    named = _to_name(shown, new, {entry: _named(entry, wish) for entry, wish in room.items()})
    cells, places, x = {}, [], 0
    for entry in shown:
        if entry in gaps:
            places.append((x, gaps[entry]))
            x += GAP
        width = _named(entry, room[entry]) if entry in named else max(NARROW, room[entry])
        cells[entry] = x, width
        x += width
    return Strip(cells, frozenset(named), places, x)


def _named(entry: str, room: int) -> int:
    return max(room, round(SMALL * wide(short_id(entry))) + 8)


def _to_show(views: Sequence[HeldStream], there: Sequence[str]) -> list[str]:
    """Choose entries: those that came or went, that are held, or that a cursor stands at."""
    wanted = [entry for view in views if view.length is not None for entry in view.told]
    wanted += [entry for view in views for group in view.groups for entry in _held_by(view, group)]
    wanted += [i for v in views for at in _cursors(v) if (i := "{}-{}".format(*at)) in v.lives]
    wanted += there if len(there) <= FEW else ()
    shown = sorted(dict.fromkeys(wanted), key=place)
    return shown if len(shown) <= MOST_CELLS else [*shown[:2], *shown[2 - MOST_CELLS :]]


def _cursors(view: HeldStream) -> list[tuple[int, int]]:
    return [*(group.last for group in view.groups.values()), *view.readers.values()]


def _held_by(view: HeldStream, group: str) -> list[str]:
    """Give some of the entries that a group's workers hold, or have just let go."""
    hands = view.groups[group].hands
    return [e for e in hands if view.holder(group, e) is not None or view.released(group, e)]


def _there(views: Sequence[HeldStream]) -> list[str]:
    """Give all entries that were there at one of these moments, the oldest first."""
    tables = {id(view.lives): view.lives for view in views}  # another after each DEL
    ids = dict.fromkeys(entry for lives in tables.values() for entry in lives)
    return sorted((i for i in ids if any(view.has(i) for view in views)), key=place)


def _left_out(there: Sequence[str], shown: Sequence[str]) -> dict[str, list[str]]:
    """Give the entries that have no place, by the next one that has."""
    left_out: dict[str, list[str]] = {}
    known, places = set(shown), [place(entry) for entry in shown]
    for entry in there:
        behind = bisect_right(places, place(entry))
        if entry not in known and behind < len(shown):
            left_out.setdefault(shown[behind], []).append(entry)
    return left_out


def _room(entry: str, views: Sequence[HeldStream]) -> int:
    """Return how wide an entry must be for the names of those who hold it."""
    names = {view.holder(group, entry) for view in views for group in view.groups}
    widest = max((wide(printable(name)) for name in names if name), default=0)
    return round(SMALL * min(HANDS, widest)) + 8 if widest else 0


def _to_name(shown: Sequence[str], new: Sequence[str], widths: dict[str, int]) -> set[str]:
    """Choose whose id is written: all, or the new ones, the first and the last."""
    if sum(widths.values()) <= STRIP:
        return set(shown)
    room = STRIP - NARROW * len(shown)
    named: set[str] = set()
    for entry in dict.fromkeys((*shown[:1], *reversed(new), *reversed(shown))):
        room -= widths[entry] - NARROW
        if room < 0:
            break
        named.add(entry)
    return named


_Mark = tuple[int, int, str, str]  # a cursor: its place, the end of its name, its pen, its name


def _levels(held: HeldStream, strip: Strip) -> list[list[_Mark]]:
    """Lay the cursors in lines, so that no two names lie on each other."""
    by_place: dict[tuple[int, str], list[str]] = {}
    for name, group in held.groups.items():
        by_place.setdefault((strip.past(group.last), "group"), []).append(printable(name))
    for name, at in held.readers.items():
        by_place.setdefault((strip.past(at), "reader"), []).append(printable(name))
    levels: list[list[_Mark]] = []
    marks = [
        (x, pen, words)
        for (x, pen), names in sorted(by_place.items())
        for words in broken(", ".join(sorted(names)), NAMES)
    ]
    for x, pen, words in marks:
        mark = (x, x + 16 + round(SMALL * wide(words)), pen, words)
        free = next((level for level in levels if level[-1][1] <= x - 6), None)
        if free is None:
            levels.append(free := [])
        free.append(mark)
    return levels


_Tag = tuple[int, int, str, str]  # what somebody holds: from where, how wide, the pen, the name


def _tags(held: HeldStream, group: str, strip: Strip) -> list[_Tag]:
    """Join the entries that stand beside each other in the same hands."""
    tags: list[_Tag] = []
    for entry, (x, width) in strip.cells.items():
        holder, pen = held.holder(group, entry), "hand"
        if holder is None:
            holder, pen = held.released(group, entry), "let go"
        elif held.given(group, entry):
            pen = "new hand"
        if holder is None:
            continue
        if tags and tags[-1][2:] == (pen, holder) and sum(tags[-1][:2]) == x:
            x, width = tags[-1][0], tags.pop()[1] + width
        tags.append((x, width, pen, holder))
    return tags


def _with_hands(held: HeldStream, strip: Strip) -> Iterator[tuple[str, list[_Tag]]]:
    for group in held.groups:
        if tags := _tags(held, group, strip):
            yield group, tags


def _more(held: HeldStream, group: str, strip: Strip) -> str:
    """Say how many entries are held that have no place in the strip."""
    in_place = sum(held.holder(group, entry) is not None for entry in strip.cells)
    more = sum(held.groups[group].counts.values()) - in_place
    return f"+{more}" if more else ""


def _tail(name: str, width: int) -> str:
    """Fit a worker's name into so many pixels: its end, which tells it from the others."""
    most = max(1, int((width - 6) / SMALL))
    return name if wide(name) <= most else f"…{name[1 - most :]}" if most > 1 else "…"


@dataclass(frozen=True)
class _Stream:
    """One stream at one moment."""

    ink: Ink
    held: HeldStream
    strip: Strip
    left: int
    axis: int

    def draw(self, y: int) -> None:
        if self.held.length is not None:
            self._entries(y)
        bottom = y + BOX
        for level in _levels(self.held, self.strip):
            for mark in level:
                self._cursor(mark, y + BOX, bottom)
            bottom += UNDER
        for group, tags in _with_hands(self.held, self.strip):
            self._hands(group, tags, bottom + 2)
            bottom += UNDER

    def _entries(self, y: int) -> None:
        for entry, (x, width) in self.strip.cells.items():
            x += self.axis
            came, went = self.held.came(entry), self.held.went(entry)
            if not self.held.has(entry) and not went:
                continue
            self.ink.box("new" if came else "gone" if went else "box", x, y, width, BOX)
            if entry in self.strip.named:
                kind = "strong" if came else "label"
                self.ink.write(kind, x + width // 2, y + 12, short_id(entry))
        for x, ids in self.strip.gaps:
            if count := sum(map(self.held.has, ids)):
                self.ink.write("aside", self.axis + x + GAP // 2, y + 12, f"+{count}")
        if not self.held.length:
            gone = [sum(cell) for entry, cell in self.strip.cells.items() if self.held.went(entry)]
            self.ink.write("aside", self.axis + max(gone, default=0) + 24, y + 12, "empty")

    def _cursor(self, mark: _Mark, top: int, y: int) -> None:
        x, _, pen, words = mark
        x += self.axis
        if y > top:
            self.ink.line("lane", f"M{x} {top}V{y + 4}")
        self.ink.line(pen, f"M{x} {y + 3}l5 8h-10z")
        self.ink.write("small", x + 8, y + 12, words)

    def _hands(self, group: str, tags: Sequence[_Tag], y: int) -> None:
        self.ink.write("muted", self.left + round(CHAR), y + 10, fit(_shown(group), LONGEST_NAME))
        for x, width, pen, holder in tags:
            x += self.axis
            self.ink.box(pen, x + 2, y, width - 4, UNDER - 3)
            self.ink.write("label", x + width // 2, y + 10, _tail(printable(holder), width))
        if more := _more(self.held, group, self.strip):
            self.ink.write("small", self.axis + self.strip.width + 6, y + 10, more)
