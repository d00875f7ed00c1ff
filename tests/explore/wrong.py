"""Workers that look right and are not, each with what goes wrong."""

import asyncio
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError, ResponseError

from helpers.explore.program import Handle

from .programs import (
    acknowledge_before,
    add,
    keep_by_one,
    look_and_remove,
    mark_first,
    mark_in_a_transaction,
    move_to_shared,
    pop,
    push,
    wait_and_pop,
)
from .right import FEWER, entries_of, group, schedule

WRONG: dict[str, tuple[str, Any, Any, dict[str, Any]]] = {}
ONCE = {"once": True, "crashes": 0}


def wrong(fault: str, send: Any, **options: Any) -> Any:
    """Note a worker with what goes wrong, how it is sent to and what it promises."""

    def note(work: Any) -> Any:
        WRONG[work.__name__] = fault, send, work, options
        return work

    return note


WRONG["pops"] = "lost", push, pop, {}
WRONG["waits and pops"] = "lost", push, wait_and_pop, {}
WRONG["removes whatever stands first"] = "lost", push, keep_by_one, {"crashes": 0}
WRONG["looks, then removes"] = "repeated", push, look_and_remove, ONCE
WRONG["marks before the work"] = "lost", push, mark_first, {}
WRONG["marks in a transaction, before the work"] = "lost", push, mark_in_a_transaction, FEWER
WRONG["acknowledges before the work"] = "lost", add, acknowledge_before, {}
WRONG["robs a shared list"] = "repeated", push, move_to_shared, ONCE


@wrong("lost", add)
async def acknowledges_the_last_one_early(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=1)):
            for entry, fields in found:
                if fields["job"] == "job-3":
                    await client.xack("orders", "g", entry)
                    await handle(fields["job"])
                else:
                    await handle(fields["job"])
                    await client.xack("orders", "g", entry)


