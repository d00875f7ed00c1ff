"""What an instructor sees of a class, and may choose to see; as text it needs no widgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..classroom.state import ClassState
from ..picture.text import pad, wide
from .group import AtExercise, Learner, exercises, learners, stuck
from .vote import Asked, Vote, asked_now, asked_of, beside, vote_on

if TYPE_CHECKING:
    from ..classroom.reader import Round

LONGEST = 40  # characters of a bar that stands for all
HIDDEN = "Names are hidden."


class Board:
    """A class as it is now, and what of it is on show: a vote, names, which option is right."""

    def __init__(self) -> None:
        self.state = ClassState()
        self.now = 0
        self.lag: int | None = None
        self.pending = 0
        self.trouble = ""
        self.chosen: Asked | None = None
        self.shows_names = False
        self.shows_right = False

    def note(self, one: Round) -> None:
        """Note the broker's clock, and how far behind the class's stream the board is."""
        self.trouble = one.trouble
        if not one.trouble:  # which leaves the rest as it was last known
            self.now, self.lag, self.pending = one.now, one.lag, one.pending

    @property
    def asked(self) -> Asked:
        """The question on show: the one that was chosen, or the one that most answer now."""
        return self.chosen or asked_now(self.state, self.now)

    @property
    def vote(self) -> Vote:
        """The vote on show."""
        return vote_on(self.asked, self.state)

    @property
    def exercises(self) -> list[AtExercise]:
        """Where the class is, without names."""
        return exercises(self.state, self.now)

    @property
    def learners(self) -> list[Learner]:
        """Where each learner is; nobody, while names are hidden."""
        return learners(self.state, self.now) if self.shows_names else []

    @property
    def stuck(self) -> str:
        """How many are stuck, and for how long."""
        return stuck(self.state, self.now)

    @property
    def group(self) -> str:
        """How far behind the class the board is, in the words of XINFO GROUPS."""
        size = self.state.size
        lag = "unknown" if self.lag is None else self.lag
        heard = "1 learner" if size == 1 else f"{size} learners"
        return f"{heard} heard of. Group board: lag {lag}, pending {self.pending}."

    def choose(self, key: str) -> None:
        """Show the vote on this question; on the one that most answer now, if it is empty."""
        self._show(asked_of(key))

    def step(self, by: int) -> None:
        """Show the vote on the question so many steps further on."""
        self._show(beside(self.asked, by))

    def _show(self, asked: Asked | None) -> None:
        self.chosen, self.shows_right = asked, False

    def __repr__(self) -> str:
        return "\n".join([*self._told(), "", *_split(self), "", *_class(self)])

    def _told(self) -> list[str]:
        return [self.trouble] if self.trouble else []


def _split(board: Board) -> Iterator[str]:
    vote = board.vote
    width = max((wide(share.text) for share in vote.shares), default=0)
    yield f"{vote.asked.label}: {vote.summary}"
    yield from filter(None, [vote.text])
    for place, share in enumerate(vote.shares, start=1):
        bar = "█" * round(LONGEST * share.percent / 100)
        mark = "  right" if board.shows_right and share.is_right else ""
        figures = f"{share.count:4}  {share.percent:3} %"
        yield f"{place}  {pad(share.text, width)}  {figures}{mark}  {bar}".rstrip()


def _class(board: Board) -> Iterator[str]:
    yield board.stuck
    for each in board.exercises:
        yield f"exercise {each.number}: {_at(each)}"
    for one in board.learners:
        yield f"{one.who}: {_where(one)}"
    yield board.group if board.shows_names else f"{board.group} {HIDDEN}"


def _at(each: AtExercise) -> str:
    told = f"{each.passed} passed, {each.trying} not yet, {each.stuck} stuck"
    return f"{told}, the longest for {each.longest}" if each.longest else told


def _where(one: Learner) -> str:
    failing = f", {one.fails} failed in a row at {one.failing}" if one.failing else ""
    return f"{one.did}{failing}, quiet for {one.quiet}"
