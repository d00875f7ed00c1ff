"""Answers to the exercises of lesson 4."""

import asyncio

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
mistake("4.1", "nothing more will come", waits_for_one)


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
mistake("4.2", "Handle each order once", one_only)
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
mistake("4.1", "Name both queues in one command", two_at_a_time)


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
