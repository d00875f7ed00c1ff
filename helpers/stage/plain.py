"""A frame as plain data for the page, with what has changed since the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..picture.text import fit
from .frame import Frame
from .model import MARKS, Bar, Link, Place, Stage, Token
from .ring import NODE, SIZE, Ray, Ring, Way, ring_of
from .words import LONGEST, Piece, amount, link_words, name_of, pieces, readers_words, sides_of

Plain = dict[str, Any]

LOOKS: Plain = {
    "marks": {name: {"sign": m.sign or "□", "means": m.means} for name, m in MARKS.items()},
}
"""What the page knows of all stages."""


def plain(frames: Sequence[Frame]) -> list[Plain]:
    """Write frames that follow each other."""
    before: list[Frame | None] = [None, *frames]
    return [plain_frame(now, last) for now, last in zip(frames, before, strict=False)]


def plain_frame(frame: Frame, before: Frame | None) -> Plain:
    """Write a frame; `before` is the one that came before it, where it is known."""
    return {
        "number": frame.number,
        "did": frame.did,
        "headline": frame.headline,
        "summary": frame.summary,
        "goals": [list(goal) for goal in frame.goals],
        "sent": list(frame.sent),
        "stage": _stage(frame.stage, before.stage if before else frame.stage),
    }


def _stage(stage: Stage, before: Stage) -> Plain:
    lay, stood = _where(before), {place.name: place for place in before.places}
    went = {} if stage.is_one_move else {(e.start, e.end): e.count for e in before.links}
    seen: dict[str, int] = {}
    return {
        "title": stage.title,
        "sides": sides_of(stage),
        "places": [_place(p, stood.get(p.name), lay, seen) for p in stage.places],
        "links": [_link(link, went) for link in stage.links],
        "joins": link_words(stage.links, lambda link: _told(link, went)),
        "ring": _ring(ring_of(stage), went),
    }


Went = dict[tuple[str, str], int]
"""How many messages had gone before, from one place to another."""


def _passed(link: Link, went: Went) -> int:
    """Count what has just gone along a link."""
    return max(0, link.count - went.get((link.start, link.end), 0))


def _now(link: Link, went: Went) -> str:
    """Say what has just gone along a link, else what has gone so far."""
    return amount(replace(link, count=_passed(link, went) or link.count))


def _told(link: Link, went: Went) -> str:
    """Say the same for whom sees no lines."""
    passed = _passed(link, went)
    if not passed:
        return amount(link)
    return f"{_now(link, went)} just now" + f", {link.count:,} so far" * (passed < link.count)


def _link(link: Link, went: Went) -> Plain:
    return {
        "start": link.start,
        "end": link.end,
        "count": link.count,
        "is": _now(link, went),
        "isFresh": _passed(link, went) > 0,
        "isOpen": link.is_open,
    }


def _ring(ring: Ring | None, went: Went) -> Plain | None:
    if ring is None:
        return None
    return {
        "size": SIZE,
        "radius": NODE,
        "nodes": [[name, *point] for name, point in ring.nodes.items()],
        "lines": [[*start, *end] for start, end in ring.lines],
        "rays": [_ray(ray, went) for ray in ring.rays],
        "ways": [_way(way, went) for way in ring.ways],
    }


def _ray(ray: Ray, went: Went) -> Plain:
    return {
        "line": [*ray.start, *ray.end],
        "turn": ray.turn,
        "words": _now(ray.link, went),
        "at": list(ray.words_at),
        "isFresh": _passed(ray.link, went) > 0,
    }


def _way(way: Way, went: Went) -> Plain:
    return _link(way.link, went) | {
        "gate": list(way.gate),
        "path": way.path,
        "tip": list(way.tip) if way.is_to_node else None,
        "turn": way.turn,
        "words": _now(way.link, went) if way.words else "",
        "at": list(way.words_at),
    }


def _where(stage: Stage) -> dict[str, tuple[str, str]]:
    return {t.identity: (p.name, t.mark) for p in stage.places for t in p.tokens}


def _place(
    place: Place, before: Place | None, lay: dict[str, tuple[str, str]], seen: dict[str, int]
) -> Plain:
    items = [
        _token(piece.token, lay.get(piece.token.identity) != (place.name, piece.token.mark), seen)
        if piece.token
        else _between(piece)
        for piece in pieces(place)
    ]
    return {
        "name": name_of(place),
        "kind": place.kind,
        "side": place.side,
        "state": place.state,
        "note": place.note,
        "hasChanged": _has_changed(place, before),
        "hasLost": before is not None and not _tokens(before) <= _tokens(place),
        "items": items,
        "cursors": [{"name": c.name, "at": c.at} for c in place.cursors if c.at is not None],
        "axis": [list(point) for point in place.axis],
        "bars": [_bar(bar) for bar in place.bars],
    }


def _has_changed(place: Place, before: Place | None) -> bool:
    if before is None:
        return place.kind != "node"  # which is seen to come in the ring
    return (place.state, place.note) != (before.state, before.note)


def _tokens(place: Place) -> set[str]:
    return {token.identity for token in place.tokens}


def _between(piece: Piece) -> Plain:
    """Write what stands between messages; who has read so far has a line of its own."""
    if piece.readers:
        return {"words": f"▸ {readers_words(piece.readers, piece.past)}", "isReader": True}
    return {"words": piece.words}


def _bar(bar: Bar) -> Plain:
    return {
        "words": bar.words,
        "value": bar.value,
        "share": bar.value / bar.most,
        "mark": bar.mark,
    }


def _token(token: Token, is_fresh: bool, seen: dict[str, int]) -> Plain:
    """Write a message; a second one of the same identity, which should not be, has its own."""
    times = seen[token.identity] = seen.get(token.identity, 0) + 1
    return {
        "id": token.identity if times == 1 else f"{token.identity} ({times})",
        "text": fit(token.text, LONGEST),
        "mark": token.mark,
        "at": token.at,
        "isFresh": is_fresh,
    }
