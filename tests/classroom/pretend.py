"""A class that is only pretended: events without a broker."""

from __future__ import annotations

from itertools import count
from random import Random

from helpers.classroom.event import Event, Kind
from helpers.classroom.state import ClassState

MINUTE = 60_000
START = 1_790_000_000_000  # some day in 2026, in milliseconds

_ids = count()


def answered(who: str, number: str, choice: int, kind: Kind = "prediction") -> Event:
    """Make the event of a choice, which may be wrong."""
    return Event(who, kind, number, str(choice), is_right=False, id=f"{next(_ids):032x}")


def checked(who: str, number: str, is_right: bool = False) -> Event:
    """Make the event of a check."""
    answer = "passed" if is_right else "failed"
    return Event(who, "check", number, answer, is_right, id=f"{next(_ids):032x}")


def state_of(*events: tuple[Event, int]) -> ClassState:
    """Return what is known after these events, each with its minutes since the start."""
    state = ClassState()
    for event, minutes in events:
        state.take(event, START + minutes * MINUTE)
    return state


def a_class(size: int, seed: int = 1) -> list[tuple[Event, int]]:
    """Pretend an hour of lesson 2, with its times: a vote, exercises, and some who are stuck."""
    chance = Random(seed)
    events: list[tuple[Event, int]] = []
    for number in range(1, size + 1):
        who = f"{chance.choice(NAMES)}-{number}"
        events += _hour(who, chance)
    return sorted(events, key=lambda each: each[1])


NAMES = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "jade")


def _hour(who: str, chance: Random) -> list[tuple[Event, int]]:
    def at(low: float, high: float) -> int:
        return START + round(chance.uniform(low, high) * MINUTE)

    events = [(answered(who, "2.1", chance.choice((0, 1, 1, 1, 2))), at(0, 2))]
    for _ in range(chance.randrange(5)):
        events.append((checked(who, "2.1"), at(20, 40)))
    if chance.random() < 0.7:
        events.append((checked(who, "2.1", is_right=True), at(40, 45)))
        events += [(checked(who, "2.2"), at(46, 58)) for _ in range(chance.randrange(3))]
    if chance.random() < 0.8:
        events.append((answered(who, "2.2", chance.choice((0, 1, 2, 2))), at(59, 60)))
    return events
