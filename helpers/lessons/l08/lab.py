"""Lab 8: four designs with the same bad luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from ...labs.controls import Button, Control, Number
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab
from ...waiting import read
from .designs import Design, Handler, PowerCut

TEAM = "team"
AT_ONCE = 5  # jobs that are sent before the worker looks
MOST_CALLS = 200  # from then on nobody dies, so that every run ends


@dataclass(frozen=True)
class Outcome:
    """How one design came through: which jobs were lost, and which were done twice."""

    deaths: int
    done: int
    lost: list[str]
    twice: list[str]


@dataclass
class State:
    """The outcome of each design that has run."""

    jobs: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class _WithShop(Design):
    """A design that sends with a client of the lab, which the lesson's picture does not show."""

    def __init__(self, key: str, shop: Redis) -> None:
        super().__init__(key)
        self.shop = shop


class Pop(_WithShop):
    """A design that takes a job off the list, then does it."""

    async def send(self, job: str) -> None:
        await self.shop.rpush(self.key, job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        while job := cast(str, await worker.lpop(self.key)):
            await handle(job)


class Move(Pop):
    """A design that moves a job to a list of its own, does it, then removes it there."""

    async def open(self, worker: Redis, team: str, name: str) -> None:
        while await worker.lmove(f"{self.key}:{name}", self.key, "RIGHT", "LEFT"):
            pass

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        own = f"{self.key}:{name}"
        while job := cast(str, await worker.lmove(self.key, own, "LEFT", "RIGHT")):
            await handle(job)
            await worker.lrem(own, 1, job)


class Publish(_WithShop):
    """A design that publishes to whoever is subscribed."""

    inbox: PubSub

    async def open(self, worker: Redis, team: str, name: str) -> None:
        self.inbox = worker.pubsub(ignore_subscribe_messages=True)
        await self.inbox.subscribe(self.key)
        await read(self.inbox)

    async def send(self, job: str) -> None:
        await self.shop.publish(self.key, job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        for message in await read(self.inbox):
            await handle(message["data"])


class Group(_WithShop):
    """A design that adds to a stream, reads as a group, and acknowledges after the work."""

    async def open(self, worker: Redis, team: str, name: str) -> None:
        if not await worker.exists(self.key):
            await worker.xgroup_create(self.key, team, id="0", mkstream=True)

    async def send(self, job: str) -> None:
        await self.shop.xadd(self.key, {"job": job})

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        for start in ("0", ">"):
            while entries := await self._take(worker, team, name, start):
                await handle(entries[0][1]["job"])
                await worker.xack(self.key, team, entries[0][0])

    async def _take(
        self, worker: Redis, team: str, name: str, start: str
    ) -> list[tuple[str, dict[str, str]]]:
        reply: Any = await worker.xreadgroup(team, name, {self.key: start}, count=1)
        return reply[0][1] if reply else []


DESIGNS: tuple[type[_WithShop], ...] = (Pop, Move, Publish, Group)


class _Books(Handler):
    """The work of a job: counting it in a hash of the broker."""

    def __init__(self, falls: dict[int, str], shop: Redis, key: str) -> None:
        super().__init__(falls)
        self.shop = shop
        self.key = key

    async def work(self, job: str) -> None:
        await self.shop.hincrby(self.key, job, 1)


class Crash(Lab):
    """A lab: let the same deaths befall four designs, and count what each lost and did twice.

    Follows https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 8
    title = "Four designs, the same bad luck"
    jobs = 12
    rate = 25
    luck = 5
    state: State

    def begin(self) -> None:
        self.state = State()
        self._runs = 0

    def actions(self) -> list[Control]:
        return [
            Number("Jobs", "jobs", 1, 40),
            Number("Deaths in 100 jobs", "rate", 0, 60),
            Number("Random seed", "luck", 1, 20),
            Button("Run the four designs", self.run),
        ]

    async def run(self) -> None:
        """Put each design through the same deaths, on keys of its own."""
        self._runs += 1
        self.state = State(self.jobs)
        for kind in DESIGNS:
            key = self.key(f"{kind.__name__}:{self._runs}")
            self.state.outcomes[kind.__name__] = await self._run(kind(key, self.client("shop")))

    async def _run(self, design: _WithShop) -> Outcome:
        names = [f"job-{number}" for number in range(1, self.jobs + 1)]
        handle = _Books(deaths(self.rate, self.luck), design.shop, f"{design.key}:done")
        died = 0
        worker = await self._born(design)
        for start in range(0, len(names), AT_ONCE):
            for job in names[start : start + AT_ONCE]:
                await design.send(job)
            while await self._dies(design, worker, handle):
                died += 1
                worker = await self._born(design)
        await self.drop(TEAM)
        async with self.asker() as asker:
            done: Any = await asker.hgetall(handle.key)
            return _outcome(died, names, done)

    async def _born(self, design: Design) -> Redis:
        await self.drop(TEAM)
        worker = self.client(TEAM)
        await design.open(worker, TEAM, TEAM)
        return worker

    async def _dies(self, design: Design, worker: Redis, handle: Handler) -> bool:
        try:
            await design.work(worker, TEAM, TEAM, handle)
        except PowerCut:
            return True
        return False

    async def look(self) -> None:
        """Nothing to ask: a run has looked at every job."""

    def picture(self) -> Drawing:
        rows = [row for name, o in self.state.outcomes.items() for row in _rows(name, o)]
        empty = [Shelf(kind.__name__, note="has not run") for kind in DESIGNS]
        return shelves(self.title, rows or empty)

    def summary(self) -> str:
        told = [
            f"{name} lost {len(o.lost)} and did {len(o.twice)} twice (deaths: {o.deaths})"
            for name, o in self.state.outcomes.items()
        ]
        return f"{self.state.jobs} jobs. {'; '.join(told)}." if told else "No design has run yet."


def deaths(rate: int, luck: int) -> dict[int, str]:
    """Say at which calls of the handler the power fails, and when; the same for the same luck."""
    random = Random(luck)
    moments = [
        (random.random() * 100, random.choice(("before", "after"))) for _ in range(MOST_CALLS)
    ]
    return {call: moment for call, (dice, moment) in enumerate(moments, 1) if dice < rate}


def _outcome(died: int, jobs: Sequence[str], done: Mapping[str, str]) -> Outcome:
    return Outcome(
        deaths=died,
        done=len(done),
        lost=[job for job in jobs if job not in done],
        twice=[job for job in jobs if int(done.get(job, 0)) > 1],
    )


def _rows(name: str, outcome: Outcome) -> Iterator[Shelf]:
    yield Shelf(name, note=f"deaths: {outcome.deaths}, jobs done: {outcome.done}")
    yield Shelf(f"  lost {len(outcome.lost)}", [Box(job, "lost") for job in outcome.lost])
    yield Shelf(f"  twice {len(outcome.twice)}", [Box(job, "twice") for job in outcome.twice])


LAB = Crash
