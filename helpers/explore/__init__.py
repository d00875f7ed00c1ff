"""Run a program of redis-py clients in every sequence of its steps, with a crash anywhere."""

from __future__ import annotations

import asyncio
from time import perf_counter

from ..errors import CourseError
from .alone import alone
from .program import WORKERS, Holds, Program, Rescue, Send, Work
from .search import Graph, Tree
from .verdict import Verdict

__all__ = ["Verdict", "explore"]

MOST_SITUATIONS = 300_000
SECONDS_AT_ONCE = 0.05  # seconds, before whatever else runs has its turn
_now = perf_counter


async def explore(
    send: Send,
    work: Work,
    workers: int = 2,
    jobs: int = 3,
    crashes: int = 1,
    lost_replies: int = 0,
    rescue: Rescue | None = None,
    holds: Holds | None = None,
    once: bool = False,
    in_sequence: bool = False,
    *,
    reduce: bool = True,
    limit: int = MOST_SITUATIONS,
) -> Verdict:
    """Return what a program does in every sequence of its steps, within these bounds.

    `send(client, job)` and `work(client, name, handle)` are coroutines over plain clients; each
    command, and `handle(job)`, is a step. A worker may die before, inside and after any of them
    and is started again under its name. In the end time passes, `rescue(client)` does what a
    keeper does, and workers that have returned are started again: a job that nobody has handled
    then is lost. `holds(client)` says what must be true instead. `limit` bounds the runs, and
    `reduce=False` tries also sequences that nobody could tell apart.
    Raises CourseError for a program that uses threads or sockets, or that depends on chance.
    """
    if not 1 <= workers <= len(WORKERS):
        raise CourseError(f"An exploration has 1 to {len(WORKERS)} workers: choose fewer.")
    program = Program(
        send, work, workers, jobs, crashes, lost_replies, rescue, holds, once, in_sequence
    )
    search = Graph(program) if reduce else Tree(program)
    verdict = Verdict(program)
    try:
        verdict.complete = await _explore(search, limit)
        search.check()
        verdict.take(search.tally())
        verdict.endless = search.endless
        verdict.complete &= not search.endless
    finally:
        search.close()
    return verdict


async def _explore(search: Graph | Tree, limit: int) -> bool:
    """Explore until nothing is left or the limit is met; return whether nothing is left."""
    while True:
        with alone(search.clock):
            slice_ends = _now() + SECONDS_AT_ONCE
            while more := search.explore():
                if len(search) >= limit or _now() > slice_ends:
                    break
        if not more or len(search) >= limit:
            return not more
        await asyncio.sleep(0)  # the stop button, and whatever else runs, has its turn
