"""A shop: a private server, a recorder before it, one clock for all, and workers of one library."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from ..broker.servers import Server, kept_folder, start_server
from ..errors import CourseError
from ..picture import Flow
from ..recorder import Recorder, record
from .catalogue import DEFAULT, LIBRARIES, SETTINGS, Library
from .clock import Clock
from .needs import clock, needed, program
from .outcome import RUNGS, Outcome
from .packing import Packing
from .worker import Process, within

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")  # of the environment
SENDER, ABOUT_TO_SEND = "sender", "before sending"
MOST_EXITS = 5  # of workers, until the shop gives up
SOON = 2.0  # seconds
SETTLED = 1.0  # seconds without news: a worker has taken all jobs that it takes in advance


@asynccontextmanager
async def shop(
    library: str, settings: str = DEFAULT, *, lease: int = 0, server: Path | None = None
) -> AsyncIterator[Shop]:
    """Open a shop of one task library, with its default settings or the safe ones.

    `lease` is a short one in seconds, for a job that takes longer; `server` the program of a real
    server. All that was started ends with the block, or with the kernel. Raises CourseError when
    the libraries cannot run here.
    """
    needed()
    if library not in LIBRARIES or settings not in SETTINGS:
        raise CourseError(
            f"There is no shop of {library!r} with {settings!r} settings: choose one of "
            f"{', '.join(LIBRARIES)}, and {' or '.join(SETTINGS)}."
        )
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(kept_folder())
        turned = stack.enter_context(Clock(folder, clock()))
        running = await asyncio.to_thread(start_server, server, environment=turned.environment)
        stack.callback(running.stop)
        recorder = await record(running.url)
        stack.callback(recorder.close)
        packing = Packing()
        stack.push_async_callback(packing.close)
        await packing.open(folder / "packing")
        here = Shop(LIBRARIES[library], settings, lease, running, recorder, turned, packing, folder)
        stack.push_async_callback(here.close)
        yield here


class Shop:
    """A shop that is open: workers are started and orders sent here, and their effects counted.

    A worker that exits by itself is started again, as a supervisor would; `exits` counts them.
    """

    def __init__(
        self,
        library: Library,
        settings: str,
        lease: int,
        server: Server,
        recorder: Recorder,
        clock: Clock,
        packing: Packing,
        folder: Path,
    ) -> None:
        self.library = library
        self.exits = 0
        self.workers: list[Worker] = []
        self.recorder = recorder
        self.packing = packing
        self._server = server
        self._clock = clock
        self._sent: list[str] = []
        self._supervisors: list[asyncio.Task[None]] = []
        self._environment = (
            {name: os.environ[name] for name in PASSED_ON if name in os.environ}
            | clock.environment
            | {"BROKER_URL": self._address, "RQ_REDIS_URL": self._address, "SETTINGS": settings}
            | {"PACKING": str(folder / "packing"), "PYTHONDONTWRITEBYTECODE": "1"}
            | ({"LEASE": str(lease)} if lease else {})
            | library.environment
        )
        self._command = library.worker + (library.short_lease if lease else ())

    @property
    def _address(self) -> str:
        """Return the address of the recorder, with the password of the server behind it."""
        return self.recorder.url.replace("//", f"//:{self._server.password}@") + "/0"

    async def worker(self, pause: str = "") -> Worker:
        """Start a worker, and return when it is ready.

        `pause` is a moment such as `before order-3` or `after order-3`, around the effect: there
        the worker stands until it is told to go on, or killed.
        """
        worker = Worker(f"worker-{len(self.workers) + 1}", self, pause)
        self.workers.append(worker)
        await self._start(worker)
        return worker

    async def send(self, count: int) -> None:
        """Send order-1, order-2 and so on, by a program that ends then."""
        await (await self.sender(count)).send()

    async def sender(self, count: int) -> Sender:
        """Start the program that sends order-1, order-2 and so on, once it is told to."""
        self.packing.hold(SENDER, ABOUT_TO_SEND)
        words = ("python", "send.py", self.library.shop, str(count))
        sender = Sender(self.packing, await self._run(SENDER, words))
        self._sent += [f"order-{number}" for number in range(1, count + 1)]
        await sender.ready()
        return sender

    async def outcome(self) -> Outcome:
        """Let a worker be up, and the clock go up the ladder; count what is packed by each rung."""
        if all(worker.is_killed for worker in self.workers):
            await self.worker()
        packed: dict[str, list[str]] = {}
        seen = 0
        for rung, seconds in RUNGS.items():
            self._clock.turn_to(seconds)
            await self.quiet(self.library.quiet)
            packed[rung] = sorted(self.packing.packed[seen:])
            seen += len(packed[rung])
        return Outcome(tuple(self._sent), packed, self.exits)

    async def quiet(self, seconds: float) -> None:
        """Return when all workers are ready, and none has packed for so long."""
        while True:
            for worker in self.workers:
                await worker.ready()
            try:
                await asyncio.wait_for(self.packing.news(), seconds)
            except TimeoutError:
                return

    async def waiting(self) -> None:
        """Return when a worker waits for jobs; one that never waits asks again and again."""
        if self.library.blocking:
            await within(self._blocked(), "no worker waited for jobs at the server")

    @asynccontextmanager
    async def out_of_reach(self) -> AsyncIterator[None]:
        """Put the broker out of everybody's reach: connections break, and nobody gets a new one."""
        self.recorder.unplug()
        try:
            yield
        finally:
            self.recorder.plug()

    def flow(self) -> Flow:
        """Picture what has passed between the programs and the server since the last call."""
        return self.recorder.flow()

    async def close(self) -> None:
        """Kill whoever still runs."""
        for supervisor in self._supervisors:
            supervisor.cancel()
        for worker in self.workers:
            await worker.close()

    async def _blocked(self) -> None:
        """Return when a wait has just begun, or has no end soon."""
        async with Redis(**self._server.options) as asker:
            since, waits = time.monotonic(), await self._waits(asker)
            while time.monotonic() < since + SOON or not waits[0]:
                before, waits = waits, await self._waits(asker)
                if waits[0] and waits[1] > before[1]:
                    return
                await asyncio.sleep(0.01)  # the server sends no word of it

    async def _waits(self, asker: Redis) -> tuple[int, int]:
        """Count the clients that wait, and the waits that have ended without a job."""
        stats = await asker.info("commandstats")
        ended = stats.get(f"cmdstat_{self.library.fetches.lower()}", {"calls": 0})["calls"]
        return (await asker.info("clients"))["blocked_clients"], ended

    async def _start(self, worker: Worker) -> None:
        worker.process = await self._run(worker.name, self._command, self.library.ready)
        self._supervisors.append(asyncio.create_task(self._supervise(worker, worker.process)))
        await worker.ready()

    async def _run(self, name: str, command: tuple[str, ...], ready: str = "") -> Process:
        process = Process(ready)
        words = (str(program(command[0])), *command[1:])
        await process.start(words, self._environment | {"WORKER": name})
        return process

    async def _supervise(self, worker: Worker, process: Process) -> None:
        """Start a worker again when it exits by itself."""
        await process.ended.wait()
        if not process.is_killed and self.exits < MOST_EXITS:
            self.exits += 1
            await process.close()
            await self._start(worker)


