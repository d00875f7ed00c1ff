"""Lab 4: workers who wait in line at a queue, and die with a job in their hands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from ...labs.controls import Button, Choice, Control
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible
from ...waiting import within

WORKERS = ("ann", "bob", "carol")
COMMANDS = ("BLPOP", "BLMOVE")


@dataclass(frozen=True)
class State:
    """Where every order is: what the broker holds, and what the workers have in hand."""

    sent: tuple[str, ...] = ()
    queue: list[str] = field(default_factory=list)
    own: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in WORKERS})
    packed: list[str] = field(default_factory=list)
    hands: dict[str, str] = field(default_factory=dict)
    line: dict[str, str] = field(default_factory=dict)  # who waits, in this order, and how
    dead: frozenset[str] = frozenset()

    @property
    def lost(self) -> list[str]:
        """List the orders that are neither in the broker nor with a living worker."""
        places = [self.queue, self.packed, self.hands.values(), *self.own.values()]
        somewhere = {order for place in places for order in place}
        return [order for order in self.sent if order not in somewhere]


class Line(Lab):
    """A lab: push orders to workers who wait, and kill one in the middle of a job.

    Follows https://redis.io/docs/latest/commands/blpop/ and
    https://redis.io/docs/latest/commands/blmove/
    """

    number = 4
    title = "Workers who wait in line"
    worker = WORKERS[0]
    command = COMMANDS[0]
    state: State

    def begin(self) -> None:
        self.state = State()
        self._sent: list[str] = []
        self._hands: dict[str, str] = {}
        self._line: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._dead: set[str] = set()

    def actions(self) -> list[Control]:
        return [
            Button("Push an order", self.push),
            Choice("Take with", "command", COMMANDS, self.switch),
            Choice("Worker", "worker", WORKERS),
            Button("Finish", self.finish),
            Button("Kill", self.kill),
            Button("Restart", self.restart),
            Button("Sweep", self.sweep),
        ]

    async def open(self) -> None:
        for name in WORKERS:
            await self._get_in_line(name)

    async def push(self) -> None:
        """Push the next order."""
        self._sent.append(f"order-{len(self._sent) + 1}")
        await self.client("shop").rpush(self.key("orders"), self._sent[-1])
        await self._settle()

    async def finish(self) -> None:
        """Let the chosen worker pack its order, acknowledge it, and get in line again."""
        if self.worker not in self._hands:
            raise NotPossible(f"{self.worker} has no job to finish.")
        order, client = self._hands.pop(self.worker), self.client(self.worker)
        await client.rpush(self.key("packed"), order)
        if order in self.state.own[self.worker]:
            await client.lrem(self._own(self.worker), 1, order)
        await self._get_in_line(self.worker)

    async def kill(self) -> None:
        """Kill the chosen worker; what it only had in memory is gone."""
        if self.worker in self._dead:
            raise NotPossible(f"{self.worker} is dead already.")
        await self._leave_line(self.worker)
        await self.drop(self.worker)
        self._hands.pop(self.worker, None)
        self._dead.add(self.worker)

    async def restart(self) -> None:
        """Start the chosen worker again; it gets in line behind the others."""
        if self.worker not in self._dead:
            raise NotPossible(f"{self.worker} is alive.")
        self._dead.discard(self.worker)
        await self._get_in_line(self.worker)

    async def sweep(self) -> None:
        """Bring what lies in the lists of the dead back to the front of the queue."""
        if not self._dead:
            raise NotPossible("Nobody is dead: there is nothing to sweep.")
        for name in sorted(self._dead):
            own = self._own(name)
            while await self.client("shop").lmove(own, self.key("orders"), "RIGHT", "LEFT"):
                await self._settle()

    async def switch(self) -> None:
        """Let those who wait get in line again, in the same order, with the other command."""
        for name, (command, _) in list(self._line.items()):
            if command != self.command:
                await self._leave_line(name)
                await self.drop(name)
                await self._get_in_line(name)

    async def _get_in_line(self, name: str) -> None:
        self._line[name] = self.command, self.start(self._wait(name, self.command))
        await self._settle()

    async def _leave_line(self, name: str) -> None:
        if name in self._line:
            _, task = self._line.pop(name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _wait(self, name: str, command: str) -> None:
        client, orders = self.client(name), self.key("orders")
        reply: Any
        if command == "BLPOP":
            reply = await client.blpop(orders)
        else:
            reply = [orders, await client.blmove(orders, self._own(name), 0, "LEFT", "RIGHT")]
        self._hands[name] = reply[1]

    async def _settle(self) -> None:
        """Return once each worker in line is blocked, as the broker says, or has its order."""
        async with self.asker() as asker, within(5, lambda: "the workers to take or to wait"):
            while True:
                blocked = {c["name"] for c in await asker.client_list() if "b" in c["flags"]}
                served = [name for name, (_, task) in self._line.items() if task.done()]
                for name in served:
                    self._line.pop(name)
                if all(self.named(name) in blocked for name in self._line):
                    return
                await asyncio.sleep(0)  # not a pause: the workers need a turn

    def _own(self, name: str) -> str:
        return self.key(f"orders:{name}")

    async def look(self) -> None:
        async with self.asker() as asker:
            self.state = State(
                sent=tuple(self._sent),
                queue=await _elements(asker, self.key("orders")),
                own={name: await _elements(asker, self._own(name)) for name in WORKERS},
                packed=await _elements(asker, self.key("packed")),
                hands=dict(self._hands),
                line={name: command for name, (command, _) in self._line.items()},
                dead=frozenset(self._dead),
            )

    def picture(self) -> Drawing:
        state = self.state
        return shelves(
            self.title,
            [
                Shelf("orders", [Box(order) for order in state.queue], "the queue"),
                *self._workers(),
                Shelf("packed", [Box(order, "done") for order in state.packed]),
                Shelf("lost", [Box(order, "lost") for order in state.lost]),
            ],
        )

    def _workers(self) -> Iterator[Shelf]:
        state = self.state
        for name in WORKERS:
            hand = [Box(state.hands[name], "hand")] if name in state.hands else []
            yield Shelf(name, hand, self._doing(name))
            if state.own[name]:
                yield Shelf(f"orders:{name}", [Box(order) for order in state.own[name]])

    def _doing(self, name: str) -> str:
        state = self.state
        if name in state.dead:
            return "dead"
        if name in state.line:
            place = list(state.line).index(name) + 1
            return f"waits with {state.line[name]}, place {place} in line"
        return "works" if name in state.hands else "not started"

    def summary(self) -> str:
        state = self.state
        in_lists = sum(map(len, state.own.values()))
        return (
            f"Pushed {len(state.sent)}: {len(state.queue)} in the queue, {in_lists} in the "
            f"workers' lists, {len(state.hands)} in hand, {len(state.packed)} packed, "
            f"{len(state.lost)} lost. {'; '.join(f'{n} {self._doing(n)}' for n in WORKERS)}."
        )


async def _elements(asker: Redis, key: str) -> Any:
    return await asker.lrange(key, 0, -1)


LAB = Line
