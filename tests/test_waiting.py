"""Waiting asks the broker: `read` has everything so far, `until_blocked` knows who waits."""

import asyncio
import time
from typing import Any

import pytest
import redis

from helpers import broker
from helpers.waiting import APART, LOOKS_AT_ONCE, Messages, read, until, until_blocked

from .stage import EMBEDDED, EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(EVERY_ENGINE)
two = staged(TWO_ENGINES)
embedded = staged(EMBEDDED)

both_protocols = pytest.mark.parametrize("protocol", [2, 3])


def data(messages: Messages) -> list[Any]:
    return [message["data"] for message in messages]


@both_protocols
async def test_everything_so_far_is_read(stage: Stage, protocol: int) -> None:
    shop, ann = stage.client("shop"), stage.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1", "event2")
    await subscriber.psubscribe("event*")
    assert data(await read(subscriber)) == [1, 2, 3]
    for number in range(5):
        await shop.publish("event1", f"hello-{number}")
    messages = await read(subscriber)
    assert data(messages) == [f"hello-{n}" for n in range(5) for _ in range(2)]
    assert messages[1] == {
        "type": "pmessage",
        "pattern": "event*",
        "channel": "event1",
        "data": "hello-0",
    }
    assert await read(subscriber) == []


@both_protocols
async def test_before_and_after_any_subscription(two: Stage, protocol: int) -> None:
    shop, ann = two.client("shop"), two.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    assert await read(subscriber) == []
    await subscriber.subscribe("event1", "event2")
    await subscriber.unsubscribe()
    await shop.publish("event1", "hello")
    assert [m["type"] for m in await read(subscriber)] == ["subscribe"] * 2 + ["unsubscribe"] * 2
    assert await read(subscriber) == []
    await subscriber.ssubscribe("event3")
    await shop.spublish("event3", "again")
    assert data(await read(subscriber)) == [1, "again"]


