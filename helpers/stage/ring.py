"""Nodes in a ring, each joined to each, and what went from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import atan2, cos, degrees, hypot, pi, sin

from .model import Link, Place, Stage

SIZE = 300  # pixels, both ways
RADIUS = 122  # of the ring
NODE = 17  # of a node
EARLIER = "dashed: earlier"
EARLIER_AT = (70.0, SIZE - 6.0)  # no node of any ring reaches so far down there
BEFORE = 36  # pixels between the middle of the one that receives and the number beside it

Point = tuple[float, float]


@dataclass(frozen=True)
class Ray:
    """What went over the line between two nodes, and where its number stands: near its end."""

    link: Link
    start: Point
    end: Point
    words_at: Point

    @property
    def words(self) -> str:
        """Write how many messages the last act has sent here, or all where that is not known."""
        count = self.link.count if self.link.now is None else self.link.now
        return f"{count:,}" if count else ""

    @property
    def turn(self) -> float:
        """Return the direction of the ray, in degrees clockwise from the right."""
        (x1, y1), (x2, y2) = self.start, self.end
        return round(degrees(atan2(y2 - y1, x2 - x1)), 1)


@dataclass(frozen=True)
class Ring:
    """Where each node stands, the lines between them, and what went over these."""

    nodes: dict[str, Point]
    lines: Sequence[tuple[Point, Point]]
    rays: Sequence[Ray]

    @property
    def note(self) -> str:
        """Say what a dashed line is, where there is one."""
        return EARLIER if any(ray.link.is_earlier for ray in self.rays) else ""


def is_in_ring(place: Place) -> bool:
    """Tell whether a place stands in the ring."""
    return place.kind == "node"


def ring_of(stage: Stage) -> Ring | None:
    """Place the nodes of a stage on a circle, the first on top; None where there are none."""
    names = [place.name for place in stage.places if is_in_ring(place)]
    if not names:
        return None
    nodes = {name: _point(at / len(names)) for at, name in enumerate(names)}
    rays = [
        _ray(link, nodes[link.start], nodes[link.end])
        for link in stage.links
        if link.start in nodes and link.end in nodes
    ]
    return Ring(nodes, list(combinations(nodes.values(), 2)), rays)


def without_ring(stage: Stage) -> Stage:
    """Return a stage without what only the ring shows: bare nodes, and links between nodes."""
    ring = ring_of(stage)
    inner = {id(ray.link) for ray in ring.rays} if ring else set()
    told = [p for p in stage.places if not is_in_ring(p) or p.state or p.note or p.tokens]
    return replace(stage, places=told, links=[e for e in stage.links if id(e) not in inner])


def _point(turn: float) -> Point:
    angle = 2 * pi * turn - pi / 2
    return round(SIZE / 2 + RADIUS * cos(angle), 1), round(SIZE / 2 + RADIUS * sin(angle), 1)


def _ray(link: Link, start: Point, end: Point) -> Ray:
    """Let a ray begin and end at the edge of its nodes."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    edge = NODE / length
    return Ray(
        link,
        _between(start, end, edge),
        _between(start, end, 1 - edge),
        _between(start, end, 1 - BEFORE / length),
    )


def _between(start: Point, end: Point, share: float) -> Point:
    x, y = (round(a + (b - a) * share, 1) for a, b in zip(start, end, strict=True))
    return x, y
