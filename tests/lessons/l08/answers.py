"""Answers to the exercises of lesson 8."""

from redis.exceptions import ResponseError, WatchError

from .. import mistake, other_way


async def adds_then_marks(worker, payment, amount):
    if not await worker.exists(f"paid:{payment}"):
        await worker.incrby("paid", amount)
        await worker.set(f"paid:{payment}", amount)


async def marks_then_adds(worker, payment, amount):
    if await worker.set(f"paid:{payment}", amount, nx=True):
        await worker.incrby("paid", amount)


async def does_not_watch(worker, payment, amount):
    if not await worker.exists(f"paid:{payment}"):
        async with worker.pipeline(transaction=True) as both:
            both.set(f"paid:{payment}", amount).incrby("paid", amount)
            await both.execute()


async def adds_every_time(worker, payment, amount):
    await worker.incrby("paid", amount)


async def only_marks(worker, payment, amount):
    await worker.set(f"paid:{payment}", amount)


mistake("8.1", "Each counted twice", adds_then_marks)
mistake("8.1", "between the mark and the money", marks_then_adds)
mistake("8.1", "WATCH the mark", does_not_watch)
mistake("8.1", "Each counted twice", adds_every_time)
mistake("8.1", "add to it with INCRBY", only_marks)


async def tries_until_it_works(worker, payment, amount):
    while True:
        async with worker.pipeline() as both:
            await both.watch("payments")
            if await both.hexists("payments", payment):
                return
            both.multi()
            both.hset("payments", payment, amount)
            both.incrby("paid", amount)
            try:
                await both.execute()
                return
            except WatchError:
                continue


other_way("8.1", tries_until_it_works)


async def one_after_the_other(shop, order):
    await shop.xadd("orders", {"order": order})
    await shop.rpush("mails", order)
    await shop.publish("dashboard", order)


async def not_a_transaction(shop, order):
    async with shop.pipeline(transaction=False) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        await both.execute()
    await shop.publish("dashboard", order)


async def tells_first(shop, order):
    await shop.publish("dashboard", order)
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        await both.execute()


async def tells_nobody(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        await both.execute()


mistake("8.2", "put both into one transaction", one_after_the_other)
mistake("8.2", "put both into one transaction", not_a_transaction)
mistake("8.2", "publish last", tells_first)
mistake("8.2", "to `dashboard`", tells_nobody)


async def all_in_one(shop, order):
    async with shop.pipeline() as everything:
        everything.rpush("mails", order)
        everything.xadd("orders", {"order": order})
        everything.publish("dashboard", order)
        await everything.execute()


other_way("8.2", all_in_one)


async def join(worker, team):
    try:
        await worker.xgroup_create("orders", team, id="0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


async def take(worker, team, start):
    reply = await worker.xreadgroup(team, "me", {"orders": start}, count=1)
    return reply[0][1] if reply else []


async def work(worker, team, handle):
    await join(worker, team)
    for start in ("0", ">"):
        while entries := await take(worker, team, start):
            for order in entries[0][1].values():
                handle(order)
            await worker.xack("orders", team, entries[0][0])


async def work_trustingly(worker, team, handle):
    await join(worker, team)
    for start in ("0", ">"):
        while entries := await take(worker, team, start):
            handle(entries[0][1]["order"])
            await worker.xack("orders", team, entries[0][0])


async def work_hastily(worker, team, handle):
    await join(worker, team)
    while entries := await take(worker, team, ">"):
        await worker.xack("orders", team, entries[0][0])
        handle(entries[0][1]["order"])


async def work_in_one_team(worker, team, handle):
    await work(worker, "everybody", handle)


async def send_mails(worker, handle):
    while await worker.lmove("mails:taken", "mails", "RIGHT", "LEFT"):
        pass
    while order := await worker.lmove("mails", "mails:taken"):
        handle(order)
        await worker.lrem("mails:taken", 1, order)


async def send_mails_by_pop(worker, handle):
    while order := await worker.lpop("mails"):
        handle(order)


async def send_mails_without_sweep(worker, handle):
    while order := await worker.lmove("mails", "mails:taken"):
        handle(order)
        await worker.lrem("mails:taken", 1, order)


mistake("8.3", "acknowledge last", all_in_one, work_hastily, send_mails)
mistake("8.3", "shipping never handled", all_in_one, work_in_one_team, send_mails)
mistake("8.3", "mail never handled", all_in_one, work, send_mails_by_pop)
mistake("8.3", "mail never handled", all_in_one, work, send_mails_without_sweep)
mistake("8.3", "one transaction", one_after_the_other, work, send_mails)


mistake("8.3", "was trimmed: acknowledge it", all_in_one, work_trustingly, send_mails)


async def look_then_send(worker, handle):
    while orders := await worker.lrange("mails", 0, 0):
        handle(orders[0])
        await worker.lpop("mails")


other_way("8.3", all_in_one, work, look_then_send)


async def marks_the_amount(worker, payment, amount):
    async def add(transaction):
        seen = await transaction.exists(f"paid:{amount}")
        transaction.multi()
        if not seen:
            transaction.set(f"paid:{amount}", 1).incrby("paid", amount)

    await worker.transaction(add, f"paid:{amount}")


async def gives_up(worker, payment, amount):
    async with worker.pipeline() as transaction:
        await transaction.watch(payment)
        if not await transaction.exists(payment):
            transaction.multi()
            transaction.set(payment, 1).incrby("paid", amount)
            await transaction.execute()


async def by_script(worker, payment, amount):
    await worker.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, "paid", amount)


mistake("8.1", "mark them by name", marks_the_amount)
mistake("8.1", "begin again", gives_up)
mistake("8.1", "find another way", by_script)


async def deletes_at_the_end(worker, team, handle):
    await work(worker, team, handle)
    await worker.delete("orders")


async def place_in_redis(worker, team, handle):
    place = await worker.get(f"place:{team}") or "0"
    while reply := await worker.xread({"orders": place}, count=1):
        [(_, [(place, fields)])] = reply
        handle(fields["order"])
        await worker.set(f"place:{team}", place)


mistake("8.3", "delete nothing", all_in_one, deletes_at_the_end, send_mails)
mistake("8.3", "a group of its own name", all_in_one, place_in_redis, send_mails)
