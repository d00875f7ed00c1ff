"""Nodes in a ring, with numbers that can be read; bars as long as their numbers."""

import re
from dataclasses import replace
from itertools import permutations
from math import atan2, cos, dist, pi, sin
from pathlib import Path
from xml.etree import ElementTree

import pytest

from helpers.stage.frame import Frame
from helpers.stage.model import MARKS, Bar, Link, Place, Stage, Token
from helpers.stage.plain import plain
from helpers.stage.ring import NODE, SIZE, ring_of, without_ring
from helpers.stage.story import Story, read_story, write_story
from helpers.stage.svg import NARROW, WIDTH, draw
from helpers.stage.text import write

HALF_A_LINE = 9  # pixels
BOTH = pytest.mark.parametrize("width", [WIDTH, NARROW], ids=["wide", "narrow"])


def nodes(count: int, *links: Link) -> Stage:
    return Stage("Nodes", [Place(name, "node", "broker") for name in "ABCDEFGHIJKL"[:count]], links)


@pytest.mark.parametrize("count", [2, 3, 6, 12])
def test_a_number_stands_near_who_receives_and_under_no_node(count: int) -> None:
    for start, end in permutations("ABCDEFGHIJKL"[:count], 2):
        ring = ring_of(nodes(count, Link(start, end, 10)))
        assert ring
        [ray] = ring.rays
        assert dist(ray.words_at, ring.nodes[end]) < 0.6 * dist(*map(ring.nodes.get, (start, end)))
        nearest = min(dist(ray.words_at, point) for point in ring.nodes.values())
        assert nearest >= NODE + HALF_A_LINE, (start, end)


@pytest.mark.parametrize("count", [1, 2, 3, 6, 12])
def test_a_ring_joins_each_node_with_each_and_stays_on_its_paper(count: int) -> None:
    ring = ring_of(nodes(count))
    assert ring
    assert len(ring.lines) == count * (count - 1) / 2
    assert all(NODE <= x <= SIZE - NODE for point in ring.nodes.values() for x in point)


def test_where_no_node_is_there_is_no_ring() -> None:
    stage = Stage("None", [Place("orders", "list", "broker")], [Link("orders", "orders", 1)])
    assert ring_of(stage) is None
    assert without_ring(stage) == stage


def test_what_only_the_ring_shows_is_not_drawn_again() -> None:
    stage = nodes(3, Link("A", "B", 10), Link("ann", "A", 2))
    told = Place("B", "node", "broker", state="owns the slot")
    stage = Stage("Nodes", [stage.places[0], told, stage.places[2]], stage.links)
    assert without_ring(stage) == Stage("Nodes", [told], [Link("ann", "A", 2)])


@BOTH
def test_the_picture_has_a_circle_for_each_node_and_the_number_of_each_ray(width: int) -> None:
    root = ElementTree.fromstring(draw(nodes(6, Link("A", "B", 41), Link("B", "A", 43)), width))
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 6
    assert [words.count(each) for each in (*"ABCDEF", "41", "43")] == [1] * 8


def test_a_page_is_told_over_which_line_something_has_just_gone() -> None:
    before, now = (nodes(3, Link("A", "B", n), Link("A", "C", 10)) for n in (10, 23))
    _, told = plain([Frame(1, before), Frame(2, now)])
    rays = told["stage"]["ring"]["rays"]
    assert [(ray["words"], ray["isFresh"]) for ray in rays] == [("13", True), ("10", False)]


def outside(count: int, *links: Link, listeners: int = 4) -> Stage:
    """Return a ring with a shop at its left and listeners at its right."""
    receivers = [Place(f"ear-{n}", "client", "receives") for n in range(listeners)]
    stage = nodes(count, *links)
    return replace(stage, places=[Place("shop", "client", "sends"), *stage.places, *receivers])


def points(path: str) -> list[tuple[float, float]]:
    """Return points along a way, a few pixels apart, as a browser would draw it."""
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", path)]
    steps = re.findall(r"[MLA]", path)
    found, at = [(numbers[0], numbers[1])], 2
    for step in steps[1:]:
        start, size = found[-1], 7 if step == "A" else 2
        *_, sweep, x, y = [0.0, *numbers[at : at + size]]
        at += size
        turns = angle((x, y)) - angle(start)
        arc = turns % (2 * pi) if sweep else turns % (2 * pi) - 2 * pi
        for share in (n / 60 for n in range(1, 61)):
            if step == "A":
                radius, to = dist(start, (SIZE / 2,) * 2), angle(start) + arc * share
                found.append((SIZE / 2 + radius * cos(to), SIZE / 2 + radius * sin(to)))
            else:
                (x0, y0) = start
                found.append((x0 + (x - x0) * share, y0 + (y - y0) * share))
    return found


def angle(point: tuple[float, float]) -> float:
    return atan2(point[1] - SIZE / 2, point[0] - SIZE / 2)


