"""What an exploration found."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..picture import Flow
from .program import Program
from .replay import flow_of, lines_of
from .search import KINDS, Graph, Tree, Way


@dataclass
class Found:
    """The schedules of one kind: how many there are, and the shortest of them."""

    count: int = 0
    _program: Program | None = field(default=None, repr=False)
    _way: Way | None = field(default=None, repr=False)
    _lines: list[str] = field(default_factory=list, repr=False)

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def steps(self) -> list[str]:
        """The shortest schedule, a line each step; an empty list where there is none."""
        return list(self._lines)

    @property
    def text(self) -> str:
        """The shortest schedule as text."""
        return "\n".join(self._lines)

    def flow(self) -> Flow:
        """Picture the shortest schedule: its commands, what was handled, and who died."""
        if self._program is None or self._way is None:
            return Flow([], [])
        return flow_of(self._program, self._way)


@dataclass
class Verdict:
    """How many schedules there are, and how many of them lose, repeat, get stuck or break a rule.

    `complete` is false when a limit, or a schedule without end, ended the search. What has fewer
    than so many `surprises` was tried also then: accidents, and turns of whoever is not the first.
    """

    program: Program
    schedules: int = 0
    complete: bool = True
    endless: bool = False
    surprises: int = 0
    lost: Found = field(default_factory=Found)
    repeated: Found = field(default_factory=Found)
    stuck: Found = field(default_factory=Found)
    out_of_sequence: Found = field(default_factory=Found)
    broken: Found = field(default_factory=Found)

    @property
    def ok(self) -> bool:
        """Whether there are schedules, and every one keeps what the program promises."""
        return self.schedules > 0 and not any(found for _, found, counts in self._kinds() if counts)

    @classmethod
    def of(cls, search: Graph | Tree) -> Verdict:
        """Make a verdict of what was counted, with the shortest schedules written down."""
        program, tally = search.program, search.tally()
        complete = search.is_done and not search.endless
        verdict = cls(program, tally.schedules, complete, search.endless, search.surprises)
        for kind, count, way in zip(KINDS, tally.counts, tally.ways, strict=True):
            if count and way is not None:
                setattr(verdict, kind, Found(count, program, way, lines_of(program, way)))
        return verdict

    def __repr__(self) -> str:
        lines = [
            self._bound(),
            f"  {_times(self.schedules, 'schedule', 'schedules')}, {self._extent()}",
        ]
        for name, found, counts in self._kinds():
            if found or counts:
                lines.append(f"  {name}: {found.count:,}{'' if counts else ' (allowed)'}")
        worst = [(name, found) for name, found, counts in self._kinds() if counts and found]
        for name, found in worst:
            lines += [f"The shortest: {name}", *(f"  {line}" for line in found.steps)]
        return "\n".join(lines)

    def _kinds(self) -> list[tuple[str, Found, bool]]:
        """List each kind with its words, and whether it counts against the program."""
        program = self.program
        kinds = [
            ("lose a job", self.lost, not program.holds),
            ("handle a job twice", self.repeated, program.once),
            ("get stuck", self.stuck, True),
            ("handle jobs out of sequence", self.out_of_sequence, program.in_sequence),
            ("end with something that does not hold", self.broken, bool(program.holds)),
        ]
        return kinds

    def _bound(self) -> str:
        program = self.program
        return (
            f"{_times(program.workers, 'worker', 'workers')}, "
            f"{_times(program.jobs, 'job', 'jobs')}, at most "
            f"{_times(program.crashes, 'crash', 'crashes')} and "
            f"{_times(program.lost_replies, 'lost reply', 'lost replies')}:"
        )

    def _extent(self) -> str:
        if self.complete:
            return "all of them"
        if self.endless:
            return "and more: one has no end"
        if not self.schedules:
            return "none to its end: the limit was met, so take fewer jobs, or a higher `limit`"
        tried = f"all with fewer than {self.surprises} surprises, and more"
        return f"{tried if self.surprises > 1 else 'and more'}: the limit was met"


def _times(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"
