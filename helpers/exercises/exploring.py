"""Judge an answer by the explorer: every sequence of its steps, with deaths, within a bound."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from redis.asyncio import Redis

from ..explore import Verdict, explore
from ..explore.program import OBSERVER
from ..explore.world import HOUR
from ..record.strangers import NotGiven
from ..sandbox.limits import is_foreign
from ..sandbox.plain import NotYet, plain
from .verdict import Schedule

Act = Callable[[Any, Redis, str, "Handling"], Awaitable[object]]
Says = dict[str, tuple[str, str]]  # by the kind of a fault: what to say of it, and the advice

Ours = dict[str, str]  # by the pattern of a step: what is shown of it, or nothing

MOST = 24  # runs that one exploration tries
CHECK = "(check)"  # who looks in the end, where that is not the answer
ALWAYS: Ours = {
    rf"^\(time\) +{HOUR:g} s pass$": "(time)  an hour passes; whoever has returned starts again",
    rf"^{OBSERVER}\b": CHECK,
}


class Handling:
    """A plain handler whose every job is a step, which goes before what its worker sends next.

    So a worker can die before it, inside of it and after it.
    """

    def __init__(self, client: Redis, handle: Callable[[str], Awaitable[None]]) -> None:
        self._handle = handle
        self._jobs: list[Any] = []
        pool: Any = client.connection_pool
        pool.connection_class = _handling_first(pool.connection_class)
        pool.connection_kwargs["handling"] = self

    def __call__(self, job: Any) -> None:
        self._jobs.append(plain(job))

    async def awaited(self, job: Any) -> None:
        """Do a job as a step of its own, for an answer that awaits its handler."""
        await self._handle(plain(job))

    async def come(self) -> None:
        """Let what was handled have its turn."""
        while self._jobs:
            await self._handle(self._jobs.pop(0))


class _HandlingFirst:
    """A connection that lets what was handled go before the next command."""

    shaking_hands: bool

    def __init__(self, *, handling: Handling, **settings: Any) -> None:
        self._handling = handling
        super().__init__(**settings)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if not self.shaking_hands:
            await self._handling.come()
        await super().send_packed_command(command, check_health)  # type: ignore[misc]


@lru_cache(maxsize=8)
def _handling_first(kind: Any) -> Any:
    return type("HandlingFirst", (_HandlingFirst, kind), {})


async def explored(
    answer: Any,
    act: Act,
    says: Says,
    given: Callable[[Any], object] | None = None,
    ours: Ours | None = None,
    **bounds: Any,
) -> Verdict:
    """Return the verdict on an answer, whose `act` runs it. Raises Schedule for the shortest fault.

    `given` fills the transaction that comes first of all, and is no step. Jobs are `job-1` and on;
    whether one is lost, repeated or whatever else counts is what `says` names. `ours` tells the
    steps of `act` itself in other words, or leaves them out. Raises NotYet for a client that the
    answer was not given, and CourseError for a program that cannot be explored.
    """

    async def send(client: Redis, job: str) -> None:
        """Send nothing: the jobs are given."""

    async def work(client: Redis, name: str, handle: Callable[[str], Awaitable[None]]) -> None:
        is_foreign.set(True)
        await asyncio.sleep(0)  # its steps are counted from its next turn on
        handling = Handling(client, handle)
        await act(answer.elsewhere(), client, name, handling)
        await handling.come()

    usual = {"workers": 2, "jobs": 1, "crashes": 0, "limit": MOST, "once": "repeated" in says}
    try:
        verdict = await explore(send, work, given=given, **usual | bounds)
    except NotGiven as error:
        raise NotYet(str(error)) from None
    for kind, (what, advice) in says.items():
        if found := getattr(verdict, kind):
            raise Schedule(what, to_be_seen(kind, found.steps, ours), advice)
    return verdict


def to_be_seen(kind: str, steps: list[str], ours: Ours | None = None) -> list[str]:
    """Return the steps of a schedule up to where a fault of this kind is seen.

    What the check itself does is told in other words, by `ours`, or left out.
    """
    if kind == "repeated":
        steps = steps[: _second_handling(steps)]
    for pattern, words in (ALWAYS | (ours or {})).items():
        steps = [step for each in steps if (step := re.sub(pattern, words, each).strip())]
    if kind == "lost":
        steps = [*steps, f"(end)  nobody has handled {_unhandled(steps)}, and nobody will"]
    told = [step.split(maxsplit=1) for step in steps]
    width = max((len(who) for who, _ in told), default=0)
    return [f"{who:<{width}}  {what}" for who, what in told]


def _unhandled(steps: list[str]) -> str:
    """Name the jobs that are spoken of and not handled."""
    jobs = dict.fromkeys(re.findall(r"job-\d+", "\n".join(steps)))
    handled = {step.split()[-1] for step in steps if re.fullmatch(r"\S+ +handles \S+", step)}
    left = [job for job in jobs if job not in handled]
    return " and ".join(left) or "it"


def _second_handling(steps: list[str]) -> int:
    """Count the steps up to where a job is handled that was handled before."""
    jobs: list[str] = []
    for place, step in enumerate(steps, start=1):
        what = step.partition(" ")[2].lstrip()
        if what in jobs:
            return place
        jobs += [what] if what.startswith("handles ") else []
    return len(steps)
