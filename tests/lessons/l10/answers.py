"""Answers to the exercises of lesson 10."""

import asyncio
import contextlib

from redis.exceptions import WatchError

from .. import mistake, other_way


async def due(client, now, most):
    return await client.zrangebyscore("later", 0, now, start=0, num=most)


async def pushes_first(client, now, most):
    for job in await due(client, now, most):
        await client.xadd("orders", {"job": job})
        await client.zrem("later", job)


async def removes_first(client, now, most):
    for job in await due(client, now, most):
        if await client.zrem("later", job):
            await client.xadd("orders", {"job": job})


async def transaction_without_watch(client, now, most):
    jobs = await due(client, now, most)
    async with client.pipeline(transaction=True) as both:
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)
        await both.execute()


async def looks_before_it_watches(client, now, most):
    jobs = await due(client, now, most)

    async def move_them(both):
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_them, "later")


async def gives_up_when_another_was_faster(client, now, most):
    async with client.pipeline() as both:
        await both.watch("later")
        jobs = await due(both, now, most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)
        with contextlib.suppress(WatchError):
            await both.execute()


async def moves_all_that_is_due(client, now, most):
    async def move_all(both):
        jobs = await both.zrangebyscore("later", 0, now)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_all, "later")


async def not_what_is_due_now(client, now, most):
    async def move_some(both):
        jobs = await both.zrangebyscore("later", 0, f"({now}", start=0, num=most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_some, "later")


async def whatever_comes_first(client, now, most):
    async def move_some(both):
        jobs = await both.zrange("later", 0, most - 1)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_some, "later")


async def removes_by_time(client, now, most):
    async def move_some(both):
        jobs = await due(both, now, most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job})
        both.zremrangebyscore("later", 0, now)

    await client.transaction(move_some, "later")


async def pops_the_first(client, now, most):
    for _ in range(most):
        popped = await client.zpopmin("later")
        if not popped:
            return
        [(job, time)] = popped
        if time > now:
            await client.zadd("later", {job: time})
            return
        await client.xadd("orders", {"job": job})


async def the_latest_first(client, now, most):
    async def move_some(both):
        jobs = await both.zrevrangebyscore("later", now, 0, start=0, num=most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_some, "later")


async def moves_into_a_bounded_stream(client, now, most):
    async def move_some(both):
        jobs = await both.zrangebyscore("later", 0, now, start=0, num=most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}, maxlen=10_000).zrem("later", job)

    await client.transaction(move_some, "later")


mistake("10.1", "`orders` is trimmed to a bound", moves_into_a_bounded_stream)
mistake("10.1", "must be one step that fails if the other was faster", pushes_first)
mistake("10.1", "must be one step that fails if the other was faster", removes_first)
mistake("10.1", "WATCH `later`, then look", transaction_without_watch)
mistake("10.1", "WATCH `later`, then look", looks_before_it_watches)
mistake("10.1", "Look again, and move what is due then", gives_up_when_another_was_faster)
mistake("10.1", "At most `most` go in one call", moves_all_that_is_due)
mistake("10.1", "What is due at `now` itself", not_what_is_due_now)
mistake("10.1", "Not all of that is due", whatever_comes_first)
mistake("10.1", "What is not moved stays there", removes_by_time)
mistake("10.1", "must be one step that fails if the other was faster", pops_the_first)
mistake("10.1", "due for longest go first", the_latest_first)


async def by_hand(client, now, most):
    async with client.pipeline() as both:
        while True:
            try:
                await both.watch("later")
                jobs = await due(both, now, most)
                both.multi()
                for job in jobs:
                    both.zrem("later", job)
                    both.xadd("orders", {"job": job})
                await both.execute()
                return
            except WatchError:
                continue


async def one_by_one(client, now, most):
    async def move_one(both):
        jobs = await both.zrange("later", 0, now, byscore=True, offset=0, num=1)
        both.multi()
        for job in jobs:
            both.zrem("later", job).xadd("orders", {"job": job})

    for _ in range(most):
        if not any(await client.transaction(move_one, "later")):
            return


