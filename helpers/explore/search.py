"""Count every schedule of a program, and find the shortest of each kind.

Situations are the nodes of a graph, and what may happen its edges; a schedule is a way from the
beginning to an end. All ways are counted without walking each: from the ends backwards, a
situation has as many as all that it leads to have together.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import CourseError
from .alone import alone
from .loop import Clock
from .memory import DIFFERS
from .program import Program
from .world import End, Move, Situation, World

KINDS = ("lost", "repeated", "stuck", "out_of_sequence", "broken")
RUN, LIFE, COMMAND = 28, 20, 5
"""How many situations cost as much as a run, a life, or a command that was not known yet."""

Way = tuple[int, ...]  # the number of each choice among those that there were


def kinds_of(end: End, program: Program) -> tuple[bool, ...]:
    """Tell of an end which kinds of faults it is."""
    ordered = sorted(end.sequence, key=_place(program))
    out_of_sequence = program.in_sequence and list(end.sequence) != ordered
    return bool(end.lost), bool(end.repeated), bool(end.stuck), out_of_sequence, end.broken


def _place(program: Program) -> Any:
    places = {job: number for number, job in enumerate(program.all_jobs)}
    return lambda job: places.get(job, len(places))


@dataclass
class Tally:
    """How many schedules there are, of each kind, and the shortest of each."""

    schedules: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * len(KINDS))
    ways: list[Way | None] = field(default_factory=lambda: [None] * len(KINDS))


class Best(NamedTuple):
    """The shortest way from a situation: how many lines it has, and its first choice."""

    lines: int
    place: int  # -1 at an end
    comes_back: bool = False


NOTHING = (0,) * (1 + len(KINDS))
ROUND = tuple([1, *(int(kind == "stuck") for kind in KINDS)])
ROUND_BEST = [Best(1, -1) if kind == "stuck" else None for kind in KINDS]


class Graph:
    """All situations of a program that were found, each explored once."""

    def __init__(self, program: Program) -> None:
        self.program, self.world = program, World(program)
        self.endless = False
        self._numbers: dict[Hashable, int] = {}
        self._situations: list[Situation | End] = []
        self._edges: list[list[tuple[int, int]] | None] = []  # where to, and how many lines
        self._stacks: list[list[int]] = [[]]
        self._lowest = 0

    @property
    def found(self) -> int:
        """How many situations were found."""
        return len(self._situations)

    @property
    def surprises(self) -> int:
        """All schedules with fewer surprises than these were explored."""
        return self._lowest

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to be explored."""
        return not any(self._edges[number] is None for stack in self._stacks for number in stack)

    @property
    def effort(self) -> int:
        """How much was tried, in runs: each life, each command and each situation has its share."""
        lives, brokers = self.world.lives, self.world.brokers
        shares = len(self._situations) + LIFE * lives.lived + COMMAND * brokers.told
        return shares // RUN

    @property
    def clock(self) -> Clock:
        """The clock of what is explored."""
        return self.world.clock

    def close(self) -> None:
        """Leave nothing behind."""
        with alone(self.clock):
            self.world.close()

    def check(self) -> None:
        """See whether the program does again what it did. Raises CourseError where it does not."""
        with alone(self.clock):
            self.world.lives.check()

    def explore(self) -> bool:
        """Explore one more situation, fewest surprises first; return whether any was left."""
        if not self._situations:
            self._stacks[0].append(self._number(self.world.begin().to))
        while self._lowest < len(self._stacks):
            stack = self._stacks[self._lowest]
            while stack:
                number = stack.pop()
                if self._edges[number] is None:
                    self._expand(number)
                    return not self.endless
            self._lowest += 1
        return False

    def _expand(self, number: int) -> None:
        situation = self._situations[number]
        assert isinstance(situation, Situation), "an end leads nowhere"
        edges = []
        for move in self.world.moves(situation):
            edges.append((self._number(move.to), len(move.events)))
        self._edges[number] = edges
        while len(self._stacks) < self._lowest + 2:
            self._stacks.append([])
        for place, (to, _) in reversed([*enumerate(edges)]):
            if self._edges[to] is None:
                self._stacks[self._lowest + (place > 0)].append(to)

    def _number(self, to: Situation | End) -> int:
        if isinstance(to, End):
            self.endless |= to.endless
            return self._add(to, [])
        key = to.key()
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._add(to, None)
        return number

    def _add(self, to: Situation | End, edges: list[tuple[int, int]] | None) -> int:
        self._situations.append(to)
        self._edges.append(edges)
        return len(self._situations) - 1

    def tally(self) -> Tally:
        """Count all schedules that have ended, and find the shortest of each kind.

        One that comes back to where it was has no end: it counts as stuck, and goes no further.
        """
        counts: dict[int, tuple[int, ...]] = {}
        best: dict[int, list[Best | None]] = {}
        order, rounds = self._backwards()
        self.endless |= bool(rounds)
        for number in order:
            counts[number], best[number] = self._sum(number, rounds, counts, best)
        schedules, *each = counts[0]
        return Tally(schedules, each, [self._way(kind, best) for kind in range(len(KINDS))])

    def _backwards(self) -> tuple[list[int], set[tuple[int, int]]]:
        """List the situations, each after all that it leads to; and which edges lead back."""
        done: dict[int, None] = {}
        rounds: set[tuple[int, int]] = set()
        seen = {0}
        stack = [(0, iter(self._edges[0] or ()))]
        while stack:
            number, edges = stack[-1]
            for to, _ in edges:
                if to not in seen:
                    seen.add(to)
                    stack.append((to, iter(self._edges[to] or ())))
                    break
                if to not in done:
                    rounds.add((number, to))
            else:
                done[number] = None
                stack.pop()
        return [*done], rounds

    def _sum(
        self,
        number: int,
        rounds: set[tuple[int, int]],
        counts: dict[int, tuple[int, ...]],
        best: dict[int, list[Best | None]],
    ) -> tuple[tuple[int, ...], list[Best | None]]:
        """Add up what a situation leads to; and for each kind, the shortest way from there."""
        end = self._situations[number]
        if isinstance(end, End):
            kinds = kinds_of(end, self.program)
            return (1, *map(int, kinds)), [Best(0, -1) if kind else None for kind in kinds]
        further, shortest = [NOTHING], list[Best | None]([None] * len(KINDS))
        for place, (to, lines) in enumerate(self._edges[number] or ()):
            comes_back = bool(rounds) and (number, to) in rounds
            further.append(ROUND if comes_back else counts[to])
            for kind, found in enumerate(ROUND_BEST if comes_back else best[to]):
                known = shortest[kind]
                if found and (not known or found.lines + lines < known.lines):
                    shortest[kind] = Best(found.lines + lines, place, comes_back)
        return tuple(map(sum, zip(*further, strict=True))), shortest

    def _way(self, kind: int, best: dict[int, list[Best | None]]) -> Way | None:
        number, way = 0, list[int]()
        while found := best[number][kind]:
            if found.place >= 0:
                way.append(found.place)
            if found.place < 0 or found.comes_back:
                return tuple(way)
            number = (self._edges[number] or ())[found.place][0]
        return None


