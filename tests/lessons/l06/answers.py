"""Answers to the exercises of lesson 6."""

import asyncio
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
mistake("6.2", "until none is left", only_the_first)


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
        for order in filter(None, [fields.get("order")]):
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


# Wrong in ways that only a busier scene, other moments, or somebody else shows.


async def looks_then_creates(worker, stream, group):
    there = await worker.exists(stream)
    groups = await worker.xinfo_groups(stream) if there else []
    if group not in [each["name"] for each in groups]:
        await worker.xgroup_create(stream, group, id="0", mkstream=True)


async def swallows_all(worker, stream, group):
    try:
        await worker.xgroup_create(stream, group, id="0", mkstream=True)
    except Exception:
        return


async def swallows_refusals(worker, stream, group):
    with suppress(ResponseError):
        await worker.xgroup_create(stream, group, id="0", mkstream=True)


async def back_when_idle(worker, stream, group):
    try:
        await worker.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
        if not (await worker.xpending(stream, group))["pending"]:
            await worker.xgroup_setid(stream, group, "0")


async def any_group_will_do(worker, stream, group):
    if await worker.exists(stream) and await worker.xinfo_groups(stream):
        return
    await creates(worker, stream, group)


async def creates(worker, stream, group, first="0"):
    try:
        await worker.xgroup_create(stream, group, id=first, mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def alone(worker, stream, group):
    if await worker.exists(stream):
        for each in await worker.xinfo_groups(stream):
            if each["name"] != group:
                await worker.xgroup_destroy(stream, each["name"])
    await creates(worker, stream, group)


async def begins_anew(worker, stream, group):
    await worker.delete(stream)
    await creates(worker, stream, group)


async def fixed_names(worker, stream, group):
    await creates(worker, "orders", group)


async def a_consumer_too(worker, stream, group):
    await creates(worker, stream, group)
    await worker.xgroup_createconsumer(stream, group, "worker-1")


async def makes_room(worker, stream, group):
    if await worker.type(stream) not in ("stream", "none"):
        await worker.delete(stream)
    await creates(worker, stream, group)


async def after_the_oldest(worker, stream, group):
    oldest = await worker.xrange(stream, count=1) if await worker.exists(stream) else []
    await creates(worker, stream, group, oldest[0][0] if oldest else "0")


mistake("6.1", "Each must come through", looks_then_creates)
mistake("6.1", "catch only the error", swallows_all)
mistake("6.1", "catch only the error", swallows_refusals)
mistake("6.1", "Leave an existing group alone", back_when_idle)
mistake("6.1", "whatever others there are", any_group_will_do)
mistake("6.1", "leave their groups alone", alone)
mistake("6.1", "delete no entry", begins_anew)
mistake("6.1", "Make sure that this group is there", fixed_names)
mistake("6.1", "Leave an existing group alone", a_consumer_too)
mistake("6.1", "leave it alone", makes_room)
mistake("6.1", "position 0, not $", after_the_oldest)


async def asks_forgiveness(worker, stream, group):
    await creates(worker, stream, group, "0-0")


async def matches_the_error(worker, stream, group):
    command = f"XGROUP CREATE|{stream}|{group}|0|MKSTREAM".split("|")
    try:
        await worker.execute_command(*command)
    except ResponseError as error:
        match str(error).split():
            case ["BUSYGROUP", *_]:
                return
        raise


async def once_more(worker, stream, group):
    there = await worker.exists(stream)
    names = [g["name"] for g in await worker.xinfo_groups(stream)] if there else []
    return None if group in names else await creates(worker, stream, group)


other_way("6.1", asks_forgiveness)
other_way("6.1", matches_the_error)
other_way("6.1", once_more)


async def finish(worker, entry_id, fields, handle):
    if fields:
        handle(fields["order"])
    await worker.xack("orders", "packing", entry_id)


async def careless_with_the_old(worker, name, handle):
    while entries := await take(worker, name, "0"):
        [(entry_id, fields)] = entries
        await worker.xack("orders", "packing", entry_id)
        if fields:
            handle(fields["order"])
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def careless_with_the_new(worker, name, handle):
    while entries := await take(worker, name, "0"):
        await finish(worker, *entries[0], handle)
    while entries := await take(worker, name, ">"):
        await worker.xack("orders", "packing", entries[0][0])
        handle(entries[0][1]["order"])


async def sends_the_ack_off(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            [(entry_id, fields)] = entries
            ack = asyncio.create_task(worker.xack("orders", "packing", entry_id))
            await asyncio.sleep(0)
            if fields:
                handle(fields["order"])
            await ack


async def one_of_the_old(worker, name, handle):
    for entry in await take(worker, name, "0"):
        await finish(worker, *entry, handle)
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def always_ann(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, "ann", start):
            await finish(worker, *entries[0], handle)


async def a_name_each_time(worker, name, handle):
    own = f"{name}-{await worker.client_id()}"
    while entries := await take(worker, own, ">"):
        await finish(worker, *entries[0], handle)


async def takes_from_all(worker, name, handle):
    _, entries, _ = await worker.xautoclaim("orders", "packing", name, 0, count=1000)
    for entry_id, fields in entries:
        await finish(worker, entry_id, fields, handle)
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def without_pending(worker, name, handle):
    while own := await take(worker, name, "0"):
        await finish(worker, *own[0], handle)
    read = worker.xreadgroup
    while reply := await read("packing", name, {"orders": ">"}, count=1, noack=True):
        handle(reply[0][1][0][1]["order"])


async def whatever_happens(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            [(entry_id, fields)] = entries
            try:
                if fields:
                    handle(fields["order"])
            finally:
                await worker.xack("orders", "packing", entry_id)


async def swallows_what_handle_says(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            with suppress(ValueError):
                handle(entries[0][1].get("order")) if entries[0][1] else None
            await worker.xack("orders", "packing", entries[0][0])


async def leaves_the_group(worker, name, handle):
    await worker.xgroup_delconsumer("orders", "packing", name)
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def fifty_of_the_old(worker, name, handle):
    for entry in await take(worker, name, "0", count=50):
        await finish(worker, *entry, handle)
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def a_hundred_new(worker, name, handle):
    for start in ("0", ">"):
        for entry in await take(worker, name, start, count=100):
            await finish(worker, *entry, handle)


async def acknowledges_the_batch_first(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start, count=10):
            await worker.xack("orders", "packing", *(entry_id for entry_id, _ in entries))
            for _, fields in entries:
                if fields:
                    handle(fields["order"])


async def first_field(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            [(entry_id, fields)] = entries
            if fields:
                handle(next(iter(fields.values())))
            await worker.xack("orders", "packing", entry_id)


async def acknowledges_all_pending(worker, name, handle):
    for start in ("0", ">"):
        for _, fields in await take(worker, name, start, count=1000):
            if fields:
                handle(fields["order"])
    for entry in await worker.xpending_range("orders", "packing", "-", "+", 1000):
        await worker.xack("orders", "packing", entry["message_id"])


async def reads_the_stream(worker, name, handle):
    for entry_id, fields in await worker.xrange("orders"):
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)
    while entries := await take(worker, name, ">"):
        await worker.xack("orders", "packing", entries[0][0])


mistake("6.2", "XACK comes after handle", careless_with_the_old)
mistake("6.2", "XACK comes after handle", careless_with_the_new)
mistake("6.2", "XACK comes after handle", sends_the_ack_off)
mistake("6.2", "until none is left", one_of_the_old)
mistake("6.2", "given as `name`", always_ann)
mistake("6.2", "given as `name`", a_name_each_time)
mistake("6.2", "a colleague's", takes_from_all)
mistake("6.2", "NOACK", without_pending)
mistake("6.2", "leave it pending", whatever_happens)
mistake("6.2", "leave it pending", swallows_what_handle_says)
mistake("6.2", "delete a consumer", leaves_the_group)
mistake("6.2", "until none is left", fifty_of_the_old)
mistake("6.2", "Go on until none is new", a_hundred_new)
mistake("6.2", "XACK comes after handle", acknowledges_the_batch_first)
mistake("6.2", "with the field `order`", first_field)
mistake("6.2", "A colleague is at work", acknowledges_all_pending)
mistake("6.2", "a colleague's", reads_the_stream)


async def new_ones_first(worker, name, handle):
    for start in (">", "0"):
        while entries := await take(worker, name, start):
            await finish(worker, *entries[0], handle)


async def three_at_a_time(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start, count=3):
            for _, fields in entries:
                if fields:
                    handle(fields["order"])
            await worker.xack("orders", "packing", *(entry_id for entry_id, _ in entries))


async def deletes_what_is_done(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            [(entry_id, fields)] = entries
            if "order" in fields:
                handle(fields["order"])
            async with worker.pipeline(transaction=True) as both:
                both.xack("orders", "packing", entry_id).xdel("orders", entry_id)
                await both.execute()


async def waits_a_moment(worker, name, handle):
    start = "0"
    while True:
        reply = await worker.xreadgroup("packing", name, {"orders": start}, 1, block=1000)
        if not reply or not reply[0][1]:
            if start == ">":
                return
            start = ">"
            continue
        await finish(worker, *reply[0][1][0], handle)


other_way("6.2", new_ones_first)
other_way("6.2", three_at_a_time)
other_way("6.2", deletes_what_is_done)
other_way("6.2", waits_a_moment)


async def half_as_long(worker, name, min_idle, handle):
    await in_pages(worker, name, min_idle // 2, handle)


async def in_pages(worker, name, min_idle, handle, cursor="0-0", calls=100):
    for _ in range(calls):
        cursor, claimed, _ = await worker.xautoclaim("orders", "packing", name, min_idle, cursor)
        for entry in claimed:
            await finish(worker, *entry, handle)
        if cursor == "0-0":
            return


async def thirty_seconds(worker, name, min_idle, handle):
    await in_pages(worker, name, 30_000, handle)


async def a_second_more(worker, name, min_idle, handle):
    await in_pages(worker, name, min_idle + 1_000, handle)


async def under_another_name(worker, name, min_idle, handle):
    await in_pages(worker, "rescuer", min_idle, handle)


async def two_hundred(worker, name, min_idle, handle):
    first = "-"
    entries = await worker.xpending_range("orders", "packing", first, "+", 2000, idle=min_idle)
    for entry in entries[:200]:
        for found in await worker.xclaim(
            "orders", "packing", name, min_idle, [entry["message_id"]]
        ):
            await finish(worker, *found, handle)


async def only_bobs(worker, name, min_idle, handle):
    for entry in await worker.xpending_range(
        "orders", "packing", "-", "+", 2000, consumername="bob", idle=min_idle
    ):
        for found in await worker.xclaim(
            "orders", "packing", name, min_idle, [entry["message_id"]]
        ):
            await finish(worker, *found, handle)


async def claims_blindly(worker, name, min_idle, handle):
    page = await worker.xpending_range("orders", "packing", "-", "+", 2000, idle=min_idle)
    ids = [entry["message_id"] for entry in page]
    for found in await worker.xclaim("orders", "packing", name, 0, ids) if ids else []:
        await finish(worker, *found, handle)


async def and_the_new_ones(worker, name, min_idle, handle):
    await in_pages(worker, name, min_idle, handle)
    while entries := await take(worker, name, ">"):
        await finish(worker, *entries[0], handle)


async def finally_acknowledges(worker, name, min_idle, handle):
    cursor = None
    while cursor != "0-0":
        cursor, claimed, _ = await worker.xautoclaim(
            "orders", "packing", name, min_idle, cursor or "0-0"
        )
        for entry_id, fields in claimed:
            try:
                handle(fields["order"])
            finally:
                await worker.xack("orders", "packing", entry_id)


async def the_page_is_acknowledged_first(worker, name, min_idle, handle):
    cursor = None
    while cursor != "0-0":
        cursor, claimed, _ = await worker.xautoclaim(
            "orders", "packing", name, min_idle, cursor or "0-0"
        )
        if claimed:
            await worker.xack("orders", "packing", *(entry_id for entry_id, _ in claimed))
        for _, fields in claimed:
            handle(fields["order"])


async def takes_all_that_is_pending(worker, name, min_idle, handle):
    await in_pages(worker, name, min_idle, handle)
    for entry in await worker.xpending_range("orders", "packing", "-", "+", 2000):
        if entry["time_since_delivered"] > 20_000:
            await worker.xack("orders", "packing", entry["message_id"])


async def handles_all_fields(worker, name, min_idle, handle):
    cursor = None
    while cursor != "0-0":
        cursor, claimed, _ = await worker.xautoclaim(
            "orders", "packing", name, min_idle, cursor or "0-0"
        )
        for entry_id, fields in claimed:
            handle([*fields.values()][-1])
            await worker.xack("orders", "packing", entry_id)


mistake("6.3", "idle for `min_idle`", half_as_long)
mistake("6.3", "idle for `min_idle`", thirty_seconds)
mistake("6.3", "Claim what Bob left", a_second_more)
mistake("6.3", "given as `name`", under_another_name)
mistake("6.3", "Some are left", two_hundred)
mistake("6.3", "take over every entry", only_bobs)
mistake("6.3", "Handle each", claims_blindly)
mistake("6.3", "read nothing new", and_the_new_ones)
mistake("6.3", "leave it pending", finally_acknowledges)
mistake("6.3", "XACK comes after handle", the_page_is_acknowledged_first)
mistake("6.3", "leave the rest", takes_all_that_is_pending)
mistake("6.3", "with the field `order`", handles_all_fields)


async def careful_with_each_entry(worker, name, min_idle, handle):
    after = "-"
    while page := await worker.xpending_range("orders", "packing", after, "+", 1, idle=min_idle):
        [entry] = page
        entry_id = entry["message_id"]
        after = f"({entry_id}"
        if await worker.xclaim("orders", "packing", name, min_idle, [entry_id], justid=True):
            for _, fields in await worker.xrange("orders", entry_id, entry_id):
                handle(fields["order"])
                mine = await worker.xpending_range(
                    "orders", "packing", entry_id, entry_id, 1, consumername=name
                )
                if mine:
                    await worker.xack("orders", "packing", entry_id)


async def claims_first_then_works(worker, name, min_idle, handle):
    cursor, all_of_them = b"0-0", []
    while cursor not in ("0-0", None):
        cursor, claimed, _ = await worker.xautoclaim(
            "orders", "packing", name, min_idle, cursor, count=40
        )
        all_of_them += claimed
    for entry_id, fields in all_of_them:
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


async def acknowledges_in_a_transaction(worker, name, min_idle, handle):
    await in_pages(worker, name, min_idle, handle, calls=1000)


other_way("6.3", careful_with_each_entry)
other_way("6.3", claims_first_then_works)
other_way("6.3", acknowledges_in_a_transaction)


async def set_one_aside(worker, entry_id, add):
    for _, fields in await worker.xrange("orders", entry_id, entry_id):
        await add(fields)
    await worker.xack("orders", "packing", entry_id)


def setting_aside(**options):
    """Make an answer that adds to the dead letters with these options."""

    async def set_aside(worker, limit):
        async for entry_id in every_page(worker, limit):
            await set_one_aside(
                worker, entry_id, lambda fields: worker.xadd("orders:dead", fields, **options)
            )

    return set_aside


async def under_the_old_id(worker, limit):
    async for entry_id in every_page(worker, limit):
        for _, fields in await worker.xrange("orders", entry_id, entry_id):
            with suppress(ResponseError):
                await worker.xadd("orders:dead", fields, id=entry_id)
        await worker.xack("orders", "packing", entry_id)


async def under_the_old_id_aloud(worker, limit):
    async for entry_id in every_page(worker, limit):
        await set_one_aside(
            worker, entry_id, lambda fields, i=entry_id: worker.xadd("orders:dead", fields, id=i)
        )


async def only_what_bob_has(worker, limit):
    for entry in await worker.xpending_range(
        "orders", "packing", "-", "+", 10_000, consumername="bob"
    ):
        if entry["times_delivered"] >= limit:
            await set_one_aside(
                worker, entry["message_id"], lambda fields: worker.xadd("orders:dead", fields)
            )


async def ten_pending(worker, limit):
    for entry in await worker.xpending_range("orders", "packing", "-", "+", 10):
        if entry["times_delivered"] >= limit:
            await set_one_aside(
                worker, entry["message_id"], lambda fields: worker.xadd("orders:dead", fields)
            )


async def by_claiming(worker, limit):
    await worker.xautoclaim("orders", "packing", "keeper", 0, count=1000)
    await setting_aside()(worker, limit)


async def by_claiming_quietly(worker, limit):
    await worker.xautoclaim("orders", "packing", "keeper", 0, count=1000, justid=True)
    await setting_aside()(worker, limit)


async def two_fields(worker, limit):
    async for entry_id, fields in poisoned(worker, limit):
        kept = {"order": fields["order"], "for": fields["for"]}
        await worker.xadd("orders:dead", kept)
        await worker.xack("orders", "packing", entry_id)


async def reads_the_rest(worker, limit):
    await worker.xreadgroup("packing", "keeper", {"orders": ">"}, count=10)
    await setting_aside()(worker, limit)


async def deletes_the_group(worker, limit):
    await setting_aside()(worker, limit)
    await worker.xgroup_delconsumer("orders", "packing", "dave")


async def acknowledges_together_first(worker, limit):
    async with worker.pipeline(transaction=False) as both:
        async for entry_id, fields in poisoned(worker, limit):
            both.xack("orders", "packing", entry_id)
            both.xadd("orders:dead", fields)
        await both.execute()


async def three_is_the_limit(worker, limit):
    async for entry_id, fields in poisoned(worker, 3):
        await worker.xadd("orders:dead", fields)
        await worker.xack("orders", "packing", entry_id)


async def anew_each_time(worker, limit):
    dead = [fields async for _, fields in poisoned(worker, limit)]
    if dead:
        await worker.delete("orders:dead")
    await setting_aside()(worker, limit)


mistake("6.4", "trim nothing", setting_aside(maxlen=10, approximate=False))
mistake("6.4", "trim nothing", setting_aside(maxlen=100, approximate=False))
mistake("6.4", "trim nothing", setting_aside(maxlen=100_000))
mistake("6.4", "are they in `orders:dead`", under_the_old_id)
mistake("6.4", "let Redis choose the id", under_the_old_id_aloud)
mistake("6.4", "times or more", only_what_bob_has)
mistake("6.4", "the next page", ten_pending)
mistake("6.4", "A claim counts", by_claiming)
mistake("6.4", "changes the worker", by_claiming_quietly)
mistake("6.4", "with all their fields", two_fields)
mistake("6.4", "Read nothing new", reads_the_rest)
mistake("6.4", "Acknowledge what you set aside", deletes_the_group)
mistake("6.4", "XADD first, or both in MULTI", acknowledges_together_first)
mistake("6.4", "may still be handled", three_is_the_limit)
mistake("6.4", "trim nothing", anew_each_time)


async def lists_them_first(worker, limit):
    entries = await worker.xpending_range("orders", "packing", "-", "+", 100_000)
    for poison in [each["message_id"] for each in entries if each["times_delivered"] >= limit]:
        [*found] = await worker.xrange("orders", poison, poison)
        async with worker.pipeline() as both:
            if found:
                both.xadd("orders:dead", found[0][1] | {"was": poison})
            both.xack("orders", "packing", poison)
            await both.execute()


async def consumer_by_consumer(worker, limit):
    for consumer in await worker.xinfo_consumers("orders", "packing"):
        after = "-"
        while page := await worker.xpending_range(
            "orders", "packing", after, "+", 50, consumername=consumer["name"]
        ):
            for entry in page:
                if entry["times_delivered"] >= limit:
                    await set_one_aside(
                        worker, entry["message_id"], lambda f: worker.xadd("orders:dead", f)
                    )
            after = f"({page[-1]['message_id']}"


async def and_deletes_them(worker, limit):
    async for entry_id in every_page(worker, limit):
        found = await worker.xrange("orders", entry_id, entry_id)
        async with worker.pipeline(transaction=True) as all_three:
            for _, fields in found:
                all_three.xadd("orders:dead", {"reason": "poison", **fields})
            all_three.xack("orders", "packing", entry_id).xdel("orders", entry_id)
            await all_three.execute()


other_way("6.4", lists_them_first)
other_way("6.4", consumer_by_consumer)
other_way("6.4", and_deletes_them)


# What an exploration, a trimmed entry and a consumer that is gone find.


async def sets_it_back_where_nobody_is(worker, stream, group):
    try:
        await worker.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
        if not await worker.xinfo_consumers(stream, group):
            await worker.xgroup_setid(stream, group, "0")


async def stops_at_one_that_was_trimmed(worker, name, handle):
    for start in ("0", ">"):
        while entries := await take(worker, name, start):
            [(entry_id, fields)] = entries
            if fields:
                handle(fields["order"])
            await worker.xack("orders", "packing", entry_id)
            if not fields:
                break


async def none_of_its_own(worker, name, min_idle, handle):
    first = "-"
    while page := await worker.xpending_range("orders", "packing", first, "+", 100, idle=min_idle):
        ids = [each["message_id"] for each in page if each["consumer"] != name]
        for entry_id, fields in await worker.xclaim(
            "orders", "packing", name, min_idle, ids or ["0"]
        ):
            handle(fields["order"])
            await worker.xack("orders", "packing", entry_id)
        first = f"({page[-1]['message_id']}"


async def hundreds_at_once(worker, limit):
    async def bury(entry_id):
        async with worker.pipeline() as both:
            for _, fields in await worker.xrange("orders", entry_id, entry_id):
                both.xadd("orders:dead", fields)
            await both.xack("orders", "packing", entry_id).execute()

    listed = await worker.xpending_range("orders", "packing", "-", "+", 10_000)
    bad = [each["message_id"] for each in listed if each["times_delivered"] >= limit]
    await asyncio.gather(*map(bury, bad))


mistake("6.1", "Leave an existing group alone", sets_it_back_where_nobody_is)
mistake("6.2", "behind an entry that was trimmed", stops_at_one_that_was_trimmed)
mistake("6.3", "pending for `name` itself", none_of_its_own)
mistake("6.4", "fewer of them at once", hundreds_at_once)


async def as_two(worker, name, min_idle, handle):
    _, entries = await worker.xautoclaim("orders", "packing", name, min_idle)
    for entry_id, fields in entries:
        handle(fields["order"])
        await worker.xack("orders", "packing", entry_id)


mistake("6.3", "XAUTOCLAIM returns a cursor, the entries", as_two)
