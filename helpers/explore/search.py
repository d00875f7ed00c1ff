"""Find every schedule of a program, each once.

Each run takes the choices of a plan, then the first that is left, and notes what else it could
have taken: these are the plans to come. Two steps that commute need only be tried in one sequence:
sleep sets keep the others asleep (Godefroid, Partial-Order Methods, 1996).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import CourseError
from .program import Program
from .run import Redundant, Run
from .steps import Option

Asleep = frozenset[Option]


@dataclass(frozen=True)
class Plan:
    """The choices with which a run begins, and what need not be tried right after them."""

    choices: tuple[Option, ...] = ()
    asleep: Asleep = frozenset()
    bends: int = 0  # how many of the choices were not the first that there was


@dataclass
class Choices:
    """The choices of one run: those of a plan, then always the first that is not asleep."""

    plan: Plan
    reduce: bool
    taken: list[Option] = field(default_factory=list)
    others: list[Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asleep = self.plan.asleep

    def choose(self, options: list[Option]) -> Option:
        """Choose; raises Redundant where all that is left has been tried elsewhere."""
        if len(self.taken) < len(self.plan.choices):
            return self._planned(options)
        left = [option for option in options if option not in self._asleep]
        if not left:
            raise Redundant
        self._keep_the_others(left)
        self._asleep = self._still(self._asleep, left[0])
        self.taken.append(left[0])
        return left[0]

    def _planned(self, options: list[Option]) -> Option:
        choice = self.plan.choices[len(self.taken)]
        if choice not in options:
            raise CourseError(
                "The program did not do the same thing twice: let it keep nothing outside of its "
                "functions, and choose nothing by chance."
            )
        self.taken.append(choice)
        return choice

    def _keep_the_others(self, left: list[Option]) -> None:
        tried = self._asleep
        for number, option in enumerate(left):
            if number:
                plan = (*self.taken, option)
                asleep = self._still(tried, option)
                self.others.append(Plan(plan, asleep, self.plan.bends + 1))
            tried |= {option}

    def _still(self, asleep: Asleep, option: Option) -> Asleep:
        """Keep asleep what commutes with this step; where nothing is reduced, nothing is."""
        if not self.reduce:
            return frozenset()
        return frozenset(
            o for o in asleep if o.who != option.who and o.touch.commutes(option.touch)
        )


def runs(program: Program, reduce: bool) -> Iterator[tuple[Run, list[Option]] | None]:
    """Give every run with its choices, those that bend least from the first one sooner.

    Gives None for a run that was given up, as another one shows the same.
    """
    ticket = itertools.count()
    plans = [(0, next(ticket), Plan())]
    while plans:
        plan = heapq.heappop(plans)[2]
        choices = Choices(plan, reduce)
        run = Run(program, choices.choose)
        try:
            run.go()
        except Redundant:
            yield None
        else:
            yield run, choices.taken
        for other in choices.others:
            heapq.heappush(plans, (other.bends, next(ticket), other))