class Sender:
    """A program that is about to send orders."""

    def __init__(self, packing: Packing, process: Process) -> None:
        self._packing = packing
        self._process = process

    async def ready(self) -> None:
        """Return when it could send."""
        reached = self._packing.reached(SENDER, ABOUT_TO_SEND)
        await within(reached, "the sender of the orders did not start")

    async def send(self) -> None:
        """Let it send, and end; raises CourseError when it could not."""
        self._packing.let_go(SENDER, ABOUT_TO_SEND)
        await within(self._process.ended.wait(), "the orders were not sent")
        await self._process.close()
        if self._process.log:
            raise CourseError(f"The orders were not sent: {self._process.last_words()}")


class Worker:
    """A worker of the shop, as a machine: it can be held, frozen and killed."""

    def __init__(self, name: str, shop: Shop, pause: str) -> None:
        self.name = name
        self.process = Process()
        self._shop = shop
        self._pause = pause
        if pause:
            shop.packing.hold(name, pause)

    @property
    def is_killed(self) -> bool:
        """Tell whether it was killed."""
        return self.process.is_killed

    async def ready(self) -> None:
        """Return when it asks for jobs, or was killed."""
        if not self.is_killed:
            await self.process.ready()

    async def at_pause(self) -> None:
        """Return when it stands at its pause, and has taken whatever it takes in advance."""
        await self.reached(self._pause)
        await self._shop.quiet(SETTLED)

    async def reached(self, moment: str) -> None:
        """Return when it has got to a moment."""
        reached = self._shop.packing.reached(self.name, moment)
        await within(reached, f"{self.name} did not get to the moment {moment!r}")

    def go_on(self) -> None:
        """End its pause."""
        self._shop.packing.let_go(self.name, self._pause)

    def freeze(self) -> None:
        """Let it stand still, without a word to anybody."""
        self.process.freeze()

    def kill(self) -> None:
        """Kill it, as a machine dies."""
        self.process.kill()

    async def close(self) -> None:
        """Kill it, and wait until it is gone."""
        await self.process.close()
