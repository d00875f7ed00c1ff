"""Workers of the four designs of lesson 8, in a process of their own that signals reach."""

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from helpers.faults import lose_replies

JOBS = [f"job-{number}" for number in range(1, 6)]
THIRD, LAST = JOBS[2], "last"
HALF_A_MINUTE = 30_000  # milliseconds
WAIT = 5.0  # seconds


@dataclass
class Handler:
    """Who does jobs, and tells of each; the job `last` ends the worker.

    At the moment, before or after the work of the third job, it waits until it may `go` on.
    """

    design: str
    told: Connection | None = None
    moment: str = "never"
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[str] = field(default_factory=list)

    async def __call__(self, job: str) -> None:
        if job == LAST:
            return self.stop.set()
        await self._wait(job, "before")
        self.done.append(job)
        self._tell("did", job)
        await self._wait(job, "after")

    async def _wait(self, job: str, moment: str) -> None:
        if (job, moment) == (THIRD, self.moment):
            self._tell("holds", job)
            await self.go.wait()

    def _tell(self, what: str, job: str) -> None:
        if self.told:
            self.told.send((what, self.design, job))


class Pop:
    """The design of lesson 8 that pops, and waits for work."""

    def __init__(self, client: Redis, name: str, dead: str = "") -> None:
        self.client, self.name, self.dead = client, name, dead
        self.key = type(self).__name__

    async def open(self) -> None:
        """Do nothing."""

    async def work(self, handle: Handler) -> None:
        """Handle jobs until somebody asks to stop."""
        while not handle.stop.is_set():
            if found := await self.client.blpop(self.key, WAIT):
                await handle(found[1])


class Move(Pop):
    """The design that moves a job into its own list, and looks there first."""

    async def open(self) -> None:
        """Put back what a dead worker held."""
        left = f"{self.key}:{self.dead}"
        while await self.client.lmove(left, self.key, "RIGHT", "LEFT"):
            pass

    async def work(self, handle: Handler) -> None:
        """Handle jobs until somebody asks to stop."""
        mine = f"{self.key}:{self.name}"
        while not handle.stop.is_set():
            held = await self.client.lindex(mine, 0)
            if job := held or await self.client.blmove(self.key, mine, WAIT):
                await handle(job)
                await self.client.lrem(mine, 1, job)


class Publish(Pop):
    """The design that publishes."""

    async def open(self) -> None:
        """Subscribe, and wait for the word that it stands."""
        self.inbox = self.client.pubsub()
        await self.inbox.subscribe(self.key)
        await self.inbox.get_message(timeout=None)

    async def work(self, handle: Handler) -> None:
        """Handle jobs until somebody asks to stop."""
        while not handle.stop.is_set():
            message = await self.inbox.get_message(timeout=WAIT)
            if message and message["type"] == "message":
                await handle(message["data"])


class Group(Pop):
    """The design that reads a stream as a group, and takes over what has been idle for long."""

    async def open(self) -> None:
        """Make sure that the group exists."""
        with suppress(ResponseError):  # it does
            await self.client.xgroup_create(self.key, "team", id="0", mkstream=True)

    async def work(self, handle: Handler) -> None:
        """Handle jobs until somebody asks to stop."""
        claim, cursor = (self.key, "team", self.name, HALF_A_MINUTE), ""
        while cursor != "0-0":
            cursor, left, _ = await self.client.xautoclaim(*claim, cursor or "0-0", count=1)
            await self._finish(left, handle)
        asked = {"streams": {self.key: ">"}, "count": 1, "block": int(WAIT * 1000)}
        while not handle.stop.is_set():
            reply = await self.client.xreadgroup("team", self.name, **asked)
            await self._finish(reply[0][1] if reply else [], handle)

    async def _finish(self, entries: list, handle: Handler) -> None:
        for entry_id, fields in entries:
            await handle(fields["job"])
            await self.client.xack(self.key, "team", entry_id)


DESIGNS = (Pop, Move, Publish, Group)


def live(told: Connection, port: int, moment: str, stops: bool, loses: bool) -> None:
    """Live as a process: a worker of each design works until it is asked to stop.

    With `stops`, SIGTERM sets a flag; with `loses`, the reply with the third job gets lost.
    SIGUSR1 lets workers go on that hold it.
    """
    asyncio.run(_live(told, port, moment, stops, loses))


async def _live(told: Connection, port: int, moment: str, stops: bool, loses: bool) -> None:
    handlers = [Handler(design.__name__, told, moment) for design in DESIGNS]
    _listen_for_signals(told, handlers, stops)
    workers = [design(client_of("first", port, loses), "first") for design in DESIGNS]
    for worker in workers:
        await worker.open()
    told.send(("open", "", ""))
    await asyncio.gather(*(w.work(h) for w, h in zip(workers, handlers, strict=True)))
    # The loop gives the signal back when it closes, and then a late one would kill.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})


def _listen_for_signals(told: Connection, handlers: list[Handler], stops: bool) -> None:
    def go_on() -> None:
        for handler in handlers:
            handler.go.set()

    def stop() -> None:
        for handler in handlers:
            handler.stop.set()
        told.send(("asked", "", ""))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, go_on)
    if stops:
        loop.add_signal_handler(signal.SIGTERM, stop)


def client_of(name: str, port: int, loses: bool = False) -> Redis:
    """Return a client that asks again, as redis-py's own do, and has no limit of time."""
    retry = Retry(NoBackoff(), 10)
    options: dict[str, Any] = {"decode_responses": True, "socket_timeout": None, "retry": retry}
    client = Redis(port=port, client_name=name, **options)
    return lose_replies(client, 1, having=THIRD) if loses else client
