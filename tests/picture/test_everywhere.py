"""Three subscribers and three waiters give the same picture on every engine, every time."""

import asyncio
import random

from helpers.waiting import read

from ..stage import EVERY_ENGINE, Stage, staged

stage = staged(EVERY_ENGINE)

PICTURE = """\
ann    SUBSCRIBE event1                               → 1
bob    SUBSCRIBE event1                               → 1
carol  PSUBSCRIBE event*                              → 1
shop   PUBLISH event1 hello                           → 3
  └─▶ ann  message event1 hello
  └─▶ bob  message event1 hello
  └─▶ carol  pmessage event1 hello by event*
bob    BLPOP orders 0                                 waits
carol  BLMOVE orders done LEFT RIGHT 0                waits
ann    BLPOP urgent orders 0                          waits
shop   RPUSH orders order-1 order-2 order-3 order-4   → 4
  └─▶ bob  order-1 from list orders
  └─▶ carol  order-2 from list orders
  └─▶ ann  order-3 from list orders                      | orders: [order-4]   done: [order-2]"""

TIMES = 10


async def test_the_same_text_every_time(stage: Stage) -> None:
    chance = random.Random(1)
    for _ in range(TIMES):
        assert await played(stage, chance) == PICTURE
        await stage.restart()


async def played(stage: Stage, chance: random.Random) -> str:
    """Play it once with new clients, which read their messages in any order."""
    shop, ann, bob, carol = stage.clients("shop", "ann", "bob", "carol")
    subscribers = [ann.pubsub(), bob.pubsub(), carol.pubsub()]
    await subscribers[0].subscribe("event1")
    await subscribers[1].subscribe("event1")
    await subscribers[2].psubscribe("event*")
    for subscriber in subscribers:
        await read(subscriber)
    await shop.publish("event1", "hello")
    for subscriber in chance.sample(subscribers, 3):
        await read(subscriber)
    tasks = [
        await stage.waiting(bob, bob.blpop("orders", 0)),
        await stage.waiting(carol, carol.blmove("orders", "done", 0)),
        await stage.waiting(ann, ann.blpop(["urgent", "orders"], 0)),
    ]
    await shop.rpush("orders", "order-1", "order-2", "order-3", "order-4")
    await asyncio.gather(*tasks)
    await asyncio.gather(*(subscriber.aclose() for subscriber in subscribers))
    return stage.text()
