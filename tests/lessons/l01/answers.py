"""Answers to the exercises of lesson 1."""

import asyncio
import contextlib
import functools

import redis

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
mistake("1.2", "neither has what the other keeps in Python", in_python.put, in_python.take)


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


# Wrong ways that a check of a few tame orders, by one worker in one process, does not see.

QUEUES = ("for-mail", "for-stock")


async def expires_soon(shop, order):
    for queue in QUEUES:
        await shop.rpush(queue, order)
        await shop.expire(queue, 1)
    return f"{order} accepted"


async def two_digits(shop, order):
    number = order[-2:]
    for queue in QUEUES:
        await shop.rpush(queue, f"order-{number}")
    return f"order-{number} accepted"


async def rewrites_the_list(shop, order):
    for queue in QUEUES:
        waiting = await shop.lrange(queue, 0, -1)
        await shop.delete(queue)
        await shop.rpush(queue, *waiting, order)
    return f"{order} accepted"


async def rewrites_it_in_a_transaction(shop, order):
    for queue in QUEUES:
        waiting = await shop.lrange(queue, 0, -1)
        async with shop.pipeline(transaction=True) as both:
            await both.delete(queue).rpush(queue, *waiting, order).execute()
    return f"{order} accepted"


async def copies_the_other_list(shop, order):
    await shop.rpush("for-mail", order)
    await shop.delete("for-stock")
    await shop.rpush("for-stock", *await shop.lrange("for-mail", 0, -1))
    return f"{order} accepted"


async def keeps_a_hundred(shop, order):
    for queue in QUEUES:
        await shop.rpush(queue, order)
        await shop.ltrim(queue, -100, -1)
    return f"{order} accepted"


async def does_not_wait_for_it(shop, order):
    for queue in QUEUES:
        asyncio.create_task(shop.rpush(queue, order))  # noqa: RUF006 # the mistake
    return f"{order} accepted"


async def waits_for_one_of_two(shop, order):
    second = asyncio.ensure_future(shop.rpush("for-stock", order))
    await shop.rpush("for-mail", order)
    return f"{order} accepted" if second else ""


async def only_into_an_empty_queue(shop, order):
    for queue in QUEUES:
        if not await shop.llen(queue):
            await shop.rpush(queue, order)
    return f"{order} accepted"


async def in_front_of_the_last(shop, order):
    for queue in QUEUES:
        newest = await shop.rpop(queue)
        await shop.rpush(queue, *filter(None, [newest]), order)
    return f"{order} accepted"


async def hides_what_went_wrong(shop, order):
    try:
        for queue in QUEUES:
            await shop.rpush(queue, {order})
    except Exception:
        pass
    return f"{order} accepted"


def with_a_shop_of_its_own():
    orders = {}

    async def place_order(shop, order):
        for queue in QUEUES:
            orders.setdefault(queue, []).append(order)
            await shop.delete(queue)
            await shop.rpush(queue, *orders[queue])
        return f"{order} accepted"

    return place_order


async def without_spaces(shop, order):
    for queue in QUEUES:
        await shop.rpush(queue, order.replace(" ", ""))
    return f"{order} accepted"


mistake("1.1", "`for-mail` is forgotten after", expires_soon)
mistake("1.1", "push it as it is", two_digits)
mistake("1.1", "Others use the queue", rewrites_the_list)
mistake("1.1", "Others use the queue", rewrites_it_in_a_transaction)
mistake("1.1", "they stay, and the new ones come last", copies_the_other_list)
mistake("1.1", "they stay, and the new ones come last", keeps_a_hundred)
mistake("1.1", "returned before a command of its own was sent", does_not_wait_for_it)
mistake("1.1", "returned before a command of its own was sent", waits_for_one_of_two)
mistake("1.1", "did not come: each call pushes its order", only_into_an_empty_queue)
mistake("1.1", "Others use the queue", in_front_of_the_last)
mistake("1.1", "and then swallowed", hides_what_went_wrong)
mistake("1.1", "orders waited there before: they stay", with_a_shop_of_its_own())
mistake("1.1", "push it as it is", without_spaces)


async def in_a_transaction(shop, order):
    pipe = shop.pipeline(transaction=True)
    for queue in QUEUES:
        pipe.lpush("scratch", order)
        pipe.lmove("scratch", queue, "LEFT", "RIGHT")
    await pipe.execute()
    return order + " accepted"


async def copies_an_element(shop, order):
    await asyncio.gather(shop.rpush(QUEUES[0], order), shop.rpush(QUEUES[1], order))
    return " ".join([order, "accepted"])


async def before_the_end(shop, order):
    for queue in reversed(QUEUES):
        if not await shop.rpushx(queue, order):
            await shop.rpush(queue, order)
    return f"{order} accepted"


other_way("1.1", in_a_transaction)
other_way("1.1", copies_an_element)
other_way("1.1", before_the_end)


def locked_in_python():
    lock = asyncio.Lock()

    async def take(worker):
        async with lock:
            oldest = await worker.lindex("parcels", 0)
            if oldest is not None:
                await worker.lpop("parcels")
            return oldest

    return take


