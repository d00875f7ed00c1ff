"""The record holds each command with what came back for it, and nothing that nobody sent."""

import asyncio

import pytest
import redis

from helpers.waiting import read

from ..stage import EMBEDDED, EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
everywhere = staged(EVERY_ENGINE)
embedded = staged(EMBEDDED)

both_protocols = pytest.mark.parametrize("protocol", [2, 3])


async def test_a_command_is_kept_with_its_reply(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.rpush("orders", "order-1", "order-2")
    await shop.lpop("orders")
    await shop.get("nothing")
    assert [(c.client, c.words, c.reply) for c in stage.commands()] == [
        ("shop", ("RPUSH", "orders", "order-1", "order-2"), 2),
        ("shop", ("LPOP", "orders"), "order-1"),
        ("shop", ("GET", "nothing"), None),
    ]
    assert all(c.answered and not c.waiting and not c.lost for c in stage.commands())


async def test_the_order_is_the_order_of_sending(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    for client in (shop, ann, shop):
        await client.ping()
    assert [c.client for c in stage.commands()] == ["shop", "ann", "shop"]
    orders = [c.order for c in stage.commands()]
    assert orders == sorted(set(orders))
    assert all(c.ended > c.order for c in stage.commands())


async def test_an_error_is_kept_with_its_text(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.set("orders", "text")
    with pytest.raises(redis.ResponseError):
        await shop.rpush("orders", "order-1")
    (command,) = stage.commands()[1:]
    assert command.answered
    assert "wrong kind of value" in str(command.reply)


async def test_the_greeting_and_the_barrier_are_no_commands(stage: Stage) -> None:
    ann = stage.client("ann", db=1)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await ann.execute_command("PING", "barrier-free")
    assert [c.words for c in stage.commands()] == [
        ("SUBSCRIBE", "event1"),
        ("PING", "barrier-free"),
    ]
    assert {c.db for c in stage.commands()} == {1}


async def test_a_killed_client_loses_its_command(everywhere: Stage) -> None:
    shop, ann = everywhere.clients("shop", "ann")
    number = await ann.client_id()
    task = await everywhere.waiting(ann, ann.blpop("orders", 0))
    await shop.client_kill_filter(_id=number)
    with pytest.raises(redis.ConnectionError):
        await task
    lost = next(c for c in everywhere.commands() if c.name == "BLPOP")
    assert lost.lost == "connection lost"
    assert not lost.answered and not lost.waiting


async def test_a_cancelled_wait_is_lost_and_the_client_goes_on(everywhere: Stage) -> None:
    ann = everywhere.client("ann")
    task = await everywhere.waiting(ann, ann.blpop("orders", 0))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ann.rpush("orders", "order-1") == 1
    waited, pushed = everywhere.commands()
    assert (waited.lost, pushed.reply) == ("cancelled", 1)
    assert waited.connection != pushed.connection


async def test_a_read_that_takes_too_long_is_lost(stage: Stage) -> None:
    ann = stage.client("ann", socket_timeout=0.05)
    with pytest.raises(redis.TimeoutError):
        await ann.blpop("orders", 0)
    assert [c.lost for c in stage.commands()] == ["timed out"]


async def test_a_lost_reply_takes_all_open_commands_of_its_connection(stage: Stage) -> None:
    ann = stage.client("ann", socket_timeout=0.05)
    waits = ann.pipeline(transaction=False).set("a", "1").execute_command("BLPOP", "orders", 0)
    with pytest.raises(redis.TimeoutError):
        await waits.ping().execute()
    assert [(c.name, c.reply, c.lost) for c in stage.commands()] == [
        ("SET", "OK", ""),
        ("BLPOP", None, "timed out"),
        ("PING", None, "timed out"),
    ]


async def test_a_subscriber_that_stops_reading_loses_nothing(stage: Stage) -> None:
    ann = stage.client("ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    listening = asyncio.create_task(subscriber.get_message(timeout=None))
    await asyncio.sleep(0)  # its turn, in which it begins to read
    await subscriber.subscribe("event2")
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await read(subscriber)
    assert [(len(c.confirmations), c.lost) for c in stage.commands()] == [(1, ""), (1, "")]


async def test_commands_of_a_pipeline_get_their_own_replies(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.pipeline(transaction=False).rpush("q", "a").llen("q").lpop("q").execute()
    assert [(c.name, c.reply) for c in stage.commands()] == [
        ("RPUSH", 1),
        ("LLEN", 1),
        ("LPOP", "a"),
    ]


async def test_a_large_pipeline_keeps_each_reply_in_place(stage: Stage) -> None:
    shop = stage.client("shop")
    pipeline = shop.pipeline(transaction=False)
    for number in range(3000):
        pipeline.echo(f"{number}" * 50)
    await pipeline.execute()
    assert [c.reply for c in stage.commands()] == [f"{n}" * 50 for n in range(3000)]


@both_protocols
async def test_messages_and_confirmations(stage: Stage, protocol: int) -> None:
    shop, ann = stage.client("shop"), stage.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1", "event2")
    await subscriber.psubscribe("event*")
    await read(subscriber)
    await shop.publish("event1", "hello")
    await read(subscriber)
    subscribed, pattern, published = stage.commands()
    assert subscribed.confirmations == [["subscribe", "event1", 1], ["subscribe", "event2", 2]]
    assert pattern.confirmations == [["psubscribe", "event*", 3]]
    assert published.reply == 2
    told = [(m.client, m.kind, m.channel, m.data, m.pattern) for m in stage.record.messages]
    assert told == [
        ("ann", "message", "event1", "hello", ""),
        ("ann", "pmessage", "event1", "hello", "event*"),
    ]


@both_protocols
async def test_sharded_messages(stage: Stage, protocol: int) -> None:
    shop, ann = stage.client("shop"), stage.client("ann", protocol=protocol)
    subscriber = ann.pubsub()
    await subscriber.ssubscribe("event1")
    await read(subscriber)
    await shop.spublish("event1", "hello")
    await read(subscriber)
    assert [m.kind for m in stage.record.messages] == ["smessage"]
    assert stage.commands()[0].confirmations == [["ssubscribe", "event1", 1]]


@both_protocols
async def test_unsubscribing_without_names_is_confirmed_for_each(
    everywhere: Stage, protocol: int
) -> None:
    subscriber = everywhere.client("ann", protocol=protocol).pubsub()
    await subscriber.subscribe("event1", "event2")
    await subscriber.unsubscribe("event1")
    await subscriber.subscribe("event3")
    await subscriber.unsubscribe()
    await subscriber.unsubscribe()
    await subscriber.subscribe("event4")
    await read(subscriber)
    assert [len(c.confirmations) for c in everywhere.commands()] == [2, 1, 1, 2, 1, 1]
    assert everywhere.commands()[-2].confirmations == [["unsubscribe", None, 0]]
    assert not any(c.waiting for c in everywhere.commands())


@both_protocols
async def test_a_refusal_while_subscribed(stage: Stage, protocol: int) -> None:
    subscriber = stage.client("ann", protocol=protocol).pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await subscriber.execute_command("GET", "orders")
    if protocol == 2:
        with pytest.raises(redis.ResponseError, match="allowed in this context"):
            await subscriber.parse_response()
        assert "allowed in this context" in str(stage.commands()[-1].reply)
    else:
        assert await subscriber.parse_response() is None
        assert stage.commands()[-1].answered


@both_protocols
async def test_a_reply_that_looks_like_a_message_is_a_reply(stage: Stage, protocol: int) -> None:
    ann = stage.client("ann", protocol=protocol)
    await ann.rpush("q", "message", "a", "b")
    assert await ann.lrange("q", 0, -1) == ["message", "a", "b"]
    assert stage.record.messages == []
    assert stage.commands()[-1].reply == ["message", "a", "b"]


async def test_a_connection_that_was_a_subscriber_forgets_it(stage: Stage) -> None:
    ann = stage.client("ann", protocol=2)
    async with ann.pubsub() as subscriber:
        await subscriber.subscribe("event1")
        await read(subscriber)
    await ann.rpush("q", "message", "a", "b")
    await ann.lrange("q", 0, -1)
    assert stage.record.messages == []
    assert len({c.connection for c in stage.commands()}) == 2


async def test_a_subscriber_that_is_cut_off_subscribes_again(everywhere: Stage) -> None:
    shop, ann = everywhere.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await shop.client_kill_filter(_type="pubsub")
    with pytest.raises(redis.ConnectionError):
        await read(subscriber)
    await read(subscriber)
    await shop.publish("event1", "hello")
    await read(subscriber)
    again = [c for c in everywhere.commands() if c.name == "SUBSCRIBE"]
    assert [c.confirmations for c in again] == [[["subscribe", "event1", 1]]] * 2
    assert again[0].connection != again[1].connection
    assert [m.connection for m in everywhere.record.messages] == [again[1].connection]


async def test_bytes_are_kept_as_text(stage: Stage) -> None:
    shop, ann = stage.client("shop"), stage.client("ann", decode_responses=False)
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await shop.publish("event1", b"\x00\xff")
    await read(subscriber)
    await ann.rpush(b"q", b"\xfe", "é")
    assert await ann.lrange("q", 0, -1) == [b"\xfe", b"\xc3\xa9"]
    assert stage.record.messages[0].data == "\x00\\xff"
    assert stage.commands()[1].words == ("PUBLISH", "event1", "\x00\\xff")
    assert stage.commands()[-1].reply == ["\\xfe", "é"]


async def test_a_large_value_is_kept_whole(stage: Stage) -> None:
    shop = stage.client("shop")
    large = "0123456789" * 200_000
    await shop.rpush("q", large)
    assert await shop.lpop("q") == large
    pushed, popped = stage.commands()
    assert pushed.words[2] == popped.reply == large


async def test_an_empty_value_and_line_breaks_in_it(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.rpush("q", "", "*2\r\n$4\r\n")
    assert stage.commands()[0].words == ("RPUSH", "q", "", "*2\r\n$4\r\n")


async def test_what_a_reader_does_to_its_reply_stays_with_the_reader(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.rpush("q", "a", "b")
    jobs = await shop.lrange("q", 0, -1)
    jobs.clear()
    assert stage.commands()[-1].reply == ["a", "b"]


async def test_several_connections_of_one_name(stage: Stage) -> None:
    ann = stage.client("ann")
    first, second = ann.pubsub(), ann.pubsub()
    await first.subscribe("event1")
    await second.subscribe("event1")
    await ann.publish("event1", "hello")
    for subscriber in (second, first):
        await read(subscriber)
    assert stage.record.clients == ["ann"]
    assert len({c.connection for c in stage.commands()}) == 3
    assert len({m.connection for m in stage.record.messages}) == 2


async def test_two_clients_of_one_name_share_it(stage: Stage) -> None:
    for client in stage.clients("ann", "ann"):
        await client.ping()
    assert stage.record.clients == ["ann"]
    assert len({c.connection for c in stage.commands()}) == 2


async def test_a_watched_client_stays_what_it_was(embedded: Stage) -> None:
    ann = embedded.client("ann")
    assert type(ann) is redis.asyncio.Redis
    assert await ann == ann
    assert embedded.commands() == []
