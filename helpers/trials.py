"""Put designs through the same accidents, and count what was lost and what came twice."""

from __future__ import annotations

import gc
import shutil
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import redis
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from .broker import broker
from .notebook import connect
from .servers import kept_folder, start_server

SECONDS_TO_WRITE = 10.0  # seconds
JOBS = tuple(f"job-{number}" for number in range(1, 6))


class PowerCut(Exception):
    """Stop a worker where it stands: nothing that it meant to do afterwards is done."""


class Handler:
    """Do the work of a job by writing it down in `done`, and lose power when the time has come.

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
    """Be the base of a way to hand over jobs: what the shop sends, and how a worker works.

    `key` names the list, the channel or the stream. A design overrides `send` and `work`, and
    `open` if a worker has something to do when it starts.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.inboxes: dict[str, PubSub] = {}

    async def open(self, worker: Redis, team: str) -> None:
        """Do what a worker of this team does when it starts."""

    async def send(self, job: str) -> None:
        """Send a job, as the shop does."""
        raise NotImplementedError

    async def work(self, worker: Redis, team: str, handle: Handler) -> None:
        """Handle jobs until there is none left."""
        raise NotImplementedError


class Result(NamedTuple):
    """Tell how many jobs were lost, and how many were done once too often."""

    lost: int
    twice: int


async def life(
    design: Design, handle: Handler, team: str = "team", sending: Iterable[str] = ()
) -> None:
    """Let a worker open, send the jobs to it, and let it work until it is done or dies."""
    worker = connect(team)
    await design.open(worker, team)
    for job in sending:
        await design.send(job)
    with suppress(PowerCut):
        await design.work(worker, team, handle)
    await worker.aclose()


async def dies(design: Design, moment: str) -> Result:
    """Kill a worker `before` or `after` the work of the third of five jobs; let another go on."""
    handle = Handler({3: moment})
    await life(design, handle, sending=JOBS)
    await life(design, handle)
    return _result([handle])


async def away(design: Design) -> Result:
    """Send five jobs before any worker is there."""
    handle = Handler({})
    for job in JOBS:
        await design.send(job)
    await life(design, handle)
    return _result([handle])


async def two_teams(design: Design) -> Result:
    """Let two teams open, each of which needs all five jobs; then send, then let both work."""
    handlers = {team: Handler({}) for team in ("payment", "shipping")}
    workers = {team: connect(team) for team in handlers}
    for team, worker in workers.items():
        await design.open(worker, team)
    for job in JOBS:
        await design.send(job)
    for team, worker in workers.items():
        await design.work(worker, team, handlers[team])
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
    "away": away,
    "two teams": two_teams,
    "newcomer": newcomer,
}


class Scoreboard(dict[str, dict[str, Result]]):
    """Hold the result of each design under each fault: `board["away"]["Pop"]`."""

    def __repr__(self) -> str:
        names = list(next(iter(self.values()), {}))
        lines = [["", *names]]
        for fault, results in self.items():
            lines.append([fault, *(f"lost {r.lost}, twice {r.twice}" for r in results.values())])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_line(line, widths) for line in lines)

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


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "   ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


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


def _one_run(folder: Path, messages: int, settings: dict[str, str]) -> tuple[int, int]:
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
    """Measure how often `action` is done in a second, where each call does it `each` times."""
    gc.disable()  # as timeit does: a collection walks the whole record, and hits one of several
    try:
        start = perf_counter()
        for _ in range(times):
            await action()
        return round(times * each / (perf_counter() - start))
    finally:
        gc.enable()


async def jobs_per_second(design: Design, jobs: int = 300) -> int:
    """Measure how many jobs a second go from the shop through a design to a handler."""
    handle = Handler({})
    names = [str(number) for number in range(jobs)]
    rate = await per_second(lambda: life(design, handle, sending=names), times=1, each=jobs)
    assert handle.done == names
    return rate


def redis_benchmark(command: str, pipeline: int = 100) -> int | None:
    """Measure commands a second with redis-benchmark on the notebook's private server.

    None where there is no such server or no such program.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/benchmarks/
    """
    program = shutil.which("redis-benchmark")
    if program is None or broker().kind != "server":
        return None
    port = broker().url.rsplit(":", 1)[1]
    words = ["-p", port, "-t", command, "-n", "100000", "-P", str(pipeline), "--csv"]
    told = subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
    return round(float(told.splitlines()[-1].split(",")[1].strip('"')))
