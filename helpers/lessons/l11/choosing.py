"""Exercise 11.2: judge by what was measured which settings keep a promise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Difference
from ...sandbox.plain import NotYet
from .measured import FAULTS, ROWS, Fate, fate, limit_of

Outcome = dict[str, Any]  # lost and twice: names; back: seconds, or None where not all came back
Setting = dict[str, Any]  # name; limit: seconds, or None; faults: an outcome for each

LONG = "long job"
ALIVE = (LONG, "cut off")  # the faults in which nobody kills a worker
AN_HOUR = 3600  # seconds
SECONDS = {"at once": 0, "a minute": 60, "ten minutes": 600, "an hour": 3600, "a day": 86_400}
CONDITIONS = (
    "Two of them on a condition: taskiq's stream if orders go on coming, and Dramatiq for a video "
    "if its `time_limit` of ten minutes is raised."
)
HINTS = {
    "NoneType": "`back` is None where an order is lost, and `limit` where none is set.",
    "KeyError": "A setting has `limit` and `faults`, each fault has `lost`, `twice` and `back`.",
}
WELL: Outcome = {"lost": [], "twice": [], "back": 0}


@dataclass(frozen=True)
class Promise:
    """What a shop promises of its jobs, each of which takes so many seconds.

    `faults` are those in which it must hold, `breaks` says how an outcome breaks it, or nothing,
    and `harmless` what does not break it.
    """

    name: str
    seconds: int
    faults: tuple[str, ...]
    breaks: Callable[[Outcome], str]
    harmless: str

    def happens(self, fault: str, setting: Setting) -> bool:
        """Say whether a fault can happen to its jobs, and matters."""
        limit = setting["limit"]
        is_long = limit is not None and self.seconds > limit
        return fault in self.faults and (fault != LONG or is_long)

    def broken(self, setting: Setting) -> dict[str, str]:
        """Return the faults that break it, and how."""
        outcomes = {f: o for f, o in setting["faults"].items() if self.happens(f, setting)}
        return {fault: how for fault, outcome in outcomes.items() if (how := self.breaks(outcome))}

    def why_kept(self, setting: Setting) -> str:
        """Say why what went wrong in these settings does not break it."""
        wrong = [fault for fault, outcome in setting["faults"].items() if outcome != WELL]
        if not wrong:
            return "Nothing is lost, done twice or late here."
        if any(self.happens(fault, setting) for fault in wrong):
            return self.harmless
        if LONG in wrong:
            return (
                f"`long job` happens only to what takes longer than `limit`, if there is one, "
                f"and these take {self.seconds} seconds."
            )
        return "It went wrong only where a worker was killed, and that is allowed here."


def _loses_or_is_late(outcome: Outcome) -> str:
    if outcome["lost"]:
        return f"{', '.join(outcome['lost'])} is lost"
    return f"all is done after {outcome['back']:,} seconds" if outcome["back"] >= AN_HOUR else ""


def _doubles(outcome: Outcome) -> str:
    return f"{', '.join(outcome['twice'])} is done twice" if outcome["twice"] else ""


def _loses_or_doubles(outcome: Outcome) -> str:
    return f"{', '.join(outcome['lost'])} is lost" if outcome["lost"] else _doubles(outcome)


PROMISES = (
    Promise(
        "orders",
        30,
        FAULTS,
        _loses_or_is_late,
        "What is done twice, or comes back within the hour, does no harm here.",
    ),
    Promise("letters", 1, FAULTS, _doubles, "What is lost or late does no harm here."),
    Promise("videos", 1200, ALIVE, _loses_or_doubles, "What is late does no harm here."),
)


@exercise(
    "11.2",
    *(promise.name for promise in PROMISES),
    hints=(
        "For each promise: which of the five faults may break it, and by which of the outcomes?",
        "Look at the worst of all faults that can happen, not at one of them. `long job` can "
        "happen only if the job takes longer than `limit`, and in two faults nobody was killed.",
        "Three loops over `setting['faults'].items()`: skip `long job` unless `limit` is a number "
        "below the seconds of the job; then ask for `lost` or a `back` of 3600 and more, for "
        "`twice`, and for both in `long job` and `cut off` only.",
    ),
)
async def chooses_settings(trial: Trial, *answers: Answer) -> str:
    given = [*_with_one_harm(trial.random), *_mixed(trial.random)]
    for promise, answer in zip(PROMISES, answers, strict=True):
        calls = [(copy.deepcopy(setting),) for setting in given]
        found = await trial.run_each(answer, calls, hints=HINTS)
        for setting, said in zip(given, found, strict=True):
            _judge(promise, setting, said)
    return _kept_by_the_measured()


def _kept_by_the_measured() -> str:
    """Say which of the settings that were measured keep each promise."""
    settings = measured()
    kept = {
        promise.name: [name for name, setting in settings.items() if not promise.broken(setting)]
        for promise in PROMISES
    }
    told = [f"`{name}`: {', '.join(names) or 'none'}" for name, names in kept.items()]
    return f"of what was measured, these keep the promises. {'; '.join(told)}. {CONDITIONS}"


def measured() -> dict[str, Setting]:
    """Return the settings that were measured, by their names, as the exercise gives them."""
    return {
        name.replace(", ", " "): {
            "limit": limit_of(*key),
            "faults": {fault: _outcome(fate(*key, fault)) for fault in FAULTS},
        }
        for key, name in ROWS.items()
    }


def _outcome(found: Fate) -> Outcome:
    """Take an order for done when it was packed for the first time."""
    first = {order: rung for rung, orders in reversed(found.packed.items()) for order in orders}
    back = max(SECONDS[rung] for rung in first.values())
    return {"lost": found.lost, "twice": found.twice, "back": None if found.lost else back}


def _judge(promise: Promise, setting: Setting, said: Any) -> None:
    broken = promise.broken(setting)
    if type(said) is not bool:
        raise NotYet(f"`{promise.name}` returned {said!r}: return True or False.")
    if said and broken:
        fault, how = next(iter(broken.items()))
        raise _Misjudged(promise, setting, said, f"`{fault}` breaks the promise: {how}.")
    if not said and not broken:
        raise _Misjudged(promise, setting, said, promise.why_kept(setting))


class _Misjudged(Difference):
    """A verdict on what an answer says of a setting, with all that was measured of it."""

    def __init__(self, promise: Promise, setting: Setting, said: bool, advice: str) -> None:
        self.what = f"`{promise.name}` says {said} of this setting:"
        self.values = {"limit": repr(setting["limit"])}
        self.values |= {fault: repr(outcome) for fault, outcome in setting["faults"].items()}
        self.advice = advice
        NotYet.__init__(self, " ".join([self.what, *self.values.values(), advice]))


def _setting(limit: int | None, outcomes: dict[str, Outcome]) -> Setting:
    return {"limit": limit, "faults": dict.fromkeys(FAULTS, WELL) | outcomes}


def _harms(random: Random) -> list[Outcome]:
    """Return what can go wrong, each alone, with other orders each time."""
    order = f"order-{random.randint(1, 5)}"
    late: list[Outcome] = [WELL | {"back": seconds} for seconds in (60, 600, 3600, 86_400)]
    return [WELL | {"lost": [order], "back": None}, WELL | {"twice": [order]}, *late]


def _limits(random: Random) -> list[int | None]:
    """Return limits on both sides of each job, and none."""
    sides = [promise.seconds + more for promise in PROMISES for more in (-1, 0, 1)]
    limits = [seconds for seconds in sides if seconds > 0]
    return [None, *random.sample(limits, len(limits)), random.choice([60, 180, 600, 3600])]


def _with_one_harm(random: Random) -> Iterator[Setting]:
    """Yield settings in which one thing goes wrong, in one fault."""
    limits = _limits(random)
    yield _setting(random.choice(limits), {})
    for harm in _harms(random):
        for fault in random.sample(FAULTS, len(FAULTS)):
            for limit in limits if fault == LONG else limits[:1]:
                yield _setting(limit, {fault: harm})


def _mixed(random: Random) -> Iterator[Setting]:
    """Yield settings in which several things go wrong."""
    for limit in _limits(random) * 3:
        harms = [*_harms(random), WELL, WELL]
        yield _setting(limit, {fault: random.choice(harms) for fault in FAULTS})
