"""Small programs, right ones and wrong ones."""

from redis.asyncio import Redis
from redis.exceptions import ResponseError, WatchError

from helpers.explore.program import Handle


async def push(client: Redis, job: str) -> None:
    await client.rpush("orders", job)


async def add(client: Redis, job: str) -> None:
    await client.xadd("orders", {"job": job})


async def push_apart(client: Redis, job: str) -> None:
    await client.rpush(f"orders:{'ann' if job == 'job-1' else 'bob'}", job)


async def pop(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lpop("orders"):
        await handle(job)


async def remember_and_pop(client: Redis, name: str, handle: Handle) -> None:
    waited = await client.llen("orders")
    while job := await client.lpop("orders"):
        await handle(job)
    if waited == 1:
        await handle("job-1")


async def wait_and_pop(client: Redis, name: str, handle: Handle) -> None:
    while found := await client.blpop(["orders"], timeout=5):
        await handle(found[1])


async def pop_own(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lpop(f"orders:{name}"):
        await handle(job)


async def keep_own(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lindex(f"orders:{name}", 0):
        await handle(job)
        await client.lpop(f"orders:{name}")


async def move_to_own(client: Redis, name: str, handle: Handle) -> None:
    await _move(client, f"taken:{name}", handle)


async def move_to_shared(client: Redis, name: str, handle: Handle) -> None:
    await _move(client, "taken", handle)


async def _move(client: Redis, taken: str, handle: Handle) -> None:
    while await client.lmove(taken, "orders", "RIGHT", "LEFT"):
        pass
    while job := await client.lmove("orders", taken, "LEFT", "LEFT"):
        await handle(job)
        await client.lrem(taken, 1, job)


async def look_and_remove(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lrem("orders", 1, job)


async def keep_by_one(client: Redis, name: str, handle: Handle) -> None:
    while job := await client.lindex("orders", 0):
        await handle(job)
        await client.lpop("orders")


async def mark_first(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange("orders", 0, -1):
        if await client.set(f"done:{job}", name, nx=True):
            await handle(job)


async def mark_in_a_transaction(client: Redis, name: str, handle: Handle) -> None:
    for job in await client.lrange("orders", 0, -1):
        async with client.pipeline() as pipe:
            await pipe.watch(f"done:{job}")
            if await pipe.get(f"done:{job}"):
                continue
            pipe.multi()
            pipe.set(f"done:{job}", name)
            try:
                await pipe.execute()
            except WatchError:
                continue
        await handle(job)


async def acknowledge_after(client: Redis, name: str, handle: Handle) -> None:
    async for entry, job in _given(client, name):
        await handle(job)
        await client.xack("orders", "g", entry)


async def acknowledge_before(client: Redis, name: str, handle: Handle) -> None:
    async for entry, job in _given(client, name):
        await client.xack("orders", "g", entry)
        await handle(job)


async def _given(client: Redis, name: str):  # type: ignore[no-untyped-def] # an async generator
    try:
        await client.xgroup_create("orders", "g", "0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    for start in ("0", ">"):
        while entries := await _read(client, name, start):
            yield entries[0][0], entries[0][1]["job"]


async def _read(client: Redis, name: str, start: str) -> list:
    reply = await client.xreadgroup("g", name, {"orders": start}, count=1, block=5000)
    return [entry for entries in dict(reply or {}).values() for entry in entries]


SMALL = {
    "pop": (push, pop),
    "remember, then pop": (push, remember_and_pop),
    "wait and pop": (push, wait_and_pop),
    "pop one's own": (push_apart, pop_own),
    "keep one's own": (push_apart, keep_own),
    "move to a list of one's own": (push, move_to_own),
    "move to a shared list": (push, move_to_shared),
    "look, then remove": (push, look_and_remove),
    "mark first": (push, mark_first),
    "acknowledge after": (add, acknowledge_after),
    "acknowledge before": (add, acknowledge_before),
}