async def with_their_times(client, now, most):
    async def move_some(both):
        waiting = await both.zrange("later", 0, -1, withscores=True)
        jobs = [job for job, time in waiting if time <= now][:most]
        both.multi()
        if jobs:
            both.zrem("later", *jobs)
        for job in jobs:
            both.xadd("orders", {"job": job})

    await client.transaction(move_some, "later")


other_way("10.1", by_hand)
other_way("10.1", one_by_one)
other_way("10.1", with_their_times)


async def take(client, name, start, count=1):
    reply = await client.xreadgroup("packing", name, {"orders": start}, count=count)
    return reply[0][1] if reply else []


def retrying(put_off, starts=("0", ">")):
    """Make a worker that does this with a job that has failed."""

    async def work(client, name, handle, now):
        for start in starts:
            while entries := await take(client, name, start):
                [(entry_id, fields)] = entries
                try:
                    await handle(fields["job"])
                except Exception:
                    await put_off(client, entry_id, fields["job"], now)
                else:
                    await client.xack("orders", "packing", entry_id)

    work.__name__ = put_off.__name__
    return work


async def next_place(step, client, job, now, delays=(10, 20)):
    failures = int(await client.hget("failures", job) or 0)
    if failures < len(delays):
        step.hset("failures", job, failures + 1).zadd("later", {job: now + delays[failures]})
    else:
        step.xadd("orders:dead", {"job": job})


async def in_one_step(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, now)
        await step.xack("orders", "packing", entry_id).execute()


async def as_in_the_lesson(client, name, handle, now):
    while entries := await take(client, name, ">"):
        [(entry_id, fields)] = entries
        try:
            await handle(fields["job"])
        except Exception:
            await client.zadd("later", {fields["job"]: now + 10})
        await client.xack("orders", "packing", entry_id)


async def dies_of_an_error(client, name, handle, now):
    for start in ("0", ">"):
        while entries := await take(client, name, start):
            for entry_id, fields in entries:
                await handle(fields["job"])
                await client.xack("orders", "packing", entry_id)


async def catches_some_errors(client, name, handle, now):
    for start in ("0", ">"):
        while entries := await take(client, name, start):
            for entry_id, fields in entries:
                try:
                    await handle(fields["job"])
                    await client.xack("orders", "packing", entry_id)
                except (ValueError, LookupError, ConnectionError):
                    await in_one_step(client, entry_id, fields["job"], now)


async def acknowledges_first(client, entry_id, job, now):
    await client.xack("orders", "packing", entry_id)
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, now)
        await step.execute()


async def acknowledges_last(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, now)
        await step.execute()
    await client.xack("orders", "packing", entry_id)


async def a_pipeline_is_no_transaction(client, entry_id, job, now):
    async with client.pipeline(transaction=False) as step:
        await next_place(step, client, job, now)
        await step.xack("orders", "packing", entry_id).execute()


async def always_the_same_delay(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, now, delays=(10, 10))
        await step.xack("orders", "packing", entry_id).execute()


async def never_gives_up(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, now, delays=(10, 20, 40, 80))
        await step.xack("orders", "packing", entry_id).execute()


