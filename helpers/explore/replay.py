"""Play one schedule once more, and write or picture it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..picture import Flow
from ..record import Record, tell
from .alone import alone
from .life import Life, Role
from .novelty import TIMES
from .program import Program
from .search import Way, follow
from .steps import AGAIN, STUCK, Event, Happened, Passed, Told, said, write
from .world import End, Move, World

FEWEST, LONGEST_ROUND = 3, 30
"""How often something must come in a row to be written once, and how many steps that may be."""


def lines_of(program: Program, way: Way) -> list[str]:
    """Write a schedule, a line each event."""
    moves = _moves(program, way)
    events = [event for move in moves for event in move.events]
    if isinstance(moves[-1].to, End) and not moves[-1].to.endless:
        return write(_folded(events))
    return write(_one_round(events))


def _folded(events: list[Event]) -> list[Event]:
    """Write what comes again and again once, and how often it comes."""
    labels = [TIMES.sub("#", str((event.name, str(event)))) for event in events]
    folded, place = list[Event](), 0
    while place < len(events):
        period, times = _rounds(labels, place)
        folded += events[place : place + period]
        if times > 1:
            steps = "this step" if period == 1 else f"these {period} steps"
            folded.append(Told(AGAIN, f"{steps}, {times - 1} times more"))
        place += period * times
    return folded


def _rounds(labels: list[str], place: int) -> tuple[int, int]:
    """Return how long a round is that begins here, and how often it comes; one step if none."""
    for period in range(1, min(LONGEST_ROUND, (len(labels) - place) // FEWEST) + 1):
        one, times = labels[place : place + period], 1
        while labels[place + times * period : place + (times + 1) * period] == one:
            times += 1
        if times >= FEWEST:
            return period, times
    return 1, 1


def _one_round(events: list[Event]) -> list[Event]:
    """Write what goes round without end once, and say that it does."""
    said = [event for event in events if event.name != STUCK]
    labels = [_label(event) for event in said]
    period = next((p for p in range(1, len(said) // 2) if _repeats(labels, p)), 0)
    begin = len(said) - period
    while period and begin and labels[begin - 1] == labels[begin - 1 + period]:
        begin -= 1
    if not period:
        return [*said, Told(STUCK, "it goes round without end")]
    steps = "this step" if period == 1 else f"these {period} steps"
    return [*said[: begin + period], Told(STUCK, f"it goes round without end: {steps} again")]


def _repeats(labels: list[Any], period: int) -> bool:
    return labels[-period:] == labels[-2 * period : -period]


def _label(event: Event) -> Any:
    """Return the same for an event that comes again, though its reply may be another."""
    if isinstance(event, Happened):
        return event.name, TIMES.sub("#", said(event.ask.commands)), event.fate
    if isinstance(event, Told) and not isinstance(event.what, str):
        return event.name, event.what.ask and TIMES.sub("#", said(event.what.ask.commands))
    return str(event)


def flow_of(program: Program, way: Way) -> Flow:
    """Picture a schedule."""
    moves = _moves(program, way)
    stage = _Stage(program)
    with alone(stage.world.clock):
        try:
            for move in moves:
                stage.play(move)
        finally:
            stage.close()
    return Flow(tell(stage.record), stage.record.clients, notes=stage.notes)


def _moves(program: Program, way: Way) -> list[Move]:
    world = World(program)
    with alone(world.clock):
        try:
            return follow(world, way)
        finally:
            world.close()


class _Stage:
    """Lives that are recorded while each is given what it was given."""

    def __init__(self, program: Program) -> None:
        self.world = World(program)
        self.record = Record()
        self.notes: list[tuple[int, str, str]] = []  # when, who and what, if it is no command
        self._lives: dict[Role, Life] = {}

    def play(self, move: Move) -> None:
        """Play what happens next."""
        is_command = move.choice.ask is not None and not move.choice.ask.handles
        commands_first = is_command and move.choice.fate in ("goes", "loses")
        if commands_first:
            self._feed(move)
        self.notes += [(self.record.moment(), who, what) for who, what in _notes(move)]
        if not commands_first:
            self._feed(move)

    def _feed(self, move: Move) -> None:
        for role, given in move.given:
            self.world.clock.now = given.when if given else role.begins
            if given is None:
                self._lives[role] = Life(role, self.world.program, self.world.clock, self.record)
                self._lives[role].begin()
            else:
                self._lives[role].go_on(self._lives[role].last, given)

    def close(self) -> None:
        """End all lives."""
        for life in self._lives.values():
            life.end()


def _notes(move: Move) -> Iterator[tuple[str, str]]:
    """Give what no command says: to whom it happened, and what."""
    for event in move.events:
        told = isinstance(event, Told) and isinstance(event.what, str)
        by_hand = isinstance(event, Happened) and (event.ask.handles or event.fate == "dies")
        if told or by_hand:
            yield event.name, str(event)
        elif isinstance(event, Passed):
            yield "", str(event)
