"""Answers to the exercises of lesson 9."""

from .. import mistake, other_way


async def take(client, name, start, count=2):
    reply = await client.xreadgroup("packing", name, {"orders": start}, count=count)
    return reply[0][1] if reply else []


async def acknowledges_first(client, name, handle):
    for start in ("0", ">"):
        while entries := await take(client, name, start, count=1):
            [(entry_id, fields)] = entries
            await client.xack("orders", "packing", entry_id)
            await handle(fields["job"])


async def only_what_is_new(client, name, handle):
    while entries := await take(client, name, ">"):
        for entry_id, fields in entries:
            await handle(fields["job"])
            await client.xack("orders", "packing", entry_id)


async def one_name_for_all(client, name, handle):
    await with_the_batch(client, "worker", handle)


async def never_acknowledges(client, name, handle):
    for start in ("0", ">"):
        while entries := await take(client, name, start):
            for _, fields in entries:
                await handle(fields["job"])


async def again_and_again(client, name, handle):
    while entries := await take(client, name, ">") or await take(client, name, "0"):
        for _, fields in entries:
            await handle(fields["job"])


async def only_one_batch(client, name, handle):
    for entry_id, fields in await take(client, name, ">"):
        await handle(fields["job"])
        await client.xack("orders", "packing", entry_id)


async def with_the_batch(client, name, handle):
    for start in ("0", ">"):
        while entries := await take(client, name, start):
            for _, fields in entries:
                await handle(fields["job"])
            await client.xack("orders", "packing", *(entry_id for entry_id, _ in entries))


mistake("9.1", "XACK comes after handle", acknowledges_first)
mistake("9.1", "is read with `0`", only_what_is_new)
mistake("9.1", "under its own name", one_name_for_all)
mistake("9.1", "Acknowledge what is handled", never_acknowledges)
mistake("9.1", "Acknowledge what is handled", again_and_again)
mistake("9.1", "return when nothing is left", only_one_batch)
other_way("9.1", with_the_batch)


async def forgets_its_own(client, name, handle):
    while job := await client.lmove("orders", f"taken:{name}"):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


async def never_removes(client, name, handle):
    mine = f"taken:{name}"
    for _ in range(4):
        if job := await client.lindex(mine, 0) or await client.lmove("orders", mine):
            await handle(job)


async def finishes_first(client, name, handle):
    mine = f"taken:{name}"
    for job in await client.lrange(mine, 0, -1):
        await handle(job)
        await client.lrem(mine, 1, job)
    while job := await client.lmove("orders", mine, "LEFT", "RIGHT"):
        await handle(job)
        await client.execute_command("LREM", mine, 1, job)


other_way("9.2", finishes_first)


async def robs_the_living(client, name, handle):
    for other in ("ann", "bob"):
        while await client.lmove(f"taken:{other}", "orders", "RIGHT", "LEFT"):
            pass
    await forgets_its_own(client, name, handle)


async def robs_the_others(client, name, handle):
    for other in {"ann", "bob"} - {name}:
        while await client.lmove(f"taken:{other}", "orders", "RIGHT", "LEFT"):
            pass
    await forgets_its_own(client, name, handle)


mistake("9.2", "only what is the worker's own", robs_the_living)
mistake("9.2", "its next life can", forgets_its_own)
mistake("9.2", "Let a job go once it is handled", never_removes)


async def takes_one_list_at_once(client, name, handle):
    mine = f"taken:{name}"
    left = await client.lrange(mine, 0, -1)
    if left:
        async with client.pipeline(transaction=True) as both:
            both.delete(mine).lpush("orders", *reversed(left))
            await both.execute()
    await forgets_its_own(client, name, handle)


other_way("9.2", takes_one_list_at_once)


async def from_the_other_end(client, name, handle):
    mine = f"taken:{name}"
    while await client.lmove(mine, "orders", "LEFT", "RIGHT") is not None:
        pass
    while (job := await client.rpoplpush("orders", mine)) is not None:
        await handle(job)
        await client.lrem(mine, 1, job)


other_way("9.2", from_the_other_end)


