"""Answers to the exercises of lesson 6."""

from contextlib import suppress

from redis.exceptions import ResponseError

from .. import mistake, other_way


async def fails_the_second_time(worker, stream, group):
    await worker.xgroup_create(stream, group, id="0", mkstream=True)


async def needs_the_stream(worker, stream, group):
    await worker.xgroup_create(stream, group, id="0")


async def from_now_on(worker, stream, group):
    with suppress(ResponseError):
        await worker.xgroup_create(stream, group, id="$", mkstream=True)


async def starts_over(worker, stream, group):
    if await worker.exists(stream):
        await worker.xgroup_destroy(stream, group)
    await worker.xgroup_create(stream, group, id="0", mkstream=True)


async def sets_it_back(worker, stream, group):
    try:
        await worker.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError:
        await worker.xgroup_setid(stream, group, "0")


mistake("6.1", "catch this error", fails_the_second_time)
mistake("6.1", "mkstream", needs_the_stream)
mistake("6.1", "position 0, not $", from_now_on)
mistake("6.1", "leave an existing group alone", starts_over)
mistake("6.1", "moved the group", sets_it_back)


async def looks_first(worker, stream, group):
    there = await worker.exists(stream)
    groups = await worker.xinfo_groups(stream) if there else []
    if group in [each["name"] for each in groups]:
        return
    try:
        await worker.execute_command("XGROUP CREATE", stream, group, 0, "MKSTREAM")
    except ResponseError as error:  # another worker was faster
        if not str(error).startswith("BUSYGROUP"):
            raise


other_way("6.1", looks_first)


async def take(worker, name, start, count=1):
    reply = await worker.xreadgroup("packing", name, {"orders": start}, count=count)
    return reply[0][1] if reply else []


