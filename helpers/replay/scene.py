"""One moment of a record as a stage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ..record import printable
from ..record.database import sources_of
from ..record.stream_words import place as place_of
from ..stage.model import Cursor, Link, Place, Stage, Token
from .beats import CHANNEL, CLIENT, KEY, PATTERN, Beat, End, Key
from .cast import Part
from .walk import pending_in

NOT_KNOWN = "not known"
T = TypeVar("T")
SHOWN = 28  # characters of a message


def stage_of(beat: Beat, cast: Mapping[End, Part], title: str, most: int) -> Stage:
    """Say what is where; of more than `most` tokens in a place the middle ones are counted."""
    places = [_place(part, beat, most) for part in cast.values()]
    return Stage(title, places, list(_links(beat, cast)), is_one_move=True)


def _place(part: Part, beat: Beat, most: int) -> Place:
    if part.end[0] == CLIENT:
        return _client(part, beat, most)
    if part.end[0] == KEY:
        return _held(part, beat, most)
    return _channel(part, beat)


# Lists and streams.


def _held(part: Part, beat: Beat, most: int) -> Place:
    """Show a key as what it is at this moment: it may have been something else."""
    key = _key(part)
    if key in beat.streams:
        return _stream(replace(part, kind="stream"), beat, most)
    if key in beat.lists:
        return _list(replace(part, kind="list"), beat, most)
    return _of(part)


def _list(part: Part, beat: Beat, most: int) -> Place:
    elements = beat.lists.get(_key(part), ())
    if elements is None:
        return _of(part, state=NOT_KNOWN)
    tokens = _cut(elements, most, part.name, lambda element, at: _element(part.name, element, at))
    return _of(part, tokens)


def _element(name: str, element: str, at: int) -> Token:
    """Make a token; an element whose way here is not known is told from others by its place."""
    return Token(getattr(element, "identity", f"{name}, {at}"), _short(element))


def _stream(part: Part, beat: Beat, most: int) -> Place:
    key = _key(part)
    entries = beat.streams.get(key, ())
    if entries is None:
        return _of(part, state=NOT_KNOWN)
    tokens = _cut(entries, most, part.name, lambda entry, _: _entry(beat, key, entry))
    unknown = [g for number, s, g in _groups(beat, key) if beat.groups[number, s, g] is None]
    note = "; ".join(f"group {printable(group)}: {NOT_KNOWN}" for group in unknown)
    state = _counted(len(entries), "entry", "entries") if entries else ""
    cursors = [Cursor(name, _shown(past, len(entries), most)) for name, past in _past(key, beat)]
    return _of(part, tokens, state=state, note=note, cursors=cursors)


def _entry(beat: Beat, key: Key, entry: str) -> Token:
    return Token(f"{key[1]}.{entry}", _short(beat.texts.get((key, entry), entry)))


def _groups(beat: Beat, key: Key) -> list[tuple[int, str, str]]:
    return [name for name in beat.groups if name[:2] == key]


def _past(key: Key, beat: Beat) -> Iterator[tuple[str, int]]:
    """Say past how many of its entries each group and each reader of a stream is."""
    ids = beat.streams.get(key) or ()
    for name in _groups(beat, key):
        if group := beat.groups[name]:
            yield f"group {printable(name[2])}", bisect_right(ids, group.last, key=place_of)
    for (stream, reader), last in beat.readers.items():
        if stream == key:
            yield printable(reader), bisect_right(ids, last, key=place_of)


def _is_in(ids: Sequence[str], entry: str) -> bool:
    at = bisect_left(ids, place_of(entry), key=place_of)
    return at < len(ids) and ids[at] == entry


# Clients.


def _client(part: Part, beat: Beat, most: int) -> Place:
    name = str(part.end[1])
    pending = list(_pending(name, beat))
    there = {token.identity for token in pending}
    hands = [c for c in beat.hands.get(name, ()) if c.identity not in there]
    had = [Token(c.identity, _short(c.text), "done" if c.is_read else "sent") for c in hands]
    handed = beat.handed.get(name, 0)
    note = f"{handed} received in all" if handed > len(beat.hands.get(name, ())) else ""
    tokens = [*had, *_cut(pending, most, f"pending with {name}", lambda token, _: token)]
    return _of(part, tokens, state="; ".join(_states(name, beat)), note=note)


def _pending(name: str, beat: Beat) -> Iterator[Token]:
    """Give the entries that a consumer of this name has yet to acknowledge."""
    for (number, stream, group), state in beat.groups.items():
        there = beat.streams.get((number, stream))
        for entry, consumer in state.pending.items() if state else ():
            if consumer == name:
                text = beat.texts.get(((number, stream), entry), entry)
                mark = "hand" if there is None or _is_in(there, entry) else "cut"
                identity = f"{stream}.{entry} {pending_in(stream, group)}"
                yield Token(identity, _short(text), mark)


def _states(name: str, beat: Beat) -> Iterator[str]:
    for number, step in enumerate(beat.waits):
        if step.command.client == name:
            yield _wait(number, beat)
    heard = [n for (_, n), names in beat.listeners.items() if name in names]
    if heard:
        yield f"listens to {', '.join(map(printable, heard))}"
    if name in beat.closed:
        yield "connection closed"


def _wait(number: int, beat: Beat) -> str:
    """Say for what somebody waits; where several wait for the same, who comes first is served."""
    command = beat.waits[number].command
    sources = list(sources_of(command))
    words = f"waits for {', '.join(map(printable, sources))}"
    if command.name == "XREAD":  # all who read are given everything
        return words
    before, after = (
        [s for s in waits if not set(sources).isdisjoint(sources_of(s.command))]
        for waits in (beat.waits[:number], beat.waits[number + 1 :])
    )
    line = len(before) + 1
    return f"{words}, {ordinal(line)} in line" if before or after else words


def ordinal(number: int) -> str:
    """Write a place in a sequence, such as 1st."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"