@pytest.mark.parametrize("count", [2, 3, 6, 12])
def test_a_line_from_outside_goes_round_all_nodes_to_its_own(count: int) -> None:
    names = "ABCDEFGHIJKL"[:count]
    for node in names:
        to, back = Link("shop", node, 10), Link(node, "ear-3", 10)
        spare = [Link(name, "ear-0") for name in names if name != node]
        ring = ring_of(outside(count, to, *spare, back))
        assert ring
        for way in ring.ways:
            own = way.link.end if way.is_to_node else way.link.start
            drawn = points(way.path)
            assert dist(drawn[-1], ring.nodes[own]) == pytest.approx(NODE, abs=0.3)
            for name, centre in ring.nodes.items():
                nearest = min(dist(point, centre) for point in drawn)
                assert nearest >= NODE + (0 if name == own else 2) - 0.3, (node, own, name)
            assert all(-1 <= n <= SIZE + 1 for point in drawn for n in point), "on its paper"


@pytest.mark.parametrize("count", [2, 3, 6, 12])
def test_what_comes_to_a_node_and_what_leaves_it_stand_apart(count: int) -> None:
    for node in "ABCDEFGHIJKL"[:count]:
        ring = ring_of(outside(count, Link("shop", node, 10), Link(node, "ear-0", 10)))
        assert ring
        assert dist(*(way.tip for way in ring.ways)) > 5


def test_words_beside_a_gate_have_room_or_are_told_below() -> None:
    links = [Link("shop", "B", 1, "✕ MOVED: ask I"), *(Link("A", f"ear-{n}", 10) for n in range(4))]
    ring = ring_of(outside(12, *links))
    assert ring
    assert [way.words for way in ring.ways] == ["✕ MOVED: ask I", "10", "10", "", ""]
    for way in ring.ways:
        half = 3.4 * len(way.words) * bool(way.words)
        nearest = min(
            abs(way.words_at[1] - y) > NODE + HALF_A_LINE or abs(way.words_at[0] - x) > NODE + half
            for x, y in ring.nodes.values()
        )
        assert nearest, "on no node"
    drawn = draw(outside(12, *links))
    assert drawn.count("✕ MOVED: ask I<") == 1, "once in the ring"
    assert "A → ear-2: 10" in drawn
    assert "MOVED: ask I" in write(outside(12, *links))


def test_a_page_is_told_where_a_line_enters_and_which_is_dashed() -> None:
    links = Link("shop", "B", 10), Link("A", "ear-0")
    told = plain([Frame(1, replace(outside(3, *links), is_one_move=True))])[0]["stage"]["ring"]
    assert [(w["gate"][0], w["count"], w["isFresh"], w["words"]) for w in told["ways"]] == [
        (0, 10, True, "10"),
        (SIZE, 0, False, ""),
    ]
    assert told["ways"][0]["tip"]
    assert told["ways"][1]["tip"] is None, "the head of the other is at the listener"


def test_on_a_narrow_paper_no_way_leads_to_nowhere() -> None:
    drawn = draw(outside(3, Link("shop", "B", 10)), NARROW)
    assert "shop → B: 10" in drawn
    assert "A149" not in drawn


SCORE = [Bar("lost", 20, 40, "lost"), Bar("twice", 0, 40, "again"), Bar("all", 40, 40, "done")]
SCORED = Stage("Score", [Place("Pop", "outcome", "after", [Token("j", "j", "lost")], bars=SCORE)])


def test_a_bar_in_words_is_as_long_as_its_number() -> None:
    assert "lost █████ 20 twice 0 all ██████████ 40 [✕ j]" in write(SCORED)


def test_a_small_number_has_a_bar_too() -> None:
    bars = [Bar("lost", 1, 1000, "lost")]
    assert "lost █ 1" in write(Stage("Small", [Place("Pop", "outcome", "after", bars=bars)]))


@BOTH
def test_a_bar_in_the_picture_is_as_long_as_its_number(width: int) -> None:
    root = ElementTree.fromstring(draw(SCORED, width))
    drawn = [e for e in root.iter() if e.get("fill-opacity")]
    lost, all_of_them = (float(e.get("width", "")) for e in drawn)
    assert lost == pytest.approx(all_of_them / 2, abs=0.2)
    assert drawn[0].get("stroke-dasharray") == MARKS["lost"].dashes, "no meaning by colour alone"


def test_a_story_keeps_bars_links_and_axes(tmp_path: Path) -> None:
    axis = Place("visits", "stream", "broker", [Token("a", "5 s", at=0.5)], axis=[(0.0, "0 s")])
    stage = Stage("Whole", [*SCORED.places, axis], [Link("Pop", "visits", 3, "reads")])
    story = Story([Frame(1, stage, goals=[("A goal", True)], sent=["ann  PING"])])
    path = tmp_path / "story.json"
    path.write_text(write_story(story), encoding="utf-8")
    assert write_story(read_story(path)) == write_story(story)
    assert write(read_story(path).middle.stage) == write(stage)
