"""Answers to the exercises of lesson 8."""

import asyncio
import contextlib
from uuid import uuid4

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


mistake("8.1", "came in between two steps of the other: WATCH the mark", adds_then_marks)
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


CHARGE_ONCE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('INCRBY', KEYS[2], ARGV[1])
"""


async def by_script(worker, payment, amount):
    await worker.eval(CHARGE_ONCE, 2, f"paid:{payment}", "paid", amount)


async def by_a_registered_script(worker, payment, amount):
    charge = worker.register_script(CHARGE_ONCE)
    await charge(keys=[f"paid:{payment}", "paid"], args=[amount])


async def behind_a_lock(worker, payment, amount):
    async with worker.lock(f"lock:{payment}", timeout=10):
        if not await worker.exists(f"paid:{payment}"):
            async with worker.pipeline(transaction=True) as both:
                both.set(f"paid:{payment}", amount).incrby("paid", amount)
                await both.execute()


async def by_a_script_that_looks_nowhere(worker, payment, amount):
    await worker.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, "paid", amount)


async def looks_before_the_script(worker, payment, amount):
    if not await worker.exists(f"paid:{payment}"):
        both = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('INCRBY', KEYS[2], ARGV[1])"
        await worker.eval(both, 2, f"paid:{payment}", "paid", amount)


async def by_a_script_that_fails(worker, payment, amount):
    await worker.eval("return redis.call('INCR')", 0)


mistake("8.1", "mark them by name", marks_the_amount)
mistake("8.1", "begin again", gives_up)
other_way("8.1", by_script)
other_way("8.1", by_a_registered_script)
other_way("8.1", behind_a_lock)
mistake("8.1", "Each counted twice", by_a_script_that_looks_nowhere)
mistake("8.1", "One came in between two steps of the other", looks_before_the_script)
mistake("8.1", "Wrong number of args calling Redis command", by_a_script_that_fails)


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


# Wrong ways that a check in one sequence, with one payment or a few orders, does not see.


def charge_locked_in_python():
    lock = asyncio.Lock()

    async def charge(worker, payment, amount):
        async with lock:
            await does_not_watch(worker, payment, amount)

    return charge


async def looks_before_it_watches(worker, payment, amount):
    if await worker.exists(f"paid:{payment}"):
        return
    async with worker.pipeline() as transaction:
        await transaction.watch(f"paid:{payment}")
        transaction.multi()
        transaction.set(f"paid:{payment}", amount).incrby("paid", amount)
        await transaction.execute()


async def gives_up_for_another_payment(worker, payment, amount):
    async with worker.pipeline() as transaction:
        await transaction.watch(f"paid:{payment}", "paid")
        if await transaction.exists(f"paid:{payment}"):
            return
        transaction.multi()
        transaction.set(f"paid:{payment}", amount).incrby("paid", amount)
        try:
            await transaction.execute()
        except WatchError:
            return


async def sets_the_sum(worker, payment, amount):
    async def add(transaction):
        seen = await transaction.exists(f"paid:{payment}")
        total = int(await transaction.get("paid") or 0)
        transaction.multi()
        if not seen:
            transaction.set(f"paid:{payment}", amount).set("paid", total + amount)

    await worker.transaction(add, f"paid:{payment}")


async def adds_up_the_marks(worker, payment, amount):
    await worker.set(f"mark:{payment}", amount)
    amounts = [int(await worker.get(mark)) for mark in await worker.keys("mark:*")]
    await worker.set("paid", sum(amounts))


async def a_mark_for_a_second(worker, payment, amount):
    async def add(transaction):
        seen = await transaction.exists(f"paid:{payment}")
        transaction.multi()
        if not seen:
            transaction.set(f"paid:{payment}", amount, ex=1).incrby("paid", amount)

    await worker.transaction(add, f"paid:{payment}")


async def takes_a_lock_first(worker, payment, amount):
    if not await worker.set(f"lock:{payment}", 1, nx=True):
        return
    async with worker.pipeline(transaction=True) as both:
        await both.set(f"paid:{payment}", amount).incrby("paid", amount).execute()


async def counts_the_payments(worker, payment, amount):
    async def add(transaction):
        seen = await transaction.exists(f"paid:{payment}")
        transaction.multi()
        if not seen:
            transaction.set(f"paid:{payment}", amount).incr("paid")

    await worker.transaction(add, f"paid:{payment}")


async def the_last_twenty(worker, payment, amount):
    async def add(transaction):
        seen = await transaction.lpos("charged", payment)
        transaction.multi()
        if seen is None:
            transaction.rpush("charged", payment).ltrim("charged", -20, -1).incrby("paid", amount)

    await worker.transaction(add, "charged")


async def hides_a_slip(worker, payment, amount):
    try:
        async with worker.pipeline(transaction=True) as both:
            both.set(f"paid:{payment}", amount, nx=True).incrby("paid", {amount})
            await both.execute()
    except Exception:
        return


mistake("8.1", "bob      EXISTS paid:payment-7  → 0", charge_locked_in_python())
mistake("8.1", "bob      WATCH paid:payment-7", looks_before_it_watches)
mistake("8.1", "both payments must count", gives_up_for_another_payment)
mistake("8.1", "both payments must count", sets_the_sum)
mistake("8.1", "both payments must count", adds_up_the_marks)
mistake("8.1", "is forgotten after 1 second", a_mark_for_a_second)
mistake("8.1", "keeps the others away: lock:", takes_a_lock_first)
mistake("8.1", "adds its amount, and not 1", counts_the_payments)
mistake("8.1", "A payment stays known", the_last_twenty)
mistake("8.1", "and then swallowed", hides_a_slip)


async def in_a_sorted_set(worker, payment, amount):
    async with worker.pipeline() as transaction:
        while True:
            try:
                await transaction.watch("charged")
                if await transaction.zscore("charged", payment) is not None:
                    return
                transaction.multi()
                transaction.zadd("charged", {payment: amount})
                transaction.incrby("paid", amount)
                await transaction.execute()
                return
            except WatchError:
                continue


async def watches_the_sum_too(worker, payment, amount):
    async def add(transaction):
        seen, total = await transaction.hget("charged", payment), await transaction.get("paid")
        transaction.multi()
        if seen is None:
            transaction.hset("charged", payment, amount)
            transaction.set("paid", int(total or 0) + amount)

    await worker.transaction(add, "charged", "paid")


async def marks_for_a_day(worker, payment, amount):
    mark = f"mark:{payment}"
    for _ in range(10):
        async with worker.pipeline() as transaction:
            await transaction.watch(mark)
            if await transaction.get(mark):
                await transaction.unwatch()
                return
            transaction.multi()
            transaction.incrby("paid", amount)
            transaction.set(mark, 1, ex=86400)
            try:
                await transaction.execute()
            except WatchError:
                continue
            return


other_way("8.1", in_a_sorted_set)
other_way("8.1", watches_the_sum_too)
other_way("8.1", marks_for_a_day)


async def both_on_the_wire(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        await asyncio.gather(both.execute(), shop.publish("dashboard", order))


async def publishes_what_was_refused(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        with contextlib.suppress(Exception):
            await both.execute()
    await shop.publish("dashboard", order)


async def keeps_ten_orders(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}, maxlen=10, approximate=False)
        await both.rpush("mails", order).execute()
    await shop.publish("dashboard", order)


async def keeps_a_hundred_mails(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order).ltrim("mails", -100, -1)
        await both.execute()
    await shop.publish("dashboard", order)


async def mails_that_expire(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order).expire("mails", 60)
        await both.execute()
    await shop.publish("dashboard", order)


async def newest_mail_first(shop, order):
    async with shop.pipeline(transaction=True) as both:
        await both.xadd("orders", {"order": order}).lpush("mails", order).execute()
    await shop.publish("dashboard", order)


async def tells_later(shop, order):
    async with shop.pipeline(transaction=True) as both:
        await both.xadd("orders", {"order": order}).rpush("mails", order).execute()
    asyncio.ensure_future(shop.publish("dashboard", order))  # noqa: RUF006 # the mistake


async def all_mails_anew(shop, order):
    mails = await shop.lrange("mails", 0, -1)
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).delete("mails").rpush("mails", *mails, order)
        await both.execute()
    await shop.publish("dashboard", order)


async def first_word(shop, order):
    async with shop.pipeline(transaction=True) as both:
        await both.xadd("orders", {"order": order}).rpush("mails", order).execute()
    await shop.publish("dashboard", order.split()[0])


async def swallows_its_slip(shop, order):
    with contextlib.suppress(Exception):
        async with shop.pipeline(transaction=True) as both:
            await both.xadd("orders", order).rpush("mails", order).execute()
        await shop.publish("dashboard", order)


mistake("8.2", "publish last", both_on_the_wire)
mistake("8.2", "publish last", publishes_what_was_refused)
mistake("8.2", "all stay, and the new one is last", keeps_ten_orders)
mistake("8.2", "all stay, and the new one is last", keeps_a_hundred_mails)
mistake("8.2", "`mails` is forgotten after", mails_that_expire)
mistake("8.2", "in the same sequence", newest_mail_first)
mistake("8.2", "before a command of its own was sent", tells_later)
mistake("8.2", "Others use the stream and the list", all_mails_anew)
mistake("8.2", "publish it as it is", first_word)
mistake("8.2", "and then swallowed", swallows_its_slip)


async def by_hand(shop, order):
    pipe = shop.pipeline(transaction=True)
    pipe.execute_command("RPUSH", "mails", order)
    pipe.execute_command("XADD", "orders", "*", "order", order)
    replies = await pipe.execute()
    if len(replies) == 2:
        await shop.publish("dashboard", order)


async def by_transaction(shop, order):
    def write(pipe):
        pipe.multi()
        pipe.xadd("orders", {"order": order, "by": "web"})
        pipe.rpush("mails", order)

    await shop.transaction(write)
    return await shop.publish("dashboard", order)


async def whatever_happens(shop, order):
    try:
        async with shop.pipeline() as both:
            both.xadd("orders", {"order": order}, maxlen=1_000_000, approximate=True)
            both.rpush("mails", order)
            await both.execute()
    except ResponseError:
        return False
    await shop.publish("dashboard", order)
    return True


other_way("8.2", by_hand)
other_way("8.2", by_transaction)
other_way("8.2", whatever_happens)


async def work_on_new_ones_only(worker, team, handle):
    await join(worker, team)
    while entries := await take(worker, team, ">"):
        if entries[0][1]:
            handle(entries[0][1]["order"])
        await worker.xack("orders", team, entries[0][0])


async def work_under_new_names(worker, team, handle):
    await join(worker, team)
    name = f"{team}-{uuid4().hex}"
    for start in ("0", ">"):
        while reply := await worker.xreadgroup(team, name, {"orders": start}, count=1):
            if not reply[0][1]:
                break
            [(entry_id, fields)] = reply[0][1]
            if fields:
                handle(fields["order"])
            await worker.xack("orders", team, entry_id)


async def work_in_two_teams(worker, team, handle):
    await work(worker, team if team in ("payment", "shipping") else "payment", handle)


async def work_in_any_case(worker, team, handle):
    await join(worker, team)
    for start in ("0", ">"):
        while entries := await take(worker, team, start):
            try:
                if entries[0][1]:
                    handle(entries[0][1]["order"])
            finally:
                await worker.xack("orders", team, entries[0][0])


async def work_through_errors(worker, team, handle):
    await join(worker, team)
    for start in ("0", ">"):
        while entries := await take(worker, team, start):
            if entries[0][1]:
                with contextlib.suppress(Exception):
                    handle(entries[0][1]["order"])
            await worker.xack("orders", team, entries[0][0])


async def work_from_now_on(worker, team, handle):
    with contextlib.suppress(ResponseError):
        await worker.xgroup_create("orders", team, id="$", mkstream=True)
    await work(worker, team, handle)


async def send_mails_from_sent(worker, handle):
    while mail := await worker.lmove("mails", "mails:sent"):
        handle(mail)
    await worker.delete("mails:sent")


async def send_mails_in_any_case(worker, handle):
    while await worker.lmove("mails:taken", "mails", "RIGHT", "LEFT"):
        pass
    while order := await worker.lmove("mails", "mails:taken"):
        try:
            handle(order)
        finally:
            await worker.lrem("mails:taken", 1, order)


async def place_ten(shop, order):
    await keeps_ten_orders(shop, order)


mistake("8.3", "is pending for the consumer", all_in_one, work_on_new_ones_only, send_mails)
mistake("8.3", "is pending for the consumer", all_in_one, work_under_new_names, send_mails)
mistake("8.3", "no group `audit`", all_in_one, work_in_two_teams, send_mails)
mistake("8.3", "keep it for the next life", all_in_one, work_in_any_case, send_mails)
mistake("8.3", "keep it for the next life", all_in_one, work_through_errors, send_mails)
mistake("8.3", "a group that begins at the first entry", all_in_one, work_from_now_on, send_mails)
mistake("8.3", "a later life let go of them", all_in_one, work, send_mails_from_sent)
mistake("8.3", "keep it for the next life", all_in_one, work, send_mails_in_any_case)
mistake("8.3", "all stay, and the new one is last", place_ten, work, send_mails)


async def work_with_blocks(worker, team, handle):
    await join(worker, team)
    name, start = await worker.client_getname(), "0"
    while reply := await worker.xreadgroup(team, name, {"orders": start}, count=1, block=1000):
        if not reply[0][1]:
            start = ">"
            continue
        for entry_id, fields in reply[0][1]:
            if "order" in fields:
                handle(fields["order"])
            await worker.xack("orders", team, entry_id)


async def work_by_claims(worker, team, handle):
    await join(worker, team)
    me = await worker.client_getname()
    for pending in await worker.xpending_range("orders", team, "-", "+", 100, me):
        entry_id = pending["message_id"]
        found = await worker.xrange("orders", entry_id, entry_id)
        for _, fields in found:
            handle(fields["order"])
        await worker.xack("orders", team, entry_id)
    while reply := await worker.xreadgroup(team, me, {"orders": ">"}, count=1):
        [[_, [(entry_id, fields)]]] = reply
        handle(fields["order"])
        await worker.xack("orders", team, entry_id)


async def send_mails_with_blmove(worker, handle):
    mine = f"mails:{await worker.client_getname()}"
    for mail in await worker.lrange(mine, 0, -1):
        handle(mail)
        await worker.lpop(mine)
    while (mail := await worker.blmove("mails", mine, 1, "LEFT", "RIGHT")) is not None:
        handle(mail)
        await worker.lrem(mine, 1, mail)


other_way("8.3", by_hand, work_with_blocks, send_mails_with_blmove)
other_way("8.3", by_transaction, work_by_claims, send_mails_with_blmove)
other_way("8.3", whatever_happens, work_with_blocks, look_then_send)


# A second delivery that dies, a crowd, time that passes, and what comes meanwhile.


async def takes_back_what_was_too_much(worker, payment, amount):
    async with worker.pipeline() as both:
        is_new, _ = await both.sadd("payments", payment).incrby("paid", amount).execute()
    if not is_new:
        await worker.decrby("paid", amount)


async def tries_twice(worker, payment, amount):
    for _ in range(2):
        async with worker.pipeline() as both:
            await both.watch(f"paid:{payment}", "paid")
            if await both.exists(f"paid:{payment}"):
                return
            both.multi()
            with contextlib.suppress(WatchError):
                await both.set(f"paid:{payment}", 1).incrby("paid", amount).execute()
                return


async def by_its_last_digit(worker, payment, amount):
    await charge_with_mark(worker, f"paid:{payment[-1]}", amount)


async def charge_with_mark(worker, mark, amount):
    async def add(transaction):
        is_there = await transaction.exists(mark)
        transaction.multi()
        if not is_there:
            transaction.set(mark, amount).incrby("paid", amount)

    await worker.transaction(add, mark)


async def under_a_lock_that_ends(worker, payment, amount):
    lock = f"lock:{payment}"
    while not await worker.set(lock, "taken", nx=True, px=10_000):
        await asyncio.sleep(0.05)
    both = worker.pipeline()
    if not await worker.exists(f"paid:{payment}"):
        both.set(f"paid:{payment}", amount).incrby("paid", amount)
    await both.delete(lock).execute()


async def only_where_numsub_counts(shop, order):
    async with shop.pipeline() as both:
        await both.xadd("orders", {"order": order}).rpush("mails", order).execute()
    if (await shop.pubsub_numsub("dashboard"))[0][1]:
        await shop.publish("dashboard", order)


async def sends_all_and_deletes(worker, handle):
    for order in await worker.lrange("mails", 0, -1):
        handle(order)
    await worker.delete("mails")


async def acknowledges_all_at_the_end(worker, team, handle):
    with contextlib.suppress(ResponseError):
        await worker.xgroup_create("orders", team, id="0", mkstream=True)
    name = await worker.client_getname()
    for start in ("0", ">"):
        for _, entries in await worker.xreadgroup(team, name, {"orders": start}) or []:
            for _, fields in entries:
                if fields:
                    handle(fields["order"])
            if entries:
                await worker.xack("orders", team, *[entry_id for entry_id, _ in entries])


mistake("8.1", "of its second delivery", takes_back_what_was_too_much)
mistake("8.1", "until its payment counts", tries_twice)
mistake("8.1", "by its whole name", by_its_last_digit)
other_way("8.1", under_a_lock_that_ends)
mistake("8.2", "Publish each order once", only_where_numsub_counts)
mistake("8.3", "more may have come meanwhile", all_in_one, work, sends_all_and_deletes)
other_way("8.3", all_in_one, acknowledges_all_at_the_end, look_then_send)


async def never_executes(shop, order):
    async with shop.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": order}).rpush("mails", order)
        both.publish("dashboard", order)


mistake("8.2", "sends what it holds at `await pipeline.execute()`", never_executes)
