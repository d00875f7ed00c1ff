"""Where a class is: exercise by exercise without names, and learner by learner with them."""

from __future__ import annotations

from dataclasses import dataclass

from ..classroom.state import CHECK, ClassState, Standing
from ..record.printable import printable

MINUTE = 60_000  # milliseconds, as all times here
HOUR, DAY = 60, 24 * 60  # minutes

STUCK = 5 * MINUTE
"""Whoever first failed so long ago, and has not passed yet, is stuck."""

AWAY = 60 * MINUTE
"""Whoever was quiet for so long has left the room, and needs nobody now."""


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
    standings = state.standings()
    return [_exercise(state, number, standings, now) for number in state.numbers(CHECK)]


def stuck(state: ClassState, now: int) -> str:
    """Say how many are stuck, and for how long whoever has been so for longest; no names."""
    found = _stuck_since(state.standings(), now)
    if not found:
        return "Nobody is stuck."
    told = "1 learner is" if len(found) == 1 else f"{len(found)} learners are"
    return f"{told} stuck; the longest for {how_long(min(found), now)}."


def learners(state: ClassState, now: int) -> list[Learner]:
    """List all learners: whoever has been stuck for longest first, whoever has left last."""
    found = sorted(state.standings(), key=lambda standing: _is_away(standing, now))
    return [_learner(standing, now) for standing in found]


def how_long(since: int, now: int) -> str:
    """Write how long ago something was: whole minutes, as a clock on a wall tells them."""
    minutes = max(0, now - since) // MINUTE
    if minutes < 1:
        return "under 1 min"
    if minutes < HOUR:
        return f"{minutes} min"
    if minutes < DAY:
        return f"{minutes // HOUR} h {minutes % HOUR:02} min"
    return "1 day" if minutes < 2 * DAY else f"{minutes // DAY} days"


def _is_away(standing: Standing, now: int) -> bool:
    return now - standing.seen_at >= AWAY


def _stuck_since(standings: list[Standing], now: int) -> list[int]:
    """List since when each who is stuck has been so."""
    since = [s.stuck_since for s in standings if not _is_away(s, now) and s.stuck_since is not None]
    return [each for each in since if now - each >= STUCK]


def _exercise(state: ClassState, number: str, standings: list[Standing], now: int) -> AtExercise:
    failing = [s for s in standings if s.exercise == number and s.stuck_since is not None]
    found = _stuck_since(failing, now)
    longest = how_long(min(found), now) if found else ""
    passed = sum(work.is_done for work in state.work_on(CHECK, number))
    return AtExercise(number, passed, len(failing), len(found), longest)


def _learner(standing: Standing, now: int) -> Learner:
    since = standing.stuck_since
    return Learner(
        printable(standing.who),
        _last(standing),
        standing.fails,
        "" if since is None else f"{standing.exercise}, {how_long(since, now)}",
        how_long(standing.seen_at, now),
        bool(_stuck_since([standing], now)),
    )


def _last(standing: Standing) -> str:
    if standing.kind == CHECK:
        return f"{'passed' if standing.is_right else 'failed'} check {standing.number}"
    return f"answered {standing.kind} {standing.number}"
