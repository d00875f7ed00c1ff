"""Each delivery hangs on the command that caused it."""

import asyncio
from typing import Any

import pytest
import redis

from helpers.record import Record, tell
from helpers.waiting import read

from ..stage import EMBEDDED, EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
everywhere = staged(EVERY_ENGINE)
embedded = staged(EMBEDDED)


def told(stage: Stage, *names: str) -> list[str]:
    """Tell the steps with these commands, in a few words each: who got what from whom."""
    return [
        f"{s.command.client}: {' '.join(s.command.words)}"
        + "".join(f" > {d.receiver} {d.kind} {d.data}" for d in s.deliveries)
        for s in stage.steps()
        if s.command.name in names
    ]


async def test_messages_read_late_and_in_any_order(everywhere: Stage) -> None:
    shop, *listeners = everywhere.clients("shop", "ann", "bob", "carol")
    subscribers = [c.pubsub() for c in listeners]
    for subscriber in subscribers:
        await subscriber.subscribe("event1", "event2")
        await read(subscriber)
    await shop.publish("event1", "first")
    await shop.publish("event2", "second")
    await read(subscribers[1])
    await shop.publish("event1", "third")
    for subscriber in reversed(subscribers):
        await read(subscriber)
    assert told(everywhere, "PUBLISH") == [
        "shop: PUBLISH event1 first > ann message first > bob message first > carol message first",
        "shop: PUBLISH event2 second"
        " > ann message second > bob message second > carol message second",
        "shop: PUBLISH event1 third > ann message third > bob message third > carol message third",
    ]


async def test_equal_messages_and_a_late_subscriber(everywhere: Stage) -> None:
    shop, ann, bob = everywhere.clients("shop", "ann", "bob")
    early, late = ann.pubsub(), bob.pubsub()
    await early.subscribe("event1")
    await read(early)
    await shop.publish("event1", "hello")
    await late.subscribe("event1")
    await read(late)
    await shop.publish("event1", "hello")
    await read(late)
    await read(early)
    assert told(everywhere, "PUBLISH") == [
        "shop: PUBLISH event1 hello > ann message hello",
        "shop: PUBLISH event1 hello > ann message hello > bob message hello",
    ]


