"""Put designs through the same accidents, and count what was lost and what came twice."""

from __future__ import annotations

import asyncio
import gc
import shutil
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import redis
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ...broker import broker, named_client
from ...broker.servers import kept_folder, start_server
from ...faults import lose_replies
from ...picture.columns import Columns
from ...session import connect
from ...waiting import read

SECONDS_TO_WRITE = 10.0  # seconds
A_MINUTE = 60_000  # milliseconds
JOBS = tuple(f"job-{number}" for number in range(1, 6))


class PowerCut(Exception):
    """The end of a worker where it stands: nothing that it meant to do afterwards is done."""


class Handler:
    """A handler that writes each job down in `done`, and loses power when the time has come.

    `deaths` says at which call, counted from 1, and whether `before` or `after` the work: then the
    call raises PowerCut. It knows nothing of Redis, so that it is the same for every design; a
    subclass may do more in `work`.
    """

    def __init__(self, deaths: dict[int, str]) -> None:
        self.deaths = deaths
        self.calls = 0
        self.done: list[str] = []

    async def __call__(self, job: str) -> None:
        self.calls += 1
        moment = self.deaths.get(self.calls)
        if moment == "before":
            raise PowerCut
        await self.work(job)
        if moment == "after":
            raise PowerCut

    async def work(self, job: str) -> None:
        """Do the work of one job."""
        self.done.append(job)


