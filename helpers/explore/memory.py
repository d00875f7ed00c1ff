"""Remember what each life and the broker did, so that nothing is done twice.

A life is a coroutine, which cannot be copied. So where it must go another way than it went before,
it is lived again up to there; where it stands already, it goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..errors import CourseError
from .life import Given, Life, Moment, Role
from .loop import Clock
from .program import Program

KEPT = 200
"""How many lives are kept where they stand."""

DIFFERS = (
    "The program did not do the same thing twice: let it keep nothing outside of its "
    "functions, and choose nothing by chance."
)


@dataclass
class Lives:
    """All moments of all lives that were seen."""

    program: Program
    clock: Clock
    lived: int = 0  # how many lives were begun, again or for the first time
    firsts: dict[Role, Moment] = field(default_factory=dict)
    heads: dict[Moment, Life] = field(default_factory=dict)

    def first(self, role: Role) -> Moment:
        """Return where a life first comes to rest."""
        moment = self.firsts.get(role)
        if moment is None:
            life, moment = self._begin(role)
            self.firsts[role] = moment
            self._keep(moment, life)
        return moment

    def then(self, moment: Moment, given: Given) -> Moment:
        """Return where a life comes to rest that is given something at a moment."""
        known = moment.then.get(given)
        if known is None:
            life = self.heads.pop(moment, None) or self._live_again(moment)
            self.clock.now = given.when
            known = moment.then[given] = life.go_on(moment, given)
            self._keep(known, life)
        return known

    def anew(self, moment: Moment, given: Given) -> Moment:
        """Return the same moment of a life that may ask again what it has asked."""
        known = moment.then.get(given)
        if known is None:
            quiet = {"closed": (), "told": (), "replied": False, "news": False, "answered": False}
            known = moment.then[given] = replace(
                moment, before=moment, given=given, depth=0, then={}, known=frozenset(), **quiet
            )
            if life := self.heads.pop(moment, None):
                self.heads[known] = life
        return known

    def close(self) -> None:
        """End all lives."""
        while self.heads:
            self.heads.popitem()[1].end()

    def check(self) -> None:
        """Live each life once more to one of its ends. Raises CourseError where it differs."""
        for first in list(self.firsts.values()):
            moment = first
            while moment.then:
                moment = next(iter(moment.then.values()))
            self._live_again(moment).end()

    def _begin(self, role: Role) -> tuple[Life, Moment]:
        self.lived += 1
        self.clock.now = role.begins
        life = Life(role, self.program, self.clock)
        return life, life.begin()

    def _live_again(self, moment: Moment) -> Life:
        life, now = self._begin(moment.role)
        for then in moment.way()[1:]:
            assert then.given, "only the first moment is not caused"
            if not _alike(now, then.before):
                life.end()
                raise CourseError(DIFFERS)
            if then.given.what == "anew":
                now = then
                continue
            self.clock.now = then.given.when
            now = life.go_on(then.before or now, then.given)
        if not _alike(now, moment):
            life.end()
            raise CourseError(DIFFERS)
        return life

    def _keep(self, moment: Moment, life: Life) -> None:
        if len(self.heads) >= KEPT:
            oldest = next(iter(self.heads))
            self.heads.pop(oldest).end()
        self.heads[moment] = life


def _alike(moment: Moment, other: Moment | None) -> bool:
    return other is not None and moment.asks == other.asks and moment.done == other.done