async def acknowledges_first(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            await worker.xack("orders", "packing", entries[0][0])
            handle(entries[0][1]["order"])


async def only_new(worker, name, handle):
    while entries := await take(worker, name, ">"):
        handle(entries[0][1]["order"])
        await worker.xack("orders", "packing", entries[0][0])


async def never_acknowledges(worker, name, handle):
    for start in ("0", ">"):
        for _, fields in await take(worker, name, start, count=10):
            handle(fields["order"])


async def again_and_again(worker, name, handle):
    while entries := await take(worker, name, "0"):
        handle(entries[0][1]["order"])


async def only_the_first(worker, name, handle):
    for start in ("0", ">"):
        for entry_id, fields in await take(worker, name, start):
            handle(fields["order"])
            await worker.xack("orders", "packing", entry_id)


mistake("6.2", "XACK comes after handle", acknowledges_first)
mistake("6.2", "begin with `0`", only_new)
mistake("6.2", "Acknowledge each entry", never_acknowledges)
mistake("6.2", "Acknowledge them", again_and_again)
mistake("6.2", "Go on until none is new", only_the_first)


async def in_batches(worker, name, handle):
    cursor = "0"
    while own := await take(worker, name, cursor, count=100):
        for entry_id, fields in own:
            if fields:
                handle(fields["order"])
            await worker.xack("orders", "packing", entry_id)
        cursor = own[-1][0]
    while batch := await take(worker, name, ">", count=1):
        for entry_id, fields in batch:
            handle(fields["order"])
            await worker.execute_command("XACK", "orders", "packing", entry_id)


other_way("6.2", in_batches)


async def trusts_the_fields(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            handle(entries[0][1]["order"])
            await worker.xack("orders", "packing", entries[0][0])


async def skips_what_is_gone(worker, name, handle):
    cursor = "0"
    while own := await take(worker, name, cursor):
        [(cursor, fields)] = own
        if fields:
            handle(fields["order"])
            await worker.xack("orders", "packing", cursor)
    while new := await take(worker, name, ">"):
        handle(new[0][1]["order"])
        await worker.xack("orders", "packing", new[0][0])


mistake("6.2", "was trimmed: acknowledge it", trusts_the_fields)
mistake("6.2", "was trimmed: acknowledge it", skips_what_is_gone)


async def robs_the_slow(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, 0)
    for entry_id, fields in claimed:
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


async def keeps_them(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle, count=1000)
    for _, fields in claimed:
        handle(fields["order"])


async def a_hundred(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle)
    for entry_id, fields in claimed:
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


async def reads_new(worker, name, min_idle, handle):
    for entry_id, fields in await take(worker, name, ">", count=1000):
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


mistake("6.3", "idle for `min_idle`", robs_the_slow)
mistake("6.3", "Acknowledge what you have handled", keeps_them)
mistake("6.3", "at most 100 at a time", a_hundred)
mistake("6.3", "Claim what Bob left", reads_new)


async def until_a_call_brings_none(worker, name, min_idle, handle):
    claimed = True
    while claimed:
        _, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle)
        for entry_id, fields in claimed:
            handle(fields["order"])
            await worker.xack("orders", "packing", entry_id)


mistake("6.3", "call again with the cursor", until_a_call_brings_none)


async def claims_one_by_one(worker, name, min_idle, handle):
    first = "-"
    while page := await worker.xpending_range("orders", "packing", first, "+", 500, idle=min_idle):
        for entry in page:
            for entry_id, fields in await worker.xclaim(
                "orders", "packing", name, min_idle, [entry["message_id"]]
            ):
                handle(fields["order"])
                await worker.xack("orders", "packing", entry_id)
        first = f"({page[-1]['message_id']}"


other_way("6.3", claims_one_by_one)


async def every_page(worker, limit):
    first = "-"
    while page := await worker.xpending_range("orders", "packing", first, "+", 60):
        for entry in page:
            if entry["times_delivered"] >= limit:
                yield entry["message_id"]
        first = f"({page[-1]['message_id']}"


async def poisoned(worker, limit):
    async for entry_id in every_page(worker, limit):
        for _, fields in await worker.xrange("orders", entry_id, entry_id):
            yield entry_id, fields
            break
        else:
            await worker.xack("orders", "packing", entry_id)


async def acknowledges_then_writes(worker, limit):
    async for entry_id, fields in poisoned(worker, limit):
        await worker.xack("orders", "packing", entry_id)
        await worker.xadd("orders:dead", fields)


async def does_not_acknowledge(worker, limit):
    async for _, fields in poisoned(worker, limit):
        await worker.xadd("orders:dead", fields)


async def all_of_them(worker, limit):
    async for entry_id, fields in poisoned(worker, 1):
        await worker.xadd("orders:dead", fields)
        await worker.xack("orders", "packing", entry_id)


async def only_the_id(worker, limit):
    async for entry_id, _ in poisoned(worker, limit):
        await worker.xadd("orders:dead", {"was": entry_id})
        await worker.xack("orders", "packing", entry_id)


async def one_too_late(worker, limit):
    async for entry_id, fields in poisoned(worker, limit + 1):
        await worker.xadd("orders:dead", fields)
        await worker.xack("orders", "packing", entry_id)


mistake("6.4", "XADD first, or both in MULTI", acknowledges_then_writes)
mistake("6.4", "Acknowledge what you set aside", does_not_acknowledge)
mistake("6.4", "Only what was delivered", all_of_them)
mistake("6.4", "Keep the fields", only_the_id)
mistake("6.4", "times or more", one_too_late)


async def first_page_only(worker, limit):
    for entry in await worker.xpending_range("orders", "packing", "-", "+", 100):
        if entry["times_delivered"] >= limit:
            entry_id = entry["message_id"]
            [(_, fields)] = await worker.xrange("orders", entry_id, entry_id)
            async with worker.pipeline(transaction=True) as both:
                both.xadd("orders:dead", fields).xack("orders", "packing", entry_id)
                await both.execute()


async def trusts_that_it_is_there(worker, limit):
    async for entry_id in every_page(worker, limit):
        [(_, fields)] = await worker.xrange("orders", entry_id, entry_id)
        async with worker.pipeline(transaction=True) as both:
            both.xadd("orders:dead", fields).xack("orders", "packing", entry_id)
            await both.execute()


mistake("6.4", "the next page", first_page_only)
mistake("6.4", "was trimmed: acknowledge it", trusts_that_it_is_there)


async def writes_then_acknowledges(worker, limit):
    dead = [fields["was"] for _, fields in await worker.xrange("orders:dead")]
    async for entry_id in every_page(worker, limit):
        for _, fields in await worker.xrange("orders", entry_id, entry_id):
            if entry_id not in dead:
                await worker.xadd("orders:dead", {**fields, "was": entry_id})
        await worker.xack("orders", "packing", entry_id)


other_way("6.4", writes_then_acknowledges)


async def adds_one_itself(worker, stream, group):
    if not await worker.exists(stream):
        await worker.xadd(stream, {"order": "none"})
    with suppress(ResponseError):
        await worker.xgroup_create(stream, group, id="0")


async def reads_at_once(worker, stream, group):
    with suppress(ResponseError):
        await worker.xgroup_create(stream, group, id="0", mkstream=True)
    await worker.xreadgroup(group, "new", {stream: ">"}, count=1)


async def two_groups(worker, stream, group):
    for name in (group, f"{group}-reserve"):
        with suppress(ResponseError):
            await worker.xgroup_create(stream, name, id="0", mkstream=True)


mistake("6.1", "Add no entry of your own", adds_one_itself)
mistake("6.1", "read nothing", reads_at_once)
mistake("6.1", "One group is enough", two_groups)


async def deletes_instead(worker, name, handle):
    for start in ("0", ">"):
        for _, fields in await take(worker, name, start, count=10):
            handle(fields["order"])
    await worker.delete("orders")


async def ends_the_group(worker, name, handle):
    for start in ("0", ">"):
        for _, fields in await take(worker, name, start, count=10):
            handle(fields["order"])
    await worker.xgroup_destroy("orders", "packing")


mistake("6.2", "delete nothing", deletes_instead)
mistake("6.2", "delete nothing", ends_the_group)


async def by_generator(worker, name, handle):
    async def entries():
        for start in ("0", ">"):
            while found := await take(worker, name, start):
                yield found[0]

    async for entry_id, fields in entries():
        for order in fields.values():
            handle(order)
        await worker.xack("orders", "packing", entry_id)


other_way("6.2", by_generator)


async def acknowledges_then_handles(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle, count=1000)
    for entry_id, fields in claimed:
        await worker.xack("orders", "packing", entry_id)
        handle(fields["order"])


async def claims_nothing(worker, name, min_idle, handle):
    for entry in await worker.xpending_range("orders", "packing", "-", "+", 1000, idle=min_idle):
        entry_id = entry["message_id"]
        handle((await worker.xrange("orders", entry_id, entry_id))[0][1]["order"])
        await worker.xack("orders", "packing", entry_id)


async def a_minute(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, 60_000, count=1000)
    for entry_id, fields in claimed:
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


async def deletes_all(worker, name, min_idle, handle):
    _, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle, count=1000)
    for _, fields in claimed:
        handle(fields["order"])
    await worker.delete("orders")