@both_protocols
async def test_handlers_are_called_in_order(two: Stage, protocol: int) -> None:
    shop, ann = two.client("shop"), two.client("ann", protocol=protocol)
    heard: list[Any] = []

    async def later(message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        heard.append(("later", message["data"]))

    subscriber = ann.pubsub(ignore_subscribe_messages=True)
    await subscriber.subscribe("event1", event2=lambda m: heard.append(("at once", m["data"])))
    await subscriber.psubscribe(**{"news*": later})
    for channel in ("event2", "event1", "news-1", "event2"):
        await shop.publish(channel, channel)
    assert data(await read(subscriber)) == ["event1"]
    assert heard == [("at once", "event2"), ("later", "news-1"), ("at once", "event2")]


@both_protocols
async def test_many_messages_under_way(two: Stage, protocol: int) -> None:
    shop, ann = two.client("shop"), two.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    pipeline = shop.pipeline(transaction=False)
    for number in range(5000):
        pipeline.publish("event1", number)
    publishing = asyncio.create_task(pipeline.execute())
    some = data(await read(subscriber, deadline=30))
    await publishing
    rest = data(await read(subscriber, deadline=30))
    assert some + rest == [str(number) for number in range(5000)]


@both_protocols
async def test_no_pong_is_among_the_messages(two: Stage, protocol: int) -> None:
    shop, ann = two.client("shop"), two.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    for ping in ((), ("PONG",), ("barrier:0",)):
        await subscriber.ping(*ping)
        await shop.publish("event1", "barrier:1")
    await subscriber.unsubscribe("event1")
    await subscriber.ping("left")
    assert data(await read(subscriber)) == [1, *["barrier:1"] * 3, 0]


async def test_a_message_that_reads_like_the_barrier(two: Stage) -> None:
    shop, ann = two.client("shop"), two.client("ann", protocol=2)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    number = int(await _next_barrier(two))
    for ahead in range(1, 4):
        await shop.publish("event1", f"barrier:{number + ahead}")
    assert len(await read(subscriber)) == 4


async def _next_barrier(stage: Stage) -> str:
    """Find out where the barriers are, from the words of a client that is watched by none."""
    other = stage.unwatched("other").pubsub()
    await other.subscribe("event2")
    sent: list[Any] = []
    send = other.connection.send_command

    async def listen(*words: Any, **options: Any) -> None:
        sent.append(words)
        await send(*words, **options)

    other.connection.send_command = listen
    await read(other)
    return sent[-1][-1].removeprefix("barrier:")


async def test_bytes_are_read_as_bytes(two: Stage) -> None:
    shop, ann = two.client("shop"), two.client("ann", decode_responses=False)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await shop.publish("event1", b"\xff")
    assert data(await read(subscriber)) == [1, b"\xff"]


async def test_a_lost_connection_is_no_time_out(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await shop.client_kill_filter(_type="pubsub")
    with pytest.raises(redis.ConnectionError):
        await read(subscriber)


async def test_the_deadline_of_a_read_says_what_it_waited_for(two: Stage) -> None:
    ann = two.client("ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    with pytest.raises(TimeoutError) as caught, _deaf(subscriber):
        await read(subscriber, deadline=0.05)
    assert str(caught.value) == "Waited 0.05 seconds for the broker to answer a subscriber's PING."
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


class _deaf:
    """Keep what goes out of a subscriber to itself, as a broker that hangs would."""

    def __init__(self, subscriber: redis.asyncio.client.PubSub) -> None:
        self.subscriber = subscriber

    def __enter__(self) -> None:
        async def nowhere(*words: Any, **options: Any) -> None:
            pass

        self.subscriber.execute_command = nowhere

    def __exit__(self, *what: object) -> None:
        del self.subscriber.execute_command


async def test_a_time_out_of_others_stays_theirs(two: Stage) -> None:
    def give_up(message: dict[str, Any]) -> None:
        raise TimeoutError("the mail service is slow")

    shop, ann = two.clients("shop", "ann")
    subscriber = ann.pubsub(ignore_subscribe_messages=True)
    await subscriber.subscribe(event1=give_up)
    await shop.publish("event1", "hello")
    with pytest.raises(TimeoutError, match="the mail service is slow"):
        await read(subscriber)


def test_messages_are_shown_in_the_words_of_the_server() -> None:
    messages = Messages(
        [
            {"type": "psubscribe", "pattern": None, "channel": "event*", "data": 1},
            {"type": "message", "pattern": None, "channel": "event1", "data": "hello"},
            {"type": "pmessage", "pattern": "event*", "channel": "event1", "data": "hello"},
        ]
    )
    assert [line.split() for line in repr(messages).splitlines()] == [
        ["psubscribe", "event*", "1"],
        ["message", "event1", "hello"],
        ["pmessage", "event*", "event1", "hello"],
    ]
    assert repr(Messages()) == "(nothing has arrived)"


async def test_one_client_blocks(stage: Stage) -> None:
    ann = stage.client("ann")
    waiting = asyncio.create_task(ann.blpop("orders", 0))
    await until_blocked(ann)
    assert await _flags("ann") == ["b"]
    waiting.cancel()


async def test_three_clients_block_in_different_commands(stage: Stage) -> None:
    shop, ann, bob, carol = stage.clients("shop", "ann", "bob", "carol")
    await shop.xgroup_create("events", "group", mkstream=True)
    tasks = [
        asyncio.create_task(ann.blmove("orders", "done", 0)),
        asyncio.create_task(bob.xreadgroup("group", "bob", {"events": ">"}, block=0)),
        asyncio.create_task(carol.xread({"events": "$"}, block=0)),
    ]
    await until_blocked(ann, bob, carol)
    assert [await _flags(name) for name in ("ann", "bob", "carol", "shop")] == [
        *[["b"]] * 3,
        [],
    ]
    await shop.rpush("orders", "a")
    await shop.xadd("events", {"a": "b"})
    await asyncio.gather(*tasks)


async def _flags(name: str) -> list[str]:
    """Ask which connections of this name are blocked, in another way than the helper."""
    async with broker.broker().side_client() as asker:
        answer = await asker.execute_command("CLIENT LIST")
    rows = answer if isinstance(answer, list) else _rows(answer)
    return ["b" for row in rows if row["name"] == name and "b" in row["flags"]]


def _rows(text: str) -> list[dict[str, str]]:
    return [dict(f.partition("=")[::2] for f in line.split()) for line in text.splitlines()]


async def test_who_does_not_block_is_named(stage: Stage) -> None:
    ann, bob, carol = stage.clients("ann", "bob", "carol")
    await ann.ping()
    waiting = asyncio.create_task(bob.blpop("orders", 0))
    with pytest.raises(TimeoutError) as caught:
        await until_blocked(ann, bob, carol, deadline=0.1)
    assert str(caught.value) == (
        "Waited 0.1 seconds for ann (whose PING was answered) and carol "
        "to wait in a blocking command."
    )
    waiting.cancel()


async def test_what_never_comes_is_asked_for_at_a_distance() -> None:
    looks = 0

    async def rains() -> bool:
        nonlocal looks
        looks += 1
        return False

    with pytest.raises(TimeoutError, match=r"^Waited 0.5 seconds for rain\.$"):
        await until(rains, 0.5, lambda: "rain")
    assert LOOKS_AT_ONCE < looks <= LOOKS_AT_ONCE + 0.5 / APART + 1


async def test_two_clients_of_one_name_must_both_block(stage: Stage) -> None:
    first, second = stage.clients("ann", "ann")
    tasks = [asyncio.create_task(first.blpop("orders", 0))]
    with pytest.raises(TimeoutError, match="for ann to wait"):
        await until_blocked(first, second, deadline=0.1)
    tasks.append(asyncio.create_task(second.blpop("orders", 0)))
    await until_blocked(first, second)
    for task in tasks:
        task.cancel()


async def test_nobody_to_wait_for(two: Stage) -> None:
    await until_blocked(deadline=0.5)


async def test_other_tasks_get_their_turn(stage: Stage) -> None:
    ann = stage.client("ann")
    turns = 0

    async def work_first() -> None:
        nonlocal turns
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
        await ann.blpop("orders", 0)

    waiting = asyncio.create_task(work_first())
    begin = time.monotonic()
    await until_blocked(ann)
    assert turns == 100
    assert time.monotonic() - begin < 2
    waiting.cancel()


async def test_waiting_is_not_recorded(embedded: Stage) -> None:
    ann = embedded.client("ann")
    waiting = asyncio.create_task(ann.blpop("orders", 0))
    await until_blocked(ann)
    assert [c.name for c in embedded.commands()] == ["BLPOP"]
    waiting.cancel()
