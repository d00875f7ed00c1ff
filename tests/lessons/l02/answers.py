"""Answers to the exercises of lesson 2."""

import asyncio
import json
import re
from dataclasses import dataclass
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


mistake("2.1", "by a pattern, and the reply of PUBLISH was 1", asks_then_publishes)
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
        await inbox.psubscribe("price[s]")
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


mistake("2.3", "These did arrive", those_that_came)
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


# Wrong in ways that only a busier scene shows.


async def asks_after(shop, channel, text):
    await shop.publish(channel, text)
    return (await shop.pubsub_numsub(channel))[0][1] > 0


async def any_channel(shop, channel, text):
    await shop.publish(channel, text)
    return bool(await shop.pubsub_channels() or await shop.pubsub_numpat())


async def at_most_three(shop, channel, text):
    return await shop.publish(channel, text) in (1, 2, 3)


async def until_somebody_is_there(shop, channel, text):
    for _ in range(3):
        if await shop.publish(channel, text):
            return True
    return False


async def to_all_such_channels(shop, channel, text):
    heard = await shop.publish(channel, text)
    for each in await shop.pubsub_channels(f"{channel}*"):
        if each != channel:
            await shop.publish(each, text)
    return heard > 0


async def without_its_end(shop, channel, text):
    return await shop.publish(channel.strip(), text.split("\n")[0].split(",")[0]) > 0


async def a_short_text(shop, channel, text):
    return await shop.publish(channel, text[:100]) > 0


async def sharded(shop, channel, text):
    return await shop.spublish(channel, text) > 0


async def only_words(shop, channel, text):
    return await shop.publish(channel, text.encode("ascii", "ignore")) > 0


async def not_awaited(shop, channel, text):
    sent = asyncio.create_task(shop.publish(channel, text))
    await asyncio.sleep(0)
    return sent.done() and sent.result() > 0


mistake("2.1", "by a pattern, and the reply of PUBLISH was 1", asks_after)
mistake("2.1", "Nobody was there", any_channel)
mistake("2.1", "was it greater than 0", at_most_three)
mistake("2.1", "publish once, whether", until_somebody_is_there)
mistake("2.1", "publish once", to_all_such_channels)
mistake("2.1", "Nothing was published to that channel", without_its_end)
mistake("2.1", "as it is", a_short_text)
mistake("2.1", "SPUBLISH reaches those who have called SSUBSCRIBE", sharded)
mistake("2.1", "as it is", only_words)
mistake("2.1", "await it", not_awaited)


async def by_pipeline(shop, channel, text):
    async with shop.pipeline(transaction=False) as pipe:
        [heard] = await pipe.publish(channel, text).execute()
    return bool(heard)


async def says_it_twice(shop, channel, text):
    heard = not await shop.publish(channel, text)
    return not heard


other_way("2.1", by_pipeline)
other_way("2.1", says_it_twice)


def hearing(*names, pattern=False, of=lambda texts: texts):
    """Make an answer that listens in time, and returns what it makes of the texts."""

    async def prices_of_the_day(ann, open_shop):
        inbox = ann.pubsub(ignore_subscribe_messages=True)
        await (inbox.psubscribe if pattern else inbox.subscribe)(*names)
        await open_shop()
        return of([message["data"] for message in await read(inbox)])

    return prices_of_the_day


async def ten_at_most(ann, open_shop):
    inbox = ann.pubsub(ignore_subscribe_messages=True)
    await inbox.subscribe("prices")
    await inbox.get_message(timeout=1)
    await open_shop()
    messages = [await inbox.get_message(timeout=0.01) for _ in range(10)]
    return [message["data"] for message in messages if message]


async def twice_there(ann, open_shop):
    inbox = ann.pubsub(ignore_subscribe_messages=True)
    await inbox.subscribe("prices")
    await inbox.psubscribe("price[s]")
    await open_shop()
    return [message["data"] for message in await read(inbox)]


async def tells_the_others(ann, open_shop):
    inbox = ann.pubsub(ignore_subscribe_messages=True)
    await inbox.subscribe("prices")
    await open_shop()
    heard = [message["data"] for message in await read(inbox)]
    await ann.publish("prices", "all heard")
    return heard


mistake("2.2", "was published twice", hearing("prices", of=lambda t: list(dict.fromkeys(t))))
mistake("2.2", "was published twice", hearing("prices", of=set))
mistake("2.2", "listen to `prices` alone", hearing("*", pattern=True))
mistake("2.2", "listen to `prices` alone", hearing("price*", pattern=True))
mistake("2.2", "listen to `prices` alone", hearing("prices", "price"))
mistake("2.2", "are missing", hearing("prices", of=lambda t: [x for x in t if "book" in x]))
mistake("2.2", "are missing", hearing("prices", of=lambda t: [x for x in t if not x.isdigit()]))
mistake("2.2", "are missing", hearing("prices", of=lambda t: t[1:]))
mistake("2.2", "Return a list", hearing("prices", of=lambda t: t and t[0]))
mistake("2.2", "Return a list", hearing("prices", of=", ".join))
mistake("2.2", "are missing", ten_at_most)
mistake("2.2", "more often than it was published", twice_there)
mistake("2.2", "publish nothing", tells_the_others)
other_way("2.2", hearing("prices"))
other_way("2.2", hearing("prices", of=sorted))
other_way("2.2", hearing("prices", of=tuple))


