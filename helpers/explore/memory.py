"""Remember what each life and the broker did, so that nothing is done twice.

A life is a coroutine, which cannot be copied. So where it must go another way than it went before,
it is lived again up to there; where it stands already, it goes on.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import CourseError
from .life import Arrival, Ask, Given, Life, Moment, Role
from .loop import Clock
from .program import Program
from .steps import said, shortened

KEPT = 200
"""How many lives are kept where they stand."""

ONCE_IN = 10
"""How many lives are lived before one is lived again, to see whether it does the same."""

ANEW = Given("anew", 0.0)

DIFFERS = (
    "The program did not do the same thing twice{}: let it keep nothing outside of its "
    "functions, and choose nothing by chance."
)


@dataclass
class Lives:
    """All moments of all lives that were seen; unless it recognises them, none is like another."""

    program: Program
    clock: Clock
    recognise: bool = True
    lived: int = 0  # how many lives were begun, again or for the first time
    firsts: dict[Role, Arrival] = field(default_factory=dict)
    heads: dict[Moment, Life] = field(default_factory=dict)
    known: dict[Hashable, Moment] = field(default_factory=dict)
    begun: dict[Life, None] = field(default_factory=dict)  # and not ended, also by an error

    def first(self, role: Role) -> Arrival:
        """Return where a life first comes to rest."""
        arrival = self.firsts.get(role)
        if arrival is None:
            life, arrival = self._begin(role)
            self.firsts[role] = arrival
            self._recognise(arrival, life)
        return arrival

    def then(self, moment: Moment, given: Given) -> Arrival:
        """Return where a life comes to rest that is given something at a moment."""
        arrival = moment.then.get(given)
        if arrival is None:
            life = self.heads.pop(moment, None) or self._live_again(moment)
            self.clock.now = given.when
            arrival = moment.then[given] = life.go_on(moment, given)
            self._recognise(arrival, life)
        return arrival

    def anew(self, moment: Moment) -> Moment:
        """Return the same moment of a life that may ask again what it has asked."""
        arrival = moment.then.get(ANEW)
        if arrival is None:
            known: frozenset[Any] = frozenset()
            fresh = replace(moment, before=moment, given=ANEW, then={}, known=known)
            arrival = moment.then[ANEW] = Arrival(self.known.setdefault(fresh.key(), fresh))
            self._keep(arrival.at, self.heads.pop(moment, None))
        return arrival.at

    def close(self) -> None:
        """End all lives, and let no moment hold the one that holds it."""
        self.heads.clear()
        while self.begun:
            self.begun.popitem()[0].end()
        for moment in self.known.values():
            moment.then.clear()

    def check(self) -> None:
        """Live each life once more to some of its ends. Raises CourseError where it differs."""
        most = 1 + self.lived // (ONCE_IN * len(self.firsts))
        for first in list(self.firsts.values()):
            ends = _ends(first.at)
            for end in ends[:: 1 + len(ends) // most]:
                self._end(self._live_again(end))

    def _begin(self, role: Role) -> tuple[Life, Arrival]:
        self.lived += 1
        self.clock.now = role.begins
        life = Life(role, self.program, self.clock)
        self.begun[life] = None
        return life, life.begin()

    def _end(self, life: Life) -> None:
        del self.begun[life]
        life.end()

    def _live_again(self, moment: Moment) -> Life:
        life, arrival = self._begin(moment.role)
        now = arrival.at
        for then in moment.way():
            if then.before and then.given:
                _must_be_alike(now, then.before)
                now = then
                if then.given != ANEW:
                    self.clock.now = then.given.when
                    now = life.go_on(then.before, then.given).at
        _must_be_alike(now, moment)
        return life

    def _recognise(self, arrival: Arrival, life: Life) -> None:
        """Find out whether a life has stood there before, and keep it where it stands."""
        arrival.at.likeness = life.likeness() if self.recognise else object()
        arrival.at = self.known.setdefault(arrival.at.key(), arrival.at)
        self._keep(arrival.at, life)

    def _keep(self, moment: Moment, life: Life | None) -> None:
        if life is None:
            return
        if moment in self.heads:
            self._end(life)
            return
        if len(self.heads) >= KEPT:
            self._end(self.heads.pop(next(iter(self.heads))))
        self.heads[moment] = life


def _ends(first: Moment) -> list[Moment]:
    """List where a life has come from here, and went no further."""
    ends, left, seen = list[Moment](), [first], {first}
    while left:
        moment = left.pop()
        further = dict.fromkeys(arrival.at for arrival in moment.then.values())
        ends += [] if further else [moment]
        left += [other for other in further if other not in seen]
        seen.update(further)
    return ends


def _must_be_alike(moment: Moment, other: Moment) -> None:
    if moment.asks != other.asks or moment.done != other.done:
        raise CourseError(DIFFERS.format(_difference(moment, other)))


def _difference(moment: Moment, other: Moment) -> str:
    """Say what was done the second time in place of what, if both were steps."""
    for first, second in zip(other.asks, moment.asks, strict=False):
        if first != second:
            return f" (first `{_shown(first)}`, then `{_shown(second)}`)"
    return ""


def _shown(ask: Ask) -> str:
    return shortened(said(ask.commands))
