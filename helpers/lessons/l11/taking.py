"""The ways in which a worker takes an order from the broker, as task libraries do it."""

from __future__ import annotations

from typing import Any, ClassVar

from redis.asyncio import Redis

ORDERS, GROUP, UNACKED = "orders", "packing", "unacked"


class Way:
    """A way of taking an order and of letting it go. It has a list as its queue.

    `waits`, `held` and `gone` say where an order is; `{who}` had it last. `swept` says what may
    follow once it was taken over: who has it now lets it go, who had it does so too late, in vain.
    """

    waits: ClassVar[str] = "Nobody has it in hand: it lies in the list `orders`."
    held: ClassVar[str] = ""
    gone: ClassVar[str]
    swept: ClassVar[tuple[str, ...]] = ("", "let_go", "let_go late")

    async def join(self, shop: Redis) -> None:
        """Make ready."""

    async def send(self, shop: Redis, orders: list[str]) -> None:
        """Send orders."""
        await shop.rpush(ORDERS, *orders)

    async def wait(self, worker: Redis, name: str) -> Any:
        """Ask for an order, and return the reply."""
        return await worker.blpop([ORDERS], timeout=5)

    async def take(self, worker: Redis, name: str) -> str:
        """Take an order that is there."""
        raise NotImplementedError

    async def pop(self, worker: Redis, name: str) -> str:
        """Take an order as far as the first command does it."""
        return await self.take(worker, name)

    async def let_go(self, worker: Redis, name: str, order: str) -> None:
        """Acknowledge an order."""

    async def take_over(self, worker: Redis, name: str, dead: str, order: str) -> None:
        """Take an order that a dead worker has not let go."""
        await self.put_back(worker, dead, order)
        await self.take(worker, name)

    async def put_back(self, worker: Redis, name: str, order: str) -> None:
        """Give an order that was taken under this name back to the queue, as its first."""
        raise NotImplementedError


class Popping(Way):
    """BLPOP, and nothing else."""

    gone = "{who} popped it and died, and no later command has put it anywhere."

    async def take(self, worker: Redis, name: str) -> str:
        found: Any = await self.wait(worker, name)
        return str(found[1])

    async def put_back(self, worker: Redis, name: str, order: str) -> None:
        await worker.lpush(ORDERS, order)


class Copying(Way):
    """BLMOVE into a list of one's own, and LREM to let go."""

    held = "A copy lies in `taken:{who}`, where somebody finds it again."
    gone = "{who} removed its copy before the work was done, and died."
    swept = (*Way.swept, "late")  # each has a list of its own

    async def wait(self, worker: Redis, name: str) -> Any:
        return await worker.blmove(ORDERS, f"taken:{name}", 5)

    async def take(self, worker: Redis, name: str) -> str:
        return str(await self.wait(worker, name))

    async def let_go(self, worker: Redis, name: str, order: str) -> None:
        await worker.lrem(f"taken:{name}", 1, order)

    async def put_back(self, worker: Redis, name: str, order: str) -> None:
        await self.let_go(worker, name, order)
        await worker.lpush(ORDERS, order)


class Tagging(Popping):
    """BRPOP, then HSET under a tag, and HDEL to let go."""

    held = "A copy lies in the hash `unacked` under its tag, where somebody finds it again."
    gone = "{who} removed its copy from `unacked` before the work was done, and died."

    def __init__(self) -> None:
        self._tags: dict[str, str] = {}

    async def send(self, shop: Redis, orders: list[str]) -> None:
        await shop.lpush(ORDERS, *orders)

    async def wait(self, worker: Redis, name: str) -> Any:
        return await worker.brpop([ORDERS], timeout=1)

    async def pop(self, worker: Redis, name: str) -> str:
        return await super().take(worker, name)

    async def take(self, worker: Redis, name: str) -> str:
        order = await self.pop(worker, name)
        tag = self._tags.setdefault(order, f"tag-{len(self._tags) + 1}")
        await worker.hset(UNACKED, tag, order)
        return order

    async def let_go(self, worker: Redis, name: str, order: str) -> None:
        await worker.hdel(UNACKED, self._tags[order])

    async def put_back(self, worker: Redis, name: str, order: str) -> None:
        await self.let_go(worker, name, order)
        await worker.rpush(ORDERS, order)


class Grouping(Way):
    """A consumer group of a stream, and XACK to let go."""

    waits = "Nobody has read it: it waits in the stream."
    held = "It is pending, and the group gives it to another until somebody acknowledges it."
    gone = "{who} acknowledged it before the work was done, and died."

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    async def join(self, shop: Redis) -> None:
        await shop.xgroup_create(ORDERS, GROUP, id="0", mkstream=True)

    async def send(self, shop: Redis, orders: list[str]) -> None:
        for order in orders:
            self._ids[order] = str(await shop.xadd(ORDERS, {"job": order}))

    async def wait(self, worker: Redis, name: str) -> Any:
        return await worker.xreadgroup(GROUP, name, {ORDERS: ">"}, count=1, block=2000)

    async def take(self, worker: Redis, name: str) -> str:
        found: Any = await self.wait(worker, name)
        return str(found[0][1][0][1]["job"])

    async def let_go(self, worker: Redis, name: str, order: str) -> None:
        await worker.xack(ORDERS, GROUP, self._ids[order])

    async def take_over(self, worker: Redis, name: str, dead: str, order: str) -> None:
        await worker.xautoclaim(ORDERS, GROUP, name, 0, self._ids[order], count=1)
