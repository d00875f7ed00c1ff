"""Nodes in a ring, with numbers that can be read; bars as long as their numbers."""

from itertools import permutations
from math import dist
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


def test_what_went_earlier_is_dashed_without_a_number_and_the_words_say_so() -> None:
    links = Link("A", "B", 30, now=10), Link("A", "C", 20, now=0)
    told = plain([Frame(1, nodes(3, *links))])[0]["stage"]["ring"]
    assert [(ray["words"], ray["isEarlier"]) for ray in told["rays"]] == [("10", False), ("", True)]
    assert told["note"][0] == EARLIER
    assert EARLIER in draw(nodes(3, *links))
    assert EARLIER not in draw(nodes(3, links[0]))
    assert "A → B: 10, 20 earlier\nA → C: 20 earlier" in write(nodes(3, *links))


SCORE = [Bar("lost", 20, 40, "lost"), Bar("twice", 0, 40, "twice"), Bar("all", 40, 40, "done")]
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
