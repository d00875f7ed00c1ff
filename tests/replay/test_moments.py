"""What the moments of a record show, and what they say of what they cannot know."""

import asyncio
import itertools

import pytest
import redis

from embedded_redis import matches
from helpers import broker
from helpers.replay import MOST_COMMANDS, Moment, Moments
from helpers.replay.scene import NOT_KNOWN
from helpers.stage.model import Place
from helpers.waiting import read
from tools.bench import traffic
from tools.redraw import calls

from ..stage import EMBEDDED, TWO_ENGINES, Stage, staged

stage = staged(EMBEDDED)
two = staged(TWO_ENGINES)


def moments(stage: Stage) -> Moments:
    return Moments(stage.record)


def place(moment: Moment, name: str) -> Place:
    return next(place for place in moment.stage.places if place.name == name)


def texts(moment: Moment, name: str) -> list[str]:
    return [token.text for token in place(moment, name).tokens]


def identities(moment: Moment, name: str) -> list[str]:
    return [token.identity for token in place(moment, name).tokens]


def marks(moment: Moment, name: str) -> list[str]:
    return [token.mark for token in place(moment, name).tokens]


async def test_each_command_is_a_moment(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.rpush("q", "a", "b")
    await ann.lpop("q")
    pushed, popped = moments(stage)
    assert (texts(pushed, "q"), texts(popped, "q")) == (["a", "b"], ["b"])
    assert (texts(pushed, "ann"), texts(popped, "ann")) == ([], ["a"])
    assert (pushed.did, popped.did) == ("shop RPUSH q a b", "ann LPOP q")
    assert popped.words == "ann  LPOP q   → a   | q: [b]"


async def test_an_element_stays_itself_on_its_way(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.rpush("q", "x", "x", "x")
    await ann.lmove("q", "p", "RIGHT", "LEFT")
    await ann.lpop("p")
    pushed, moved, popped = moments(stage)
    first, second, third = identities(pushed, "q")
    assert len({first, second, third}) == 3
    assert (identities(moved, "q"), identities(moved, "p")) == ([first, second], [third])
    assert third in identities(popped, "ann")


async def test_who_waits_longest_comes_first(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    tasks = [
        await stage.waiting(ann, ann.blpop("q", 0)),
        await stage.waiting(bob, bob.blpop("q", 0)),
    ]
    await shop.rpush("q", "a")
    await shop.rpush("q", "b")
    await asyncio.gather(*tasks)
    one, both, left, nobody = moments(stage)
    assert place(one, "ann").state == "waits for q"
    assert place(both, "bob").state == "waits for q, 2nd in line"
    assert (place(left, "ann").state, place(left, "bob").state) == ("", "waits for q")
    assert (texts(left, "ann"), texts(nobody, "bob")) == (["a"], ["b"])
    assert left.headline == "ann gets a from list q."


async def test_a_wait_that_ends_in_vain_is_a_moment(stage: Stage) -> None:
    [ann] = stage.clients("ann")
    assert await ann.blpop("q", 0.01) is None
    waits, over = moments(stage)
    assert (place(waits, "ann").state, place(over, "ann").state) == ("waits for q", "")
    assert over.words == "ann: BLPOP no longer waits: nil"


async def test_who_dies_waits_no_more(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    task = await stage.waiting(ann, ann.blpop("q", 0))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await ann.aclose()
    await shop.rpush("q", "a")
    last = moments(stage)[-1]
    assert place(last, "ann").state == "connection closed"
    assert texts(last, "q") == ["a"]


async def test_a_stream_keeps_what_its_readers_pass(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    for number in (1, 2, 3):
        await shop.xadd("s", {"order": f"order-{number}"}, id=f"{number}-0")
    await shop.xgroup_create("s", "g", "0")
    await bob.xreadgroup("g", "bob", {"s": ">"}, count=2)
    await ann.xread({"s": "0"}, count=1)
    await bob.xack("s", "g", "1-0")
    await shop.xtrim("s", maxlen=1, approximate=False)
    *_, given, seen, acknowledged, trimmed = moments(stage)
    assert texts(given, "s") == ["order-1", "order-2", "order-3"]
    assert [(c.name, c.past) for c in place(seen, "s").cursors] == [("group g", 2), ("ann", 1)]
    assert (texts(given, "bob"), marks(given, "bob")) == (["order-1", "order-2"], ["hand"] * 2)
    assert marks(acknowledged, "bob") == ["done", "hand"]
    assert identities(acknowledged, "bob") == identities(given, "bob")
    assert (texts(trimmed, "s"), marks(trimmed, "bob")) == (["order-3"], ["done", "cut"])
    assert [(c.name, c.past) for c in place(trimmed, "s").cursors] == [("group g", 0), ("ann", 0)]


async def test_a_claimed_entry_moves_to_its_new_owner(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.xadd("s", {"order": "order-1"}, id="1-0")
    await shop.xgroup_create("s", "g", "0")
    await ann.xreadgroup("g", "ann", {"s": ">"})
    await shop.xautoclaim("s", "g", "carol", 0)
    *_, given, claimed = moments(stage)
    assert identities(given, "ann") == identities(claimed, "carol")
    assert identities(claimed, "ann") == identities(given, "carol") == []


async def test_each_subscriber_has_a_copy_and_nobody_hears_the_rest(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    ears = [ann.pubsub(), bob.pubsub()]
    await ears[0].subscribe("news")
    await ears[1].psubscribe("n*")
    await read(ears[1])
    await shop.publish("news", "one")
    await read(ears[0])
    await ears[0].aclose()
    await ears[1].aclose()
    await shop.publish("news", "two")
    heard, lost = (m for m in moments(stage) if "PUBLISH" in m.did)
    assert (texts(heard, "ann"), marks(heard, "ann")) == (["one"], ["done"])
    assert (texts(heard, "bob"), marks(heard, "bob")) == (["one"], ["sent"])  # never read
    assert [(li.start, li.end, li.count) for li in heard.stage.links] == [
        ("news", "ann", 1),
        ("n* (pattern)", "bob", 1),
        ("shop", "news", 1),
    ]
    assert (place(heard, "news").state, place(lost, "news").state) == (
        "1 subscriber",
        "0 subscribers",
    )
    assert (texts(lost, "news"), marks(lost, "news")) == (["two"], ["lost"])


async def test_who_was_cut_off_hears_nothing_although_it_does_not_know(two: Stage) -> None:
    shop, ann = two.clients("shop", "ann")
    ear = ann.pubsub()
    await ear.subscribe("news")
    await read(ear)
    [cut] = [client for client in await shop.client_list() if client["name"] == "ann"]
    await shop.client_kill_filter(_id=cut["id"])
    assert await shop.publish("news", "fire") == 0
    with pytest.raises(redis.ConnectionError):
        await ear.connection.read_response()
    await ear.aclose()
    published = next(m for m in moments(two) if "PUBLISH" in m.did)
    assert place(published, "news").state == "0 subscribers"
    assert (marks(published, "news"), texts(published, "ann")) == (["lost"], [])


async def test_a_transaction_is_done_at_its_end(stage: Stage) -> None:
    [shop] = stage.clients("shop")
    async with shop.pipeline() as together:
        await together.rpush("q", "a").rpush("q", "b").execute()
    assert [texts(m, "q") for m in moments(stage)] == [[], [], [], ["a", "b"]]


async def test_what_a_stranger_did_is_not_known(stage: Stage) -> None:
    [shop] = stage.clients("shop")
    stranger = stage.unwatched("stranger")
    await shop.rpush("q", "a")
    await stranger.rpush("q", "b")
    await shop.rpush("q", "c")
    known, unknown = moments(stage)
    assert texts(known, "q") == ["a"]
    assert (place(unknown, "q").state, texts(unknown, "q")) == (NOT_KNOWN, [])


async def test_what_a_lost_reply_would_tell_is_not_known(stage: Stage) -> None:
    [shop] = stage.clients("shop")
    await shop.rpush("q", "a", "b")
    await shop.xadd("s", {"n": "1"}, id="1-0")
    await shop.xgroup_create("s", "g", "0")
    for words in (
        ("LMOVE", "q", "p", "LEFT", "RIGHT"),
        ("XREADGROUP", *["GROUP", "g", "ann", "STREAMS", "s", ">"]),
    ):
        order = stage.record.sent("ann", 99, words, 0)
        order.lost = "timed out"
        stage.record.ended(order)
    last = moments(stage)[-1]
    assert [place(last, name).state for name in ("q", "p", "s")] == [NOT_KNOWN] * 3


async def test_a_long_list_is_shown_by_its_ends(stage: Stage) -> None:
    [shop] = stage.clients("shop")
    await shop.rpush("q", *map(str, range(1000)))
    [moment] = Moments(stage.record, most_tokens=4)
    assert texts(moment, "q") == ["0", "1", "… 996 more …", "998", "999"]


async def test_a_cursor_stands_between_the_same_entries_when_the_middle_is_left_out(
    stage: Stage,
) -> None:
    [ann] = stage.clients("ann")
    for number in range(1, 11):
        await ann.xadd("s", {"n": str(number)}, id=f"{number}-0")
    for last in (1, 2, 5, 8, 9, 10):
        await ann.xread({"s": last - 1}, count=1)
    found = Moments(stage.record, most_tokens=4)
    shown = [place(m, "s") for m in found if "XREAD" in m.did]
    assert [[token.text for token in p.tokens][: p.cursors[0].past] for p in shown] == [
        ["1"],
        ["1", "2"],
        ["1", "2", "… 6 more …"],
        ["1", "2", "… 6 more …"],
        ["1", "2", "… 6 more …", "9"],
        ["1", "2", "… 6 more …", "9", "10"],
    ]


async def test_places_are_the_same_at_every_moment_and_have_names_of_their_own(
    stage: Stage,
) -> None:
    ann = stage.client("news")
    ear = ann.pubsub()
    await ear.subscribe("news")
    await ear.psubscribe("news")
    await read(ear)
    await ann.rpush("news", "a")
    await ear.aclose()
    names = [[place.name for place in m.stage.places] for m in moments(stage)]
    assert len(set(map(tuple, names))) == 1
    assert len(names[0]) == len(set(names[0])) == 4


async def test_of_a_long_record_the_latest_commands_are_kept() -> None:
    record = await traffic(["RPUSH q a", "LPOP q"], 1000)
    found = Moments(record)
    assert sum(" closed" not in moment.words for moment in found) == MOST_COMMANDS
    before = len(record.commands) - MOST_COMMANDS
    assert found.note == f"These are the latest {MOST_COMMANDS} commands; {before} came before."


SHAPES = {
    "a long list": ["RPUSH q a"],
    "a long stream": ["XADD s * n a"],
    "coming and going": ["RPUSH q a", "LPOP q", "PUBLISH news a"],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
async def test_ten_times_the_commands_cost_at_most_twelve_times_as_much(shape: list[str]) -> None:
    costs = []
    for commands in (1_000, 10_000):  # more than are shown
        record = await traffic(shape, commands)
        costs.append(calls(lambda record=record: list(Moments(record))))
    assert costs[1] / costs[0] < 12


PARTS = ["a", "b", "*", "?", "[ab]", "[^a]", "[a-c]", "\\*", "[\\]b]", "[b-]", "^", "-", ".", "]"]


async def test_a_pattern_hears_what_it_hears_at_a_broker(two: Stage) -> None:
    patterns = ["".join(parts) for parts in itertools.product(PARTS, repeat=2)]
    patterns += ["*", "?", "??", 40 * "a*" + "b"]
    channels = ["a", "b", "ab", "ba", "bb", "*a", "a*", "a^", "--", "]b", "c.", ".c", "a]", "-"]
    channels += ["", "é", 40 * "a"]
    async with broker.broker().side_client() as side:
        ear = side.pubsub()
        await ear.psubscribe(*patterns)
        for channel in channels:
            await side.publish(channel, "")
        heard = set()
        while message := await ear.get_message(timeout=0.3):
            if message["type"] == "pmessage":
                heard.add((message["pattern"], message["channel"]))
        await ear.aclose()
    assert heard == {(p, c) for p in patterns for c in channels if matches(p.encode(), c.encode())}
