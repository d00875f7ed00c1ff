"""Run a program of redis-py clients in every sequence of its steps, with a crash anywhere."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

from ..errors import CourseError
from ..kernel.progress import Progress
from ..record.garbage import uncollected
from .alone import alone
from .program import WORKERS, Give, Given, Holds, Program, Rescue, Send, Work
from .search import Graph, Tree
from .verdict import Verdict
from .watch import watched

__all__ = ["Verdict", "explore"]

MOST = 4500  # runs
TOO_DEEP = (
    "A program that is explored calls itself deeper and deeper: write a loop in place of that."
)
SECONDS_AT_ONCE = 0.1  # before whatever else runs has its turn
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
    given: Give | None = None,
    decode_responses: bool = True,
    reduce: bool = True,
    limit: int = MOST,
) -> Verdict:
    """Return what a program does in every sequence of its steps, within these bounds.

    `send(client, job)` and `work(client, name, handle)` are coroutines over plain clients; each
    command, and `handle(job)`, is a step. A worker may die before, inside and after any of them,
    and is started again: in one schedule under its name, in another one under a new name. In the
    end time passes, `rescue(client)` does what a keeper does, and workers that have returned are
    started again: a job that nobody has handled then is lost. `holds(client)` says what must be
    true instead. `given(pipeline)` queues what the broker holds before all. Without
    `decode_responses`, clients answer with bytes. `limit` bounds how much is tried, counted in runs
    from beginning to end, although what is known is not run again; `reduce=False` does run each
    schedule by itself.
    Raises CourseError for a program that uses threads, sockets or chance, never awaits, or
    calls itself without an end.
    """
    _count("workers", workers, 1, len(WORKERS))
    _count("jobs", jobs, 1)
    _count("crashes", crashes, 0)
    _count("lost_replies", lost_replies, 0)
    _count("limit", limit, 1)
    bounds = workers, jobs, crashes, lost_replies
    promises = rescue, holds, once, in_sequence
    program = Program(send, work, *bounds, *promises, given and Given(given), decode_responses)
    with uncollected():  # all situations are gone when garbage is collected again
        return await _verdict(Graph(program) if reduce else Tree(program), limit)


def _count(name: str, number: Any, least: int, most: int | None = None) -> None:
    """Raise CourseError for what is no whole number within these bounds."""
    is_whole = isinstance(number, int) and not isinstance(number, bool)
    if not is_whole or number < least or (most is not None and number > most):
        bounds = f"{least} or more" if most is None else f"{least} to {most}"
        raise CourseError(f"`{name}` should be a whole number, {bounds}, not {number!r}.")


async def _verdict(search: Graph | Tree, limit: int) -> Verdict:
    """Explore, and return what was found."""
    with watched(search.clock):
        try:
            await _explore(search, limit)
            search.check()
        except RecursionError:
            raise CourseError(TOO_DEEP) from None
        finally:
            search.close()
        return Verdict.of(search)


async def _explore(search: Graph | Tree, limit: int) -> None:
    """Explore until nothing is left or the limit is met."""
    progress = Progress()
    try:
        while _go_on(search, limit):
            progress.tell(f"{search.found:,} situations so far")
            await asyncio.sleep(0)  # the stop button, and whatever else runs, has its turn
    except (KeyboardInterrupt, asyncio.CancelledError):
        print(f"The exploration was stopped after {search.found:,} situations: it has no verdict.")
        raise
    finally:
        progress.end()


def _go_on(search: Graph | Tree, limit: int) -> bool:
    """Explore for a moment; return whether there is more to be explored."""
    with alone(search.clock):
        ends = _now() + SECONDS_AT_ONCE
        while search.explore() and search.effort < limit:
            if _now() > ends:
                return True
    return False
