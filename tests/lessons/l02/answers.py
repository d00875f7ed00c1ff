"""Answers to the exercises of lesson 2."""

import json
from itertools import pairwise

from helpers import read

from .. import mistake, other_way


async def how_many(shop, channel, text):
    return await shop.publish(channel, text)


async def always_true(shop, channel, text):
    await shop.publish(channel, text)
    return True


async def publishes_twice(shop, channel, text):
    await shop.publish(channel, text)
    return await shop.publish(channel, text) > 0


async def only_asks(shop, channel, text):
    [(_, count)] = await shop.pubsub_numsub(channel)
    return count > 0


mistake("2.1", "not how many", how_many)
mistake("2.1", "Nobody was there", always_true)
mistake("2.1", "publish once", publishes_twice)
mistake("2.1", "Nothing was published", only_asks)


async def asks_then_publishes(shop, channel, text):
    listening = channel in await shop.pubsub_channels()
    await shop.publish(channel, text)
    return listening


async def asks_then_publishes_to_some(shop, channel, text):
    return channel in await shop.pubsub_channels() and await shop.publish(channel, text) > 0


mistake("2.1", "A pattern listens as well", asks_then_publishes)
mistake("2.1", "Nothing was published", asks_then_publishes_to_some)


async def keeps_the_count(shop, channel, text):
    match await shop.execute_command("PUBLISH", channel, text):
        case 0:
            return False
    return True


other_way("2.1", keeps_the_count)


async def too_late(ann, open_shop):
    await open_shop()
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    return [m["data"] for m in await read(inbox) if m["type"] == "message"]


async def keeps_the_confirmation(ann, open_shop):
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    await open_shop()
    return [m["data"] for m in await read(inbox)]


async def opens_twice(ann, open_shop):
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    await open_shop()
    await open_shop()
    return [m["data"] for m in await read(inbox) if m["type"] == "message"]


async def waits_for_ever(ann, open_shop):
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    await open_shop()
    return [message["data"] async for message in inbox.listen()]


mistake("2.2", "too late", too_late)
mistake("2.2", "A confirmation is not a price", keeps_the_confirmation)
mistake("2.2", "open_shop once", opens_twice)
mistake("2.2", "was not done after", waits_for_ever)


async def message_by_message(ann, open_shop):
    async with ann.pubsub() as inbox:
        await inbox.psubscribe("price*")
        await inbox.get_message(timeout=1)
        await open_shop()
        prices = []
        while message := await inbox.get_message(timeout=0.01):
            prices.append(message["data"])
        return prices


other_way("2.2", message_by_message)


async def ids_in(inbox):
    return [json.loads(m["data"])["id"] for m in await read(inbox) if m["type"] == "message"]


async def those_that_came(inbox):
    return await ids_in(inbox)


async def one_gap(inbox):
    ids = await ids_in(inbox)
    return [a + 1 for a, b in pairwise(ids) if b > a + 1][:1]


async def from_one_on(inbox):
    ids = await ids_in(inbox)
    return [number for number in range(1, ids[-1]) if number not in ids]


async def reads_confirmations(inbox):
    ids = [json.loads(m["data"])["id"] for m in await read(inbox)]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


mistake("2.3", "Nothing is missing", those_that_came)
mistake("2.3", "look at every id", one_gap)
mistake("2.3", "begin at the first id that arrived", from_one_on)
mistake("2.3", "The confirmation is not a letter", reads_confirmations)


async def step_by_step(inbox):
    expected, gaps = None, set()
    for arrived in await ids_in(inbox):
        while expected is not None and expected < arrived:
            gaps.add(expected)
            expected += 1
        expected = arrived + 1
    return gaps


other_way("2.3", step_by_step)


async def whole_messages(ann, open_shop):
    inbox = ann.pubsub(ignore_subscribe_messages=True)
    await inbox.subscribe("prices")
    await open_shop()
    return await read(inbox)


mistake("2.2", "Return what each message says", whole_messages)


async def with_a_callback(ann, open_shop):
    heard = []
    inbox = ann.pubsub()
    await inbox.subscribe(prices=lambda message: heard.append(message["data"]))
    await open_shop()
    await read(inbox)
    return heard


other_way("2.2", with_a_callback)


async def what_is_left(inbox):
    messages = [m for m in await read(inbox) if m["type"].endswith("message")]
    arrived = [json.loads(message["data"])["id"] for message in messages]
    return filter(lambda number: number not in arrived, range(arrived[0], arrived[-1]))


other_way("2.3", what_is_left)
