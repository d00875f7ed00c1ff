"""Workers that keep what they promise, in the styles in which people write them."""

import asyncio
import json
import time
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError, WatchError

from helpers.explore.program import Handle

from .programs import add, keep_own, mark_first, move_to_own, push, push_apart

RIGHT: dict[str, tuple[Any, Any, dict[str, Any]]] = {}
FEWER = {"jobs": 2}  # where all schedules of three jobs take more than a few seconds


def right(send: Any, **options: Any) -> Any:
    """Note a worker with how it is sent to and what it promises."""

    def note(work: Any) -> Any:
        RIGHT[work.__name__] = send, work, options
        return work

    return note


async def group(client: Redis) -> None:
    try:
        await client.xgroup_create("orders", "g", "0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def entries_of(reply: Any) -> list[Any]:
    """List the entries in a reply of XREADGROUP; under RESP3 they are in a list more."""
    found: list[Any] = []
    for entries in dict(reply or {}).values():
        found += entries[0] if entries and isinstance(entries[0], list) else entries
    return found


RIGHT["a list of one's own"] = push, move_to_own, {}
RIGHT["a queue of one's own"] = push_apart, keep_own, {}
RIGHT["marks nothing lost without crashes"] = push, mark_first, {"crashes": 0, "once": True}


@right(add)
async def acknowledges_after(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=1)):
            for entry, fields in found:
                await handle(fields["job"])
                await client.xack("orders", "g", entry)


@right(add)
async def reads_in_batches(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=10)):
            for entry, fields in found:
                await handle(fields["job"])
                await client.xack("orders", "g", entry)


@right(add, **FEWER)
async def claims_what_is_old(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    while True:
        claimed = await client.xautoclaim("orders", "g", name, 60_000, "0-0")
        found = claimed[1] or entries_of(
            await client.xreadgroup("g", name, {"orders": ">"}, count=1, block=5000)
        )
        for entry, fields in found:
            await handle(fields["job"])
            await client.xack("orders", "g", entry)


@right(add)
async def acknowledges_and_deletes_at_once(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=1)):
            for entry, fields in found:
                await handle(fields["job"])
                async with client.pipeline(transaction=True) as pipe:
                    pipe.xack("orders", "g", entry)
                    pipe.xdel("orders", entry)
                    await pipe.execute()


@right(push)
async def waits_and_moves(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange(f"taken:{name}", 0, -1):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)
    while job := await client.blmove("orders", f"taken:{name}", 5, "LEFT", "RIGHT"):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


