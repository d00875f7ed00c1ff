"""Answers to the exercises of lesson 1."""

import asyncio
import functools

from .. import mistake, other_way


async def newest_first(shop, order):
    await shop.lpush("for-mail", order)
    await shop.lpush("for-stock", order)
    return f"{order} accepted"


async def published(shop, order):
    await shop.publish("for-mail", order)
    await shop.publish("for-stock", order)
    return f"{order} accepted"


async def one_queue_for_both(shop, order):
    await shop.rpush("for-mail", order)
    return f"{order} accepted"


async def says_nothing(shop, order):
    await shop.rpush("for-mail", order)
    await shop.rpush("for-stock", order)


async def leaves_a_third_copy(shop, order):
    for queue in ("for-mail", "for-stock", "for-me"):
        await shop.rpush(queue, order)
    return f"{order} accepted"


async def not_awaited(shop, order):
    shop.rpush("for-mail", order)
    shop.rpush("for-stock", order)
    return f"{order} accepted"


mistake("1.1", "RPUSH", newest_first)
mistake("1.1", "its own copy, kept until taken", published)
mistake("1.1", "its own copy", one_queue_for_both)
mistake("1.1", "… accepted", says_nothing)
mistake("1.1", "Leave nothing else behind", leaves_a_third_copy)
mistake("1.1", "`await` in front of it", not_awaited)


async def in_a_pipeline(shop, order):
    async with shop.pipeline() as both:
        for service in ("mail", "stock"):
            both.execute_command("RPUSH", "for-" + service, order)
        await both.execute()
    return "{} accepted".format(order)  # noqa: UP032


other_way("1.1", in_a_pipeline)


async def put_right(shop, parcel):
    await shop.rpush("parcels", parcel)


async def put_left(shop, parcel):
    await shop.lpush("parcels", parcel)


async def take_right(worker):
    return await worker.rpop("parcels")


async def look(worker):
    return await worker.lindex("parcels", 0)


async def wait(worker):
    return (await worker.blpop("parcels"))[1]


mistake("1.2", "The newest came first", put_right, take_right)
mistake("1.2", "`take` must remove", put_right, look)
mistake("1.2", "nothing more will come", put_right, wait)
other_way("1.2", put_left, take_right)


async def wait_a_moment(worker):
    popped = await worker.blpop("parcels", timeout=0.001)
    return popped and popped[1]


other_way("1.2", put_right, wait_a_moment)


async def from_now_on(reader):
    return await reader.xread({"orders": "$"})


async def with_ids(reader):
    return await reader.xrange("orders")


async def ten_of_them(reader):
    return [fields["order"] for _, fields in await reader.xrange("orders", count=10)]


async def takes_them(reader):
    entries = await reader.xrange("orders")
    for entry_id, _ in entries:
        await reader.xdel("orders", entry_id)
    return [fields["order"] for _, fields in entries]


mistake("1.3", "begin at the first entry", from_now_on)
mistake("1.3", "Return the names", with_ids)
mistake("1.3", "ask for all", ten_of_them)
mistake("1.3", "look, and change nothing", takes_them)


async def entry_by_entry(reader):
    orders, cursor = [], "0"
    while reply := await reader.xread({"orders": cursor}, count=1):
        [[_, [(cursor, fields)]]] = reply
        orders.append(fields["order"])
    return tuple(orders)


other_way("1.3", entry_by_entry)


async def with_yield(shop, order):
    await shop.rpush("for-mail", order)
    yield f"{order} accepted"


async def starts_over_each_time(shop, order):
    for queue in ("for-mail", "for-stock"):
        await shop.delete(queue)
        await shop.rpush(queue, order)
    return f"{order} accepted"


async def always_the_same(shop, order):
    for queue in ("for-mail", "for-stock"):
        await shop.rpush(queue, "order-1")
    return "order-1 accepted"


async def keeps_texts(shop, order):
    for queue in ("for-mail", "for-stock"):
        await shop.set(queue, order)
    return f"{order} accepted"


mistake("1.1", "use return", with_yield)
mistake("1.1", "what waits there already must stay", starts_over_each_time)
mistake("1.1", "Push the order that you are given", always_the_same)
mistake("1.1", "It should be a list", keeps_texts)


class Shop:
    """A callable object is a function, too."""

    def __init__(self, *queues):
        self._queues = queues

    async def __call__(self, shop, order):
        await asyncio.gather(*(shop.rpush(queue, order) for queue in self._queues))
        return await asyncio.to_thread(lambda: f"{order} accepted")


other_way("1.1", Shop("for-mail", "for-stock"))


async def looks_and_takes(worker):
    seen = await worker.lindex("parcels", 0)
    if seen:
        await worker.lpop("parcels")
    return seen


class InPython:
    """Keep the parcels in a list of Python, and the broker for show."""

    def __init__(self):
        self._parcels = []

    async def put(self, shop, parcel):
        self._parcels.append(parcel)
        await shop.rpush("parcels", parcel)

    async def take(self, worker):
        await worker.lpop("parcels")
        return self._parcels.pop(0) if self._parcels else None


in_python = InPython()
mistake("1.2", "in a single command", put_right, looks_and_takes)
mistake("1.2", "not the memory of Python", in_python.put, in_python.take)


async def take_some(worker):
    popped = await worker.lmpop(1, "parcels", direction="LEFT")
    return popped[1][0] if popped else None


other_way("1.2", put_right, take_some)
other_way("1.2", put_right, functools.partial(lambda key, worker: worker.lpop(key), "parcels"))


async def with_yield_again(reader):
    for _, fields in await reader.xrange("orders"):
        yield fields["order"]


mistake("1.3", "use return", with_yield_again)


async def page_by_page(reader):
    async def pages():
        start = "-"
        while page := await reader.xrange("orders", start, count=7):
            for entry in page:
                yield entry
            start = f"({page[-1][0]}"

    return (fields["order"] for fields in [fields async for _, fields in pages()])


async def without_a_list(reader):
    return map(lambda entry: entry[1]["order"], await reader.xrange("orders"))


other_way("1.3", page_by_page)
other_way("1.3", without_a_list)
