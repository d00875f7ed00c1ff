"""Answers to the exercises of lesson 5."""

import json
import time

from .. import mistake, other_way


def items(entries):
    return [fields["item"] for _, fields in entries]


async def end_included(reader, start, end):
    return items(await reader.xrange("sales", min=start, max=end))


async def a_bracket(reader, start, end):
    return items(await reader.xrange("sales", min=start, max=f"({end}"))


async def one_id(reader, start, end):
    return items(await reader.xrange("sales", min=start, max=f"({end}-1"))


async def start_left_out(reader, start, end):
    return items(await reader.xrange("sales", min=start + 1, max=end - 1))


async def too_few(reader, start, end):
    return items(await reader.xrange("sales", min=start, max=end - 1, count=5))


async def with_ids(reader, start, end):
    return await reader.xrange("sales", min=start, max=end - 1)


mistake("5.1", "at `end` does not belong", end_included)
mistake("5.1", "at `end` does not belong", a_bracket)
mistake("5.1", "the whole millisecond", one_id)
mistake("5.1", "at `start` belongs to the answer", start_left_out)
mistake("5.1", "Some are missing", too_few)
mistake("5.1", "Return the field `item`", with_ids)


async def a_whole_bracket(reader, start, end):
    found = []
    for _, fields in await reader.xrevrange("sales", max=f"({end}-0", min=f"{start}-0"):
        found.insert(0, fields["item"])
    return found


other_way("5.1", a_whole_bracket)


async def from_now_on(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": "$"}):
        for entry_id, fields in entries:
            handle(fields["item"])
            cursor = entry_id
    return cursor


async def always_from_the_start(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": "0"}):
        for entry_id, fields in entries:
            handle(fields["item"])
            cursor = entry_id
    return cursor


async def first_only(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, count=1):
        for entry_id, fields in entries:
            handle(fields["item"])
            cursor = entry_id
    return cursor


async def forgets_the_cursor(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}):
        for entry_id, fields in entries:
            handle(fields["item"])
            cursor = entry_id
        return cursor


async def blocks(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, block=0):
        for entry_id, fields in entries:
            handle(fields["item"])
            cursor = entry_id
    return cursor


async def first_as_cursor(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}):
        for _, fields in entries:
            handle(fields["item"])
        cursor = entries[0][0]
    return cursor


mistake("5.2", "not `$`", from_now_on)
mistake("5.2", "begin after the cursor", always_from_the_start)
mistake("5.2", "Handle all that is new", first_only)
mistake("5.2", "the cursor that you were given", forgets_the_cursor)
mistake("5.2", "Do not block", blocks)
mistake("5.2", "the id of the last entry", first_as_cursor)


async def page_by_page(reader, cursor, handle):
    while page := await reader.xrange("sales", min=f"({cursor}", max="+", count=2):
        for entry_id, fields in page:
            handle(fields["item"])
            cursor = entry_id
    return cursor


other_way("5.2", page_by_page)

HOUR = 3_600_000


async def roughly(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, minid=now - HOUR)


async def never_trims(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now)


async def three_of_them(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, maxlen=1, approximate=False)