async def adds_then_deletes(client):
    for entry_id, fields in await client.xrange("orders:dead"):
        await client.xadd("orders", fields)
        await client.xdel("orders:dead", entry_id)


async def deletes_then_adds(client):
    for entry_id, fields in await client.xrange("orders:dead"):
        if await client.xdel("orders:dead", entry_id):
            await client.xadd("orders", fields)


async def one_transaction_without_watch(client):
    for entry_id, fields in await client.xrange("orders:dead"):
        async with client.pipeline(transaction=True) as both:
            both.xadd("orders", fields).xdel("orders:dead", entry_id)
            await both.execute()


async def keeps_them(client):
    for _, fields in await client.xrange("orders:dead"):
        await client.xadd("orders", fields)


async def only_the_first(client):
    for entry_id, fields in await client.xrange("orders:dead", count=1):
        await client.xadd("orders", fields)
        await client.xdel("orders:dead", entry_id)


mistake("9.3", "WATCH and MULTI", adds_then_deletes)
mistake("9.3", "WATCH and MULTI", deletes_then_adds)
mistake("9.3", "WATCH and MULTI", one_transaction_without_watch)
mistake("9.3", "Remove what was added", keeps_them)
mistake("9.3", "Add each entry", only_the_first)


async def one_by_one(client):
    async def first(transaction):
        entries = await transaction.xrange("orders:dead", count=1)
        transaction.multi()
        for entry_id, fields in entries:
            transaction.xdel("orders:dead", entry_id).xadd("orders", fields)

    while await client.xlen("orders:dead"):
        await client.transaction(first, "orders:dead")


other_way("9.3", one_by_one)


def replays(read, put=lambda both, fields: both.xadd("orders", fields)):
    """Return an answer in one step that reads and puts in this way."""

    async def replay(client):
        async def move_all(both):
            entries = await read(both)
            both.multi()
            for entry_id, fields in entries:
                put(both, fields)
                both.xdel("orders:dead", entry_id)

        await client.transaction(move_all, "orders:dead")

    return replay


def all_of(client):
    return client.xrange("orders:dead")


def at_most(count):
    return lambda client: client.xrange("orders:dead", count=count)


def only_the_job(both, fields):
    both.xadd("orders", {"job": fields["job"]})


def renames_the_job(both, fields):
    both.xadd("orders", {"order": fields["job"]})


def throws_away(both, fields):
    both.xadd("orders", fields, maxlen=3, approximate=False)


def bounded(**bound):
    return lambda both, fields: both.xadd("orders", fields, **bound)


def trims_afterwards(both, fields):
    both.xadd("orders", fields).xtrim("orders", maxlen=100_000)


def begins_anew(both, fields):
    both.delete("orders").xadd("orders", fields)


mistake("9.3", "as it was buried", replays(all_of, only_the_job))
mistake("9.3", "with its field `job`", replays(all_of, renames_the_job))
mistake("9.3", "Add each entry", replays(at_most(10)))
mistake("9.3", "Add each entry", replays(at_most(100)))
mistake("9.3", "What waited in `orders` before is gone", replays(all_of, throws_away))
mistake("9.3", "What waited in `orders` before is gone", replays(all_of, begins_anew))
for trims in (
    bounded(maxlen=1000, approximate=False),
    bounded(maxlen=10_000),
    bounded(minid="1-0", nomkstream=False),
    trims_afterwards,
):
    mistake("9.3", "add without MAXLEN or MINID", replays(all_of, trims))
other_way("9.3", replays(lambda client: client.xrevrange("orders:dead")))


async def always(client):
    return True


async def never(client):
    return not await client.exists("orders")


async def counts(client):
    return await client.xlen("orders") == await client.llen("mails")


async def every_order_has_a_mail(client):
    orders = [fields["order"] for _, fields in await client.xrange("orders")]
    return set(orders) <= set(await client.lrange("mails", 0, -1))


async def forgets_to_return(client):
    print(await client.xlen("orders") == await client.llen("mails"))


