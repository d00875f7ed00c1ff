"""Run a program of redis-py clients in every sequence of its steps, with a crash anywhere."""

from __future__ import annotations

import asyncio

from ..errors import CourseError
from .program import WORKERS, Holds, Program, Rescue, Send, Work
from .search import runs
from .verdict import Verdict

__all__ = ["Verdict", "explore"]


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
    limit: int = 5000,
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
    verdict = Verdict(program)
    for number, run in enumerate(runs(program, reduce)):
        if number == limit:
            verdict.complete = False
            break
        if run is not None:
            verdict.add(*run)
        if verdict.endless:
            break
        await asyncio.sleep(0)  # the stop button, and whatever else runs, has its turn
    return verdict