mistake("6.3", "never before", acknowledges_then_handles)
mistake("6.3", "no longer idle", claims_nothing)
mistake("6.3", "Claim what Bob left", a_minute)
mistake("6.3", "delete nothing", deletes_all)


async def a_page_at_a_time(worker, name, min_idle, handle):
    cursor = None
    while cursor != "0-0":
        cursor, claimed, _ = await worker.xautoclaim(
            "orders", "packing", name, min_idle, cursor or "0-0", count=50
        )
        for _, fields in claimed:
            handle(fields["order"])
        if claimed:
            await worker.xack("orders", "packing", *(entry_id for entry_id, _ in claimed))


other_way("6.3", a_page_at_a_time)


async def writes_twice(worker, limit):
    async for entry_id, fields in poisoned(worker, limit):
        await worker.xadd("orders:dead", fields)
        await worker.xadd("orders:dead", fields)
        await worker.xack("orders", "packing", entry_id)


async def one_field(worker, limit):
    async for entry_id, fields in poisoned(worker, limit):
        await worker.xadd("orders:dead", {"order": fields["order"]})
        await worker.xack("orders", "packing", entry_id)


async def into_a_list(worker, limit):
    async for entry_id, fields in poisoned(worker, limit):
        await worker.rpush("orders:dead", fields["order"])
        await worker.xack("orders", "packing", entry_id)


mistake("6.4", "Set each of them aside only once", writes_twice)
mistake("6.4", "Keep the fields", one_field)
mistake("6.4", "XADD makes one", into_a_list)
