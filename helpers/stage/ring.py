"""Nodes in a ring, each joined to each, and what went from one to another.

Whoever stands outside reaches a node by a way of its own: it enters the paper of the ring at a
gate, goes round all nodes outside of them, and ends at the node's border. No line runs under a
node that it does not concern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import acos, atan2, cos, degrees, hypot, pi, sin

from ..picture.text import wide
from .model import Link, Place, Stage
from .words import amount

SIZE = 300  # pixels, both ways
RADIUS = 122  # of the ring
NODE = 17  # of a node
INWARD, OUTWARD = RADIUS + NODE + 10, RADIUS + NODE + 5  # of the ways round the ring
ASIDE = 0.13  # radians between the middle of a node and where a way comes in: one may go out, too
BEFORE = 36  # pixels between the middle of the one that receives and the number beside it
FIRST_GATE = 9.0  # pixels from the top
APART = 64.0  # pixels between two gates, at most
LETTER = 6.8  # pixels
MIDDLE = SIZE / 2

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
        """Write how many messages went here."""
        return f"{self.link.count:,}" if self.link.count else ""

    @property
    def turn(self) -> float:
        """Return the direction of the ray, in degrees clockwise from the right."""
        return _turn(self.start, self.end)


@dataclass(frozen=True)
class Way:
    """The part of a line between a place outside and a node that lies on the paper of the ring.

    `path` is that of an SVG, from the gate, where it goes on outside, to the border of the node,
    `tip`; `turn` is its direction there, in degrees clockwise from the right. The words stand
    beside the gate; "" where they have no room between the paper's edge and the nodes.
    """

    link: Link
    gate: Point
    path: str
    tip: Point
    turn: float
    words: str
    words_at: Point
    is_to_node: bool
    """Whether the head is at the node, not at the place outside."""


@dataclass(frozen=True)
class Ring:
    """Where each node stands, the lines between them, and what went over these."""

    nodes: dict[str, Point]
    lines: Sequence[tuple[Point, Point]]
    rays: Sequence[Ray]
    ways: Sequence[Way]


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
    return Ring(nodes, list(combinations(nodes.values(), 2)), rays, _ways(stage, nodes))


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


def _ways(stage: Stage, nodes: dict[str, Point]) -> list[Way]:
    """Lead each link from outside to its node: from senders at the left, to others at the right."""
    found = []
    for x, side in ((0.0, "sends"), (float(SIZE), "receives")):
        outside = [place.name for place in stage.places if place.side == side]
        links = [link for name in outside for link in _to_ring(name, stage, nodes)]
        heights = _heights(len(links))
        found += [_way(link, nodes, (x, y)) for link, y in zip(links, heights, strict=True)]
    return found


def _to_ring(name: str, stage: Stage, nodes: dict[str, Point]) -> list[Link]:
    """List the links between a place outside and the nodes."""
    ends = [(link, {link.start, link.end}) for link in stage.links]
    return [link for link, both in ends if name in both and both & nodes.keys()]


def _heights(count: int) -> list[float]:
    """Place so many gates below each other."""
    apart = min(APART, (SIZE - 2 * FIRST_GATE) / max(1, count - 1))
    return [round(FIRST_GATE + number * apart, 1) for number in range(count)]


def _way(link: Link, nodes: dict[str, Point], gate: Point) -> Way:
    is_to_node = link.end in nodes
    node = nodes[link.end if is_to_node else link.start]
    steps, last = _round(gate, node, is_to_node)
    edge = 1 - NODE / hypot(node[0] - last[0], node[1] - last[1])
    tip = _between(last, node, edge)
    words = amount(link) if link.count else ""  # a dashed line says itself what it is
    width = LETTER * wide(words) + 6
    x = round(gate[0] + width / 2 * (1 if gate[0] == 0 else -1), 1)
    path = f"M{gate[0]:g} {gate[1]:g}{steps}L{tip[0]:g} {tip[1]:g}"
    fits = width <= _free(gate[1])
    return Way(link, gate, path, tip, _turn(last, tip), words * fits, (x, gate[1]), is_to_node)


def _round(gate: Point, node: Point, is_to_node: bool) -> tuple[str, Point]:
    """Return the way from a gate to the orbit, and on it to a node; and its last point there.

    Over the upper nodes all goes clockwise, below the lower ones the other way: so what comes to a
    node and what leaves it never meet.
    """
    clockwise = 1 if node[1] <= MIDDLE else -1
    sign = clockwise if is_to_node else -clockwise  # seen from the gate
    orbit = INWARD if is_to_node else OUTWARD
    from_gate, at = _angle(gate), _angle(node) - sign * ASIDE
    seen = acos(min(1.0, orbit / hypot(gate[0] - MIDDLE, gate[1] - MIDDLE)))
    x, y = _on(orbit, at)
    turn = (at - from_gate) * sign % (2 * pi)
    if min(turn, 2 * pi - turn) <= seen:
        return f"L{x:g} {y:g}", (x, y)
    flags = f"{int(turn - seen > pi)} {int(sign > 0)}"
    x0, y0 = _on(orbit, from_gate + sign * seen)
    return f"L{x0:g} {y0:g}A{orbit} {orbit} 0 {flags} {x:g} {y:g}", (x, y)


def _free(y: float) -> float:
    """Count the pixels between the edge of the paper and the orbits, at this height."""
    return MIDDLE - max(0.0, INWARD**2 - (y - MIDDLE) ** 2) ** 0.5


def _on(orbit: float, angle: float) -> Point:
    return round(MIDDLE + orbit * cos(angle), 1), round(MIDDLE + orbit * sin(angle), 1)


def _angle(point: Point) -> float:
    return atan2(point[1] - MIDDLE, point[0] - MIDDLE)


def _turn(start: Point, end: Point) -> float:
    """Return a direction, in degrees clockwise from the right."""
    return round(degrees(atan2(end[1] - start[1], end[0] - start[0])), 1)


def _between(start: Point, end: Point, share: float) -> Point:
    x, y = (round(a + (b - a) * share, 1) for a, b in zip(start, end, strict=True))
    return x, y