async def test_a_subscriber_that_left_and_came_back(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    for change in (subscriber.subscribe, subscriber.unsubscribe, subscriber.subscribe):
        await change("event1")
        await read(subscriber)
        await shop.publish("event1", "hello")
    await read(subscriber)
    assert told(stage, "PUBLISH") == [
        "shop: PUBLISH event1 hello > ann message hello",
        "shop: PUBLISH event1 hello",
        "shop: PUBLISH event1 hello > ann message hello",
    ]


async def test_leaving_all_channels_leaves_the_patterns(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await subscriber.psubscribe("event*")
    await shop.publish("event1", "hello")
    await subscriber.unsubscribe()
    await read(subscriber)
    await shop.publish("event1", "hello")
    await read(subscriber)
    assert told(stage, "PUBLISH") == [
        "shop: PUBLISH event1 hello > ann message hello > ann pmessage hello",
        "shop: PUBLISH event1 hello > ann pmessage hello",
    ]


async def test_several_subscriptions_and_connections_of_one_client(everywhere: Stage) -> None:
    shop, ann = everywhere.clients("shop", "ann")
    first, second = ann.pubsub(), ann.pubsub()
    await first.subscribe("event1")
    await first.psubscribe("event*", "e*")
    await second.subscribe("event1")
    await read(first)
    await read(second)
    assert [await shop.publish("event1", "hello") for _ in range(2)] == [4, 4]
    await read(second)
    await read(first)
    pictured = "message hello > ann message hello > ann pmessage hello > ann pmessage hello"
    assert told(everywhere, "PUBLISH") == [f"shop: PUBLISH event1 hello > ann {pictured}"] * 2
    assert [d.pattern for s in everywhere.steps() for d in s.deliveries] == [
        *["", "", "e*", "event*"] * 2
    ]


async def test_sharded_and_plain_channels_are_apart(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await subscriber.ssubscribe("event1")
    await read(subscriber)
    await shop.spublish("event1", "hello")
    await shop.publish("event1", "hello")
    await read(subscriber)
    assert told(stage, "PUBLISH", "SPUBLISH") == [
        "shop: SPUBLISH event1 hello > ann smessage hello",
        "shop: PUBLISH event1 hello > ann message hello",
    ]


async def test_a_subscription_that_was_refused_hears_nothing(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    quiet = ann.pubsub()
    await quiet.execute_command("SUBSCRIBE")
    with pytest.raises(redis.ResponseError):
        await read(quiet)
    await shop.publish("event1", "hello")
    assert told(stage, "PUBLISH") == ["shop: PUBLISH event1 hello"]


def answered(record: Record, connection: int, line: str, reply: Any = "OK") -> None:
    """Add a command with its answer, as a connection would."""
    command = record.sent("ann", connection, tuple(line.split()), 0)
    command.answered, command.reply = True, reply
    record.ended(command)


@pytest.mark.parametrize(
    "begin",
    [
        [("SUBSCRIBE event1", redis.ResponseError("NOPERM"))],
        [("SUBSCRIBE event1", "OK"), ("RESET", "RESET")],
    ],
    ids=["refused", "reset"],
)
def test_who_does_not_listen_any_more(begin: list[tuple[str, Any]]) -> None:
    record = Record()
    record.clients.append("ann")
    for line, reply in begin:
        answered(record, 1, line, reply)
    answered(record, 2, "PUBLISH event1 hello", 0)
    answered(record, 1, "SUBSCRIBE event1")
    answered(record, 2, "PUBLISH event1 hello", 1)
    record.arrived("ann", 1, ["message", "event1", "hello"])
    published = [s for s in tell(record) if s.command.name == "PUBLISH"]
    assert [len(s.deliveries) for s in published] == [0, 1]


async def test_a_message_that_came_before_it_was_published_came_from_others(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    for client in (stage.unwatched("carol"), shop):
        await client.publish("event1", "hello")
        await read(subscriber)
    assert told(stage, "PUBLISH") == [
        "another client: PUBLISH event1 hello > ann message hello",
        "shop: PUBLISH event1 hello > ann message hello",
    ]


async def test_the_server_cuts_a_subscriber_off_and_it_comes_back(everywhere: Stage) -> None:
    shop, ann = everywhere.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await read(subscriber)
    await shop.client_kill_filter(_type="pubsub")
    await shop.publish("event1", "hello")
    with pytest.raises(redis.ConnectionError):
        await read(subscriber)
    await read(subscriber)
    await shop.publish("event1", "hello")
    await read(subscriber)
    assert told(everywhere, "PUBLISH") == [
        "shop: PUBLISH event1 hello",
        "shop: PUBLISH event1 hello > ann message hello",
    ]


async def test_one_message_of_an_unwatched_client_is_one_step(stage: Stage) -> None:
    listeners = stage.clients("ann", "bob")
    subscribers = [c.pubsub() for c in listeners]
    for subscriber in subscribers:
        await subscriber.subscribe("event1")
        await read(subscriber)
    for _ in range(2):
        await stage.unwatched("carol").publish("event1", "hello")
    for subscriber in subscribers:
        await read(subscriber)
    step = "another client: PUBLISH event1 hello > ann message hello > bob message hello"
    assert told(stage, "PUBLISH") == [step, step]


async def test_a_message_in_a_transaction_is_sent_at_its_exec(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    early, late = ann.pubsub(), bob.pubsub()
    await early.subscribe("event1")
    await read(early)
    async with stage.client("queue").client() as queue:
        await queue.execute_command("MULTI")
        await queue.publish("event1", "hello")
        await late.subscribe("event1")
        await read(late)
        await shop.publish("event1", "hello")
        await queue.execute_command("EXEC")
    await read(early)
    await read(late)
    assert told(stage, "PUBLISH") == [
        "queue: PUBLISH event1 hello > ann message hello > bob message hello",
        "shop: PUBLISH event1 hello > ann message hello > bob message hello",
    ]
    assert [s.reply for s in stage.steps() if s.command.name == "PUBLISH"] == [2, 2]


async def test_many_equal_messages_are_told_in_time(embedded: Stage) -> None:
    shop, ann = embedded.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    pipeline = shop.pipeline(transaction=False)
    for _ in range(5000):
        pipeline.publish("event1", "hello")
    await pipeline.execute()
    await read(subscriber)
    begin = asyncio.get_running_loop().time()
    steps = embedded.steps()
    assert asyncio.get_running_loop().time() - begin < 2
    assert [len(s.deliveries) for s in steps] == [0, *[1] * 5000]


async def test_one_push_of_several_elements_serves_all_who_wait(everywhere: Stage) -> None:
    shop, ann, bob, carol = everywhere.clients("shop", "ann", "bob", "carol")
    tasks = [await everywhere.waiting(c, c.blpop("orders", 0)) for c in (bob, carol, ann)]
    await shop.rpush("orders", "a", "b", "c", "d")
    await asyncio.gather(*tasks)
    assert told(everywhere, "RPUSH") == [
        "shop: RPUSH orders a b c d > bob element a > carol element b > ann element c"
    ]
    assert everywhere.steps()[-1].holds == {"orders": "[d]"}
    assert [s.waited for s in everywhere.steps()] == [True, True, True, False]


async def test_equal_elements_go_to_who_waited_longest(everywhere: Stage) -> None:
    shop, ann, bob = everywhere.clients("shop", "ann", "bob")
    tasks = [await everywhere.waiting(c, c.brpop("orders", 0)) for c in (bob, ann)]
    await shop.rpush("orders", "same")
    await shop.rpush("orders", "same")
    await asyncio.gather(*tasks)
    assert told(everywhere, "RPUSH") == [
        "shop: RPUSH orders same > bob element same",
        "shop: RPUSH orders same > ann element same",
    ]


async def test_pushes_in_a_transaction_serve_at_its_exec(everywhere: Stage) -> None:
    shop, ann, bob = everywhere.clients("shop", "ann", "bob")
    tasks = [await everywhere.waiting(c, c.blpop("orders", 0)) for c in (ann, bob)]
    pipeline = shop.pipeline().rpush("orders", "gone").lpop("orders")
    await pipeline.rpush("orders", "a").lpush("orders", "b").llen("orders").execute()
    await asyncio.gather(*tasks)
    assert told(everywhere, "RPUSH", "LPUSH", "EXEC") == [
        "shop: RPUSH orders gone",
        "shop: RPUSH orders a > bob element a",
        "shop: LPUSH orders b > ann element b",
        "shop: EXEC",
    ]
    by_name = {s.command.name: s for s in everywhere.steps()}
    assert by_name["LPUSH"].holds == {"orders": "empty"}
    assert by_name["LLEN"].reply == 2 and by_name["LLEN"].queued


async def test_a_chain_of_moves(everywhere: Stage) -> None:
    shop, ann, bob, carol = everywhere.clients("shop", "ann", "bob", "carol")
    tasks = [
        await everywhere.waiting(carol, carol.blpop("third", 0)),
        await everywhere.waiting(bob, bob.brpoplpush("second", "third", 0)),
        await everywhere.waiting(ann, ann.blmove("first", "second", 0, "LEFT", "RIGHT")),
    ]
    await shop.rpush("first", "order-1")
    assert await asyncio.gather(*tasks) == [("third", "order-1"), "order-1", "order-1"]
    (step,) = [s for s in everywhere.steps() if s.command.name == "RPUSH"]
    assert {(d.receiver, d.source) for d in step.deliveries} == {
        ("ann", "first"),
        ("bob", "second"),
        ("carol", "third"),
    }
    assert step.holds == {"first": "empty", "second": "empty", "third": "empty"}


async def test_a_waiter_may_take_several_elements(everywhere: Stage) -> None:
    shop, ann = everywhere.clients("shop", "ann")
    task = await everywhere.waiting(
        ann, ann.blmpop(0, 2, "urgent", "orders", direction="RIGHT", count=2)
    )
    await shop.rpush("orders", "a", "b", "c")
    await task
    assert told(everywhere, "RPUSH") == ["shop: RPUSH orders a b c > ann element c > ann element b"]
    assert everywhere.steps()[-1].holds == {"orders": "[a]"}


@pytest.mark.parametrize("protocol", [2, 3])
async def test_readers_of_a_stream_wait(everywhere: Stage, protocol: int) -> None:
    shop = everywhere.client("shop")
    ann, bob, carol = (everywhere.client(n, protocol=protocol) for n in ("ann", "bob", "carol"))
    await shop.xadd("orders", {"order": "0"}, "1-1")
    await shop.xgroup_create("orders", "mail", "$")
    tasks = [
        await everywhere.waiting(ann, ann.xread({"orders": "$"}, block=0)),
        await everywhere.waiting(bob, bob.xreadgroup("mail", "b", {"orders": ">"}, block=0)),
        await everywhere.waiting(carol, carol.xreadgroup("mail", "c", {"orders": ">"}, block=0)),
    ]
    await shop.xadd("orders", {"order": "1"}, "2-1")
    await shop.xadd("orders", {"order": "2"}, "3-1")
    await asyncio.gather(*tasks)
    assert told(everywhere, "XADD") == [
        "shop: XADD orders 1-1 order 0",
        "shop: XADD orders 2-1 order 1 > ann entry 2-1 > bob entry 2-1",
        "shop: XADD orders 3-1 order 2 > carol entry 3-1",
    ]
    assert [s.holds for s in everywhere.steps()][-2:] == [
        {"orders": "2 entries", "orders/mail pending": "b 2-1"},
        {"orders": "3 entries", "orders/mail pending": "b 2-1; c 3-1"},
    ]


async def test_who_found_something_did_not_wait(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.rpush("orders", "a", "b")
    await shop.blpop("orders", 0)
    await shop.blmove("orders", "done", 0, "LEFT", "LEFT")
    await shop.xadd("events", {"a": "b"}, "1-1")
    await shop.xgroup_create("events", "g", "0")
    await shop.xread({"events": "0"}, block=0)
    await shop.xreadgroup("g", "c", {"events": ">"}, block=0)
    await shop.xdel("events", "1-1")
    await shop.xreadgroup("g", "c", {"events": "0"}, block=0)
    await shop.xreadgroup("g", "other", {"events": "0"}, block=0)
    assert not any(s.waited or s.deliveries for s in stage.steps())


async def test_keys_named_like_options_do_not_wait(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.xadd("block", {"a": "b"}, "1-1")
    await shop.xgroup_create("block", "streams", "$")
    await shop.xread({"block": "5-5"})
    await shop.execute_command("xreadgroup", "group", "streams", "block", "streams", "block", ">")
    assert not any(s.waited for s in stage.steps())


async def test_a_wait_that_times_out(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await ann.blpop("orders", 0.01)
    await ann.xread({"events": "$"}, block=1)
    await shop.rpush("orders", "a")
    await shop.xadd("events", {"a": "b"}, "1-1")
    assert [(s.waited, s.reply, s.holds) for s in stage.steps()] == [
        (True, None, {}),
        (True, stage.commands()[1].reply, {}),
        (False, 1, {"orders": "[a]"}),
        (False, "1-1", {"events": "1 entry"}),
    ]
    assert not any(s.deliveries for s in stage.steps())


async def test_a_cancelled_or_killed_waiter_gets_nothing(everywhere: Stage) -> None:
    shop, ann, bob, carol = everywhere.clients("shop", "ann", "bob", "carol")
    number = await bob.client_id()
    tasks = [await everywhere.waiting(c, c.blpop("orders", 0)) for c in (ann, bob, carol)]
    tasks[0].cancel()
    await shop.client_kill_filter(_id=number)
    await asyncio.gather(*tasks[:2], return_exceptions=True)
    await shop.rpush("orders", "a", "b")
    await tasks[2]
    assert told(everywhere, "RPUSH") == ["shop: RPUSH orders a b > carol element a"]
    assert everywhere.steps()[-1].holds == {"orders": "[b]"}
    assert [s.command.lost for s in everywhere.steps() if s.waited] == [
        "cancelled",
        "connection lost",
        "",
    ]


async def test_a_waiter_cancelled_before_it_read_may_have_got_something(embedded: Stage) -> None:
    shop, ann = embedded.clients("shop", "ann")
    task = await embedded.waiting(ann, ann.blpop("orders", 0))
    await shop.ping()  # its connection is made: the push is the next thing that goes out
    pushing = asyncio.ensure_future(shop.rpush("orders", "a"))
    await asyncio.sleep(0)  # the push goes out; ann has no turn to read what it brought her
    task.cancel()
    await asyncio.gather(pushing, task, return_exceptions=True)
    pushed = embedded.steps()[-1]
    assert pushed.deliveries == [] and pushed.holds == {}


async def test_a_waiter_that_has_not_read_yet(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    tasks = [await stage.waiting(c, c.blpop("orders", 0)) for c in (ann, bob)]
    await shop.rpush("orders", "a", "b", "c")
    await asyncio.gather(*tasks)
    whole = stage.steps()
    first = stage.commands()[0]
    first.answered, first.reply, reply = False, None, first.reply
    assert [(s.deliveries, s.holds) for s in stage.steps()] == [([], {})] * 3
    first.answered, first.reply = True, reply
    assert len(whole[-1].deliveries) == 2 and whole[-1].holds == {"orders": "[c]"}


async def test_what_nobody_in_the_record_brought_shows_no_wait(stage: Stage) -> None:
    ann = stage.client("ann")
    await stage.unwatched("carol").rpush("orders", "a")
    await ann.blpop("orders", 0)
    (step,) = stage.steps()
    assert not step.waited and step.reply == ["orders", "a"]


async def test_transactions_that_do_not_happen(stage: Stage) -> None:
    shop, other = stage.clients("shop", "other")
    async with shop.client() as queue:
        for end in ("DISCARD", "EXEC"):
            await queue.execute_command("WATCH", "orders")
            await queue.execute_command("MULTI")
            await queue.rpush("orders", "never")
            await other.rpush("orders", "a")
            await queue.execute_command(end)
        await queue.execute_command("MULTI")
        with pytest.raises(redis.ResponseError):
            await queue.execute_command("RPUSH", "orders")
        await queue.rpush("orders", "never")
        with pytest.raises(redis.ResponseError, match="discarded because of previous errors"):
            await queue.execute_command("EXEC")
    assert await shop.lrange("orders", 0, -1) == ["a", "a"]
    never = [s for s in stage.steps() if s.command.words[-1] == "never"]
    assert [(s.reply, s.queued, s.holds) for s in never] == [("QUEUED", True, {})] * 3
    assert [s.holds for s in stage.steps() if s.command.client == "other"] == [
        {"orders": "[a]"},
        {"orders": "[a] [a]"},
    ]


async def test_the_replies_of_a_transaction_hang_on_its_commands(stage: Stage) -> None:
    shop = stage.client("shop")
    await shop.set("text", "a")
    pipeline = shop.pipeline().rpush("orders", "a").rpush("text", "b").lpop("orders")
    await pipeline.execute(raise_on_error=False)
    _, multi, push, wrong, pop, executed = stage.steps()
    assert (multi.reply, push.reply, pop.reply) == ("OK", 1, "a")
    assert isinstance(wrong.reply, redis.ResponseError)
    assert [s.queued for s in (multi, push, wrong, pop, executed)] == [False, *[True] * 3, False]


async def test_what_a_transaction_refuses_has_no_place_in_its_reply(everywhere: Stage) -> None:
    nested, forbidden = "MULTI calls can not be nested", "Command 'multi' not allowed inside"
    async with everywhere.client("shop").client() as shop:
        await shop.execute_command("MULTI")
        with pytest.raises(redis.ResponseError, match=f"{nested}|{forbidden}") as refused:
            await shop.execute_command("MULTI")
        await shop.rpush("orders", "a")
        if forbidden in str(refused.value):  # Valkey 9.1 gives up the whole transaction for it
            with pytest.raises(redis.ResponseError, match="discarded because of previous errors"):
                await shop.execute_command("EXEC")
        else:
            await shop.execute_command("EXEC")
    held = await everywhere.unwatched("carol").llen("orders")
    assert held == (forbidden not in str(refused.value))
    (pushed,) = [s for s in everywhere.steps() if s.command.name == "RPUSH"]
    assert (pushed.reply, pushed.holds) == ((1, {"orders": "[a]"}) if held else ("QUEUED", {}))


async def test_nobody_waits_in_a_transaction(stage: Stage) -> None:
    await stage.client("shop").pipeline().blpop("orders", 0).execute()
    assert not any(s.waited for s in stage.steps())


async def test_databases_hold_lists_of_the_same_name(stage: Stage) -> None:
    zero, one = stage.client("zero"), stage.client("one", db=1)
    waiting = await stage.waiting(one, one.blpop("orders", 0))
    await zero.rpush("orders", "a")
    async with stage.client("wanderer").client() as wanderer:
        await wanderer.execute_command("SELECT", 1)
        await wanderer.rpush("orders", "b", "c")
    await waiting
    assert told(stage, "RPUSH") == [
        "zero: RPUSH orders a",
        "wanderer: RPUSH orders b c > one element b",
    ]
    assert [s.holds for s in stage.steps() if s.holds] == [{"orders": "[a]"}, {"orders": "[c]"}]
