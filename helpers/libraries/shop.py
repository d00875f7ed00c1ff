"""A shop: a private server, a recorder before it, one clock for all, and workers of one library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from ..broker.servers import Server, kept_folder, start_server
from ..errors import CourseError
from ..picture import Flow
from ..recorder import Recorder, record
from .asking import fresh_wait, lengths
from .catalogue import DEFAULT, LIBRARIES, SAFE, SETTINGS, Library
from .clock import Clock
from .needs import clock, needed, program
from .outcome import RUNGS, Outcome, at_most_twice
from .packing import Packing
from .process import Process, within
from .worker import Sender, Worker

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")  # of the environment
LONG_JOB = "long job"
LONGEST_PATH = 103 - len("/pymp-12345678/listener-12345678")
"""Of a folder in which processes meet at a socket, as Celery's do: macOS lets it have 103 bytes."""


@asynccontextmanager
async def shop(
    library: str, settings: str = DEFAULT, *, fault: str = "", server: Path | None = None
) -> AsyncIterator[Shop]:
    """Open a shop of one task library, with its default settings or the safe ones.

    `fault` is what will happen there, as some libraries have to be told; `server` is the program of
    a real server. All that was started ends with the block, or with the kernel. Raises CourseError
    when the libraries cannot run here.
    """
    needed()
    if library not in LIBRARIES or settings not in LIBRARIES[library].settings:
        raise CourseError(
            f"There is no shop of {library!r} with {settings!r} settings: choose one of "
            f"{', '.join(LIBRARIES)}, and {' or '.join(SETTINGS)} where it has both."
        )
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(kept_folder())
        turned = stack.enter_context(Clock(folder, clock()))
        running = await asyncio.to_thread(start_server, server, environment=turned.environment)
        stack.callback(running.stop)
        recorder = await record(running.url)
        stack.callback(recorder.close)
        packing = Packing(folder / "packing", recorder.remark)
        stack.push_async_callback(packing.close)
        await packing.open()
        here = Shop(LIBRARIES[library], settings, fault, running, recorder, turned, packing)
        stack.push_async_callback(here.close)
        yield here


def temporary_files(folder: Path) -> dict[str, str]:
    """Return what sends them to a folder, unless it is too deep for sockets.

    Who is killed leaves them behind, and they go with the folder.
    """
    return {"TMPDIR": str(folder)} if len(os.fsencode(folder)) <= LONGEST_PATH else {}