async def too_strict(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, minid=now - HOUR // 2, approximate=False)


async def other_field(shop, item, now):
    await shop.xadd("sales", {"sold": item}, id=now, minid=now - HOUR, approximate=False)


mistake("5.3", "trim exactly", roughly)
mistake("5.3", "trim exactly", never_trims)
mistake("5.3", "keep by age", three_of_them)
mistake("5.3", "keep by age", too_strict)
mistake("5.3", "The field is called `item`", other_field)


async def one_by_one(shop, item, now):
    await shop.execute_command("XADD", "sales", f"{now}-0", "item", item)
    for entry_id, _ in await shop.xrange("sales", "-", now - HOUR - 1):
        await shop.xdel("sales", entry_id)


other_way("5.3", one_by_one)


async def forgets_the_rest(reader, start, end):
    entries = await reader.xrange("sales", start, end - 1)
    await reader.xtrim("sales", minid=end, approximate=False)
    return [fields["item"] for _, fields in entries]


async def newest_first(reader, start, end):
    return [fields["item"] for _, fields in await reader.xrevrange("sales", end - 1, start)]


async def one_a_millisecond(reader, start, end):
    entries = await reader.xrange("sales", start, end - 1)
    return list({entry_id.split("-")[0]: fields["item"] for entry_id, fields in entries}.values())


mistake("5.1", "change nothing", forgets_the_rest)
mistake("5.1", "The oldest comes first", newest_first)
mistake("5.1", "several may share a millisecond", one_a_millisecond)


async def takes_them_out(reader, cursor, handle):
    for entry_id, fields in await reader.xrange("sales"):
        handle(fields["item"])
        await reader.xdel("sales", entry_id)
        cursor = entry_id
    return cursor


mistake("5.2", "change nothing", takes_them_out)


async def a_millisecond_short(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, minid=now - 3_599_999, approximate=False)


mistake("5.3", "exactly an hour old", a_millisecond_short)


# Wrong in ways that only a busier scene shows.


def sold_as(choose, **bounds):
    """Make an answer that reads the hour in one call, and chooses from its entries."""

    async def sold_between(reader, start, end):
        return choose(await reader.xrange("sales", start, end - 1, **bounds))

    return sold_between


async def ten_a_millisecond(reader, start, end):
    return items(await reader.xrange("sales", start, f"{end - 1}-9"))


async def two_short(reader, start, end):
    return items(await reader.xrange("sales", start, end - 2))


async def leaves_a_group(reader, start, end):
    group = f"look-{await reader.client_id()}"
    await reader.xgroup_create("sales", group, id=f"{start - 1}-{2**64 - 1}")
    [[_, entries]] = await reader.xreadgroup(group, "me", {"sales": ">"}, noack=True)
    return items(entry for entry in entries if int(entry[0].split("-")[0]) < end)


async def ids_as_text(reader, start, end):
    return items(e for e in await reader.xrange("sales") if f"{start}-0" <= e[0] < f"{end}-0")


async def the_newest_hundred(reader, start, end):
    return items((await reader.xrevrange("sales", end - 1, start, count=100))[::-1])


async def asks_the_clock(reader, start, end):
    now = int(time.time() * 1000)
    return items(await reader.xrange("sales", min(start, now), min(end - 1, now), count=20))


async def uses_a_key(reader, start, end):
    found = items(await reader.xrange("sales", start, end - 1))
    await reader.set("sales:last-hour", json.dumps(found))
    return found


async def first_of_start(reader, start, end):
    return items(await reader.xrange("sales", f"({start}-0", end - 1))


def remembers():
    known = {}

    async def sold_between(reader, start, end):
        if not known:
            known[0] = await reader.xrange("sales")
        return items(e for e in known[0] if start <= int(e[0].split("-")[0]) < end)

    return sold_between


mistake("5.1", "Some are missing", sold_as(items, count=100))
mistake("5.1", "more than once", sold_as(lambda found: list(dict.fromkeys(items(found)))))
mistake("5.1", "not the `item`", sold_as(lambda es: [next(iter(f.values())) for _, f in es]))
mistake("5.1", "not the `item`", sold_as(lambda found: [[*f.values()][-1] for _, f in found]))
mistake("5.1", "The oldest comes first", sold_as(lambda found: sorted(items(found))))
mistake("5.1", "the last millisecond before `end`", ten_a_millisecond)
mistake("5.1", "the last millisecond before `end`", two_short)
mistake("5.1", "change nothing", leaves_a_group)
mistake("5.1", "Some are missing", ids_as_text)
mistake("5.1", "Some are missing", the_newest_hundred)
mistake("5.1", "Some are missing", asks_the_clock)
mistake("5.1", "change nothing", uses_a_key)
mistake("5.1", "at `start` belongs", first_of_start)


async def page_after_page(reader, start, end):
    found, first = [], str(start)
    while page := await reader.xrange("sales", first, end - 1, count=7):
        found += items(page)
        first = f"({page[-1][0]}"
    return found


async def chosen_in_python(reader, start, end):
    entries = await reader.xread({"sales": "0"}) or [[None, []]]
    return (
        fields["item"]
        for entry_id, fields in entries[0][1]
        if int(entry_id.partition("-")[0]) in range(start, end)
    )


async def by_name(reader, start, end):
    reply = await reader.execute_command("XRANGE", "sales", f"{start}-0", f"({end}-0")
    return list(map(lambda entry: entry[1]["item"], reply))


other_way("5.1", page_after_page)
other_way("5.1", chosen_in_python)
other_way("5.1", by_name)


async def fifty_and_the_last_id(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, count=50):
        for _, fields in entries:
            handle(fields["item"])
        return (await reader.xinfo_stream("sales"))["last-generated-id"]
    return cursor


async def fifty(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, count=50):
        for entry_id, fields in entries:
            cursor = entry_id
            handle(fields["item"])
    return cursor


async def the_newest_id_there_is(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}):
        for _, fields in entries:
            handle(fields["item"])
    newest = await reader.xrevrange("sales", count=1)
    return newest[0][0] if newest else cursor


async def the_newest_before(reader, cursor, handle):
    newest = await reader.xrevrange("sales", count=1)
    for _, fields in await reader.xrange("sales", f"({cursor}"):
        handle(fields["item"])
    return newest[0][0] if newest else cursor