# Channels, and what went where.


def _channel(part: Part, beat: Beat) -> Place:
    names = sorted(
        name
        for (kind, heard), listening in beat.listeners.items()
        if _heard_at(kind, heard) == part.end
        for name in listening
    )
    lost = [Token(f"lost {beat.order}", _short(beat.unheard[1]), "lost")]
    tokens = lost if part.end == (CHANNEL, beat.unheard[0]) else []
    state = _counted(len(names), "subscriber", "subscribers")
    return _of(part, tokens, state=state, note=", ".join(map(printable, names)))


def _heard_at(kind: str, name: str) -> End:
    return PATTERN if kind == "pmessage" else CHANNEL, name


def _links(beat: Beat, cast: Mapping[End, Part]) -> Iterator[Link]:
    """Join who listens with what is listened to, and count what went from place to place."""
    counts: dict[tuple[End, End], int] = {
        (_heard_at(kind, heard), (CLIENT, name)): 0
        for (kind, heard), names in beat.listeners.items()
        for name in names
    }
    for move in beat.moves:
        way = move.start, move.end
        counts[way] = counts.get(way, 0) + move.count
    for (start, end), count in counts.items():
        if start in cast and end in cast:
            yield Link(cast[start].name, cast[end].name, count)


# What all have in common.


def _of(
    part: Part,
    tokens: Sequence[Token] = (),
    *,
    state: str = "",
    note: str = "",
    cursors: Iterable[Cursor] = (),
) -> Place:
    return Place(part.name, part.kind, part.side, tokens, state, note, list(cursors))


def _key(part: Part) -> Key:
    assert not isinstance(part.end[1], str)
    return part.end[1]


def _cut(
    all_there: Sequence[T], most: int, name: str, made: Callable[[T, int], Token]
) -> list[Token]:
    """Make tokens of the first and the last; between them stands how many there are."""
    count, half = len(all_there), most // 2
    if count <= most:
        return [made(each, at) for at, each in enumerate(all_there)]
    head = [made(all_there[at], at) for at in range(half)]
    tail = [made(all_there[at], at) for at in range(count - half, count)]
    return [*head, Token(f"{name}: left out", f"… {count - 2 * half} more …"), *tail]


def _shown(past: int, count: int, most: int) -> int:
    """Count the tokens that are left of a cursor after the middle ones have become one."""
    half = most // 2
    if count <= most or past <= half:
        return past
    return max(half + 1, past - (count - 2 * half) + 1) if past > half else past


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
