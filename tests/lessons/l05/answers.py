"""Answers to the exercises of lesson 5."""

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
