"""A stage in words, as a picture and as plain data: none says more than another."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from helpers.stage.frame import Frame
from helpers.stage.model import MARKS, Cursor, Link, Place, Stage, Token
from helpers.stage.plain import plain
from helpers.stage.svg import NARROW, WIDTH, draw
from helpers.stage.text import write
from helpers.stage.words import MOST_TOKENS, SIDES

from .drawn import said, spilled, texts

BOTH = pytest.mark.parametrize("width", [WIDTH, NARROW], ids=["wide", "narrow"])


def messages(*words: str, mark: str = "held") -> list[Token]:
    return [Token(word, word, mark) for word in words]


SHOP = Place("shop", "client", "sends")
ORDERS = Place("orders", "list", "broker", messages("a", "b"), note="the queue")
ANN = Place("ann", "client", "receives", messages("c", mark="hand"), "works")
LOST = Place("lost", "outcome", "after", messages("d", mark="lost"))
LINKS = [Link("shop", "orders", 3), Link("orders", "ann", words="waits"), Link("orders", "lost")]
WHOLE = Stage("A title", [SHOP, ORDERS, ANN, LOST], LINKS)


def test_the_words_say_who_holds_what_and_what_joins_them() -> None:
    assert write(WHOLE).splitlines() == [
        "A title",
        "who sends     shop",
        "the broker    orders  [a] [b] the queue",
        "who receives  ann     works: [▸ c]",
        "the outcome   lost    [✕ d]",
        "shop → orders: 3",
        "orders → ann: waits",
        "orders → lost: subscribed",
        "□ held by the broker   ▸ in a client's hands   ✕ lost or missed",
    ]


def test_an_empty_stage_has_its_title_alone() -> None:
    assert write(Stage("A title")) == "A title"
    assert texts(draw(Stage("A title"))) == ["A title"]


@BOTH
def test_the_picture_says_what_the_words_say(width: int) -> None:
    words = {word.strip("[]:") for word in write(WHOLE).split()} - {"→"}
    shown, chips = said(draw(WHOLE, width))
    assert {word.strip("[]:") for word in shown} == words
    assert chips == 4
    assert spilled(draw(WHOLE, width)) == []


def test_a_picture_tells_its_words_to_a_screen_reader() -> None:
    root = ElementTree.fromstring(draw(WHOLE))
    described = root.find("{http://www.w3.org/2000/svg}desc")
    assert (root.get("role"), root.get("aria-label")) == ("img", "A title")
    assert described is not None
    assert described.text == write(WHOLE)


def frames_in(svg: str) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
    return [box for box in found if box.get("rx") == "8"]


def test_the_broker_stands_between_who_sends_and_who_receives() -> None:
    _, shop, broker, orders, ann, lost = (
        (float(box.get("x", 0)), float(box.get("y", 0)), float(box.get("width", 0)))
        for box in frames_in(draw(WHOLE))
    )
    assert shop[0] + shop[2] < broker[0] < orders[0]
    assert orders[0] + orders[2] < broker[0] + broker[2] < ann[0]
    assert lost[1] > max(shop[1], orders[1], ann[1])


def test_on_a_narrow_paper_the_lanes_stand_below_each_other() -> None:
    _, shop, broker, orders, ann, lost = (
        float(box.get("y", 0)) for box in frames_in(draw(WHOLE, NARROW))
    )
    assert shop < broker < orders < ann < lost


@BOTH
def test_long_words_stay_inside(width: int) -> None:
    long = "a rather long name of an order " * 3
    places = [
        Place(f"{side} {long}"[:40], "list", side, messages(*(f"{n} {long}" for n in range(20))))
        for side in SIDES
    ]
    full = Place("ann", "client", "receives", (), long, long)
    stage = Stage(long, [*places, full], [Link(places[0].name, places[1].name, 1, long)])
    assert spilled(draw(stage, width)) == []


def test_a_full_place_shows_its_ends_and_says_how_many_are_between() -> None:
    full = Place("orders", "list", "broker", messages(*(f"order-{n}" for n in range(200))))
    text = write(Stage("Many", [full]))
    assert f"… {200 - MOST_TOKENS} more …" in text
    assert "[order-0]" in text
    assert "[order-199]" in text
    assert "[order-100]" not in text


@pytest.mark.parametrize("past", [0, 1, 2, 99])
def test_a_cursor_stands_behind_what_has_been_read(past: int) -> None:
    place = Place("orders", "stream", "broker", messages("a", "b"), cursors=[Cursor("ann", past)])
    line = write(Stage("T", [place])).splitlines()[1]
    held = ["[a]", "[b]"]
    held.insert(past, "‹ann›")
    assert line.split("orders  ")[1] == " ".join(held)


def test_cursors_of_one_place_stand_together_also_among_what_is_not_shown() -> None:
    tokens = messages(*map(str, range(100)))
    cursors = [Cursor("ann", 50), Cursor("bob", 50), Cursor("carol", 100)]
    text = write(Stage("T", [Place("orders", "stream", "broker", tokens, cursors=cursors)]))
    assert "… 76 more … ‹ann, bob› [88]" in text
    assert "[99] ‹carol›" in text
    assert "‹name› has read to here" in text


@BOTH
def test_on_an_axis_a_cursor_stands_between_what_it_has_passed_and_what_is_to_come(
    width: int,
) -> None:
    tokens = [Token(f"{at}", f"{at} s", at=at / 60) for at in (10, 20, 30)]
    axis = [(0.0, "0 s"), (1.0, "60 s")]
    place = Place("visits", "stream", "broker", tokens, cursors=[Cursor("ann", at=0.4)], axis=axis)
    stage = Stage("T", [place])
    assert "[10 s] [20 s] ‹ann› [30 s]" in write(stage)
    svg = draw(stage, width)
    assert spilled(svg) == []
    assert {"0 s", "60 s", "‹ann›"} <= set(texts(svg))
    assert svg.count("<circle") == 3


@BOTH
def test_the_time_of_an_axis_stands_between_what_is_past_and_what_is_to_come(width: int) -> None:
    tokens = [Token(f"{at}", f"{at} s", at=at / 60) for at in (10, 20, 30)]
    now = Cursor("now", at=20 / 60, is_time=True)
    axis = [(0.0, "0 s"), (1.0, "60 s")]
    later = Place("later", "list", "broker", tokens, cursors=[now], axis=axis)
    stage = Stage("T", [later])
    assert "[10 s] [20 s] ‹now› [30 s]" in write(stage)
    assert write(stage).endswith("‹now› is the time"), "nobody has read to there"
    drawn = texts(draw(stage, width))
    assert "‹now›" in drawn
    assert any(words.endswith("‹now› is the time") for words in drawn)
    [frame] = plain([Frame(1, stage)])
    [told] = frame["stage"]["places"]
    assert told["cursors"] == [{"name": "now", "at": 20 / 60}]
    assert [item.get("words") for item in told["items"]] == [None, None, "‹now›", None]
    orders = Place("orders", "stream", "broker", messages("a"), cursors=[Cursor("ann", 1)])
    both = write(Stage("T", [later, orders]))
    assert both.endswith("‹name› has read to here   ‹now› is the time")


def test_no_two_marks_differ_by_colour_alone() -> None:
    looks = [mark.sign for mark in MARKS.values()]
    assert len(set(looks)) == len(looks)


# What the page gets.


def moved(*stages: Stage) -> list[dict]:
    told = plain([Frame(number, stage) for number, stage in enumerate(stages, 1)])
    return [
        {place["name"]: place for place in frame["stage"]["places"]} | {"number": frame["number"]}
        for frame in told
    ]


def test_a_page_is_told_what_has_come_and_what_has_changed() -> None:
    after = Stage(
        "T",
        [
            Place("orders", "list", "broker", messages("b", "new")),
            Place("ann", "client", "receives", messages("a", mark="hand"), "works"),
            Place("bob", "client", "receives", (), "waits"),
        ],
    )
    bob = Place("bob", "client", "receives", (), "waits")
    before = Stage("T", [ORDERS, Place("ann", "client", "receives", (), "waits"), bob])
    first, second = moved(before, after)
    assert not any(item["isFresh"] for item in first["orders"]["items"])
    assert [(i["id"], i["isFresh"]) for i in second["orders"]["items"]] == [
        ("b", False),
        ("new", True),
    ]
    assert [(i["id"], i["isFresh"]) for i in second["ann"]["items"]] == [("a", True)]
    assert (second["ann"]["hasChanged"], second["bob"]["hasChanged"]) == (True, False)


def joined(*stages: Stage) -> list[tuple[list[str], list[bool], list[str]]]:
    """Return of each stage the words of its lines, whether each is new, and what is read out."""
    told = [f["stage"] for f in plain([Frame(n, stage) for n, stage in enumerate(stages, 1)])]
    links = [[(link["is"], link["isFresh"]) for link in stage["links"]] for stage in told]
    words = [([is_ for is_, _ in each], [fresh for _, fresh in each]) for each in links]
    return [(*each, stage["joins"]) for each, stage in zip(words, told, strict=True)]


def test_a_line_tells_what_has_just_gone_along_it_else_what_has_so_far() -> None:
    places = [SHOP, ORDERS, ANN]
    before = Stage("T", places, [Link("shop", "orders", 3), Link("orders", "ann", 1)])
    after = Stage("T", places, [Link("shop", "orders", 5), Link("orders", "ann", 1)])
    first, second = joined(before, after)
    assert first[:2] == (["3", "1"], [False, False])
    assert second == (
        ["2", "1"],
        [True, False],
        ["shop → orders: 2 just now, 5 so far", "orders → ann: 1"],
    )


def test_a_line_may_name_the_message_and_a_wait_is_never_news() -> None:
    places = [ORDERS, ANN]
    waits = Stage("T", places, [Link("orders", "ann", words="waits")])
    takes = Stage("T", places, [Link("orders", "ann", 1, "a")])
    assert joined(waits, takes, waits)[1:] == [
        (["a"], [True], ["orders → ann: a just now"]),
        (["waits"], [False], ["orders → ann: waits"]),
    ]


def test_links_of_one_move_are_all_new() -> None:
    stage = Stage("T", [SHOP, ORDERS], [Link("shop", "orders", 1)], is_one_move=True)
    assert [news for _, news, _ in joined(stage, stage)] == [[True], [True]]


def test_in_the_picture_a_wait_is_a_line_without_a_head() -> None:
    heads = [draw(replace(WHOLE, links=[link])).count("v8z") for link in LINKS[:2]]
    assert heads == [1, 0]


def test_who_has_read_has_a_line_of_its_own_and_an_empty_stream_none() -> None:
    readers = [Cursor("ann", 1), Cursor("bob", 1)]
    full = Place("news", "stream", "broker", messages("a", "b"), cursors=readers)
    [told] = moved(Stage("T", [full]))
    assert told["news"]["items"][1] == {"words": "▸ ann, bob have read to here", "isReader": True}
    [begins] = moved(Stage("T", [replace(full, cursors=[Cursor("ann", 0)])]))
    assert begins["news"]["items"][0]["words"] == "▸ ann: at the beginning"
    empty = Stage("T", [replace(full, tokens=())])
    assert "‹" not in write(empty)
    assert moved(empty)[0]["news"]["items"] == []


def test_a_place_that_a_message_has_left_is_told() -> None:
    full = Stage("T", [Place("own", "list", "broker", messages("a"))])
    empty = Stage("T", [Place("own", "list", "broker")])
    lost = [told["own"]["hasLost"] for told in moved(full, empty, empty, full)]
    assert lost == [False, True, False, False]


def test_a_place_that_was_not_there_has_changed_and_a_node_stands_in_its_ring() -> None:
    before = Stage("T", [SHOP])
    after = Stage("T", [SHOP, ORDERS, Place("A", "node", "broker")])
    told = moved(before, after)[1]
    assert [told[name]["hasChanged"] for name in ("shop", "orders", "A")] == [False, True, False]


def test_a_subscription_stays_one_whatever_it_has_brought() -> None:
    links = [Link("news", "ann", 2, is_open=True), Link("news", "bob", 2)]
    [frame] = plain([Frame(1, Stage("T", [SHOP, ORDERS], links))])
    assert [link["isOpen"] for link in frame["stage"]["links"]] == [True, False]


def test_a_message_that_stays_but_fares_otherwise_is_told() -> None:
    before = Stage("T", [Place("jobs", "stream", "broker", messages("a"))])
    after = Stage("T", [Place("jobs", "stream", "broker", messages("a", mark="lost"))])
    assert [item["isFresh"] for item in moved(before, after)[1]["jobs"]["items"]] == [True]


def test_what_comes_into_view_is_not_new() -> None:
    words = [f"order-{n}" for n in range(60)]
    before = Stage("T", [Place("orders", "list", "broker", messages(*words))])
    after = Stage("T", [Place("orders", "list", "broker", messages(*words[1:], "newest"))])
    items = moved(before, after)[1]["orders"]["items"]
    assert [item["id"] for item in items if item.get("isFresh")] == ["newest"]


def test_two_messages_of_one_identity_are_told_apart() -> None:
    twice = Stage("T", [Place("orders", "list", "broker", messages("a", "a"))])
    [told] = moved(twice)
    assert [item["id"] for item in told["orders"]["items"]] == ["a", "a (2)"]
