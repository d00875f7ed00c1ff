"""Where a class is: exercise by exercise without names, and learner by learner with them."""

from __future__ import annotations

from dataclasses import dataclass

from ..classroom.state import CHECK, ClassState, Standing
from ..record.printable import printable

STUCK = 5 * 60_000
"""Whoever first failed so long ago, in milliseconds, and has not passed yet, is stuck."""

MINUTE = 60_000


@dataclass(frozen=True)
class AtExercise:
    """How many have passed an exercise, and how many it still resists."""

    number: str
    passed: int
    trying: int
    stuck: int
    longest: str
    """For how long whoever is stuck for longest has been so; empty where nobody is."""


@dataclass(frozen=True)
class Learner:
    """Where one learner is, in words."""

    who: str
    did: str
    fails: int
    failing: str
    quiet: str
    is_stuck: bool


def exercises(state: ClassState, now: int) -> list[AtExercise]:
    """List the exercises that anybody has checked, in their sequence."""
    failing = [each for each in state.standings() if each.stuck_since is not None]
    return [_exercise(state, number, failing, now) for number in state.numbers(CHECK)]


def stuck(state: ClassState, now: int) -> str:
    """Say how many are stuck, and for how long whoever has been so for longest; no names."""
    since = [s.stuck_since for s in state.standings() if s.stuck_since is not None]
    found = [each for each in since if now - each >= STUCK]
    if not found:
        return "Nobody is stuck."
    told = "1 learner is" if len(found) == 1 else f"{len(found)} learners are"
    return f"{told} stuck; the longest for {how_long(min(found), now)}."


def learners(state: ClassState, now: int) -> list[Learner]:
    """List all learners: whoever has been failing for longest first, then by name."""
    return [_learner(standing, now) for standing in state.standings()]


def how_long(since: int, now: int) -> str:
    """Write how long ago something was: whole minutes, as a clock on a wall tells them."""
    minutes = max(0, now - since) // MINUTE
    if minutes < 1:
        return "under 1 min"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _exercise(state: ClassState, number: str, failing: list[Standing], now: int) -> AtExercise:
    since = [s.stuck_since for s in failing if s.exercise == number and s.stuck_since is not None]
    stuck_here = sum(now - each >= STUCK for each in since)
    longest = how_long(min(since), now) if stuck_here else ""
    passed = sum(work.is_done for work in state.work_on(CHECK, number))
    return AtExercise(number, passed, len(since), stuck_here, longest)


def _learner(standing: Standing, now: int) -> Learner:
    since = standing.stuck_since
    return Learner(
        printable(standing.who),
        _last(standing),
        standing.fails,
        "" if since is None else f"{standing.exercise}, {how_long(since, now)}",
        how_long(standing.seen_at, now),
        since is not None and now - since >= STUCK,
    )


def _last(standing: Standing) -> str:
    if standing.kind == CHECK:
        return f"{'passed' if standing.is_right else 'failed'} check {standing.number}"
    return f"answered {standing.kind} {standing.number}"