mistake("9.4", "says that all is well", always)
mistake("9.4", "in one transaction", never)
mistake("9.4", "says that all is well", counts)
mistake("9.4", "says that all is well", every_order_has_a_mail)
mistake("9.4", "with `return`", forgets_to_return)


async def removes_one_from_the_other(client):
    mails = await client.lrange("mails", 0, -1)
    for _, fields in await client.xrange("orders"):
        if fields["order"] not in mails:
            return False
        mails.remove(fields["order"])
    return not mails


other_way("9.4", removes_one_from_the_other)


async def both_of(client, count=None, last=-1):
    """Read the orders and the mails, or the first of them."""
    entries = await client.xrange("orders", count=count)
    return [fields["order"] for _, fields in entries], await client.lrange("mails", 0, last)


def compares(read, equal=lambda orders, mails: sorted(orders) == sorted(mails)):
    async def holds(client):
        return equal(*await read(client))

    return holds


def first(count):
    return lambda client: both_of(client, count, count - 1)


async def the_last(client):
    entries = await client.xrevrange("orders", count=1)
    return [fields["order"] for _, fields in entries], await client.lrange("mails", -1, -1)


async def at_both_ends(client):
    orders, mails = await both_of(client)
    return [*orders[:1], *orders[-1:]], [*mails[:1], *mails[-1:]]


def starts_and_ends_alike(orders, mails):
    return len(orders) == len(mails) and {*orders[:1], *orders[-1:]} <= {*mails}


def in_sequence(orders, mails):
    return orders == mails


def some_of_both(orders, mails):
    return len(orders) == len(mails) and (not orders or bool({*orders} & {*mails}))


async def takes_the_mails_away(client):
    for _, fields in await client.xrange("orders"):
        if not await client.lrem("mails", 1, fields["order"]):
            return False
    return not await client.exists("mails")


async def pops_the_mails(client):
    orders, _ = await both_of(client)
    mails = []
    while mail := await client.lpop("mails"):
        mails.append(mail)
    return sorted(orders) == sorted(mails)


async def asserts(client):
    orders, mails = await both_of(client)
    assert sorted(orders) == sorted(mails)
    return True


async def looks_only_when_there_are_mails(client):
    orders, mails = await both_of(client)
    return {*orders} == {*mails} if orders and mails[1:] else orders == mails


mistake("9.4", "in another sequence", compares(first(1)))
mistake("9.4", "in another sequence", compares(the_last))
mistake("9.4", "in another sequence", compares(first(10)))
mistake("9.4", "in another sequence", compares(at_both_ends))
mistake("9.4", "in another sequence", compares(both_of, in_sequence))
mistake("9.4", "every order and every mail", compares(both_of, starts_and_ends_alike))
mistake("9.4", "every order and every mail", compares(both_of, some_of_both))
mistake("9.4", "may only look", takes_the_mails_away)
mistake("9.4", "may only look", pops_the_mails)
mistake("9.4", "instead of raising", asserts)
other_way("9.4", looks_only_when_there_are_mails)
other_way("9.4", compares(both_of, lambda orders, mails: {*orders} == {*mails}))


async def waits_for_more(client, name, handle):
    while reply := await client.xreadgroup("packing", name, {"orders": ">"}, count=2, block=0):
        for entry_id, fields in reply[0][1]:
            await handle(fields["job"])
            await client.xack("orders", "packing", entry_id)


async def another_field(client, name, handle):
    for _, fields in await take(client, name, ">"):
        await handle(fields["order"])


async def reads_after_multi(client):
    async def move_all(both):
        both.multi()
        for entry_id, fields in await both.xrange("orders:dead"):
            both.xadd("orders", fields).xdel("orders:dead", entry_id)

    await client.transaction(move_all, "orders:dead")


async def reads_a_list(client):
    return await client.lrange("orders", 0, -1) == await client.lrange("mails", 0, -1)


mistake("9.1", "return when nothing is left", waits_for_more)
mistake("9.1", "An entry has one field, `job`", another_field)
mistake("9.3", "After `multi()` a command is queued", reads_after_multi)
mistake("9.4", "`orders` holds a stream", reads_a_list)
