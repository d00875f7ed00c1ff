"""A queue, a stream and a message can be followed down the picture, and all in it is true.

Checked on every picture of the lessons, against its text, and on traffic made by chance.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from pathlib import Path

import pytest
import redis

from helpers.picture import Flow
from helpers.picture.fold import folded
from helpers.picture.lanes import BROKER
from helpers.picture.rows import Row, cut
from helpers.picture.shelves import LONGEST_NAME, UNDER, short_id
from helpers.picture.text import wide
from helpers.record import HeldList, HeldStream
from helpers.record.stream_words import place
from helpers.waiting import read

from ..record.test_holdings import Chance
from ..stage import EMBEDDED, Stage, staged
from .reading import Box, Drawing, Word, start

stage = staged(EMBEDDED)
NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
_CARRYING = """
LPOP RPOP BLPOP BRPOP LMPOP BLMPOP LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH LRANGE LINDEX
XREAD XREADGROUP XRANGE XREVRANGE XCLAIM XAUTOCLAIM
"""
CARRYING = _CARRYING.split()
NOTHING = ("nil", "empty", "no entries", "not read yet", "error", "connection lost", "cancelled")


def _saved() -> Iterator[tuple[str, str, str]]:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                svg = "".join(data.get("image/svg+xml", ""))
                if "Message flow of" in svg:
                    yield f"{path.stem[:2]}-{cell['id']}", "".join(data["text/plain"]), svg


SAVED = [*_saved()]
every_saved = pytest.mark.parametrize(
    ("text", "svg"), [saved[1:] for saved in SAVED], ids=[saved[0] for saved in SAVED]
)


def test_the_lessons_have_pictures() -> None:
    assert len(SAVED) > 15


def assert_sound(drawing: Drawing) -> None:
    """Everything lies inside the picture, is large enough to be read, and lies on nothing else."""
    whole = Box(0, 0, drawing.width, drawing.height)
    for word in drawing.words:
        assert word.size >= 11, word
        assert word.box.within(whole), word
    for one, other in combinations(drawing.words, 2):
        assert not one.box.meets(other.box), (one, other)
    for pen in drawing.strokes:
        for stroke in drawing.strokes[pen]:
            x, y = start(stroke)
            assert 0 <= x <= drawing.width and 0 <= y <= drawing.height, (pen, stroke)
    for box, _ in drawing.boxes("box", "new", "gone", "hand", "new hand", "let go"):
        assert box.within(whole), box


@every_saved
def test_a_saved_picture_is_sound(text: str, svg: str) -> None:
    assert_sound(Drawing(svg))


@every_saved
def test_a_saved_picture_has_an_arrow_for_each_thing_handed_over(text: str, svg: str) -> None:
    drawing = Drawing(svg)
    lanes = drawing.lanes()
    receivers = []
    for line in text.splitlines():
        if delivered := re.match(r"  └─▶ (\S+)", line):
            receivers.append(delivered[1])
            continue
        name, command = line.split()[0], line.split()[1]
        outcome = re.search(r"(?<!└─)→ (.*)", line)
        told = outcome and not outcome[1].startswith(NOTHING)
        if command in CARRYING and told and "waits" not in line:
            receivers.append(name)
    assert [lane for _, lane, _, _ in drawing.arrows()] == [lanes[name] for name in receivers]


@every_saved
def test_the_chips_of_a_saved_picture_are_what_its_text_says(text: str, svg: str) -> None:
    said = [
        (key, what)
        for line in text.splitlines()
        for key, what in re.findall(r"([^\s|]+): (\[.*?\](?: \+\d+)?|empty)(?=   |$)", _told(line))
    ]
    assert [_in_words(*shelf) for shelf in _lists(Drawing(svg))] == said


def _told(line: str) -> str:
    return line.partition(" | ")[2]


@every_saved
def test_the_broker_stands_among_the_clients(text: str, svg: str) -> None:
    drawing = Drawing(svg)
    assert [word.words for word in drawing.texts if word.kind == "name"].count(BROKER) == 1
    lanes = drawing.lanes().values()
    assert any(x < drawing.band.left for x in lanes)
    assert len(lanes) == 1 or any(x > drawing.band.right for x in lanes)
    assert max(lanes) < 390, "on a telephone the lanes are in sight"


Shelf = tuple[str, list[str], int]  # a key, its chips, and how many are left out


def _lists(drawing: Drawing) -> list[Shelf]:
    """Read the lists from top to bottom: all begin at one axis."""
    found = []
    for label in _labels(drawing):
        chips = [(box, words) for box, words in drawing.boxes("box", "new") if _beside(label, box)]
        asides = [w for w in drawing.texts if w.kind == "aside" and abs(w.y - label.y) < 2]
        if any(box.left == found_axis(drawing) for box, _ in chips) or _is_stream(drawing, label):
            continue  # a strip begins right at the axis
        left_out = sum(int(w.words[1:]) for w in asides if w.words.startswith("+"))
        found.append((label.words.removesuffix(":"), [words for _, words in chips], left_out))
    return found


def found_axis(drawing: Drawing) -> float:
    """Return the axis of the picture: there is one at most."""
    places = {start(stroke)[0] for stroke in drawing.drawn("axis")}
    assert len(places) <= 1
    return places.pop() if places else 0


def _is_stream(drawing: Drawing, label: Word) -> bool:
    marks = [start(s) for pen in ("group", "reader") for s in drawing.drawn(pen)]
    gone = [b for b, _ in drawing.boxes("gone") if _beside(label, b)]
    at_axis = any(box.left == found_axis(drawing) for box in gone)
    return at_axis or any(label.y < y < label.y + 10 for _, y in marks)


def _labels(drawing: Drawing) -> list[Word]:
    axes = [start(stroke)[1] for stroke in drawing.drawn("axis")]
    labels = [
        w
        for w in drawing.texts
        if w.kind == "muted" and w.words.endswith(":") and any(-2 < y - w.y + 14 < 20 for y in axes)
    ]
    return sorted(labels, key=lambda word: word.y)


def _beside(label: Word, box: Box) -> bool:
    """Say whether a box stands in the line of a key, which is below a long name."""
    is_long = wide(label.words.removesuffix(":")) > LONGEST_NAME
    return box.top < label.y + UNDER * is_long - 2 < box.bottom


def _in_words(key: str, chips: list[str], left_out: int) -> tuple[str, str]:
    count = len(chips) + left_out
    if not count:
        return key, "empty"
    shown = " ".join(f"[{chip}]" for chip in chips[:3])
    return key, shown if count <= 3 else f"{shown} +{count - 3}"


async def _traffic(stage: Stage, seed: int) -> Flow:
    chance = Chance(seed)
    clients = stage.clients("shop", "ann", "bob", "a-worker-with-a-long-name-3")
    for _ in range(36):
        client = chance.random.choice(clients)
        words = chance.command() if chance.random.random() < 0.8 else ["XREAD", "STREAMS", "s", "0"]
        with suppress(redis.ResponseError):
            await client.execute_command(*words)
    return stage.flow()


def _rows(flow: Flow) -> list[Row]:
    return cut(folded(flow._parts))


async def _delivered(stage: Stage) -> Flow:
    """Let three subscribers hear a message, and three waiters share a push."""
    shop, ann, bob, carol = stage.clients("shop", "ann", "bob", "carol")
    subscribers = [client.pubsub() for client in (ann, bob, carol)]
    for subscriber in subscribers:
        await subscriber.subscribe("event1")
        await read(subscriber)
    await shop.publish("event1", "hello")
    for subscriber in subscribers:
        await read(subscriber)
        await subscriber.aclose()
    await shop.xadd("s", {"a": "b"}, id="1-0")
    tasks = [await stage.waiting(client, client.blpop("q", 0)) for client in (bob, carol)]
    tasks.append(await stage.waiting(ann, ann.xread({"s": "1-0"}, block=0)))
    await shop.rpush("q", "x", "y", "z")
    await shop.xadd("s", {"a": "b"}, id="2-0")
    await asyncio.gather(*tasks)
    await ann.lpop("q")
    return stage.flow()


async def test_what_is_delivered_has_an_arrow(stage: Stage) -> None:
    drawing = Drawing((await _delivered(stage))._repr_mimebundle_()["image/svg+xml"])
    assert_sound(drawing)
    got = [d for step in stage.steps() for d in step.deliveries]
    expected = [(d.kind, d.receiver, short_id(d.data)) for d in got] + [("element", "ann", "z")]
    names = {x: name for name, x in drawing.lanes().items()}
    assert len(got) == 6
    assert [(kind, names[x], label) for kind, x, _, label in drawing.arrows()] == expected


async def test_everything_that_is_sent_has_an_arrow(stage: Stage) -> None:
    drawing = Drawing((await _delivered(stage))._repr_mimebundle_()["image/svg+xml"])
    senders = [drawing.lanes()[step.command.client] for step in stage.steps()]
    assert sorted(start(stroke)[0] for stroke in drawing.drawn("sent")) == sorted(senders)
    edges = {drawing.band.left, drawing.band.right}
    assert all(float(stroke.split("H")[1]) in edges for stroke in drawing.drawn("sent"))


async def test_a_wait_ends_when_it_is_served(stage: Stage) -> None:
    drawing = Drawing((await _delivered(stage))._repr_mimebundle_()["image/svg+xml"])
    ends = {start(s)[0]: float(s.split("V")[1]) for s in drawing.drawn("wait")}
    served = {x: y for kind, x, y, _ in drawing.arrows()[3:-1]}
    assert ends == served and len(ends) == 3


async def test_a_reader_goes_on(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    for number in range(1, 7):
        await shop.xadd("s", {"a": "b"}, id=f"{number}-0")
    for number in range(3):
        await ann.xread({"s": f"{2 * number}-0"}, count=2)
    drawing = Drawing(stage.flow()._repr_mimebundle_()["image/svg+xml"])
    places = [start(mark)[0] for mark in sorted(drawing.drawn("reader"), key=lambda m: start(m)[1])]
    last = [box for box, _ in drawing.boxes("box", "new")][-6:]
    assert places == [last[1].right, last[3].right, last[5].right]


@pytest.mark.parametrize(("pushes", "rows"), [(4, 4), (5, 4), (30, 4), (1000, 4)])
async def test_repeats_are_folded(stage: Stage, pushes: int, rows: int) -> None:
    [shop] = stage.clients("shop")
    for number in range(pushes):
        await shop.rpush("q", f"order-{number}")
    flow = stage.flow()
    drawing = Drawing(flow._repr_mimebundle_()["image/svg+xml"])
    assert len(_rows(flow)) == rows == len(drawing.drawn("sent"))
    told = " ".join(word.words for word in drawing.texts)
    assert pushes == 4 or f"… {pushes - 3} more RPUSH q …" in told
    assert sum(row.times for row in _rows(flow)) == pushes
    assert drawing.boxes("new")[-1][1] == f"order-{pushes - 1}", "the newest is not hidden"


async def test_rounds_are_folded(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    for number in range(20):
        await shop.rpush("q", number)
        await ann.lpop("q")
    flow = stage.flow()
    assert [row.words for row in _rows(flow)] == [
        *("RPUSH q 0", "LPOP q", "… these 2 commands 18 more times …", "RPUSH q 19", "LPOP q")
    ]
    assert sum(row.times for row in _rows(flow)) == 40


@pytest.mark.parametrize("seed", range(12))
async def test_traffic_by_chance(stage: Stage, seed: int) -> None:
    flow = await _traffic(stage, seed)
    drawing, rows = Drawing(flow._repr_mimebundle_()["image/svg+xml"]), _rows(flow)
    assert_sound(drawing)
    lanes = drawing.lanes()
    receivers = [lanes[row.client] for row in rows if row.brings and row.client]
    assert [lane for _, lane, _, _ in drawing.arrows()] == receivers
    assert_shelves(drawing, rows)


async def test_what_is_pending_is_under_the_worker_who_holds_it(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    await shop.xgroup_create("s", "g", "0", mkstream=True)
    for number in range(1, 6):
        await shop.xadd("s", {"a": "b"}, id=f"{number}-0")
    for worker, name in ((ann, "ann"), (bob, "bob"), (ann, "ann")):
        await worker.xreadgroup("g", name, {"s": ">"}, count=2)
    await ann.xack("s", "g", "1-0")
    await bob.xclaim("s", "g", "bob", 0, ["2-0"])
    flow = stage.flow()
    rows, drawing = _rows(flow), Drawing(flow._repr_mimebundle_()["image/svg+xml"])
    assert_shelves(drawing, rows)
    last = [row.holds["s/g pending"] for row in rows if "s/g pending" in row.holds][-3:]
    assert last == [
        "ann 1-0, 2-0, 5-0; bob 3-0, 4-0",
        "ann 2-0, 5-0; bob 3-0, 4-0",
        "ann 5-0; bob 2-0, 3-0, 4-0",
    ]
    tags = [words for _, words in drawing.boxes("hand", "new hand", "let go")]
    assert tags[-3 - 4 :] == [*("ann", "ann", "bob", "ann"), *("bob", "bob", "ann")]


def assert_shelves(drawing: Drawing, rows: list[Row]) -> None:
    """What stands below each row is what is held after it."""
    labels = _labels(drawing)
    assert len(labels) == sum(len(row.held) for row in rows)
    for row in rows:
        for key, held in row.held.items():
            label = labels.pop(0)
            assert label.words == f"{key}:"
            if isinstance(held, HeldList):
                assert_list(drawing, label, row.holds[key])
            else:
                below = labels[0].y - 22 if labels else drawing.legend
                assert_stream(drawing, label, held, row, min(below, label.y + 90))


def assert_list(drawing: Drawing, label: Word, said: str) -> None:
    """The chips are what the text says."""
    chips = [words for box, words in drawing.boxes("box", "new") if _beside(label, box)]
    asides = [w.words for w in drawing.texts if w.kind == "aside" and abs(w.y - label.y) < 2]
    left_out = sum(int(words[1:]) for words in asides if words.startswith("+"))
    assert _in_words("", chips, left_out)[1] == said
    first = [box.left for box, _ in drawing.boxes("box", "new") if _beside(label, box)][:1]
    assert first in ([], [found_axis(drawing) + 4]), "the front stays in one place"


def assert_stream(drawing: Drawing, label: Word, held: HeldStream, row: Row, below: float) -> None:
    """There are as many cells as entries; cursors and hands stand where they should."""
    cells = [(b, words) for b, words in drawing.boxes("box", "new") if _beside(label, b)]
    asides = [w.words for w in drawing.texts if w.kind == "aside" and abs(w.y - label.y) < 2]
    left_out = sum(int(words[1:]) for words in asides if words.startswith("+"))
    assert len(cells) + left_out == (held.length or 0)
    key = label.words.removesuffix(":")
    if key in row.holds:
        assert row.holds[key].split()[0] == str(held.length)
    named = {words: box for box, words in cells if words}
    for pen, cursors in (("reader", held.readers), ("group", _last(held))):
        marks = [start(s) for s in drawing.drawn(pen) if label.y < start(s)[1] < below]
        assert bool(marks) == bool(cursors)
        for name, at in cursors.items():
            [x] = {x for x, y in marks if name in _name_beside(drawing, x, y)}
            assert all(b.right <= x if place(i) <= at else b.left >= x for i, b in named.items())
    for group in held.groups:
        said = row.holds.get(f"{key}/{group} pending", "")
        for worker, ids in re.findall(r"([\w-]+) ((?:\d+-\d+(?:, )?)+)", said):
            for entry in ids.split(", "):
                if entry in named:
                    assert worker in _who_holds(drawing, named[entry], label.y, below, group)


def _last(held: HeldStream) -> dict[str, tuple[int, int]]:
    return {name: group.last for name, group in held.groups.items()}


def _name_beside(drawing: Drawing, x: float, y: float) -> list[str]:
    [words] = [w.words for w in drawing.texts if w.kind == "small" and (w.x, w.y) == (x + 8, y + 9)]
    return re.split(", ?", words)


def _who_holds(drawing: Drawing, cell: Box, top: float, below: float, group: str) -> list[str]:
    """Read who holds an entry for a group: all workers whose name ends with what a tag shows."""
    [line] = [
        w.y for w in drawing.texts if w.words == group and top < w.y < below and w.kind == "muted"
    ]
    workers = ("ann", "bob", "JUSTID")
    tags = [
        words
        for box, words in drawing.boxes("hand", "new hand")
        if box.top < line < box.bottom + 4
        and box.left <= cell.left + 2
        and cell.right - 2 <= box.right
    ]
    assert len(tags) == 1, (tags, group)
    return [worker for worker in workers if worker.endswith(tags[0].lstrip("…"))]
