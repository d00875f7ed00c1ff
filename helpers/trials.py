"""Put designs through the same accidents, and count what was lost and what came twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from .notebook import connect

JOBS = tuple(f"job-{number}" for number in range(1, 6))


class PowerCut(Exception):
    """Stop a worker where it stands: nothing that it meant to do afterwards is done."""


class Handler:
    """Do the work of a job by writing it down in `done`, and lose power when the time has come.

    `deaths` says at which call, counted from 1, and whether `before` or `after` the work: then the
    call raises PowerCut. It knows nothing of Redis, so that it is the same for every design.
    """

    def __init__(self, deaths: dict[int, str]) -> None:
        self.deaths = deaths
        self.calls = 0
        self.done: list[str] = []

    def __call__(self, job: str) -> None:
        self.calls += 1
        moment = self.deaths.get(self.calls)
        if moment == "before":
            raise PowerCut
        self.done.append(job)
        if moment == "after":
            raise PowerCut


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


@dataclass(frozen=True)
class Result:
    """Tell how many jobs were lost, and how many were done once too often."""

    lost: int
    twice: int

    def __repr__(self) -> str:
        return f"lost {self.lost}, twice {self.twice}"


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
        lines += [[fault, *map(repr, results.values())] for fault, results in self.items()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_line(line, widths) for line in lines)

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
