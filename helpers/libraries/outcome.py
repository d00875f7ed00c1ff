"""What became of the jobs, counted by their effects: lost, done twice, and when they came back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType

RUNGS = MappingProxyType(
    {"at once": 0, "a minute": 70, "ten minutes": 660, "an hour": 3800, "a day": 90_000}
)
"""The ladder that the clock goes up after a fault, in seconds; each rung is the time and a bit."""


def at_most_twice(packed: list[str], sent: tuple[str, ...]) -> list[str]:
    """Sort what was packed of what was sent; what was packed again and again is there twice."""
    return [order for order in sent for _ in range(min(packed.count(order), 2))]


@dataclass(frozen=True)
class Outcome:
    """The orders sent, those packed by each rung, where jobs are left, and how many workers exited.

    A worker exits when it ends by itself; it was started again then. Some orders may have been
    `prompted`: they were packed for the first time only when another order had been sent.
    """

    sent: tuple[str, ...]
    packed: dict[str, list[str]]
    left: dict[str, int]
    exits: int = 0
    prompted: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        """Name the orders that nobody packed."""
        return [order for order in self.sent if order not in self._times]

    @property
    def twice(self) -> list[str]:
        """Name the orders that were packed more than once."""
        return [order for order in self.sent if self._times[order] > 1]

    @property
    def comes_back(self) -> str:
        """Name the rung at which all orders were packed, "not" when that was at none."""
        done: set[str] = set()
        for rung, orders in self.packed.items():
            done.update(orders)
            if done >= set(self.sent):
                return rung
        return "not"

    @property
    def _times(self) -> Counter[str]:
        return Counter(order for orders in self.packed.values() for order in orders)

    def __str__(self) -> str:
        parts = {
            "lost": ", ".join(self.lost) or "none",
            "twice": ", ".join(self.twice) or "none",
            "comes back": self.comes_back + (", with another order" if self.prompted else ""),
        }
        return "; ".join(f"{what}: {said}" for what, said in parts.items())