class Design:
    """A way to hand over jobs: what the shop sends, and how a worker works.

    `key` names the list, the channel or the stream. A design overrides `send` and `work`, and
    `open` if a worker has something to do when it starts. Each worker has a name of its own, such
    as team-1. `dead` holds the names of those that have died, as whoever starts them would know.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.inboxes: dict[str, PubSub] = {}
        self.dead: list[str] = []

    async def open(self, worker: Redis, team: str, name: str) -> None:
        """Do what a worker of this name does when it starts."""

    async def send(self, job: str) -> None:
        """Send a job, as the shop does."""
        raise NotImplementedError

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        """Handle jobs until there is none left."""
        raise NotImplementedError


class Result(NamedTuple):
    """How many jobs were lost, and how many times one was done again."""

    lost: int
    twice: int


async def life(
    design: Design,
    handle: Handler,
    team: str = "team",
    number: int = 1,
    sending: Iterable[str] = (),
) -> None:
    """Let a worker such as team-1 open, send the jobs, and let it work until it is done or dies.

    When it has died, a minute passes.
    """
    name = f"{team}-{number}"
    worker = connect(name)
    await _open(design, worker, team, name)
    for job in sending:
        await design.send(job)
    try:
        await design.work(worker, team, name, handle)
    except PowerCut:
        design.dead.append(name)
        await a_minute_passes(design.key)
    await worker.aclose()


async def _open(design: Design, worker: Redis, team: str, name: str) -> None:
    """Let a worker open, and return once its subscription stands, if it has made one."""
    await design.open(worker, team, name)
    if name in design.inboxes:
        await read(design.inboxes[name])


async def a_minute_passes(key: str) -> None:
    """Make all that is pending in a stream a minute older than new; nobody has to wait.

    Follows https://redis.io/docs/latest/commands/xclaim/
    """
    async with broker().side_client() as clock:
        is_stream = await clock.type(key) == "stream"
        for group in await clock.xinfo_groups(key) if is_stream else ():
            name, entries = group["name"], await _pending(clock, key, group["name"])
            for entry_id, owner in entries:
                await clock.xclaim(key, name, owner, 0, [entry_id], idle=A_MINUTE, justid=True)


async def _pending(clock: Redis, key: str, group: str) -> list[tuple[str, str]]:
    listed: Any = await clock.xpending_range(key, group, "-", "+", 1000)
    return [(entry["message_id"], entry["consumer"]) for entry in listed]


async def dies(design: Design, moment: str) -> Result:
    """Kill a worker `before` or `after` the work of the third of five jobs; let another go on."""
    handle = Handler({3: moment})
    await life(design, handle, sending=JOBS)
    await life(design, handle, number=2)
    return _result([handle])


async def away(design: Design) -> Result:
    """Send five jobs before any worker is there."""
    handle = Handler({})
    for job in JOBS:
        await design.send(job)
    await life(design, handle)
    return _result([handle])


async def reply_lost(design: Design) -> Result:
    """Lose the reply that hands over the third of five jobs; the client asks again, and lives.

    A minute later a second worker of the team starts.
    """
    handle, name = Handler({}), "team-1"
    unseen = named_client(name, retry=Retry(NoBackoff(), 1))  # no picture shows it
    worker = lose_replies(unseen, 1, having=JOBS[2])
    await _open(design, worker, "team", name)
    for job in JOBS:
        await design.send(job)
    await design.work(worker, "team", name, handle)
    await a_minute_passes(design.key)
    await life(design, handle, number=2)
    await worker.aclose()
    return _result([handle])


class _Slow(Handler):
    """A handler that holds its job in hand until it may go on."""

    def __init__(self) -> None:
        super().__init__({})
        self.in_hand, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def work(self, job: str) -> None:
        self.in_hand.set()
        await self.may_go_on.wait()
        await super().work(job)


async def ten_at_once(design: Design) -> Result:
    """Let ten workers start one after another, each while the others have a job in hand.

    Five open before the five jobs are sent, five afterwards. Then they finish, one by one.
    """
    handlers = [_Slow() for _ in range(10)]
    names = [f"team-{number}" for number in range(1, 11)]
    workers = [connect(name) for name in names]
    for worker, name in zip(workers[:5], names, strict=False):
        await _open(design, worker, "team", name)
    for job in JOBS:
        await design.send(job)
    tasks = []
    for number, (worker, name, handle) in enumerate(zip(workers, names, handlers, strict=True)):
        if number >= 5:
            await _open(design, worker, "team", name)
        tasks.append(asyncio.create_task(design.work(worker, "team", name, handle)))
        await _until_busy(handle, tasks[-1])
    for handle, task, worker in zip(handlers, tasks, workers, strict=True):
        handle.may_go_on.set()
        await task
        await worker.aclose()
    return _result([_together(handlers)])


async def _until_busy(handle: _Slow, task: asyncio.Task[None]) -> None:
    """Return once a worker has a job in hand, or has found none."""
    busy = asyncio.create_task(handle.in_hand.wait())
    await asyncio.wait({busy, task}, return_when=asyncio.FIRST_COMPLETED)
    busy.cancel()


def _together(handlers: Iterable[Handler]) -> Handler:
    team = Handler({})
    team.done = [job for handle in handlers for job in handle.done]
    return team


async def two_teams(design: Design) -> Result:
    """Let two teams open, each of which needs all five jobs; then send, then let both work."""
    handlers = {team: Handler({}) for team in ("payment", "shipping")}
    workers = {team: connect(f"{team}-1") for team in handlers}
    for team, worker in workers.items():
        await _open(design, worker, team, f"{team}-1")
    for job in JOBS:
        await design.send(job)
    for team, worker in workers.items():
        await design.work(worker, team, f"{team}-1", handlers[team])
        await worker.aclose()
    return _result(handlers.values())


async def newcomer(design: Design) -> Result:
    """Let a team handle five jobs; then let another one come that wants to see them all."""
    await life(design, Handler({}), team="first", sending=JOBS)
    handle = Handler({})
    await life(design, handle, team="late")
    return _result([handle])


def _result(handlers: Iterable[Handler]) -> Result:
    counts = [Counter(handle.done) for handle in handlers]
    lost = sum(job not in count for count in counts for job in JOBS)
    return Result(lost, sum(count.total() - len(count) for count in counts))


FAULTS: dict[str, Callable[[Design], Awaitable[Result]]] = {
    "dies before": lambda design: dies(design, "before"),
    "dies after": lambda design: dies(design, "after"),
    "reply lost": reply_lost,
    "ten at once": ten_at_once,
    "away": away,
    "two teams": two_teams,
    "newcomer": newcomer,
}


class Scoreboard(dict[str, dict[str, Result]]):
    """The result of each design under each fault: `board["away"]["Pop"]`."""

    def __repr__(self) -> str:
        return self._table()

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def _table(self) -> Columns:
        names = list(next(iter(self.values()), {}))
        lines = [["", *names]]
        for fault, results in self.items():
            lines.append([fault, *(f"lost {r.lost}, twice {r.twice}" for r in results.values())])
        return Columns.of(lines, gap=3)

    def survivors(self, faults: Iterable[str], lost: int, twice: int) -> list[str]:
        """Name the designs that stay within these limits under each of the faults."""
        worst = Result(lost, twice)
        names = list(next(iter(self.values()), {}))
        return [name for name in names if all(self._within(name, f, worst) for f in faults)]

    def _within(self, design: str, fault: str, worst: Result) -> bool:
        result = self[fault][design]
        return result.lost <= worst.lost and result.twice <= worst.twice

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        printer.text(repr(self))  # type: ignore[attr-defined]


async def scoreboard(designs: Sequence[type[Design]]) -> Scoreboard:
    """Put each design through each fault, each time on a key of its own."""
    return Scoreboard(
        {
            fault: {d.__name__: await run(d(f"{fault}:{d.__name__}")) for d in designs}
            for fault, run in FAULTS.items()
        }
    )


def left_after_kill(messages: int = 10, **settings: str) -> tuple[int, int]:
    """Fill a queue and a stream, kill the server, start it again, and count what they hold.

    The server is a private one with a folder of its own; `settings` are those of redis.conf, with
    _ for -. Raises NoServer where none can run.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
    """
    with kept_folder() as folder:
        _one_run(folder, messages, settings)
        return _one_run(folder, 0, settings)


def _one_run(folder: Path, messages: int, settings: dict[str, Any]) -> tuple[int, int]:
    server = start_server(folder=folder, **settings)
    try:
        with redis.Redis(**server.options) as client:
            for number in range(messages):
                client.rpush("queue", number)
                client.xadd("stream", {"number": number})
            _until_written(client)
            return client.llen("queue"), client.xlen("stream")
    finally:
        server.stop()


def _until_written(client: redis.Redis) -> None:
    """Ask until the file has been handed to the system: on a slow disk a server puts that off.

    Raises TimeoutError. Follows https://redis.io/docs/latest/commands/info/ (aof_buffer_length)
    """
    end = perf_counter() + SECONDS_TO_WRITE
    while client.info("persistence").get("aof_buffer_length", 0):
        if perf_counter() > end:
            raise TimeoutError(f"the server did not write its file in {SECONDS_TO_WRITE} seconds.")


async def per_second(action: Callable[[], Awaitable[object]], times: int, each: int = 1) -> int:
    """Measure how often `action` is done per second, where each call does it `each` times."""
    gc.disable()  # as timeit does: a collection walks the whole record, and hits one of several
    try:
        start = perf_counter()
        for _ in range(times):
            await action()
        return round(times * each / (perf_counter() - start))
    finally:
        gc.enable()


async def jobs_per_second(design: Design, jobs: int = 300) -> int:
    """Measure how many jobs per second go from the shop through a design to a handler."""
    handle = Handler({})
    names = [str(number) for number in range(jobs)]
    rate = await per_second(lambda: life(design, handle, sending=names), times=1, each=jobs)
    assert handle.done == names
    return rate


def redis_benchmark(command: str, pipeline: int = 100) -> int | None:
    """Measure commands per second with redis-benchmark on a private server made for it.

    None without such a program, or where the notebook itself has no private server. The program
    takes no password but on its command line, which everybody on the machine may read; so it goes
    through a socket in a folder that nobody else may enter.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/benchmarks/
    """
    program = shutil.which("redis-benchmark")
    if program is None or broker().kind != "server":
        return None
    with kept_folder() as folder:
        socket = str(folder / "socket")
        server = start_server(folder=folder, password="", port=0, unixsocket=socket)
        words = ["-s", socket, "-t", command, "-n", "100000", "-P", str(pipeline), "--csv"]
        told = subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
        server.stop()
    return round(float(told.splitlines()[-1].split(",")[1].strip('"')))
