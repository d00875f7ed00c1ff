"""Judge an answer by the explorer: every sequence of its steps, with deaths, within a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from redis.asyncio import Redis

from ..explore import Verdict, explore
from ..sandbox.limits import is_foreign
from ..sandbox.plain import plain
from .verdict import Schedule

Act = Callable[[Any, Redis, str, "Handling"], Awaitable[object]]
Says = dict[str, tuple[str, str]]  # by the kind of a fault: what to say of it, and the advice

MOST = 24  # runs that one exploration tries
READY = "everything-is-there"  # a stream for which the workers wait


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
    **bounds: Any,
) -> Verdict:
    """Return the verdict on an answer, whose `act` runs it. Raises Schedule for the shortest fault.

    `given` fills the transaction that comes first of all. Jobs are `job-1` and on; whether one is
    lost, repeated or whatever else counts is what `says` names. Raises CourseError for a program
    that cannot be explored.
    """

    async def send(client: Redis, job: str) -> None:
        if given and job == "job-1":
            async with client.pipeline(transaction=True) as first:
                given(first)
                first.xadd(READY, {"are": "all"})
                await first.execute()

    async def work(client: Redis, name: str, handle: Callable[[str], Awaitable[None]]) -> None:
        is_foreign.set(True)
        await asyncio.sleep(0)  # its steps are counted from its next turn on
        handling = Handling(client, handle)
        if given:
            await client.xread({READY: "0"}, block=0)
        await act(answer.elsewhere(), client, name, handling)
        await handling.come()

    usual = {"workers": 2, "jobs": 1, "crashes": 0, "limit": MOST, "once": "repeated" in says}
    verdict = await explore(send, work, **usual | bounds)
    for kind, (what, advice) in says.items():
        if found := getattr(verdict, kind):
            raise Schedule(what, [step for step in found.steps if READY not in step], advice)
    return verdict