async def take_and_wait(worker):
    found = await worker.blpop("parcels", timeout=2)
    return found[1] if found else None


async def put_at_most_ten(shop, parcel):
    await shop.rpush("parcels", parcel)
    await shop.ltrim("parcels", 0, 9)


async def put_for_an_hour(shop, parcel):
    await shop.rpush("parcels", parcel)
    await shop.expire("parcels", 3600)


async def put_all_anew(shop, parcel):
    parcels = await shop.lrange("parcels", 0, -1)
    async with shop.pipeline(transaction=True) as both:
        await both.delete("parcels").rpush("parcels", *parcels, parcel).execute()


async def take_left(worker):
    return await worker.lpop("parcels")


async def take_and_cut(worker):
    oldest = await worker.lindex("parcels", 0)
    await worker.ltrim("parcels", 1, -1)
    return oldest


async def take_by_value(worker):
    oldest = await worker.lindex("parcels", 0)
    if oldest is None or not await worker.lrem("parcels", 1, oldest):
        return None
    return oldest


async def take_in_a_list(worker):
    return await worker.lpop("parcels", 1)


async def take_and_give_up(worker):
    async with worker.pipeline() as watching:
        await watching.watch("parcels")
        oldest = await watching.lindex("parcels", 0)
        watching.multi()
        watching.lpop("parcels")
        try:
            await watching.execute()
        except redis.WatchError:
            return None
        return oldest


async def take_as_soon_as_there_is_one(worker):
    for _ in range(3):
        if found := await worker.blpop("parcels", timeout=1):
            return found[1]


async def take_hopefully(worker):
    try:
        return worker.lpop("parcels").decode()
    except Exception:
        return None


mistake("1.2", "look and take in a single command", put_right, locked_in_python())
mistake("1.2", "`take` should return at once", put_right, take_and_wait)
mistake("1.2", "`take` should return at once", put_right, take_as_soon_as_there_is_one)
mistake("1.2", "and keep the others", put_at_most_ten, take_left)
mistake("1.2", "`parcels` is forgotten after", put_for_an_hour, take_left)
mistake("1.2", "and keep the others", put_all_anew, take_left)
mistake("1.2", "Both got the same parcel", put_right, take_and_cut)
mistake("1.2", "there is nothing, while a parcel waited", put_right, take_by_value)
mistake("1.2", "there is nothing, while a parcel waited", put_right, take_and_give_up)
mistake("1.2", "without a list around it", put_right, take_in_a_list)
mistake("1.2", "`await` in front of it", put_right, take_hopefully)


async def take_watching(worker):
    while True:
        async with worker.pipeline() as watching:
            await watching.watch("parcels")
            oldest = await watching.lindex("parcels", 0)
            watching.multi()
            watching.lpop("parcels")
            with contextlib.suppress(redis.WatchError):
                await watching.execute()
                return oldest


async def take_by_move(worker):
    async with worker.pipeline(transaction=True) as both:
        _, moved = await both.delete("hand").lmove("parcels", "hand", "RIGHT", "LEFT").execute()
    if moved is not None:
        await worker.delete("hand")
    return moved


async def put_in_a_pipeline(shop, parcel):
    pipe = shop.pipeline(transaction=False)
    pipe.rpush("parcels", parcel)
    await pipe.execute()


other_way("1.2", put_right, take_watching)
other_way("1.2", put_in_a_pipeline, take_left)


async def a_hundred(reader):
    return [fields["order"] for _, fields in await reader.xrange("orders", count=100)]


async def leaves_a_group(reader):
    group = f"late-{await reader.client_id()}"
    await reader.xgroup_create("orders", group, id="0")
    [[_, entries]] = await reader.xreadgroup(group, "me", {"orders": ">"}, noack=True)
    return [fields["order"] for _, fields in entries]


async def first_field(reader):
    return [next(iter(fields.values())) for _, fields in await reader.xrange("orders")]


async def trims_to_a_hundred(reader):
    names = [fields["order"] for _, fields in await reader.xrange("orders")]
    await reader.xtrim("orders", maxlen=100, approximate=False)
    return names


def remembers_the_answer():
    names = []

    async def replay(reader):
        names[:] = names or [fields["order"] for _, fields in await reader.xrange("orders")]
        return list(names)

    return replay


async def from_the_end_by_number(reader):
    names, count = [], await reader.xlen("orders")
    for place in range(count):
        page = await reader.xrevrange("orders", count=place + 1)
        names.insert(0, page[-1][1]["order"])
    return names


async def puts_it_back(reader):
    entries = await reader.xrange("orders")
    await reader.delete("orders")
    for _, fields in entries:
        await reader.xadd("orders", fields)
    return [fields["order"] for _, fields in entries]


async def two_pages(reader):
    [[_, entries]] = await reader.xread({"orders": "0"}, count=100)
    more = await reader.xread({"orders": entries[-1][0]}, count=100)
    entries += more[0][1] if more else []
    return [fields["order"] for _, fields in entries]


