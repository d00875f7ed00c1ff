"""Who works in a shop: a worker, as a machine, and the program that sends orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..errors import CourseError
from .packing import Packing
from .process import LIMIT, Process, within

SETTLED = 1.0  # seconds without news: it has taken all jobs that it takes in advance
MOST_EXITS = 5


class Worker:
    """A worker, as a machine: it can be held, frozen and killed.

    When it exits by itself it is started again, as a supervisor would; `exits` counts that.
    """

    def __init__(
        self, name: str, pause: str, packing: Packing, start: Callable[[], Awaitable[Process]]
    ) -> None:
        self.name = name
        self.exits = 0
        self.is_killed = False
        self.logs: list[str] = []
        self._pause = pause
        self._packing = packing
        self._start = start
        self._is_up = asyncio.Event()
        self._process: Process | None = None
        if pause:
            packing.hold(name, pause)
        self._life = asyncio.create_task(self._live())

    async def up(self) -> None:
        """Return when it is ready for jobs, or was killed; raises CourseError if it cannot be."""
        either = _first(self._is_up.wait(), asyncio.shield(self._life))
        await within(either, f"{self.name} was not ready for jobs", 2 * LIMIT)
        if self._life.done():
            self._life.result()

    async def at_pause(self) -> None:
        """Return when it stands at its pause, and has taken whatever it takes in advance."""
        await self.reached(self._pause)
        await self._packing.quiet(SETTLED)

    async def reached(self, moment: str) -> None:
        """Return when it has got to a moment."""
        reached = self._packing.reached(self.name, moment)
        await within(reached, f"{self.name} did not get to the moment {moment!r}")

    def hold(self, moment: str) -> None:
        """Let it stand at one more moment, the next time that it gets there."""
        self._packing.hold(self.name, moment)

    def go_on(self, moment: str = "") -> None:
        """End its pause, or the one at another moment."""
        self._packing.let_go(self.name, moment or self._pause)

    def freeze(self) -> None:
        """Let it stand still, without a word to anybody."""
        assert self._process
        self._process.freeze()

    def kill(self) -> None:
        """Kill it, as a machine dies."""
        if not self.is_killed:
            self._packing.remark(self.name, "is killed")
        self.is_killed = True
        if self._process:
            self._process.kill()

    async def close(self) -> None:
        """Kill it, and return when nothing is left of it."""
        self.kill()
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)
        if self._process:
            await self._process.close()

    async def _live(self) -> None:
        while not self.is_killed and self.exits <= MOST_EXITS:
            self._process = await self._start()
            await self._process.ready()
            self._is_up.set()
            await self._process.ended.wait()
            self._is_up.clear()
            await self._process.close()
            self.exits += not self.is_killed
            self.logs += self._process.log
        if not self.is_killed:
            raise CourseError(f"{self.name} exits again and again: {self.logs[-1]}")


class Sender:
    """A program that is about to send orders."""

    NAME = "shop"

    def __init__(self, packing: Packing, process: Process, orders: list[str]) -> None:
        self._packing = packing
        self._process = process
        self._moments = [f"sending {order}" for order in orders]

    async def ready(self) -> None:
        """Return when it can send the first one at once."""
        await self._gets_to(self._moments[0], "no program was ready to send")

    async def send_one(self) -> None:
        """Let it send the first one, and return when it has."""
        self._packing.hold(self.NAME, self._moments[1])
        self._packing.let_go(self.NAME, self._moments[0])
        await self._gets_to(self._moments[1], "the first order was not sent")

    async def send(self) -> None:
        """Let it send what is left, and end; raises CourseError when it could not."""
        for moment in self._moments:
            self._packing.let_go(self.NAME, moment)
        await within(self._process.ended.wait(), "the orders were not sent")
        await self._process.close()
        if self._process.status:
            raise CourseError(f"The orders were not sent: {self._process.last_words()}")

    async def _gets_to(self, moment: str, otherwise: str) -> None:
        reached = self._packing.reached(self.NAME, moment)
        await within(_first(reached, self._process.ended.wait()), otherwise)


async def _first(*things: Awaitable[object]) -> None:
    """Return when one of these things has happened."""
    tasks = [asyncio.ensure_future(thing) for thing in things]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