class Shop:
    """A shop that is open: workers are started and orders sent here, and their effects counted."""

    def __init__(
        self,
        library: Library,
        settings: str,
        fault: str,
        server: Server,
        recorder: Recorder,
        clock: Clock,
        packing: Packing,
    ) -> None:
        self.library = library
        self.recorder = recorder
        self._fetches = library.fetches[settings]
        self.needs_another = settings in library.needs_another
        self.workers: list[Worker] = []
        self._server = server
        self._clock = clock
        self._packing = packing
        self._sent: list[str] = []
        self._more = 0  # orders that do not count
        self._command = library.worker + library.options_for.get(fault, library.options)
        self._environment = (
            {name: os.environ[name] for name in PASSED_ON if name in os.environ}
            | clock.environment
            | {"SETTINGS": settings, "PACKING": str(packing.path), "PYTHONDONTWRITEBYTECODE": "1"}
            | temporary_files(packing.path.parent)
            | ({"LEASE": str(library.lease)} if fault == LONG_JOB else {})
            | library.environment
            | (library.safe_environment if settings == SAFE else {})
        )
        self._is_in_reach = asyncio.Event()
        self._is_in_reach.set()

    async def worker(self, pause: str = "") -> Worker:
        """Start a worker, and return when it is ready for jobs.

        `pause` is a moment such as `before order-3` or `after order-3`, around the effect: there
        the worker stands until it is told to go on, or killed.
        """
        name = f"worker-{len(self.workers) + 1}"

        async def start() -> Process:
            await self._is_in_reach.wait()
            return await self._run(name, self._command, self.library.ready)

        self.workers.append(Worker(name, pause, self._packing, start))
        await self.workers[-1].up()
        return self.workers[-1]

    async def send(self, count: int) -> None:
        """Send order-1, order-2 and so on, by a program that ends then."""
        await (await self.sender(count)).send()

    async def sender(self, count: int) -> Sender:
        """Start the program that sends orders, once it is told to."""
        orders = [f"order-{len(self._sent) + number}" for number in range(1, count + 1)]
        self._sent += orders
        return await self._sender(orders)

    async def another(self) -> None:
        """Send one order more, which does not count, and return when all is quiet again."""
        self._more += 1
        await (await self._sender([f"order-{len(self._sent) + self._more}"])).send()
        await self.quiet(self.library.quiet)

    async def _sender(self, orders: list[str]) -> Sender:
        self._packing.hold(Sender.NAME, f"sending {orders[0]}")
        command = ("python", "send.py", self.library.shop, *orders)
        sender = Sender(self._packing, await self._run(Sender.NAME, command), orders)
        await sender.ready()
        return sender

    async def outcome(self) -> Outcome:
        """Let a worker be up, and the clock go up the ladder; count what is packed by each rung."""
        if all(worker.is_killed for worker in self.workers):
            await self.worker()
        sent, packed, seen = tuple(self._sent), dict[str, list[str]](), 0
        prompted: list[str] = []
        for rung, seconds in RUNGS.items():
            if seconds:
                self.recorder.remark("", f"… {rung} later …")
            self._clock.turn_to(seconds)
            await self.quiet(self.library.quiet)
            prompted += await self._prompted() if self.needs_another else []
            packed[rung] = at_most_twice(self._packing.packed[seen:], sent)
            seen = len(self._packing.packed)
        exits = sum(worker.exits for worker in self.workers)
        return Outcome(sent, packed, await self._left(), exits, at_most_twice(prompted, sent))

    async def quiet(self, seconds: float) -> None:
        """Return when nobody has packed for so long, and all workers are up, as far as can be."""
        await self._all_up()
        await self._packing.quiet(seconds)
        await self._all_up()

    async def waiting(self) -> None:
        """Return when a worker waits for jobs; one that never waits asks again and again."""
        if self.library.blocking:
            async with Redis(**self._server.options) as server:
                wait = fresh_wait(server, self._fetches)
                await within(wait, "no worker waited for jobs at the server")

    @asynccontextmanager
    async def out_of_reach(self) -> AsyncIterator[None]:
        """Put the broker out of everybody's reach; who exits is started again afterwards."""
        self._is_in_reach.clear()
        self.recorder.unplug()
        try:
            yield
        finally:
            self.recorder.plug()
            self._is_in_reach.set()

    def flow(self) -> Flow:
        """Picture what has passed between the programs and the server since the last call."""
        return self.recorder.flow()

    async def close(self) -> None:
        """Kill whoever still runs."""
        for worker in self.workers:
            await worker.close()

    async def _all_up(self) -> None:
        if self._is_in_reach.is_set():
            for worker in self.workers:
                await worker.up()

    async def _prompted(self) -> list[str]:
        """Send one order more, and tell what is packed then that had never been."""
        before = set(self._packing.packed)
        await self.another()
        return [order for order in self._packing.packed if order not in before]

    async def _left(self) -> dict[str, int]:
        async with Redis(**self._server.options, decode_responses=True) as server:
            return await lengths(server, self.library.places)

    async def _run(self, name: str, command: tuple[str, ...], ready: str = "") -> Process:
        """Start a program, which has an address of the recorder's for itself."""
        password = f"//:{self._server.password}@"
        address = self.recorder.url_for(name).replace("//", password) + "/0"
        where = {"BROKER_URL": address, "RQ_REDIS_URL": address, "WORKER": name}
        words = (str(program(command[0])), *command[1:])
        return await Process.start(words, self._environment | where, ready)