def ignores_the_cursor():
    place = ["0"]

    async def catch_up(reader, cursor, handle):
        for _, entries in await reader.xread({"sales": place[0]}):
            for entry_id, fields in entries:
                handle(fields["item"])
                cursor = place[0] = entry_id
        return cursor

    return catch_up


async def waits_a_little(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, block=500) or []:
        for entry_id, fields in entries:
            cursor = entry_id
            handle(fields["item"])
    return cursor


async def compares_as_text(reader, cursor, handle):
    for entry_id, fields in await reader.xrange("sales"):
        if entry_id > cursor:
            handle(fields["item"])
            cursor = entry_id
    return cursor


async def the_whole_millisecond(reader, cursor, handle):
    after = int(cursor.split("-")[0]) + 1 if cursor != "0" else 0
    for entry_id, fields in await reader.xrange("sales", after):
        cursor = entry_id
        handle(fields["item"])
    return cursor


async def looks_the_cursor_up(reader, cursor, handle):
    entries = await reader.xrange("sales")
    ids = [entry_id for entry_id, _ in entries]
    place = ids.index(cursor) + 1 if cursor in ids else 0
    for entry_id, fields in entries[place:]:
        cursor = entry_id
        handle(fields["item"])
    return cursor


async def with_a_group(reader, cursor, handle):
    if not await reader.xinfo_groups("sales") if await reader.exists("sales") else False:
        await reader.xgroup_create("sales", "catch-up", id=cursor)
    for entry_id, fields in await reader.xrange("sales", f"({cursor}"):
        cursor = entry_id
        handle(fields["item"])
    return cursor


async def each_item_once(reader, cursor, handle):
    seen = set()
    for entry_id, fields in await reader.xrange("sales", f"({cursor}"):
        cursor = entry_id
        if fields["item"] not in seen:
            handle(fields["item"])
        seen.add(fields["item"])
    return cursor


async def whatever_comes_first(reader, cursor, handle):
    for entry_id, fields in await reader.xrange("sales", f"({cursor}"):
        cursor = entry_id
        handle(next(iter(fields.values())))
    return cursor


async def awaits_a_plain_function(reader, cursor, handle):
    for entry_id, fields in await reader.xrange("sales", f"({cursor}"):
        cursor = entry_id
        try:
            await handle(fields["item"])
        except Exception:
            return cursor
    return cursor


async def newest_first(reader, cursor, handle):
    found = await reader.xrevrange("sales", "+", f"({cursor}")
    for _, fields in found:
        handle(fields["item"])
    return found[0][0] if found else cursor


mistake("5.2", "Handle all that is new", fifty)
mistake("5.2", "Handle all that is new", fifty_and_the_last_id)
mistake("5.2", "not the newest that there is", the_newest_id_there_is)
mistake("5.2", "comes once", the_newest_before)
mistake("5.2", "begin after the cursor", ignores_the_cursor())
mistake("5.2", "return at once", waits_a_little)
mistake("5.2", "what was handled when", compares_as_text)
mistake("5.2", "what was handled when", the_whole_millisecond)
mistake("5.2", "begin after the cursor", looks_the_cursor_up)
mistake("5.2", "change nothing", with_a_group)
mistake("5.2", "Handle each new entry once", each_item_once)
mistake("5.2", "with the field `item`", whatever_comes_first)
mistake("5.2", "and then swallowed", awaits_a_plain_function)
mistake("5.2", "The oldest comes first", newest_first)


async def until_nothing_comes(reader, cursor, handle):
    while reply := await reader.xread({"sales": cursor}, count=10):
        [[_, entries]] = reply
        for entry_id, fields in entries:
            cursor = entry_id
            handle(fields["item"])
    return cursor


async def all_and_then_the_last(reader, cursor, handle):
    entries = await reader.xrange("sales", "(" + cursor)
    for fields in [fields for _, fields in entries]:
        handle(fields["item"])
    return entries[-1][0] if entries else cursor


async def with_a_blink(reader, cursor, handle):
    for _, entries in await reader.xread({"sales": cursor}, block=1) or []:
        for entry_id, fields in entries:
            cursor = entry_id
            handle(fields["item"])
    return cursor


other_way("5.2", until_nothing_comes)
other_way("5.2", all_and_then_the_last)
other_way("5.2", with_a_blink)


def keeping(age, **options):
    """Make an answer that keeps what is so many milliseconds old."""

    async def record(shop, item, now):
        options_of_redis = {"approximate": False} | options
        await shop.xadd("sales", {"item": item}, id=now, minid=now - age, **options_of_redis)

    return record


