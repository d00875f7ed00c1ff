"""Each picture goes on where the last one ended: nothing twice, nothing lost."""

import asyncio

from helpers.picture import Flow
from helpers.waiting import read

from ..stage import EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
everywhere = staged(EVERY_ENGINE)

NOTHING = "(nothing was sent or received since the last flow)"


def words(text: str) -> list[str]:
    """Write each line with single spaces: columns are another test's matter."""
    return [" ".join(line.split()) for line in text.splitlines()]


async def test_what_was_shown_is_not_shown_again(stage: Stage) -> None:
    shop = stage.client("shop")
    assert stage.text() == NOTHING
    await shop.rpush("orders", "a")
    assert stage.text() == "shop  RPUSH orders a   → 1   | orders: [a]"
    assert stage.text() == NOTHING
    await shop.rpush("orders", "b")
    assert stage.text() == "shop  RPUSH orders b   → 2   | orders: [a] [b]"


async def test_a_waiter_served_after_the_first_picture(everywhere: Stage) -> None:
    shop, ann, bob = everywhere.clients("shop", "ann", "bob")
    tasks = [await everywhere.waiting(c, c.blpop("orders", 0)) for c in (ann, bob)]
    assert words(everywhere.text()) == ["ann BLPOP orders 0 waits", "bob BLPOP orders 0 waits"]
    await shop.rpush("orders", "a", "b")
    await asyncio.gather(*tasks)
    assert words(everywhere.text()) == [
        "shop RPUSH orders a b → 2",
        "└─▶ ann a from list orders",
        "└─▶ bob b from list orders | orders: empty",
    ]
    assert everywhere.text() == NOTHING


async def test_a_wait_that_ends_without_a_delivery_is_told(stage: Stage) -> None:
    ann, bob = stage.clients("ann", "bob")
    cancelled = await stage.waiting(ann, ann.blpop("orders", 0))
    in_vain = await stage.waiting(bob, bob.blpop("orders", 0.05))
    stage.text()
    cancelled.cancel()
    await asyncio.gather(cancelled, in_vain, return_exceptions=True)
    assert words(stage.text()) == [
        "ann BLPOP orders 0 (sent earlier) waits, → cancelled",
        "bob BLPOP orders 0.05 (sent earlier) waits, → nil",
    ]
    assert stage.text() == NOTHING


async def test_messages_read_after_the_first_picture(everywhere: Stage) -> None:
    shop, ann, bob = everywhere.clients("shop", "ann", "bob")
    subscribers = [ann.pubsub(), bob.pubsub()]
    for subscriber in subscribers:
        await subscriber.subscribe("event1")
        await read(subscriber)
    await shop.publish("event1", "first")
    await read(subscribers[1])
    assert words(everywhere.text())[2:] == [
        "shop PUBLISH event1 first → 2",
        "└─▶ bob message event1 first",
    ]
    await shop.publish("event1", "second")
    await read(subscribers[0])
    assert words(everywhere.text()) == [
        "shop PUBLISH event1 first (sent earlier) → 2",
        "└─▶ ann message event1 first",
        "shop PUBLISH event1 second → 2",
        "└─▶ ann message event1 second",
    ]
    await read(subscribers[1])
    assert words(everywhere.text()) == [
        "shop PUBLISH event1 second (sent earlier) → 2",
        "└─▶ bob message event1 second",
    ]
    assert everywhere.text() == NOTHING


async def test_equal_messages_to_one_subscriber_are_each_told_once(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    await subscriber.psubscribe("event*")
    await read(subscriber)
    stage.text()
    told = []
    for _ in range(3):
        await shop.publish("event1", "hello")
        await read(subscriber)
        told += words(stage.text())
    assert told == 3 * [
        "shop PUBLISH event1 hello → 2",
        "└─▶ ann message event1 hello",
        "└─▶ ann pmessage event1 hello by event*",
    ]


async def test_a_confirmation_read_after_the_first_picture(stage: Stage) -> None:
    ann = stage.client("ann")
    subscriber = ann.pubsub()
    await subscriber.subscribe("event1")
    assert stage.text() == "ann  SUBSCRIBE event1   → not read yet"
    await read(subscriber)
    assert stage.text() == "ann  SUBSCRIBE event1 (sent earlier)   → 1"


async def test_an_answer_read_after_the_first_picture(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    task = await stage.waiting(ann, ann.blpop("orders", 0))
    await shop.rpush("orders", "a", "b")
    await task
    whole = stage.steps()
    command = stage.commands()[0]
    command.answered, command.reply, reply = False, None, command.reply
    assert words(stage.text()) == ["ann BLPOP orders 0 waits", "shop RPUSH orders a b → 2"]
    command.answered, command.reply = True, reply
    assert words(stage.text()) == [
        "shop RPUSH orders a b (sent earlier) → 2",
        "└─▶ ann a from list orders | orders: [b]",
    ]
    assert whole[-1].holds == {"orders": "[b]"}


async def test_pictures_add_up_to_one_picture_of_all(stage: Stage) -> None:
    shop, ann, bob = stage.clients("shop", "ann", "bob")
    subscriber = bob.pubsub()
    await subscriber.subscribe("event1")
    parts: list[str] = []
    for number in range(10):
        task = await stage.waiting(ann, ann.blpop("orders", 0))
        parts += words(stage.text())
        await shop.publish("event1", str(number % 3))
        await shop.rpush("orders", str(number % 2))
        await task
        parts += words(stage.text())
        if number % 4 == 3:
            await read(subscriber)
    await read(subscriber)
    parts += words(stage.text())
    fresh = [line for line in parts if "(sent earlier)" not in line and "not read yet" not in line]
    whole = words(repr(Flow(stage.steps(), stage.record.clients)))
    assert len(whole) == 40 + 1  # cut: too long for one picture
    every = Flow(stage.steps()[:15], stage.record.clients).rows
    every += Flow(stage.steps()[15:], stage.record.clients).rows
    deliveries = [line for line in fresh if line.startswith("└─▶")]
    assert len(deliveries) == sum(bool(row.sender) for row in every) == 20
    assert len(fresh) == len(every) - 1  # SUBSCRIBE, confirmed after its first picture
