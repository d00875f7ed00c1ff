"""Tell what is new in a record since the last look."""

from __future__ import annotations

from dataclasses import replace

from .garbage import uncollected
from .step import Delivery, Step
from .story import Story
from .traffic import Record

_Told = tuple[bool, frozenset[tuple[object, ...]]]


class Unseen:
    """The news of a record: each look begins where the last one ended."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._story = Story(record)
        self._told: dict[int, _Told] = {}

    def since_last(self) -> tuple[list[Step], set[int]]:
        """Return the steps with something new, and the orders of commands shown before."""
        with uncollected():  # all that a story makes is kept; a third of the time would go there
            return self._news()

    def _news(self) -> tuple[list[Step], set[int]]:
        steps = self._story.go_on()
        earlier = {s.command.order for s in steps} & self._told.keys()
        news = [part for step in steps if (part := self._new_in(step))]
        self._told |= {s.command.order: _state(s) for s in steps}
        return news, earlier

    def _new_in(self, step: Step) -> Step | None:
        if step.command.order not in self._told:
            return step
        settled, shown = self._told[step.command.order]
        fresh = [d for d in step.deliveries if _key(d) not in shown]
        if fresh or (not settled and _ended_alone(step)):
            return replace(step, deliveries=fresh)
        return None


def _state(step: Step) -> _Told:
    return not step.command.waiting, frozenset(map(_key, step.deliveries))


def _ended_alone(step: Step) -> bool:
    """Tell whether a command was answered without a delivery that tells of it."""
    return not step.command.waiting and not (step.waited and step.reply)


def _key(delivery: Delivery) -> tuple[object, ...]:
    what = (delivery.receiver, delivery.kind, delivery.pattern, delivery.data)
    return (*what, delivery.seen, delivery.waited_since)
