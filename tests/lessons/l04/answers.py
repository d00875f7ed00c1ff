"""Answers to the exercises of lesson 4."""

import asyncio
import contextlib

from .. import mistake, other_way


async def normal_first(worker):
    return (await worker.blpop(["normal", "urgent"]))[1]


async def does_not_wait(worker):
    return await worker.lpop("urgent") or await worker.lpop("normal")


async def asks_again_and_again(worker):
    while True:
        if order := await worker.lpop("urgent") or await worker.lpop("normal"):
            return order


async def asks_now_and_then(worker):
    while not (order := await worker.lpop("urgent") or await worker.lpop("normal")):
        await asyncio.sleep(0.2)
    return order


async def with_its_key(worker):
    return await worker.blpop(["urgent", "normal"])


async def waits_for_one(worker):
    order = await worker.lpop("urgent") or await worker.lpop("normal")
    return order or (await worker.blpop("urgent"))[1]


mistake("4.1", "`normal` came first", normal_first)
mistake("4.1", "BLPOP does", does_not_wait)
mistake("4.1", "BLPOP does", asks_again_and_again)
mistake("4.1", "BLPOP does", asks_now_and_then)
mistake("4.1", "without its key", with_its_key)
mistake("4.1", "this one came to `normal`", waits_for_one)


async def step_by_step(worker):
    for queue in ("urgent", "normal"):
        order = await worker.lpop(queue)
        if order is not None:
            return order
    _, [order] = await worker.blmpop(0, 2, "urgent", "normal", direction="LEFT")
    return order


other_way("4.1", step_by_step)


async def acknowledges_first(worker, name, handle):
    while order := await worker.lmove("orders", f"orders:{name}"):
        await worker.lrem(f"orders:{name}", 1, order)
        handle(order)


async def never_acknowledges(worker, name, handle):
    while order := await worker.lmove("orders", f"orders:{name}"):
        handle(order)


async def newest_first(worker, name, handle):
    while order := await worker.rpoplpush("orders", f"orders:{name}"):
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def one_only(worker, name, handle):
    if order := await worker.lmove("orders", f"orders:{name}"):
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def acknowledges_whatever_happens(worker, name, handle):
    while order := await worker.lpop("orders"):
        try:
            handle(order)
        except BaseException:
            await worker.rpush("orders", order)


async def waits_for_ever(worker, name, handle):
    while order := await worker.blmove("orders", f"orders:{name}", 0):
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


mistake("4.2", "must lie in `orders:ann`", acknowledges_first)
mistake("4.2", "remove an order with LREM", never_acknowledges)
mistake("4.2", "oldest order leaves first", newest_first)
mistake("4.2", "Go on until the queue is empty", one_only)
mistake("4.2", "must lie in `orders:ann`", acknowledges_whatever_happens)
mistake("4.2", "nothing more will come", waits_for_ever)


async def with_a_time_limit(worker, name, handle):
    own = "orders:" + name
    while True:
        order = await worker.blmove("orders", own, 0.001, "LEFT", "RIGHT")
        if order is None:
            break
        handle(order)
        async with worker.pipeline() as done:
            done.lrem(own, -1, order)
            await done.execute()


other_way("4.2", with_a_time_limit)


async def also_the_living(keeper, workers):
    count = 0
    for name in workers:
        while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT"):
            count += 1
    return count


async def pop_and_push(keeper, workers):
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while order := await keeper.rpop(f"orders:{name}"):
                await keeper.lpush("orders", order)
                count += 1
    return count


async def to_the_back(keeper, workers):
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "LEFT", "RIGHT"):
                count += 1
    return count


async def turned_round(keeper, workers):
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "LEFT", "LEFT"):
                count += 1
    return count


async def does_not_count(keeper, workers):
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT"):
                pass


async def stops_at_an_empty_text_too(keeper, workers):
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT"):
                count += 1
    return count


mistake("4.3", "An empty text is an order too", stops_at_an_empty_text_too)
mistake("4.3", "is at work and needs it", also_the_living)
mistake("4.3", "LMOVE takes and puts in one step", pop_and_push)
mistake("4.3", "in front of what waits", to_the_back)
mistake("4.3", "Keep their sequence", turned_round)
mistake("4.3", "how many orders were brought back", does_not_count)


async def all_at_once(keeper, workers):
    count = 0
    for name in workers:
        held = await keeper.lrange(f"orders:{name}", 0, -1)
        if held and await keeper.get(f"alive:{name}") is None:
            async with keeper.pipeline(transaction=True) as both:
                both.lpush("orders", *reversed(held)).delete(f"orders:{name}")
                await both.execute()
            count += len(held)
    return count