async def forgets_now(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        await next_place(step, client, job, 0)
        await step.xack("orders", "packing", entry_id).execute()


async def gives_up_and_counts_on(client, entry_id, job, now):
    failures = await client.hincrby("failures", job, 1)
    async with client.pipeline(transaction=True) as step:
        if failures < 3:
            step.zadd("later", {job: now + 10 * failures})
        elif failures == 3:
            step.xadd("orders:dead", {"order": job})
        await step.xack("orders", "packing", entry_id).execute()


def counts_in_python():
    failures = {}

    async def put_off(client, entry_id, job, now):
        failures[job] = failures.get(job, 0) + 1
        async with client.pipeline(transaction=True) as step:
            if failures[job] < 3:
                step.zadd("later", {job: now + 10 * failures[job]})
            else:
                step.xadd("orders:dead", {"job": job})
            await step.xack("orders", "packing", entry_id).execute()

    return put_off


async def leaves_it_pending(client, name, handle, now):
    for start in ("0", ">"):
        for entry_id, fields in await take(client, name, start, 100):
            with contextlib.suppress(Exception):
                await handle(fields["job"])
                await client.xack("orders", "packing", entry_id)


async def counts_afterwards(client, entry_id, job, now):
    failures = int(await client.hget("failures", job) or 0) + 1
    async with client.pipeline(transaction=True) as step:
        step.xack("orders", "packing", entry_id)
        if failures < 3:
            step.zadd("later", {job: now + 10 * failures})
        else:
            step.xadd("orders:dead", {"job": job})
        await step.execute()
    await client.hset("failures", job, failures)


def keeps_the_last(approximate, count=1):
    """Make a function that puts off, and trims `orders:dead` when it adds there."""

    async def put_off(client, entry_id, job, now):
        failures = await client.hincrby("failures", job, 1)
        async with client.pipeline(transaction=True) as step:
            step.xack("orders", "packing", entry_id)
            if failures < 3:
                step.zadd("later", {job: now + 10 * failures})
            else:
                step.xadd("orders:dead", {"job": job}, maxlen=count, approximate=approximate)
            await step.execute()

    return put_off


async def as_in_the_next_but_one(client, name, handle, stop):
    while not stop.is_set():
        await client.blmove("orders", f"taken:{name}", timeout=1)


mistake("10.2", "`failures` does not count it", retrying(counts_afterwards))
mistake("10.2", "add without MAXLEN", retrying(keeps_the_last(approximate=True)))
mistake("10.2", "add without MAXLEN", retrying(keeps_the_last(approximate=False)))
mistake("10.2", "add without MAXLEN", retrying(keeps_the_last(False, 1000)))
mistake("10.2", "add without MAXLEN", retrying(keeps_the_last(True, 100_000)))
mistake("10.2", "is this the `work` of 10.4", as_in_the_next_but_one)
mistake("10.2", "First what is pending for `name`", as_in_the_lesson)
mistake("10.2", "An error of `handle` has ended the worker", dies_of_an_error)
mistake("10.2", "An error of `handle` has ended the worker", catches_some_errors)
mistake("10.2", "both must be one step, a MULTI", retrying(acknowledges_first))
mistake("10.2", "both must be one step, a MULTI", retrying(acknowledges_last))
mistake("10.2", "both must be one step, a MULTI", retrying(a_pipeline_is_no_transaction))
mistake("10.2", "20 after the second", retrying(always_the_same_delay))
mistake("10.2", "it goes to `orders:dead`", retrying(never_gives_up))
mistake("10.2", "Its score is a time", retrying(forgets_now))
mistake("10.2", "with its field `job`", retrying(gives_up_and_counts_on))
mistake("10.2", "it goes to `orders:dead`", retrying(counts_in_python()))
mistake("10.2", "First what is pending for `name`", retrying(in_one_step, starts=(">",)))
mistake("10.2", "What has failed for the first or second time", leaves_it_pending)


async def counts_each_attempt(client, entry_id, job, now):
    failures = await client.hincrby("failures", job, 1)
    async with client.pipeline(transaction=True) as step:
        step.xack("orders", "packing", entry_id)
        if failures < 3:
            step.zadd("later", {job: now + 10 * 2 ** (failures - 1)})
        else:
            step.hdel("failures", job)
            step.xadd("orders:dead", {"job": job})
        await step.execute()


async def with_jitter(client, entry_id, job, now):
    async with client.pipeline(transaction=True) as step:
        delays = [10 + len(job) % 5, 20 + len(job) % 7]
        await next_place(step, client, job, now, delays)
        await step.xack("orders", "packing", entry_id).execute()


async def all_that_is_there(client, name, handle, now):
    for start in ("0", ">"):
        while entries := await take(client, name, start, 10):
            for entry_id, fields in entries:
                try:
                    await handle(fields["job"])
                except Exception as error:
                    assert error.args is not None
                    await in_one_step(client, entry_id, fields["job"], now)
                    continue
                await client.xack("orders", "packing", entry_id)


async def in_a_task_group(client, name, handle, now):
    async with asyncio.TaskGroup() as group:
        group.create_task(retrying(in_one_step)(client, name, handle, now))


other_way("10.2", in_a_task_group)
other_way("10.2", retrying(counts_each_attempt))
other_way("10.2", retrying(with_jitter))
other_way("10.2", all_that_is_there)


async def consumers(client, min_idle):
    found = await client.xinfo_consumers("orders", "packing")
    return [each["name"] for each in found if each["idle"] >= min_idle and not each["pending"]]


async def is_all_read(client):
    [group] = [g for g in await client.xinfo_groups("orders") if g["name"] == "packing"]
    stream = await client.xinfo_stream("orders")
    return group["last-delivered-id"] == stream["last-generated-id"]


async def as_in_lesson_9(client, min_idle):
    for name in await consumers(client, min_idle):
        await client.xgroup_delconsumer("orders", "packing", name)


async def whoever_is_idle(client, min_idle):
    for each in await client.xinfo_consumers("orders", "packing"):
        if each["idle"] >= min_idle:
            await client.xgroup_delconsumer("orders", "packing", each["name"])


async def whoever_has_nothing(client, min_idle):
    for name in await consumers(client, 0):
        await client.xgroup_delconsumer("orders", "packing", name)


def watching(look):
    """Make a janitor that watches the stream, and deletes those that this look finds."""

    async def tidy(client, min_idle):
        async with client.pipeline() as step:
            await step.watch("orders")
            names = await look(step, min_idle)
            step.multi()
            for name in names:
                step.xgroup_delconsumer("orders", "packing", name)
            with contextlib.suppress(WatchError):
                await step.execute()

    tidy.__name__ = look.__name__
    return tidy


async def watches_alone(step, min_idle):
    return await consumers(step, min_idle)


async def asks_too_late(step, min_idle):
    names = await consumers(step, min_idle)
    return names if await is_all_read(step) else []


async def asks_without_watch(client, min_idle):
    if await is_all_read(client):
        await as_in_lesson_9(client, min_idle)


async def looks_twice(client, min_idle):
    for name in await consumers(client, min_idle):
        if await is_all_read(client) and name in await consumers(client, min_idle):
            await client.xgroup_delconsumer("orders", "packing", name)


async def in_one_transaction(client, min_idle):
    if not await is_all_read(client):
        return
    async with client.pipeline(transaction=True) as step:
        for name in await consumers(client, min_idle):
            step.xgroup_delconsumer("orders", "packing", name)
        await step.execute()


async def brings_all_again(client, min_idle):
    for name in await consumers(client, min_idle):
        if await client.xgroup_delconsumer("orders", "packing", name):
            await client.xgroup_setid("orders", "packing", "0")


async def claims_them_first(client, min_idle):
    for each in await client.xinfo_consumers("orders", "packing"):
        if each["idle"] >= min_idle:
            if left := await client.xpending_range(
                "orders", "packing", "-", "+", 100, consumername=each["name"]
            ):
                ids = [entry["message_id"] for entry in left]
                await client.xclaim("orders", "packing", "janitor", 0, ids, justid=True)
            await client.xgroup_delconsumer("orders", "packing", each["name"])


async def in_seconds(step, min_idle):
    return await consumers(step, min_idle / 1000) if await is_all_read(step) else []


async def asks_before_it_watches(client, min_idle):
    if await is_all_read(client):
        await watching(watches_alone)(client, min_idle)


async def the_group(client):
    [found] = [g for g in await client.xinfo_groups("orders") if g["name"] == "packing"]
    return found


async def asks_before_a_transaction(client, min_idle):
    if (await the_group(client))["lag"] != 0:
        return

    async def delete(step):
        names = await consumers(step, min_idle)
        step.multi()
        for name in names:
            step.xgroup_delconsumer("orders", "packing", name)

    await client.transaction(delete, "orders")


async def fewer_read_than_there_are(step, min_idle):
    read, there = (await the_group(step))["entries-read"], await step.xlen("orders")
    return [] if read < there else await consumers(step, min_idle)


async def fewer_read_or_none(step, min_idle):
    read, there = (await the_group(step))["entries-read"], await step.xlen("orders")
    return [] if read is None or read < there else await consumers(step, min_idle)


async def as_many_read_as_there_are(step, min_idle):
    read, there = (await the_group(step))["entries-read"], await step.xlen("orders")
    return await consumers(step, min_idle) if read == there else []


async def no_lag_is_known(step, min_idle):
    return [] if (await the_group(step))["lag"] else await consumers(step, min_idle)


async def the_lag_is_a_number(step, min_idle):
    return [] if (await the_group(step))["lag"] > 0 else await consumers(step, min_idle)


async def asks_the_first_group(step, min_idle):
    group = (await step.xinfo_groups("orders"))[0]
    return await consumers(step, min_idle) if group["lag"] == 0 else []


async def asks_the_last_group(step, min_idle):
    group, stream = (await step.xinfo_groups("orders"))[-1], await step.xinfo_stream("orders")
    is_read = group["last-delivered-id"] == stream["last-generated-id"]
    return await consumers(step, min_idle) if is_read else []


mistake("10.3", "WATCH `orders` first", as_in_lesson_9)
mistake("10.3", "What is pending for a consumer goes with it", whoever_is_idle)
mistake("10.3", "is alive", whoever_has_nothing)
mistake("10.3", "Ask first whether anything is unread", watching(watches_alone))
mistake("10.3", "Ask first whether anything is unread", watching(asks_too_late))
mistake("10.3", "WATCH `orders` first", asks_without_watch)
mistake("10.3", "WATCH `orders` first", looks_twice)
mistake("10.3", "WATCH `orders` first", in_one_transaction)
mistake("10.3", "WATCH `orders` first", brings_all_again)
mistake("10.3", "to rescue it is another task", claims_them_first)
mistake("10.3", "is alive", watching(in_seconds))
mistake("10.3", "and then ask whether anything is unread", asks_before_it_watches)
mistake("10.3", "and then ask whether anything is unread", asks_before_a_transaction)
mistake("10.3", "XLEN does not count them", watching(fewer_read_than_there_are))
mistake("10.3", "XLEN does not count them", watching(fewer_read_or_none))
mistake("10.3", "XLEN does not count them", watching(as_many_read_as_there_are))
mistake("10.3", "`entries-read` may be None", watching(no_lag_is_known))
mistake("10.3", "`entries-read` may be None", watching(the_lag_is_a_number))
mistake("10.3", "tells of `packing`, by its name", watching(asks_the_first_group))
mistake("10.3", "tells of `packing`, by its name", watching(asks_the_last_group))


async def comparing_the_ids(step, min_idle):
    return await consumers(step, min_idle) if await is_all_read(step) else []


async def asking_for_the_lag(step, min_idle):
    return await consumers(step, min_idle) if (await the_group(step))["lag"] == 0 else []


async def as_many_read_as_were_added(step, min_idle):
    read, stream = (await the_group(step))["entries-read"], await step.xinfo_stream("orders")
    return await consumers(step, min_idle) if read == stream["entries-added"] else []


async def one_after_another(client, min_idle):
    for name in await consumers(client, min_idle):

        async def delete(step, name=name):
            last = (await the_group(step))["last-delivered-id"]
            is_unread = await step.xrange("orders", f"({last}", count=1)
            may_go = not is_unread and name in await consumers(step, min_idle)
            step.multi()
            if may_go:
                step.xgroup_delconsumer("orders", "packing", name)

        await client.transaction(delete, "orders")


other_way("10.3", watching(comparing_the_ids))
other_way("10.3", watching(asking_for_the_lag))
other_way("10.3", watching(as_many_read_as_were_added))
other_way("10.3", one_after_another)


async def waits_for_ever(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        job = await client.blmove("orders", mine, timeout=0)
        await handle(job)
        await client.lrem(mine, 1, job)


async def finish(client, mine, handle, job):
    await handle(job)
    await client.lrem(mine, 1, job)


async def waits_a_minute(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.blmove("orders", mine, timeout=60):
            await finish(client, mine, handle, job)


async def drains_the_queue(client, name, handle, stop):
    mine = f"taken:{name}"
    while (job := await client.blmove("orders", mine, timeout=1)) or not stop.is_set():
        if job:
            await finish(client, mine, handle, job)


async def gives_up_what_it_has(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        job = await client.blmove("orders", mine, timeout=1)
        if stop.is_set():
            return
        if job:
            await finish(client, mine, handle, job)


async def gives_back_what_it_has(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.blmove("orders", mine, timeout=1):
            await handle(job)
            if stop.is_set():
                await client.lmove(mine, "orders", "RIGHT", "LEFT")
                return
            await client.lrem(mine, 1, job)


async def returns_before_it_removes(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.blmove("orders", mine, timeout=1):
            await handle(job)
            if not stop.is_set():
                await client.lrem(mine, 1, job)


async def cancels_the_wait(client, name, handle, stop):
    mine = f"taken:{name}"
    stopped = asyncio.ensure_future(stop.wait())
    while not stop.is_set():
        take = asyncio.ensure_future(client.blmove("orders", mine, timeout=0))
        await asyncio.wait({take, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not take.done():
            take.cancel()
            return
        await finish(client, mine, handle, take.result())


async def pops_and_cancels(client, name, handle, stop):
    stopped = asyncio.ensure_future(stop.wait())
    while not stop.is_set():
        take = asyncio.ensure_future(client.blpop("orders", timeout=0))
        await asyncio.wait({take, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not take.done():
            take.cancel()
            return
        await handle(take.result()[1])


async def limits_it_in_python(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        with contextlib.suppress(asyncio.TimeoutError):
            job = await asyncio.wait_for(client.blmove("orders", mine, timeout=0), 1)
            await finish(client, mine, handle, job)


async def removes_it_first(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.blmove("orders", mine, timeout=1):
            await client.lrem(mine, 1, job)
            await handle(job)


async def asks_as_fast_as_it_can(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.lmove("orders", mine):
            await finish(client, mine, handle, job)


async def returns_when_nothing_is_left(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set() and (job := await client.blmove("orders", mine, timeout=1)):
        await finish(client, mine, handle, job)


async def looks_after_each_wait(client, name, handle, stop):
    mine = f"taken:{name}"
    while True:
        if job := await client.blmove("orders", mine, timeout=1):
            await finish(client, mine, handle, job)
        if stop.is_set():
            break


async def pauses_for_long(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.lmove("orders", mine):
            await finish(client, mine, handle, job)
        else:
            await asyncio.sleep(3)


mistake("10.4", "Look at `stop` between two waits of a second", pauses_for_long)
mistake("10.4", "take none once it is set", looks_after_each_wait)
mistake("10.4", "give the command a timeout", waits_for_ever)
mistake("10.4", "Give the command a timeout of one second", waits_a_minute)
mistake("10.4", "take none once it is set", drains_the_queue)
mistake("10.4", "What it has taken it must finish", gives_up_what_it_has)
mistake("10.4", "what was begun is not given back", gives_back_what_it_has)
mistake("10.4", "Remove each with LREM", returns_before_it_removes)
mistake("10.4", "never cancel a command that takes", cancels_the_wait)
mistake("10.4", "never cancel a command that takes", pops_and_cancels)
mistake("10.4", "Give the limit to the command", limits_it_in_python)
mistake("10.4", "until `handle` has returned", removes_it_first)
mistake("10.4", "as fast as it can", asks_as_fast_as_it_can)
mistake("10.4", "It should wait for more jobs until `stop` is set", returns_when_nothing_is_left)


async def with_a_time_limit(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        job = await client.blmove("orders", mine, timeout=1)
        if job is not None:
            await finish(client, mine, handle, job)


async def asks_now_and_then(client, name, handle, stop):
    mine = f"taken:{name}"
    while not stop.is_set():
        if job := await client.lmove("orders", mine, "LEFT", "RIGHT"):
            await finish(client, mine, handle, job)
        else:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)


async def lets_the_wait_end(client, name, handle, stop):
    mine = f"taken:{name}"
    stopped = asyncio.ensure_future(stop.wait())
    while not stop.is_set():
        take = asyncio.ensure_future(client.blmove("orders", mine, timeout=1))
        await asyncio.wait({take, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if job := await take:
            await finish(client, mine, handle, job)
    stopped.cancel()


async def in_a_task(client, name, handle, stop):
    async with asyncio.TaskGroup() as group:
        group.create_task(with_a_time_limit(client, name, handle, stop))


other_way("10.4", in_a_task)
other_way("10.4", with_a_time_limit)
other_way("10.4", asks_now_and_then)
other_way("10.4", lets_the_wait_end)


async def into_a_list(client, now, most):
    async def move_some(both):
        jobs = await both.zrangebyscore("later", 0, now, start=0, num=most)
        both.multi()
        for job in jobs:
            both.rpush("orders", job).zrem("later", job)

    await client.transaction(move_some, "later")


async def adds_to_a_text(client, entry_id, job, now):
    failures = (await client.hget("failures", job) or 0) + 1
    await next_place(client, client, job, now + failures)


async def sends_none(client, name, handle, stop):
    while not stop.is_set():
        job = await client.blmove("orders", f"taken:{name}", timeout=1)
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


mistake("10.1", "`orders` is a stream", into_a_list)
mistake("10.2", "`int()` makes a number of it", retrying(adds_to_a_text))
mistake("10.4", "It sends None", sends_none)


MOVE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], 0, ARGV[1], 'LIMIT', 0, ARGV[2])
for _, job in ipairs(due) do
    redis.call('XADD', KEYS[2], '*', 'job', job)
    redis.call('ZREM', KEYS[1], job)
end
"""
MOVE_ONE = """
redis.call('XADD', KEYS[2], '*', 'job', ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
"""
TIDY = """
for _, name in ipairs(ARGV) do
    if #redis.call('XPENDING', KEYS[1], 'packing', '-', '+', 1, name) == 0 then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'packing', name)
    end
end
"""


async def moves_by_a_script(client, now, most):
    await client.eval(MOVE, 2, "later", "orders", now, most)


async def looks_before_the_script(client, now, most):
    for job in await due(client, now, most):
        await client.eval(MOVE_ONE, 2, "later", "orders", job)


async def idle(client, min_idle):
    consumers = await client.xinfo_consumers("orders", "packing")
    return [c["name"] for c in consumers if c["idle"] >= min_idle and not c["pending"]]


async def looks_again_in_a_script(client, min_idle):
    if names := await idle(client, min_idle):
        await client.eval(TIDY, 1, "orders", *names)


async def deletes_in_a_script(client, min_idle):
    delete = "return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'packing', ARGV[1])"
    for name in await idle(client, min_idle):
        await client.eval(delete, 1, "orders", name)


other_way("10.1", moves_by_a_script)
mistake("10.1", "must be one step that fails if the other was faster", looks_before_the_script)
other_way("10.3", looks_again_in_a_script)
mistake("10.3", "WATCH `orders` first", deletes_in_a_script)