async def ten_of_them(inbox):
    found = [await inbox.get_message(timeout=0.01) for _ in range(11)]
    ids = [json.loads(m["data"])["id"] for m in found if m and m["type"] == "message"]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


async def first_of_each_gap(inbox):
    return [a + 1 for a, b in pairwise(await ids_in(inbox)) if b > a + 1]


async def ends_early(inbox):
    ids = await ids_in(inbox)
    return [number for number in range(ids[0], ids[-1] - 1) if number not in ids]


async def as_text(inbox):
    ids = sorted(map(str, await ids_in(inbox)))
    numbers = range(int(ids[0]), int(ids[-1]))
    return [number for number in numbers if str(number) not in ids]


async def gaps_of_one(inbox):
    return [a + 1 for a, b in pairwise(await ids_in(inbox)) if b == a + 2]


async def first_field(inbox):
    letters = [json.loads(m["data"]) for m in await read(inbox) if m["type"] == "message"]
    ids = [int(next(iter(letter.values()))) for letter in letters]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


async def by_search(inbox):
    texts = [m["data"] for m in await read(inbox) if m["type"] == "message"]
    ids = [int(re.search(r"id\D+(\d+)", text)[1]) for text in texts]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


async def how_many_are_missing(inbox):
    ids = await ids_in(inbox)
    return ids[-1] - ids[0] + 1 - len(ids)


async def as_texts(inbox):
    return [str(number) for number in await first_of_each_gap(inbox)]


async def the_last_hundred(inbox):
    ids = (await ids_in(inbox))[-100:]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


mistake("2.3", "are not named, such as", ten_of_them)
mistake("2.3", "name each", first_of_each_gap)
mistake("2.3", "are not named, such as", ends_early)
mistake("2.3", "look at every id", as_text)
mistake("2.3", "are not named, such as", gaps_of_one)
mistake("2.3", "in its line", first_field)
mistake("2.3", "return an empty list", how_many_are_missing)
mistake("2.3", "Return a list of the numbers", as_texts)
mistake("2.3", "look at every id", the_last_hundred)
mistake("2.3", "is not between", by_search)


async def by_sets(inbox):
    ids = await ids_in(inbox)
    return set(range(min(ids), max(ids) + 1)) - set(ids)


async def from_the_end(inbox):
    arrived = dict.fromkeys(await ids_in(inbox))
    return [number for number in range(max(arrived), min(arrived), -1) if number not in arrived]


other_way("2.3", by_sets)
other_way("2.3", from_the_end)


async def notes_the_last(shop, channel, text):
    listeners = await shop.publish(channel, text)
    await shop.set(f"last:{channel}", text)
    return listeners > 0


async def hears_itself(shop, channel, text):
    await shop.pubsub().subscribe(channel)
    return await shop.publish(channel, text) > 0


mistake("2.1", "keys that nobody asked for", notes_the_last)
mistake("2.1", "it has heard itself", hears_itself)


async def until_none(ann, open_shop):
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    await open_shop()
    prices = []
    while (message := await inbox.get_message(ignore_subscribe_messages=True)) is not None:
        prices.append(message["data"])
    return prices


INBOXES = []


async def one_inbox_for_all_calls(ann, open_shop):
    if not INBOXES:
        INBOXES.append(ann.pubsub())
        await INBOXES[0].subscribe("prices")
    await open_shop()
    return [message["data"] for message in await read(INBOXES[0]) if message["pattern"]]


async def stripped(ann, open_shop):
    inbox = ann.pubsub()
    await inbox.subscribe("prices")
    await open_shop()
    return [m["data"].strip() for m in await read(inbox) if m["type"] == "message"]


async def until_it_has_left(ann, open_shop):
    async with ann.pubsub() as inbox:
        await inbox.subscribe("prices")
        await open_shop()
        await inbox.unsubscribe("prices")
        return [m["data"] async for m in inbox.listen() if m["type"] == "message"]


mistake("2.2", "Stay subscribed, and read until all of them have come", until_none)
mistake("2.2", "Stay subscribed, and read until all of them have come", one_inbox_for_all_calls)
mistake("2.2", "That client belongs to an earlier call", one_inbox_for_all_calls)
mistake("2.2", "return the texts as they came", stripped)
other_way("2.2", until_it_has_left)


async def of_prices_only(inbox):
    letters = [json.loads(m["data"]) for m in await read(inbox) if m["type"] == "message"]
    ids = [letter["id"] for letter in letters if letter["type"] == "price"]
    return [number for number in range(ids[0], ids[-1]) if number not in ids]


@dataclass
class Letter:
    id: int
    time: str
    sender: str
    type: str
    body: str


async def by_whole_letters(inbox):
    letters = [Letter(**json.loads(m["data"])) for m in await read(inbox) if m["type"] == "message"]
    ids = {letter.id for letter in letters}
    return sorted({*range(min(ids), max(ids))} - ids)


mistake("2.3", "These did arrive", of_prices_only)
other_way("2.3", by_whole_letters)
