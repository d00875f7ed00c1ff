"""What a key holds after a command, as data: what came, what went, and how far everybody has read.

A list is told by its ends, so that a long one costs no more than a short one. A stream is told by
when each entry came and went: all moments share one such table, and a moment asks it what was there
then. Moments are counted in ticks, one a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

MOST_TOLD = 5  # elements of an end of a list, or entries, that are told
FOR_EVER = 1 << 62

Span = tuple[int, int]  # the ticks at which something began and ended
Hand = tuple[str, int, int]  # a consumer, and from when until when it held an entry


class Move(NamedTuple):
    """Elements or entries that came into a key, or went: at the left, at the right or between."""

    key: str
    came: bool
    side: str
    what: Sequence[str]


class HeldList(NamedTuple):
    """A list: its first elements, its last where there are more, and what has just changed.

    So many elements at its left and at its right are new. `went` has those that are gone, by side.
    """

    length: int
    first: Sequence[str]
    last: Sequence[str] = ()
    new_left: int = 0
    new_right: int = 0
    went: Sequence[Move] = ()

    @classmethod
    def of(cls, elements: list[str], moves: Iterable[Move]) -> HeldList:
        """Tell a list after these moves in it."""
        new = {"left": 0, "right": 0, "between": 0}
        for _, came, side, what in moves:
            new[side] = max(0, new[side] + (len(what) if came else -len(what)))
        count = len(elements)
        last = elements[max(MOST_TOLD, count - MOST_TOLD) :] if count > MOST_TOLD else ()
        right = min(new["right"], count)
        left = min(new["left"], count - right)
        went = [move for move in moves if not move.came]
        return cls(count, elements[:MOST_TOLD], last, left, right, went)


class HeldGroup(NamedTuple):
    """A consumer group of a stream: the last entry that it gave out, and whose hands hold what."""

    last: tuple[int, int]
    counts: dict[str, int]  # of what is pending, by consumer
    hands: dict[str, tuple[Hand, ...]]


class HeldStream(NamedTuple):
    """A stream: its entries, what has just come and gone, and the cursors on it.

    `length` is None where its entries are not known for sure. `told` has the ids that a picture
    should show: the first, the last, those that came or went.
    """

    length: int | None
    began: int
    now: int
    told: Sequence[str]
    groups: dict[str, HeldGroup]
    readers: dict[str, tuple[int, int]]
    lives: dict[str, Span]

    def has(self, entry: str) -> bool:
        """Tell whether an entry was there at this moment."""
        since, until = self.lives.get(entry, (FOR_EVER, FOR_EVER))
        return self.length is not None and since <= self.now < until

    def came(self, entry: str) -> bool:
        """Tell whether an entry has just come."""
        return self.has(entry) and self.lives[entry][0] >= self.began

    def went(self, entry: str) -> bool:
        """Tell whether an entry has just gone."""
        until = self.lives.get(entry, (0, FOR_EVER))[1]
        return self.length is not None and self.began <= until <= self.now

    def holder(self, group: str, entry: str) -> str | None:
        """Name the consumer with which an entry is pending."""
        for consumer, since, until in reversed(self.groups[group].hands.get(entry, ())):
            if since <= self.now < until:
                return consumer
        return None

    def given(self, group: str, entry: str) -> bool:
        """Tell whether an entry has just come into the hands that hold it."""
        hands = self.groups[group].hands.get(entry, ())
        return any(self.began <= since <= self.now < until for _, since, until in hands)

    def released(self, group: str, entry: str) -> str | None:
        """Name the consumer who has just let go of an entry that nobody holds now."""
        if self.holder(group, entry) is None:
            for consumer, since, until in reversed(self.groups[group].hands.get(entry, ())):
                if since < self.began <= until <= self.now:
                    return consumer
        return None


class Entries(dict[str, None]):
    """The ids of a stream, the oldest first, and when each came and went."""

    def __init__(self, ids: Iterable[str] = (), lives: dict[str, Span] | None = None) -> None:
        super().__init__(dict.fromkeys(ids))
        self.lives: dict[str, Span] = {} if lives is None else lives

    def add(self, entry: str, now: int) -> None:
        """Let an entry be there from now on."""
        self[entry] = None
        self.lives[entry] = now, FOR_EVER

    def remove(self, entries: Iterable[str], now: int) -> None:
        """Let entries be there no more."""
        for entry in entries:
            del self[entry]
            self.lives[entry] = self.lives[entry][0], now

    def oldest(self, count: int) -> list[str]:
        """Give so many of the entries that came first."""
        return list(islice(self, count))

    def twin(self) -> Entries:
        """Return one like this, to go on from here."""
        return Entries(self, {**self.lives})

    def ends(self) -> list[str]:
        """Give the first and the last entries."""
        return [*islice(self, 2), *islice(reversed(self), 3)]