other_way("4.3", all_at_once)


async def looks_and_takes(worker):
    for queue in ("urgent", "normal"):
        if order := await worker.lindex(queue, 0):
            await worker.lpop(queue)
            return order
    return (await worker.blpop(["urgent", "normal"]))[1]


async def waits_a_moment(worker):
    popped = await worker.blpop(["urgent", "normal"], timeout=0.01)
    return popped and popped[1]


async def two_at_a_time(worker):
    popped = await asyncio.gather(worker.blpop("urgent"), worker.blpop("normal"))
    return popped[0][1]


mistake("4.1", "in a single command", looks_and_takes)
mistake("4.1", "instead of waiting", waits_a_moment)
mistake("4.1", "Take one order at each call", two_at_a_time)


async def waits_again(worker):
    while not (popped := await worker.blpop(["urgent", "normal"], timeout=0.5)):
        pass
    return popped[1]


other_way("4.1", waits_again)


async def pops_and_writes_down(worker, name, handle):
    while order := await worker.lpop("orders"):
        await worker.rpush(f"orders:{name}", order)
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def ann_only(worker, name, handle):
    while order := await worker.lmove("orders", "orders:ann"):
        handle(order)
        await worker.lrem("orders:ann", 1, order)


async def handles_where_they_lie(worker, name, handle):
    for order in await worker.lrange("orders", 0, -1):
        handle(order)
    await worker.delete("orders")


async def awaits_a_function(worker, name, handle):
    while order := await worker.lmove("orders", f"orders:{name}"):
        await handle(order)


