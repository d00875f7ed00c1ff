"""What became of the jobs of five task libraries in five accidents: read from measured.json.

`make libraries` measures it on real servers, and writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import CourseError
from ...picture.columns import Columns

NOT_MEASURED = "{} was not measured in {!r}: choose one of {}, in one of {}."

FILE = Path(__file__).with_name("measured.json")

ROWS = {
    ("celery", "default"): "Celery",
    ("celery", "safe"): "Celery, acks late",
    ("rq", "default"): "RQ",
    ("rq", "safe"): "RQ, retries",
    ("taskiq", "default"): "taskiq, list",
    ("taskiq", "safe"): "taskiq, stream",
    ("dramatiq", "default"): "Dramatiq",
    ("dramatiq", "safe"): "Dramatiq, prefetch 1",
    ("streaq", "default"): "streaQ",
    ("streaq", "safe"): "streaQ, prefetch 0",
}
"""How the lesson calls a library with one of its settings."""

FAULTS = ("killed before", "killed after", "killed idle", "long job", "cut off")

AT_ONCE = "at once"
FAILED = "failed jobs"  # where a library keeps what it has given up
SHORT = {"a minute": "1 min", "ten minutes": "10 min", "an hour": "1 h", "a day": "1 day"}


@dataclass(frozen=True)
class Fate:
    """What became of the orders that were sent, by the rung of the ladder at which each effect was.

    `left` counts the jobs that were still somewhere a day later, `exits` how many workers ended by
    themselves and were started again, each number that was seen; `prompted` names orders that came
    only after another one.
    """

    sent: Sequence[str]
    packed: dict[str, list[str]]
    left: dict[str, int]
    exits: Sequence[int] = ()
    prompted: Sequence[str] = ()

    @property
    def lost(self) -> list[str]:
        """Name the orders that nobody packed."""
        return [order for order in self.sent if not self._rungs(order)]

    @property
    def twice(self) -> list[str]:
        """Name the orders that were packed more than once."""
        return [order for order in self.sent if len(self._rungs(order)) > 1]

    @property
    def late(self) -> dict[str, list[str]]:
        """Name the orders whose last effect was at each rung after the first."""
        last = {order: rungs[-1] for order in self.sent if (rungs := self._rungs(order))}
        late = [rung for rung in self.packed if rung != AT_ONCE and rung in last.values()]
        return {rung: [order for order in last if last[order] == rung] for rung in late}

    def _rungs(self, order: str) -> list[str]:
        return [rung for rung, orders in self.packed.items() for each in orders if each == order]

    @property
    def short(self) -> str:
        """Say the worst of it in two words, and when the last one came."""
        worst = self._end if self.lost else "twice" if self.twice else "kept"
        count = f" {len(self.lost or self.twice)}" if worst != "kept" else ""
        return worst + count + "".join(f", {SHORT[rung]}" for rung in [*self.late][-1:])

    @property
    def _end(self) -> str:
        """Say where the lost ones are: among those that count as failed, or nowhere."""
        return "failed" if self.left.get(FAILED) == len(self.lost) else "lost"

    def __str__(self) -> str:
        parts = [f"{_named(self.lost)} {self._end}"] if self.lost else []
        parts += [*self._again(), *self._only_late()]
        if any(self.exits):
            parts.append("the worker exits" if all(self.exits) else "the worker may exit")
        return "; ".join(parts) or "each once, at once"

    def _again(self) -> Iterator[str]:
        """Say which orders were packed twice, and when the last time was."""
        late = [order for orders in self.late.values() for order in orders]
        if soon := [order for order in self.twice if order not in late]:
            yield f"{_named(soon)} twice"
        for rung, orders in self.late.items():
            if again := [order for order in orders if order in self.twice]:
                yield f"{_named(again)} twice, after {rung}"

    def _only_late(self) -> Iterator[str]:
        """Say which orders were packed once, and when."""
        for rung, orders in self.late.items():
            if once := [order for order in orders if order not in self.twice]:
                yield f"{_named(once)} after {rung}"


def _named(orders: Sequence[str]) -> str:
    return ", ".join(orders)


@cache
def _measured() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def limit_of(library: str, settings: str) -> int | None:
    """Return after how many seconds a job of these settings is a long one, if it ever is."""
    found: int | None = _measured()["libraries"][library]["limits"].get(settings)
    return found


def fate(library: str, settings: str, fault: str) -> Fate:
    """Return what was measured. Raises CourseError when that was not."""
    if (library, settings) not in ROWS or fault not in FAULTS:
        known = ", ".join(map(" ".join, ROWS))
        told = NOT_MEASURED.format(f"{library} {settings}", fault, known, ", ".join(FAULTS))
        raise CourseError(told)
    return Fate(**_measured()["results"][library][settings][fault])


def fates(library: str, settings: str, *faults: str) -> str:
    """Say what became of the orders in these faults."""
    return "\n".join(f"{fault:14} {fate(library, settings, fault)}" for fault in faults)


def everywhere(fault: str) -> Columns:
    """Say what became of the orders in this fault, library by library."""
    return Columns("\n".join(f"{name:20} {fate(*key, fault)}" for key, name in ROWS.items()))


def losing_nothing() -> list[str]:
    """Name the rows of the table in which no order is lost, or counts as failed."""
    return [name for key, name in ROWS.items() if not any(fate(*key, f).lost for f in FAULTS)]


def table() -> Columns:
    """Return everything that was measured: a row for each library and settings."""
    lines = [["", *FAULTS]]
    lines += [[name, *(fate(*key, fault).short for fault in FAULTS)] for key, name in ROWS.items()]
    return Columns.of(lines, gap=2)


def versions() -> dict[str, str]:
    """Return which version of each package was measured."""
    found: dict[str, str] = _measured()["versions"]
    return found
