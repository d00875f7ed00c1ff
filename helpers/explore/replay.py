"""Play one schedule once more, and write or picture it."""

from __future__ import annotations

from collections.abc import Iterator

from ..picture import Flow
from ..record import Record, tell
from .alone import alone
from .life import Life, Role
from .program import Program
from .search import Way, follow
from .steps import Event, Happened, Passed, Told, write
from .world import Move, World


def lines_of(program: Program, way: Way) -> list[str]:
    """Write a schedule, a line each event."""
    return write([event for move in _moves(program, way) for event in move.events])


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
            world.lives.close()


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
        self.notes += [(self.record.moment(), event.name, said) for event, said in _notes(move)]
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


def _notes(move: Move) -> Iterator[tuple[Event, str]]:
    """Give what no command says."""
    for event in move.events:
        told = isinstance(event, Told) and isinstance(event.what, str)
        by_hand = isinstance(event, Happened) and (event.ask.handles or event.fate == "dies")
        if told or by_hand or isinstance(event, Passed):
            yield event, str(event)
