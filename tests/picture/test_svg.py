"""The picture as SVG says what the text says, to everybody, and harms no page that takes it in."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
import redis

from helpers.picture import Flow
from helpers.picture.paper import STYLE
from helpers.picture.text import wide
from helpers.record import Delivery, Step
from helpers.record.held import FOR_EVER, Entries
from helpers.record.holdings import Holdings

from .reading import Drawing, start
from .test_picture import lost, step

SVG = "{http://www.w3.org/2000/svg}"
CAST = ["shop", "ann", "bob", "carol"]
NASTY = "<script>&\"'\n\0\x1b\ud7ff\U0001f34e 주문"


def steps() -> list[Step]:
    """Make one step of each kind."""
    to_all = [Delivery(n, "message", "event1", "hello") for n in CAST]
    to_all += [Delivery("ann", "pmessage", "event1", "hello", "e*")]
    to_all += [Delivery("bob", "smessage", "event1", "hello")]
    served = [Delivery("bob", "element", "orders", "a"), Delivery("ann", "entry", "s", "1-1")]
    return [
        step("BLPOP orders 0", ["orders", "a"], "bob", waited=True),
        step("BLPOP orders 1", None, "carol", waited=True),
        step("PUBLISH event1 hello", 6, deliveries=to_all),
        step("RPUSH orders a b c", 3, deliveries=served, **holding(orders=["b", "c"])),
        step("RPUSH orders d e f", 6, **holding(orders=[*"bcdefg"], s=["1-1"])),
        step(("ECHO", NASTY), NASTY, **holding(**{NASTY: [NASTY]})),
        step("LLEN text", redis.ResponseError("WRONGTYPE Operation against a key of another kind")),
        step(("RPUSH", "orders", *["order-1"] * 12), 12),
        lost("PUBLISH event1 hello", "reply not seen", client="another client"),
    ]


def holding(**keys: list[str]) -> dict[str, Any]:
    """Tell what these lists, and the stream `s`, hold: in words and as data."""
    held = Holdings(lists={key: what for key, what in keys.items() if key != "s"})
    if "s" in keys:
        held.streams["s"] = Entries(keys["s"], dict.fromkeys(keys["s"], (0, FOR_EVER)))
    return {"holds": held.summary(), "held": {key: held.held(key, 1, 0) for key in keys}}


def svg(*made: Step) -> str:
    return Flow(list(made), CAST)._repr_mimebundle_()["image/svg+xml"]


def tree(*made: Step) -> ElementTree.Element:
    return ElementTree.fromstring(svg(*made))


def texts(*made: Step) -> list[str]:
    return ["".join(t.itertext()) for t in tree(*made).iter(f"{SVG}text")]


def test_it_is_an_image_with_a_title_and_a_description() -> None:
    root = tree(*steps())
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert root.find(f"{SVG}title") is not None
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert description.text == repr(Flow(steps(), CAST))


@pytest.mark.parametrize("made", [steps(), steps()[:1]], ids=["all", "one"])
def test_each_row_stands_in_it(made: list[Step]) -> None:
    told, columns = texts(*made), _columns(*made)
    for row in Flow(made, CAST).rows:
        for words in (row.client, row.words, row.outcome):
            assert any(words.replace(" ", "") in column for column in columns), words
        for key, what in row.holds.items():
            line = "".join(told).replace(" ", "")
            assert f"{key}:".replace(" ", "") in line
            assert all(e.replace(" ", "") in line for e in re.findall(r"\[(.*?)\]", what))


def _columns(*made: Step) -> list[str]:
    """Join what stands below each other without spaces: a text broken into lines is whole again."""
    columns: dict[str | None, list[str]] = {}
    for text in tree(*made).iter(f"{SVG}text"):
        columns.setdefault(text.get("x"), []).append("".join(text.itertext()))
    return ["".join(column).replace(" ", "") for column in columns.values()]


def test_a_long_command_and_a_long_reply_go_on_below() -> None:
    words = "LMPOP 4 urgent normal whenever never-in-this-life LEFT COUNT 3"
    made = step(words, ["order-1000"] * 4, "ann"), step("PING", "PONG", "bob")
    reply = Flow(list(made), CAST).rows[0].outcome
    told = texts(*made)
    assert not any("…" in text for text in told)
    for long in (words, reply):
        assert long not in told
        assert any(long.replace(" ", "") in column for column in _columns(*made))
    assert len(Drawing(svg(*made)).drawn("dot")) == len(made)


def test_a_delivery_hangs_on_the_first_line_of_its_command() -> None:
    to_bob = [Delivery("bob", "entry", "s", "1-1")]
    [short] = _trunk_lengths(step("XADD s 1-1 a b", "1-1", deliveries=to_bob))
    [long] = _trunk_lengths(step("XADD s 1-1 a b" + " item lamp" * 6, "1-1", deliveries=to_bob))
    assert long > short


def _trunk_lengths(made: Step) -> list[float]:
    trunks = Drawing(svg(made)).drawn("link")
    return [float(re.findall(r"V([\d.]+)", stroke)[0]) - start(stroke)[1] for stroke in trunks]


def test_the_same_rows_give_the_same_bytes() -> None:
    first = svg(*steps())
    assert first == svg(*steps())
    assert "0x" not in first.replace("\\x00", "").replace("0x00", "")


LONG = [
    step(("ECHO", "w" * 60, "주" * 60), "r" * 60),
    step("PUBLISH " + "c" * 60, 1, deliveries=[Delivery("ann", "message", "c" * 60, "d" * 60)]),
    step("LLEN " + "q" * 60, redis.ResponseError("e" * 200), "a-client-whose-name-is-long"),
    step("LMPOP 4 urgent normal whenever never-in-this-life LEFT COUNT 3", ["a b"] * 12),
]


def test_nothing_is_wider_than_the_picture_and_nothing_reaches_into_the_next_column() -> None:
    root = tree(*LONG)
    for text in root.iter(f"{SVG}text"):
        assert _end(text) <= float(root.get("width", "")), text.text
    lines: dict[str | None, list[ElementTree.Element]] = {}
    for text in root.iter(f"{SVG}text"):
        if text.get("class") is None:
            lines.setdefault(text.get("y"), []).append(text)
    for line in lines.values():
        line.sort(key=lambda text: float(text.get("x", "")))
        assert all(_end(a) <= float(b.get("x", "")) for a, b in pairwise(line))


def _end(text: ElementTree.Element) -> float:
    length = 7.3 * wide("".join(text.itertext()))
    return float(text.get("x", "")) + length / (2 if text.get("text-anchor") else 1)


def test_the_lanes_come_first_and_the_script_stands_at_their_right() -> None:
    drawing = Drawing(svg(*steps()[:-1]))
    script = min(word.x for word in drawing.texts if "BLPOP" in word.words)
    headings = {word.words: word.box.right for word in drawing.texts if word.kind == "name"}
    assert max(headings.values()) < script
    assert headings["carol"] < 390, "four lanes and the broker's are in sight on a telephone"


def test_a_long_name_takes_several_lines_and_makes_its_lane_no_wider() -> None:
    names = [f"a-worker-with-a-long-name-{n}" for n in range(12)]
    drawing = Drawing(svg(*(step("PING", "PONG", name) for name in names)))
    headings = [word for word in drawing.texts if word.kind == "name"]
    assert [*drawing.lanes()] == names
    assert all(wide(word.words) <= 9 for word in headings)
    assert max(drawing.lanes().values()) < 12 * 90
    assert [word.words for word in headings][:3] == ["a-worker-", "with-a-", "long-"]
    first = min(start(dot)[1] for dot in drawing.drawn("dot"))
    assert max(word.y for word in headings) < first - 10


def test_no_word_is_broken() -> None:
    words = {word for row in Flow(LONG, CAST).rows for word in f"{row.words} {row.outcome}".split()}
    spanning = {word for row in Flow(LONG, CAST).rows if row.sender for word in row.words.split()}
    told = {word for text in texts(*LONG) for word in text.split()}
    assert {word for word in words - spanning if wide(word) <= 50} <= told
    assert "e" * 200 not in told, "one word of an error does not make the picture three times wide"


def test_the_letters_are_not_small() -> None:
    root = tree(*LONG)
    sizes = [float(e.get("font-size", "")) for e in root.iter() if e.get("font-size")]
    assert min(sizes) >= 11
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_columns_stand_below_each_other() -> None:
    made = [step("LLEN a", 1, "shop"), step("SUBSCRIBE event1 event2", 22, "ann")]
    root = tree(*made)
    places = {"".join(t.itertext()): t.get("x") for t in root.iter(f"{SVG}text")}
    assert places["LLEN a"] == places["SUBSCRIBE event1 event2"]
    assert places["→ 1"] == places["→ 22"]


def test_who_publishes_unwatched_has_a_lane() -> None:
    assert sorted(Drawing(svg(*steps())).lanes()) == sorted([*CAST, "anotherclient"])


def test_only_who_takes_part_has_a_lane() -> None:
    assert [*Drawing(svg(step("PING", "PONG", "bob"))).lanes()] == ["bob"]


def test_an_element_stands_in_a_box_whatever_is_in_it() -> None:
    made = step("RPUSH q", 10, **holding(q=['{"a":[1]}', "x", "a b", *"1234567"]))
    chips = [words for _, words in Drawing(svg(made)).boxes("box")]
    assert chips == ['{"a":[1]}', "x", "a b", "7"], "the newest is not hidden"
    assert "+6" in texts(made)


def test_the_legend_explains_what_is_there_and_nothing_else() -> None:
    words = "\n".join(texts(*steps()))
    for meaning in (
        "a channel matched",
        "a pattern matched",
        "sharded",
        "waits",
        "refused or lost",
    ):
        assert meaning in words
    assert "matched" not in "\n".join(texts(step("PING", "PONG")))


def test_each_text_itself_keeps_its_spaces() -> None:
    """A browser does not inherit `xml:space`: what is said around a text has no effect."""
    space = "{http://www.w3.org/XML/1998/namespace}space"
    root = tree(*steps(), step(("RPUSH", "two  spaces", " a  b"), 1))
    spaced = [
        t for t in root.iter(f"{SVG}text") if (t.text or "") != " ".join((t.text or "").split())
    ]
    assert any("two  spaces" in (t.text or "") for t in spaced)
    assert [t.text for t in spaced if t.get(space) != "preserve"] == []


def test_it_leaves_the_page_around_it_alone() -> None:
    root = tree(*steps())
    assert not any(e.get("id") for e in root.iter())
    classes = {name for e in root.iter() for name in (e.get("class") or "").split()}
    in_style = set(re.findall(r"\.([a-z][\w-]*)", STYLE))
    assert all(name.startswith("rf-") for name in classes | in_style)
    assert classes <= in_style
    whole = svg(*steps())
    assert not re.search(r"href|url\(|@import|<script|<image|<foreignObject", whole)
    assert re.findall(r"https?://[^\"']*", whole) == ["http://www.w3.org/2000/svg"]


def test_it_reads_where_the_styles_are_dropped() -> None:
    rules = _rules("light")
    for element in tree(*steps()).iter():
        for name in (element.get("class") or "").split():
            for what, colour in rules.get(name, {}).items():
                hollow = what == "fill" and "fill:none" in (element.get("style") or "")
                assert element.get(what) == ("none" if hollow else colour), name


def test_styles_apply_only_to_classes() -> None:
    selectors = re.findall(r"(?:^|[}{])\s*([^{}@]+)\{", STYLE)
    assert all(s.strip().startswith(".rf-") for s in selectors if s != "svg:root")
    # The one other rule is for a document or an image: in a page, the root is html.
    assert selectors[0] == "svg:root" and len(selectors) > 10
    assert STYLE.count("color-scheme") == 1, "it does not change the scheme of a page"
    assert "@media" not in STYLE, "what asks the system does not follow the page"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_can_be_told_from_what_lies_behind_it(theme: str) -> None:
    rules = _rules(theme)
    card = rules["rf-card"]["fill"]
    for name in ("rf-t", "rf-m"):
        assert _contrast(rules[name]["fill"], card) >= 4.5
        assert _contrast(rules[name]["fill"], rules["rf-store"]["fill"]) >= 4.5
    backgrounds = {(f"rf-{name}", "fill") for name in ("card", "store", "error", "broker")}
    graphics = [(n, p, c) for n, rule in rules.items() for p, c in rule.items()]
    for name, what, colour in graphics:
        if (name, what) not in backgrounds:
            assert _contrast(colour, card) >= 3, f"{name} {what} {colour}"
    assert rules["rf-error"]["fill"] == card


def test_each_colour_has_one_for_the_dark() -> None:
    assert len(re.findall(r"(?:fill|stroke):", STYLE)) == STYLE.count("light-dark(#") > 10
    assert _rules("light") != _rules("dark")


def _rules(theme: str) -> dict[str, dict[str, str]]:
    chosen = re.sub(
        r"light-dark\((.*?),(.*?)\)", lambda pair: pair[1 if theme == "light" else 2], STYLE
    )
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", chosen):
        for name in re.findall(r"\.([\w-]+)", selectors):
            rules.setdefault(name, {}).update(_colours(body))
    return {name: rule for name, rule in rules.items() if rule}


def _colours(body: str) -> Iterator[tuple[str, str]]:
    return (tuple(part.split(":")) for part in body.split(";") if "#" in part)


def _contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours as WCAG 2 defines it."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
