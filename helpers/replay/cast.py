"""Who and what is on a stage at all its moments, so that nothing jumps from one to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..record import printable
from ..stage.model import Kind, Side
from .beats import CHANNEL, CLIENT, KEY, PATTERN, Beat, End, Key


@dataclass(frozen=True)
class Part:
    """One place: what it is in the record, and how it is called on the stage."""

    end: End
    name: str
    kind: Kind
    side: Side


def cast_of(beats: Sequence[Beat], clients: Sequence[str]) -> dict[End, Part]:
    """Name every place that any of these moments has; `clients` gives their order."""
    ends = [*_clients(beats, clients), *_keys(beats), *_channels(beats)]
    called = Counter(_name(end) for end in ends)
    receiving = _receiving(beats)
    kinds = _kinds(beats)
    parts = {}
    for end in ends:
        kind = kinds[end] if end[0] == KEY else "client" if end[0] == CLIENT else "channel"
        side: Side = "broker" if end[0] != CLIENT else "receives" if end in receiving else "sends"
        name = _name(end)
        parts[end] = Part(end, f"{name} ({end[0]})" if called[name] > 1 else name, kind, side)
    return parts


def _name(end: End) -> str:
    if isinstance(end[1], str):
        return printable(end[1]) + (" (pattern)" if end[0] == PATTERN else "")
    number, key = end[1]
    return printable(key) + (f" (database {number})" if number else "")


def _clients(beats: Iterable[Beat], clients: Sequence[str]) -> list[End]:
    """Give the clients that take part, then the consumers that no client is called like."""
    found = {beat.client for beat in beats} | _who_has_something(beats)
    known = [name for name in clients if name in found]
    return [(CLIENT, name) for name in [*known, *sorted(found.difference(clients))]]


def _who_has_something(beats: Iterable[Beat]) -> set[str]:
    names: set[str] = set()
    for beat in beats:
        names |= {name for name, hands in beat.hands.items() if hands}
        names |= {step.command.client for step in beat.waits}
        names |= {name for listening in beat.listeners.values() for name in listening}
        names |= {reader for _, reader in beat.readers}
        names |= {c for g in beat.groups.values() if g for c in g.pending.values()}
    return names


def _receiving(beats: Iterable[Beat]) -> set[End]:
    """Tell who waits or listens, or was handed more than it has sent."""
    got: Counter[End] = Counter()
    for beat in beats:
        got.update({move.end: move.count for move in beat.moves if move.end[0] == CLIENT})
        got.subtract({move.start: move.count for move in beat.moves if move.start[0] == CLIENT})
    ready = {step.command.client for beat in beats for step in beat.waits}
    ready |= {n for beat in beats for names in beat.listeners.values() for n in names}
    ready |= {c for b in beats for g in b.groups.values() if g for c in g.pending.values()}
    return {end for end, more in got.items() if more > 0} | {(CLIENT, name) for name in ready}


def _keys(beats: Iterable[Beat]) -> list[End]:
    keys: dict[Key, None] = {}
    for beat in beats:
        keys |= dict.fromkeys([*beat.lists, *beat.streams])
        keys |= dict.fromkeys((number, stream) for number, stream, _ in beat.groups)
    return [(KEY, key) for key in keys]


def _kinds(beats: Iterable[Beat]) -> dict[End, Kind]:
    kinds: dict[End, Kind] = {}
    for beat in beats:
        kinds |= {(KEY, key): "list" for key in beat.lists}
        kinds |= {(KEY, key): "stream" for key in beat.streams}
        kinds |= {(KEY, (number, key)): "stream" for number, key, _ in beat.groups}
    return kinds


def _channels(beats: Iterable[Beat]) -> list[End]:
    ends: dict[End, None] = {}
    for beat in beats:
        for kind, name in beat.listeners:
            ends[PATTERN if kind == "pmessage" else CHANNEL, name] = None
        moved = [end for move in beat.moves for end in (move.start, move.end)]
        ends |= {end: None for end in moved if end[0] in (CHANNEL, PATTERN)}
    return list(ends)