def removing(count):
    """Make an answer that removes so many old entries at most."""

    async def record(shop, item, now):
        await shop.xadd("sales", {"item": item}, id=now)
        for entry_id, _ in await shop.xrange("sales", max=now - HOUR - 1, count=count):
            await shop.xdel("sales", entry_id)

    return record


async def rewrites_the_stream(shop, item, now):
    kept = await shop.xrange("sales", min=now - HOUR)
    await shop.delete("sales")
    for entry_id, fields in kept:
        await shop.xadd("sales", fields, id=entry_id)
    await shop.xadd("sales", {"item": item}, id=now)


async def in_seconds(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, minid=now - 3600, approximate=False)


async def before_the_newest(shop, item, now):
    newest = await shop.xrevrange("sales", count=1)
    last = int(newest[0][0].split("-")[0]) if newest else now
    await shop.xadd("sales", {"item": item}, id=now, minid=last - HOUR, approximate=False)


async def trims_first(shop, item, now):
    await shop.xtrim("sales", minid=now - HOUR, approximate=False)
    await shop.xadd("sales", {"item": item}, id=now, maxlen=100, approximate=False)


async def trims_too_early(shop, item, now):
    oldest = await shop.xrange("sales", count=1)
    if oldest and int(oldest[0][0].split("-")[0]) < now - HOUR:
        await shop.xdel("sales", oldest[0][0])
    await shop.xadd("sales", {"item": item}, id=now)


async def expires(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now, minid=now - HOUR, approximate=False)
    await shop.expire("sales", 3600)


async def ids_as_texts(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now)
    for entry_id, _ in await shop.xrange("sales"):
        if entry_id < f"{now - HOUR}":
            await shop.xdel("sales", entry_id)


async def own_id(shop, item, now):
    await shop.xadd("sales", {"item": item, "at": now}, minid=now - HOUR, approximate=False)


mistake("5.3", "trim exactly", keeping(60 * 60_500))
mistake("5.3", "trim exactly", keeping(HOUR + 1))
mistake("5.3", "trim exactly", keeping(HOUR + 1000))
mistake("5.3", "exactly an hour old", keeping(HOUR - 1))
mistake("5.3", "too old", removing(10))
mistake("5.3", "too old", removing(100))
mistake("5.3", "leave its groups alone", rewrites_the_stream)
mistake("5.3", "in milliseconds", in_seconds)
mistake("5.3", "too old", before_the_newest)
mistake("5.3", "keep by age", trims_first)
mistake("5.3", "too old", trims_too_early)
mistake("5.3", "is forgotten", expires)
mistake("5.3", "under the id `now`", own_id)


async def adds_and_trims(shop, item, now):
    async with shop.pipeline() as both:
        both.xadd("sales", {"item": item, "by": "shop"}, id=f"{now}-0")
        both.xtrim("sales", minid=f"{now - HOUR}-0", approximate=False)
        await both.execute()


async def all_old_at_once(shop, item, now):
    old = [entry_id for entry_id, _ in await shop.xrange("sales", max=f"({now - HOUR}-0")]
    await shop.xadd("sales", {"item": item}, id=f"{now}-*")
    if old:
        await shop.xdel("sales", *old)


async def by_command(shop, item, now):
    bound = f"{now - HOUR}"
    await shop.execute_command("XADD", "sales", "MINID", "=", bound, now, "item", item)


other_way("5.3", adds_and_trims)
other_way("5.3", all_old_at_once)
other_way("5.3", by_command)


# Between two commands, at the ends, and among many.


async def after_the_millisecond_before(reader, start, end):
    reply = await reader.xread({"sales": start - 1})
    entries = reply[0][1] if reply else []
    return [fields["item"] for i, fields in entries if int(i.split("-")[0]) < end]


async def newest_three_hundred(reader, start, end):
    entries = await reader.xrevrange("sales", end - 1, start, count=300)
    return [fields["item"] for _, fields in reversed(entries)]


async def newest_where_nothing_is_new(reader, cursor, handle):
    if not (reply := await reader.xread({"sales": cursor})):
        newest = await reader.xrevrange("sales", count=1)
        return newest[0][0] if newest else cursor
    for entry_id, fields in reply[0][1]:
        handle(fields["item"])
        cursor = entry_id
    return cursor


async def to_a_length_that_it_counted(shop, item, now):
    await shop.xadd("sales", {"item": item}, id=now)
    young = len(await shop.xrange("sales", min=now - 3_600_000))
    await shop.xtrim("sales", maxlen=young, approximate=False)


mistake("5.1", "before `start` does not belong", after_the_millisecond_before)
mistake("5.1", "Some are missing", newest_three_hundred)
mistake("5.2", "sold during a call is missed", newest_where_nothing_is_new)
mistake("5.3", "exactly an hour old stays", to_a_length_that_it_counted)