@right(push)
async def moves_in_the_old_way(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lindex(f"taken:{name}", -1):
        await handle(job)
        await client.rpop(f"taken:{name}")
    while job := await client.brpoplpush("orders", f"taken:{name}", 5):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


async def put_back(client: Redis) -> None:
    async for key in client.scan_iter("taken:*"):
        while await client.lmove(key, "orders", "RIGHT", "LEFT"):
            pass


@right(push, rescue=put_back)
async def leaves_it_to_a_keeper(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lmove("orders", f"taken:{name}", "LEFT", "LEFT"):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


async def schedule(client: Redis, job: str) -> None:
    await client.zadd("jobs", {job: 0})


@right(schedule, jobs=1)
async def leases_with_watch(client: Redis, name: str, handle: Handle) -> None:
    while True:
        now = time.time()
        due = await client.zrangebyscore("jobs", 0, now, start=0, num=1)
        if not due:
            if not await client.zcard("jobs"):
                return
            await asyncio.sleep(10)
            continue
        async with client.pipeline() as pipe:
            await pipe.watch("jobs")
            score = await pipe.zscore("jobs", due[0])
            if score is None or score > now:
                continue
            pipe.multi()
            pipe.zadd("jobs", {due[0]: now + 30})
            try:
                await pipe.execute()
            except WatchError:
                continue
        await handle(due[0])
        await client.zrem("jobs", due[0])


@right(push, **FEWER)
async def leases_in_a_transaction(client: Redis, name: str, handle: Handle) -> None:
    while True:
        async with client.pipeline() as pipe:
            await pipe.watch("orders")
            job = await pipe.lindex("orders", 0)
            if job is None:
                break
            pipe.multi()
            pipe.lpop("orders")
            pipe.zadd("leases", {job: time.time() + 30})
            try:
                await pipe.execute()
            except WatchError:
                continue
        await handle(job)
        await client.zrem("leases", job)
    for job in await client.zrangebyscore("leases", 0, time.time()):
        await handle(job)
        await client.zrem("leases", job)


@right(push)
async def locks_each_job(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange("orders", 0, -1):
        if await client.set(f"lock:{job}", name, nx=True, ex=30):
            if not await client.exists(f"done:{job}"):
                await handle(job)
            async with client.pipeline(transaction=True) as pipe:
                pipe.set(f"done:{job}", name)
                pipe.lrem("orders", 1, job)
                await pipe.execute()


CLAIM = """
local job = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
if not job then return false end
redis.call('HINCRBY', KEYS[3], job, 1)
return job
"""


@right(push, **FEWER)
async def claims_by_a_script(client: Redis, name: str, handle: Handle) -> None:
    claim, mine = client.register_script(CLAIM), f"taken:{name}"
    while job := await client.lindex(mine, 0) or await claim(keys=["orders", mine, "tries"]):
        await handle(job)
        await client.lrem(mine, 1, job)


@right(push, **FEWER)
async def works_behind_a_lock(client: Redis, name: str, handle: Handle) -> None:
    async with client.lock("lock", timeout=10):
        while job := await client.lindex("orders", 0):
            await handle(job)
            await client.lpop("orders")


async def push_and_tell(client: Redis, job: str) -> None:
    await client.rpush("orders", job)
    await client.publish("news", job)


@right(push_and_tell, **FEWER)
async def is_woken_by_news(client: Redis, name: str, handle: Handle) -> None:
    taken = f"taken:{name}"
    async with client.pubsub() as pubsub:
        await pubsub.subscribe("news")
        while True:
            while await client.lmove(taken, "orders", "RIGHT", "LEFT"):
                pass
            while job := await client.lmove("orders", taken, "LEFT", "LEFT"):
                await handle(job)
                await client.lrem(taken, 1, job)
            if not await pubsub.get_message(ignore_subscribe_messages=True, timeout=30):
                return


@right(push, in_sequence=True)
async def lets_one_lead(client: Redis, name: str, handle: Handle) -> None:
    while not await client.set("leader", name, nx=True, ex=60):
        if await client.get("leader") == name:
            break  # from an earlier life
        await asyncio.sleep(20)
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lpop("orders")
    await client.delete("leader")


@right(push, crashes=0, once=True)
async def pops_where_nobody_dies(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lpop("orders"):
        await handle(job)


async def all_are_paid(client: Redis) -> bool:
    return await client.hgetall("paid") == {f"job-{n}": "1" for n in (1, 2, 3)}


@right(push, holds=all_are_paid)
async def pays_once(client: Redis, name: str, handle: Handle) -> None:
    mine = f"taken:{name}"
    while job := await client.lindex(mine, 0) or await client.lmove("orders", mine, "LEFT", "LEFT"):
        async with client.pipeline(transaction=True) as pipe:
            pipe.hincrby("paid", job, 1)
            pipe.lpop(mine)
            await pipe.execute()


@right(add, **FEWER)
async def polls_with_pauses(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    start = "0"
    while True:
        found = entries_of(await client.xreadgroup("g", name, {"orders": start}, count=1))
        for entry, fields in found:
            await handle(fields["job"])
            await client.xack("orders", "g", entry)
        if not found and start == ">":
            await asyncio.sleep(1)
        if not found:
            start = ">"


@right(add, **FEWER)
async def handles_two_at_a_time(client: Redis, name: str, handle: Handle) -> None:
    async def one(entry: str, job: str) -> None:
        await handle(job)
        await client.xack("orders", "g", entry)

    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=2)):
            await asyncio.gather(*(one(entry, fields["job"]) for entry, fields in found))


async def put_in_a_hash(client: Redis, job: str) -> None:
    await client.hset("state", job, "new")


@right(put_in_a_hash)
async def owns_by_name(client: Redis, name: str, handle: Handle) -> None:
    for job in sorted(await client.hgetall("state")):
        mine = await client.hsetnx("owner", job, name) or await client.hget("owner", job) == name
        if mine and await client.hget("state", job) == "new":
            await handle(job)
            await client.hset("state", job, "done")


@right(push, **FEWER)
async def renews_its_lease(client: Redis, name: str, handle: Handle) -> None:
    async def renew(lease: str) -> None:
        while True:
            await asyncio.sleep(10)
            await client.expire(lease, timedelta(seconds=30))

    while jobs := await client.lrange("orders", 0, -1):
        lease = f"lease:{jobs[0]}"
        if await client.set(lease, name, nx=True, ex=timedelta(seconds=30)):
            renewal = asyncio.create_task(renew(lease))
            await handle(jobs[0])
            await client.lrem("orders", 1, jobs[0])
            renewal.cancel()
            await client.delete(lease)
        else:
            await asyncio.sleep(5)


@right(push, rescue=put_back, **FEWER)
async def waits_for_a_job_or_its_end(client: Redis, name: str, handle: Handle) -> None:
    end = asyncio.create_task(asyncio.sleep(30))
    while not end.done():
        take = asyncio.create_task(client.blmove("orders", f"taken:{name}", 0))
        done, _ = await asyncio.wait({take, end}, return_when=asyncio.FIRST_COMPLETED)
        if take in done:
            await handle(take.result())
            await client.lrem(f"taken:{name}", 1, take.result())
        else:
            take.cancel()


async def push_with_a_date(client: Redis, job: str) -> None:
    await client.rpush("orders", json.dumps({"job": job, "at": datetime.now().isoformat()}))


@right(push_with_a_date, rescue=put_back, once=True, crashes=0)
async def reads_dates(client: Redis, name: str, handle: Handle) -> None:
    while raw := await client.lmove("orders", f"taken:{name}"):
        order = json.loads(raw)
        assert datetime.now() >= datetime.fromisoformat(order["at"])
        await handle(order["job"])
        await client.lrem(f"taken:{name}", 1, raw)


class Consumer:
    """A consumer as an object that can be called, with a count of its own in each life."""

    async def __call__(self, client: Redis, name: str, handle: Handle) -> None:
        await group(client)
        done = 0
        for read in (self.old, self.new):
            while entries := await read(client, name):
                await asyncio.gather(*(handle(fields["job"]) for _, fields in entries))
                done += await client.xack("orders", "g", *(entry for entry, _ in entries))

    async def old(self, client: Redis, name: str) -> list:
        return (await client.xautoclaim("orders", "g", name, 60_000))[1]

    async def new(self, client: Redis, name: str) -> list:
        return entries_of(await client.xreadgroup("g", name, {"orders": ">"}, count=10))


RIGHT["a consumer that is an object"] = add, Consumer(), FEWER