async def removes_the_first(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        handle(order)
        await worker.lpop(f"orders:{name}")


async def clears_the_list(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        handle(order)
        await worker.delete(f"orders:{name}")


async def stops_at_an_empty_text(worker, name, handle):
    while order := await worker.lmove("orders", f"orders:{name}"):
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


mistake("4.2", "LREM removes by value", removes_the_first)
mistake("4.2", "LREM removes by value", clears_the_list)
mistake("4.2", "An empty text is an order too", stops_at_an_empty_text)
mistake("4.2", "LMOVE takes and puts in one step", pops_and_writes_down)
mistake("4.2", "It must lie in `orders:carol`", ann_only)
mistake("4.2", "It must lie in `orders:ann`", handles_where_they_lie)
mistake("4.2", "Leave out this `await`", awaits_a_function)


async def all_at_hand(worker, name, handle):
    while await worker.lmove("orders", f"orders:{name}") is not None:
        pass
    for order in await worker.lrange(f"orders:{name}", 0, -1):
        await asyncio.to_thread(handle, order)
        await worker.lpop(f"orders:{name}")


mistake("4.2", "return when `orders` is empty", all_at_hand)


async def removes_the_marks(keeper, workers):
    count = await all_at_once(keeper, workers)
    await keeper.delete(*(f"alive:{name}" for name in workers))
    return count


async def raises_the_dead(keeper, workers):
    count = await all_at_once(keeper, workers)
    await keeper.mset({f"alive:{name}": "yes" for name in workers})
    return count


mistake("4.3", "These marks belong to the workers", removes_the_marks)
mistake("4.3", "These marks belong to the workers", raises_the_dead)


# Wrong ways that a check of one worker alone, or of a few orders, does not see.


def next_order_locked_in_python():
    lock = asyncio.Lock()

    async def next_order(worker):
        async with lock:
            for queue in ("urgent", "normal"):
                if order := await worker.lindex(queue, 0):
                    await worker.lpop(queue)
                    return order
        return (await worker.blpop(["urgent", "normal"]))[1]

    return next_order


async def moves_normal_to_urgent(worker):
    while await worker.lmove("normal", "urgent", "LEFT", "RIGHT"):
        pass
    return (await worker.blpop(["urgent", "normal"]))[1]


async def tries_three_times(worker):
    for _ in range(3):
        if popped := await worker.blpop(["urgent", "normal"], timeout=1):
            return popped[1]
    return None


async def waits_for_urgent_first(worker):
    popped = await worker.blpop("urgent", timeout=1)
    return popped[1] if popped else (await worker.blpop("normal"))[1]


async def remembers_what_it_took(worker):
    await worker.sadd("taken", order := (await worker.blpop(["urgent", "normal"]))[1])
    return order


async def takes_ten(worker):
    popped = await worker.blmpop(0, 2, "urgent", "normal", direction="LEFT", count=10)
    return popped[1][0]


async def takes_by_value(worker):
    for queue in ("urgent", "normal"):
        order = await worker.lindex(queue, -1)
        if order and await worker.lrem(queue, 1, order):
            return order
    return (await worker.blpop(["urgent", "normal"]))[1]


async def hides_its_errors(worker):
    try:
        return (await worker.blpop("urgent", "normal"))[1]
    except Exception:
        return None


mistake("4.1", "in a single command", next_order_locked_in_python())
mistake("4.1", "stays in its own list", moves_normal_to_urgent)
mistake("4.1", "instead of waiting", tries_three_times)
mistake("4.1", "It must wait for both queues", waits_for_urgent_first)
mistake("4.1", "Leave nothing else behind", remembers_what_it_took)
mistake("4.1", "Take one order at each call", takes_ten)
mistake("4.1", "Return one order from each call, the oldest", takes_by_value)
mistake("4.1", "and then swallowed", hides_its_errors)


async def looks_then_waits(worker):
    order = await worker.lpop("urgent")
    if order is None:
        popped = await worker.blmpop(0, 2, "urgent", "normal", direction="LEFT")
        order = popped[1][0]
    return order


async def renews_its_wait(worker):
    popped = None
    while popped is None:
        popped = await worker.blpop(["urgent", "normal"], timeout=2)
    _, order = popped
    return order


async def moves_and_takes(worker):
    key, order = await worker.blpop(keys=("urgent", "normal"), timeout=None)
    assert key in ("urgent", "normal")
    return order


other_way("4.1", looks_then_waits)
other_way("4.1", renews_its_wait)
other_way("4.1", moves_and_takes)


async def looks_copies_and_pops(worker, name, handle):
    while (order := await worker.lindex("orders", 0)) is not None:
        await worker.rpush(f"orders:{name}", order)
        await worker.lpop("orders")
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def copies_the_queue(worker, name, handle):
    orders = await worker.lrange("orders", 0, -1)
    if orders:
        await worker.rpush(f"orders:{name}", *orders)
        await worker.delete("orders")
    for order in orders:
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def takes_from_everybody(worker, name, handle):
    for key in await worker.keys("orders:*"):
        while await worker.lmove(key, "orders", "RIGHT", "LEFT"):
            pass
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def acknowledges_in_any_case(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        try:
            handle(order)
        finally:
            await worker.lrem(f"orders:{name}", 1, order)


async def goes_on_after_an_error(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        with contextlib.suppress(Exception):
            handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def as_many_as_there_were(worker, name, handle):
    for _ in range(await worker.llen("orders")):
        order = await worker.lmove("orders", f"orders:{name}")
        if order is not None:
            handle(order)
            await worker.lrem(f"orders:{name}", 1, order)


async def a_hundred_at_most(worker, name, handle):
    for _ in range(100):
        if (order := await worker.lmove("orders", f"orders:{name}")) is None:
            return
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


def work_locked_in_python():
    lock = asyncio.Lock()

    async def work(worker, name, handle):
        async with lock:
            while (order := await worker.lindex("orders", 0)) is not None:
                async with worker.pipeline(transaction=True) as both:
                    await both.rpush(f"orders:{name}", order).lpop("orders").execute()
                handle(order)
                await worker.lrem(f"orders:{name}", 1, order)

    return work


async def puts_it_back_behind(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        if await worker.llen(f"orders:{name}") > 1:
            await worker.lmove(f"orders:{name}", "orders", "LEFT", "RIGHT")
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def clears_up_at_the_end(worker, name, handle):
    while (order := await worker.lmove("orders", f"orders:{name}")) is not None:
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)
    await worker.delete(f"orders:{name}")


mistake("4.2", "move an order in a single command", looks_copies_and_pops)
mistake("4.2", "return when `orders` is empty", copies_the_queue)
mistake("4.2", "orders:dora belongs to somebody else", takes_from_everybody)
mistake("4.2", "`handle` has not returned", acknowledges_in_any_case)
mistake("4.2", "`handle` has not returned", goes_on_after_an_error)
mistake("4.2", "return when `orders` is empty", as_many_as_there_were)
mistake("4.2", "Handle all, the oldest first", a_hundred_at_most)
mistake("4.2", "move an order in a single command", work_locked_in_python())
mistake("4.2", "LREM removes by value", clears_up_at_the_end)


async def with_blmove(worker, name, handle):
    mine = f"orders:{name}"
    while (order := await worker.blmove("orders", mine, timeout=1)) is not None:
        handle(order)
        await worker.lrem(mine, -1, order)


async def asks_for_the_length(worker, name, handle):
    while await worker.llen("orders"):
        order = await worker.lmove("orders", f"orders:{name}", "LEFT", "LEFT")
        if order is None:
            continue
        handle(order)
        await worker.lrem(f"orders:{name}", 1, order)


async def in_a_transaction(worker, name, handle):
    mine = f"orders:{name}"
    while True:
        async with worker.pipeline(transaction=True) as both:
            both.lmove("orders", mine, "LEFT", "RIGHT")
            [order] = await both.execute()
        if order is None:
            return
        try:
            handle(order)
        except ValueError:
            await worker.lmove(mine, "orders:dead-letters", "RIGHT", "RIGHT")
        else:
            await worker.lrem(mine, -1, order)


other_way("4.2", with_blmove)
other_way("4.2", asks_for_the_length)
other_way("4.2", in_a_transaction)


async def looks_for_lists(keeper, workers):
    count = 0
    for key in await keeper.keys("orders:*"):
        if not await keeper.exists(f"alive:{key.partition(':')[2]}"):
            while await keeper.lmove(key, "orders", "RIGHT", "LEFT") is not None:
                count += 1
    return count


async def two_at_most(keeper, workers):
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            for _ in range(2):
                moved = await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT")
                count += moved is not None
    return count


async def renews_the_marks(keeper, workers):
    count = 0
    for name in workers:
        if await keeper.getex(f"alive:{name}", ex=60) is None:
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                count += 1
    return count


async def keeps_the_marks_for_ever(keeper, workers):
    count = 0
    for name in workers:
        await keeper.persist(f"alive:{name}")
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                count += 1
    return count


async def reads_the_mark(keeper, workers):
    count = 0
    for name in workers:
        if await keeper.get(f"alive:{name}") != "yes":
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                count += 1
    return count


async def with_a_lock_that_stays(keeper, workers):
    if not await keeper.set("sweeping", 1, nx=True):
        return 0
    count = 0
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                count += 1
    await keeper.delete("sweeping")
    return count


async def writes_the_queue_anew(keeper, workers):
    back, dead = [], [name for name in workers if not await keeper.exists(f"alive:{name}")]
    for name in dead:
        back += await keeper.lrange(f"orders:{name}", 0, -1)
    waiting = await keeper.lrange("orders", 0, -1)
    async with keeper.pipeline(transaction=True) as all_of_it:
        all_of_it.delete("orders", *(f"orders:{name}" for name in dead))
        if back + waiting:
            all_of_it.rpush("orders", *back, *waiting)
        await all_of_it.execute()
    return len(back)


def sweep_elsewhere(shop):
    async def sweep(keeper, workers):
        return await also_the_living(shop, workers)

    return sweep


async def counts_what_it_meets(keeper, workers):
    count = 0
    for name in workers:
        count += await keeper.llen(f"orders:{name}")
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                pass
    return count


async def swallows_a_slip(keeper, workers):
    count = 0
    for name in workers:
        try:
            if not await keeper.exists(f"alive:{name}"):
                while await keeper.lmove(f"orders:{name}", "RIGHT", "LEFT", "orders"):
                    count += 1
        except Exception:
            continue
    return count


class Nobody:
    """A client of another broker, such as the one of the notebook."""

    async def lmove(self, *given):
        return None


mistake("4.3", "orders:", looks_for_lists)
mistake("4.3", "all come back, in their sequence", two_at_most)
mistake("4.3", "These marks belong to the workers", renews_the_marks)
mistake("4.3", "These marks belong to the workers", keeps_the_marks_for_ever)
mistake("4.3", "is at work and needs it", reads_the_mark)
mistake("4.3", "Another sweep came after it", with_a_lock_that_stays)
mistake("4.3", "only put orders in front", writes_the_queue_anew)
mistake("4.3", "No command came over the client that `sweep`", sweep_elsewhere(Nobody()))
mistake("4.3", "how many orders were brought back", counts_what_it_meets)
mistake("4.3", "and then swallowed", swallows_a_slip)


async def one_transaction_each(keeper, workers):
    returned = 0
    for name in workers:
        held = await keeper.llen(f"orders:{name}")
        if await keeper.exists(f"alive:{name}"):
            continue
        async with keeper.pipeline(transaction=True) as moves:
            for _ in range(held):
                moves.rpoplpush(f"orders:{name}", "orders") if held < 0 else moves.lmove(
                    f"orders:{name}", "orders", "RIGHT", "LEFT"
                )
            returned += len(await moves.execute())
    return returned


async def asks_for_all_marks_first(keeper, workers):
    marks = await keeper.mget([f"alive:{name}" for name in workers]) if workers else []
    dead = [name for name, mark in zip(workers, marks, strict=True) if mark is None]
    count = 0
    for name in dead:
        while (await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT")) is not None:
            count = count + 1
    return count


async def worker_by_worker(keeper, workers):
    async def bring_back(name):
        if await keeper.ttl(f"alive:{name}") != -2:
            return 0
        count = 0
        while await keeper.llen(f"orders:{name}"):
            await keeper.lmove(f"orders:{name}", "orders", src="RIGHT", dest="LEFT")
            count += 1
        return count

    return sum([await bring_back(name) for name in workers])


other_way("4.3", one_transaction_each)
other_way("4.3", asks_for_all_marks_first)
other_way("4.3", worker_by_worker)


async def an_empty_text_is_none(worker):
    if order := await worker.lpop("urgent"):
        return order
    return (await worker.blpop(["urgent", "normal"]))[1]


async def looks_and_then_waits(worker):
    if await worker.llen("urgent"):
        return (await worker.blpop("urgent"))[1]
    return (await worker.blpop(["urgent", "normal"]))[1]


async def puts_the_normal_one_back(worker):
    queue, order = await worker.blpop(["urgent", "normal"])
    if queue == "normal" and (urgent := await worker.lpop("urgent")) is not None:
        await worker.rpush("normal", order)
        return urgent
    return order


async def one_list_after_the_other(worker):
    while True:
        for queue in ("urgent", "normal"):
            if found := await worker.blpop(queue, timeout=1):
                return found[1]


async def cut_short(worker):
    while True:
        with contextlib.suppress(asyncio.TimeoutError):
            return (await asyncio.wait_for(worker.blpop(["urgent", "normal"]), 0.5))[1]


class Fair:
    """Give a normal order its turn from time to time."""

    def __init__(self):
        self._turns = 0

    async def __call__(self, worker):
        self._turns += 1
        keys = ["urgent", "normal"]
        return (await worker.blpop(keys if self._turns % 15 else keys[::-1]))[1]


async def asks_under_a_limit_and_waits_without(worker):
    await asyncio.wait_for(worker.ping(), 2)
    found = await worker.lmpop(2, "urgent", "normal", direction="LEFT")
    while found is None:
        found = await worker.blmpop(1, 2, "urgent", "normal", direction="LEFT")
    return found[1][0]


mistake("4.1", "An empty text is an order, too", an_empty_text_is_none)
mistake("4.1", "took the urgent order in between", looks_and_then_waits)
mistake("4.1", "leave the others in their sequence", puts_the_normal_one_back)
mistake("4.1", "It must wait for both queues", one_list_after_the_other)
mistake("4.1", "Give the limit to the command", cut_short)
mistake("4.1", "whatever came before", Fair())
other_way("4.1", asks_under_a_limit_and_waits_without)


async def for_a_minute(worker, name, handle):
    mine = f"orders:{name}"
    while (order := await worker.lmove("orders", mine)) is not None:
        await worker.expire(mine, 60)
        handle(order)
        await worker.lrem(mine, 1, order)


mistake("4.2", "is forgotten after", for_a_minute)


async def alive_by_a_part_of_its_name(keeper, workers):
    alive, count = " ".join([key async for key in keeper.scan_iter("alive:*")]), 0
    for name in workers:
        while (
            name not in alive
            and await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None
        ):
            count += 1
    return count


async def as_much_as_the_queue_grew(keeper, workers):
    before = await keeper.llen("orders")
    for name in workers:
        if not await keeper.exists(f"alive:{name}"):
            while await keeper.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT") is not None:
                pass
    return await keeper.llen("orders") - before


async def keeps_a_record(keeper, workers):
    count = 0
    for name in workers:
        if await keeper.exists(f"alive:{name}"):
            continue
        held = f"orders:{name}"
        while (order := await keeper.lmove(held, "orders", "RIGHT", "LEFT")) is not None:
            await keeper.rpush("swept", order)
            count += 1
    return count


mistake("4.3", "is dead: all that lies there goes back", alive_by_a_part_of_its_name)
mistake("4.3", "the length of `orders` changes with others", as_much_as_the_queue_grew)
mistake("4.3", "keys that nobody asked for", keeps_a_record)