@wrong("lost", add)
async def asks_for_no_acknowledgement(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    while found := entries_of(
        await client.xreadgroup("g", name, {"orders": ">"}, count=1, noack=True)
    ):
        await handle(found[0][1]["job"])


@wrong("repeated", add, **ONCE, **FEWER)
async def robs_the_living(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    while True:
        claimed = await client.xautoclaim("orders", "g", name, 0, "0-0", count=1)
        found = claimed[1] or entries_of(
            await client.xreadgroup("g", name, {"orders": ">"}, count=1)
        )
        if not found:
            return
        await handle(found[0][1]["job"])
        await client.xack("orders", "g", found[0][0])


@wrong("repeated", schedule, **ONCE, **FEWER)
async def moves_twice(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.zrangebyscore("jobs", 0, 1):
        await client.rpush("orders", job)
        await client.zrem("jobs", job)
    while job := await client.lpop("orders"):
        await handle(job)


@wrong("lost", schedule, **FEWER)
async def moves_in_two_steps(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.zrangebyscore("jobs", 0, 1):
        if await client.zrem("jobs", job):
            await client.rpush("orders", job)
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lrem("orders", 1, job)


@wrong("lost", add, **FEWER)
async def drops_what_is_pending(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for entry in await client.xpending_range("orders", "g", "-", "+", 10, consumername=name):
        await client.xack("orders", "g", entry["message_id"])  # from an earlier life, it thinks
    while found := entries_of(await client.xreadgroup("g", name, {"orders": ">"}, count=1)):
        await handle(found[0][1]["job"])
        await client.xack("orders", "g", found[0][0])


@wrong("lost", add, **FEWER)
async def forgets_who_has_died(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    await client.xgroup_delconsumer("orders", "g", name)
    while found := entries_of(await client.xreadgroup("g", name, {"orders": ">"}, count=1)):
        await handle(found[0][1]["job"])
        await client.xack("orders", "g", found[0][0])


@wrong("lost", push)
async def takes_in_two_steps(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange(f"taken:{name}", 0, -1):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)
    while job := await client.lpop("orders"):
        await client.rpush(f"taken:{name}", job)
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


@wrong("lost", push, **FEWER)
async def takes_in_a_pipeline_of_two(client: Redis, name: str, handle: Handle) -> None:
    job = await client.lindex("orders", 0)
    while job:
        async with client.pipeline(transaction=True) as pipe:
            pipe.lpop("orders")
            pipe.rpush(f"taken:{name}", job)
            await pipe.execute()
        await handle(job)
        await client.lrem(f"taken:{name}", 0, job)
        job = await client.lindex("orders", 0)


@wrong("repeated", add, **ONCE)
async def two_of_one_name(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(
            await client.xreadgroup("g", "worker", {"orders": start}, count=1)
        ):
            await handle(found[0][1]["job"])
            await client.xack("orders", "g", found[0][0])


async def add_to_a_short_stream(client: Redis, job: str) -> None:
    await client.xadd("orders", {"job": job}, maxlen=1, approximate=False)


@wrong("lost", add_to_a_short_stream, crashes=0)
async def reads_a_short_stream(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    while found := entries_of(await client.xreadgroup("g", name, {"orders": ">"}, count=1)):
        await handle(found[0][1]["job"])
        await client.xack("orders", "g", found[0][0])


async def tell(client: Redis, job: str) -> None:
    await client.publish("orders", job)


@wrong("lost", tell, crashes=0)
async def hears_only_what_is_said_now(client: Redis, name: str, handle: Handle) -> None:
    async with client.pubsub() as pubsub:
        await pubsub.subscribe("orders")
        while message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=30):
            await handle(message["data"])


@wrong("lost", add, crashes=0)
async def reads_from_now_on(client: Redis, name: str, handle: Handle) -> None:
    while found := entries_of(await client.xread({"orders": "$"}, block=5000)):
        for _, fields in found:
            await handle(fields["job"])


@wrong("lost", push, **FEWER)
async def never_gives_its_lock_up(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange("orders", 0, -1):
        if await client.set(f"lock:{job}", name, nx=True):
            await handle(job)
            await client.lrem("orders", 1, job)
            await client.delete(f"lock:{job}")


@wrong("repeated", push, **ONCE)
async def takes_what_others_hold(client: Redis, name: str, handle: Handle) -> None:
    for key in await client.keys("taken:*"):
        while job := await client.lindex(key, 0):
            await handle(job)
            await client.lrem(key, 1, job)
    while job := await client.lmove("orders", f"taken:{name}", "LEFT", "LEFT"):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


@wrong("lost", add, **FEWER)
async def acknowledges_for_all(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for start in ("0", ">"):
        while found := entries_of(await client.xreadgroup("g", name, {"orders": start}, count=1)):
            await handle(found[0][1]["job"])
            pending = await client.xpending_range("orders", "g", "-", "+", 10)
            await client.xack("orders", "g", *(entry["message_id"] for entry in pending))


async def all_are_counted(client: Redis) -> bool:
    return await client.get("total") == "3"


@wrong("broken", push, holds=all_are_counted, crashes=0)
async def counts_by_reading_and_writing(client: Redis, name: str, handle: Handle) -> None:
    while await client.lpop("orders"):
        total = int(await client.get("total") or 0)
        await client.set("total", total + 1)


@wrong("out_of_sequence", push, in_sequence=True, crashes=0)
async def two_hands_on_one_queue(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lpop("orders"):
        await handle(job)


@wrong("stuck", push)
async def waits_for_a_lock_without_end(client: Redis, name: str, handle: Handle) -> None:
    while not await client.set("lock", name, nx=True):
        await asyncio.sleep(0)
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lpop("orders")
    await client.delete("lock")


@wrong("lost", push)
async def gives_back_what_failed_too_late(client: Redis, name: str, handle: Handle) -> None:
    job = await client.lpop("orders")
    while job:
        try:
            await handle(job)
        finally:
            job = await client.lpop("orders")


@wrong("lost", push, **FEWER)
async def lets_taken_jobs_expire(client: Redis, name: str, handle: Handle) -> None:
    taken = f"taken:{name}"
    while job := await client.lindex(taken, 0) or await client.lmove("orders", taken):
        await client.expire(taken, 60)
        await handle(job)
        await client.lrem(taken, 1, job)


@wrong("lost", push, crashes=0)
async def drops_what_takes_too_long(client: Redis, name: str, handle: Handle) -> None:
    async def one() -> bool:
        if job := await client.lpop("orders"):
            await asyncio.sleep(2)
            await handle(job)
        return bool(job)

    with suppress(TimeoutError):
        while await asyncio.wait_for(one(), 1):
            pass


@wrong("lost", push, crashes=0)
async def renames_to_one_batch(client: Redis, name: str, handle: Handle) -> None:
    with suppress(ResponseError):
        while await client.rename("orders", "batch"):
            for job in await client.lrange("batch", 0, -1):
                await handle(job)
            await client.delete("batch")


@wrong("repeated", add, **ONCE, jobs=1)
async def claims_from_who_is_slow(client: Redis, name: str, handle: Handle) -> None:
    await group(client)
    for _ in range(2):
        entries = (await client.xautoclaim("orders", "g", name, 1000))[1]
        reply = entries or await client.xreadgroup("g", name, {"orders": ">"}, count=1)
        for entry, fields in entries or entries_of(reply):
            await asyncio.sleep(5)
            await handle(fields["job"])
            await client.xack("orders", "g", entry)
        await asyncio.sleep(1.5)


@wrong("lost", push, **FEWER)
async def gives_up_at_the_second_try(client: Redis, name: str, handle: Handle) -> None:
    taken = f"taken:{name}"
    while job := await client.lindex(taken, 0) or await client.lmove("orders", taken):
        if await client.hincrby("tries", job, 1) == 1:
            await handle(job)
        await client.lrem(taken, 1, job)


@wrong("lost", push, crashes=0)
async def listens_too_late(client: Redis, name: str, handle: Handle) -> None:
    news = client.pubsub(ignore_subscribe_messages=True)
    if not await client.llen("orders"):
        await news.subscribe("wake-up")
        await anext(news.listen())
    while job := await client.lpop("orders"):
        await handle(job)


@wrong("lost", push, crashes=0, lost_replies=1)
async def tries_again_as_if_nothing_were(client: Redis, name: str, handle: Handle) -> None:
    while True:
        with suppress(ConnectionError):
            if not (found := await client.blpop(["orders"], timeout=1)):
                return
            await handle(found[1])


@wrong("lost", push)
async def pops_by_a_script(client: Redis, name: str, handle: Handle) -> None:
    take = client.register_script("return redis.call('LPOP', KEYS[1])")
    while job := await take(keys=["orders"]):
        await handle(job)


@wrong("repeated", push, **ONCE)
async def holds_a_lock_that_others_release(client: Redis, name: str, handle: Handle) -> None:
    while not await client.set("lock", name, nx=True, ex=60):
        await client.eval("return redis.call('DEL', KEYS[1])", 1, "lock")
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lrem("orders", 1, job)