async def by_word(reader):
    return [fields["order"].split()[0] for _, fields in await reader.xrange("orders")]


async def leaves_a_copy(reader):
    names = [fields["order"] for _, fields in await reader.xrange("orders")]
    await reader.rpush("found", *names)
    return names


async def counts_on_its_keys(reader):
    return [list(fields.values())[-1] for _, fields in await reader.xrange("orders")]


mistake("1.3", "100 came: ask for all, to the last", a_hundred)
mistake("1.3", "look, and change nothing", leaves_a_group)
mistake("1.3", "Return the names of the orders", first_field)
mistake("1.3", "look, and change nothing", trims_to_a_hundred)
mistake("1.3", "ask the broker each time", remembers_the_answer())
mistake("1.3", "Return the names of the orders", from_the_end_by_number)
mistake("1.3", "look, and change nothing", puts_it_back)
mistake("1.3", "ask for all", two_pages)
mistake("1.3", "return one name for each entry", by_word)
mistake("1.3", "Leave nothing else behind", leaves_a_copy)
mistake("1.3", "Return the names of the orders", counts_on_its_keys)


async def from_the_end(reader):
    return [fields["order"] for _, fields in reversed(await reader.xrevrange("orders"))]


async def by_its_length(reader):
    reply = await reader.xread({"orders": "0-0"}, count=await reader.xlen("orders") or 1)
    return [entry["order"] for _, entries in reply for _, entry in entries]


async def in_one_transaction(reader):
    async with reader.pipeline(transaction=True) as looking:
        looking.xlen("orders")
        looking.xrange("orders", "-", "+")
        count, entries = await looking.execute()
    assert count == len(entries)
    return [fields.get("order") for _, fields in entries]


other_way("1.3", from_the_end)
other_way("1.3", by_its_length)
other_way("1.3", in_one_transaction)


async def reads_it_back(shop, order):
    await shop.rpush("for-mail", order)
    if (newest := await shop.lindex("for-mail", -1)) is not None:
        await shop.rpush("for-stock", newest)
    return f"{order} accepted"


async def tidies_the_text_up(shop, order):
    for queue in ("for-mail", "for-stock"):
        await shop.rpush(queue, order.strip().lower())
    return f"{order.strip().lower()} accepted"


async def not_what_waits_already(shop, order):
    for queue in ("for-mail", "for-stock"):
        if await shop.lpos(queue, order) is None:
            await shop.rpush(queue, order)
    return f"{order} accepted"


async def on_a_connection_of_its_own(shop, order):
    async with shop.client() as one:
        for queue in ("for-mail", "for-stock"):
            await one.rpush(queue, order)
    return " ".join([order, "accepted"])


mistake("1.1", "Others use the queue", reads_it_back)
mistake("1.1", "push it as it is", tidies_the_text_up)
mistake("1.1", "was placed again: push it again", not_what_waits_already)
other_way("1.1", on_a_connection_of_its_own)


async def put_a_text(shop, parcel):
    await shop.rpush("parcels", parcel)


async def put_tidied_up(shop, parcel):
    await shop.rpush("parcels", parcel.strip())


async def put_only_once(shop, parcel):
    if await shop.lpos("parcels", parcel) is None:
        await shop.rpush("parcels", parcel)


async def look_then_wait(worker):
    if await worker.llen("parcels"):
        return (await worker.blpop("parcels"))[1]


async def take_out_by_value(worker):
    while (oldest := await worker.lindex("parcels", 0)) is not None:
        if await worker.lrem("parcels", 1, oldest):
            return oldest


mistake("1.2", "took the last parcel in between", put_a_text, look_then_wait)
mistake("1.2", "as it is, and keep the others", put_tidied_up, take_out_by_value)
mistake("1.2", "was put in twice: both are parcels", put_only_once, take_out_by_value)
other_way("1.2", put_a_text, take_out_by_value)


async def after_the_first_id(reader):
    reply = await reader.xread({"orders": "1-0"}) or []
    return [fields["order"] for _, entries in reply for _, fields in entries]


async def each_name_once(reader):
    return list(dict.fromkeys(fields["order"] for _, fields in await reader.xrange("orders")))


async def one_list_for_all_calls(reader, names=[]):  # noqa: B006
    names += [fields["order"] for _, fields in await reader.xrange("orders")]
    return names


mistake("1.3", "begin at the very first", after_the_first_id)
mistake("1.3", "one name for each entry, also where an order has two", each_name_once)
mistake("1.3", "begin each call with an empty list", one_list_for_all_calls)


async def waits_for_ever(worker):
    return (await worker.blpop("parcels"))[1]


async def takes_it_apart(worker):
    return (await worker.blpop("parcels", 1))[1]


async def puts_it(shop, parcel):
    await shop.rpush("parcels", parcel)


mistake("1.2", "leave out the wait, or limit it", puts_it, waits_for_ever)
mistake("1.2", "What found nothing returns None", puts_it, takes_it_apart)
