"""What a class has done so far: a fold over its events, each counted once.

Times are those of the stream's ids, milliseconds by the broker's clock. Nothing here asks a broker
or a clock, so the same events always make the same state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .event import Event

PREDICTION, CHECK, QUIZ = "prediction", "check", "quiz"
PASSED = "passed"


@dataclass(frozen=True)
class Standing:
    """Where a learner is: what they did last, and how long an exercise has resisted them.

    `exercise` is the one checked last, `fails` the failed checks in a row there, and `stuck_since`
    the time of the first of them. A pass ends that, and so does another exercise or lesson.
    """

    who: str
    kind: str = ""
    number: str = ""
    is_right: bool = False
    seen_at: int = 0
    exercise: str = ""
    fails: int = 0
    stuck_since: int | None = None

    def after(self, event: Event, at: int) -> Standing:
        """Return the standing after one more event."""
        seen = replace(
            self, kind=event.kind, number=event.number, is_right=event.is_right, seen_at=at
        )
        if event.kind == CHECK:
            return seen._checked(event, at)
        is_elsewhere = lesson_of(event.number) != lesson_of(self.exercise)
        return replace(seen, fails=0, stuck_since=None) if is_elsewhere else seen

    def _checked(self, event: Event, at: int) -> Standing:
        if event.is_right:
            return replace(self, exercise=event.number, fails=0, stuck_since=None)
        if event.number == self.exercise and self.stuck_since is not None:
            return replace(self, fails=self.fails + 1)
        return replace(self, exercise=event.number, fails=1, stuck_since=at)


@dataclass(frozen=True)
class Work:
    """All that a learner did about one question or exercise; `is_done` once it was right."""

    who: str
    kind: str
    number: str
    answer: str = ""  # the last one
    tries: int = 0
    is_done: bool = False
    last_at: int = 0

    def after(self, event: Event, at: int) -> Work:
        """Return the work after one more event. A prediction is done by any answer."""
        is_done = self.is_done or event.is_right or event.kind == PREDICTION
        return replace(self, answer=event.answer, tries=self.tries + 1, is_done=is_done, last_at=at)


class ClassState:
    """What is known of a class: take events in the stream's sequence, then ask."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._standings: dict[str, Standing] = {}
        self._work: dict[tuple[str, str], dict[str, Work]] = {}

    def take(self, event: Event, at: int) -> None:
        """Count an event that was added at this time; one that was delivered before is ignored."""
        if self.is_known(event.id):
            return
        self._known.add(event.id)
        standing = self._standings.get(event.who, Standing(event.who))
        self._standings[event.who] = standing.after(event, at)
        by_who = self._work.setdefault((event.kind, event.number), {})
        work = by_who.get(event.who, Work(event.who, event.kind, event.number))
        by_who[event.who] = work.after(event, at)

    def is_known(self, event_id: str) -> bool:
        """Tell whether this event has been counted."""
        return event_id in self._known

    @property
    def size(self) -> int:
        """How many learners were ever heard of."""
        return len(self._standings)

    def votes(self, number: str, kind: str = PREDICTION) -> Counter[str]:
        """Count the answers to a question: of each learner the last one."""
        return Counter(work.answer for work in self.work_on(kind, number))

    def numbers(self, kind: str) -> list[str]:
        """List, in the lessons' sequence, what somebody has answered or checked."""
        return sorted((number for one, number in self._work if one == kind), key=in_sequence)

    def work_on(self, kind: str, number: str) -> list[Work]:
        """List what each learner did about a question or an exercise."""
        return list(self._work.get((kind, number), {}).values())

    def work(self) -> Iterable[Work]:
        """Go through all that was done, question by question."""
        for by_who in self._work.values():
            yield from by_who.values()

    def standings(self) -> list[Standing]:
        """List where each learner is: whoever has been stuck for longest first, then by name."""
        return sorted(self._standings.values(), key=_by_need)


def lesson_of(number: str) -> str:
    """Return the lesson to which a number such as "2.1" belongs."""
    return number.partition(".")[0]


def in_sequence(number: str) -> list[tuple[int, str]]:
    """Return what to sort numbers by: lesson 10 follows lesson 9."""
    return [(int(part) if part.isdecimal() else 0, part) for part in number.split(".")]


def _by_need(standing: Standing) -> tuple[bool, int, str]:
    return standing.stuck_since is None, standing.stuck_since or 0, standing.who