class Tree:
    """Every schedule of a program run by itself, with a memory of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.clock = Clock()
        self.endless, self.surprises = False, 0
        self._runs = 0
        self._plans: list[Way] = [()]
        self._tally = Tally()
        self._lines = [0] * len(KINDS)

    @property
    def found(self) -> int:
        """How many ends were found."""
        return self._runs

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to be run."""
        return not self._plans

    @property
    def effort(self) -> int:
        """How many schedules were run."""
        return self._runs

    def close(self) -> None:
        """Do nothing: each schedule leaves nothing behind."""

    def check(self) -> None:
        """Do nothing: each schedule was run anew."""

    def explore(self) -> bool:
        """Run one more schedule; return whether any was left."""
        if self._plans:
            self._run(self._plans.pop())
        return bool(self._plans) and not self.endless

    def _run(self, plan: Way) -> None:
        self._runs += 1
        world = World(self.program, self.clock, recognise=False)
        try:
            end, way, lines = self._walk(world, plan)
        finally:
            world.close()
        self._note(end, way, lines)

    def _walk(self, world: World, plan: Way) -> tuple[End, Way, int]:
        move, way, lines = world.begin(), list[int](), 0
        while isinstance(move.to, Situation):
            choices = world.choices(move.to)
            if len(way) >= len(plan):
                self._plans += [(*way, place) for place in range(len(choices) - 1, 0, -1)]
            way.append(plan[len(way)] if len(way) < len(plan) else 0)
            move = world.move(move.to, choices[way[-1]])
            lines += len(move.events)
        return move.to, tuple(way), lines

    def _note(self, end: End, way: Way, lines: int) -> None:
        self._tally.schedules += 1
        self.endless |= end.endless
        for kind, is_so in enumerate(kinds_of(end, self.program)):
            if is_so:
                self._tally.counts[kind] += 1
                known = self._tally.ways[kind]
                if known is None or (lines, way) < (self._lines[kind], known):
                    self._tally.ways[kind], self._lines[kind] = way, lines

    def tally(self) -> Tally:
        """Return what was counted."""
        return self._tally


def follow(world: World, way: Way) -> list[Move]:
    """List what happens on a way, from the beginning."""
    moves = [world.begin()]
    for choice in way:
        to = moves[-1].to
        further = world.choices(to) if isinstance(to, Situation) else []
        if not isinstance(to, Situation) or choice >= len(further):
            raise CourseError(DIFFERS.format(""))
        moves.append(world.move(to, further[choice]))
    return moves
