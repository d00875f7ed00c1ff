"""Lab 5: a stream on a time axis, with the place of each reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...labs.controls import Button, Choice, Control, Number
from ...labs.drawing import Box, Drawing, Figure, Shelf, shelves
from ...labs.model import Lab, NotPossible
from ...picture.paper import write_at

READERS = ("ann", "bob")
LONGEST_GAP = 20  # seconds
END = 240  # seconds, the length of the axis
BESIDE = 40  # pixels, at each end of the axis

Scale = Callable[[int], float]
"""Says where a second stands on the axis, in pixels."""


@dataclass
class State:
    """What was added, what the stream still holds, and where each reader is: in seconds."""

    added: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(READERS, 0))
    read: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in READERS})
    found: list[int] = field(default_factory=list)
    found_in: tuple[int, int] | None = None

    @property
    def trimmed(self) -> list[int]:
        """List what was added and is not there any more."""
        held = set(self.held)
        return [second for second in self.added if second not in held]

    def to_come(self, reader: str) -> list[int]:
        """List what a reader gets when it reads on."""
        return [second for second in self.held if second > self.cursors[reader]]

    def missed(self, reader: str) -> list[int]:
        """List what was trimmed before this reader had read it."""
        read = set(self.read[reader])
        return [second for second in self.trimmed if second not in read]


class History(Lab):
    """A lab: add entries, read on, search by time, and trim what others may not have read.

    Follows https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 5
    title = "A stream on a time axis"
    gap = 5
    reader = READERS[0]
    start_at = 10
    end_at = 30
    keep = 3
    state: State

    def begin(self) -> None:
        self.state = State()

    def actions(self) -> list[Control]:
        return [
            Number("Seconds later", "gap", 1, LONGEST_GAP),
            Button("Add an entry", self.add),
            Choice("Reader", "reader", READERS),
            Button("Read on", self.read_on),
            Button("Rewind", self.rewind),
            Number("From second", "start_at", 0, END),
            Number("to second", "end_at", 0, END),
            Button("Show this range", self.search),
            Button("Trim what is before it", self.trim_before),
            Number("Newest to keep", "keep", 0, LONGEST_GAP),
            Button("Trim to the newest", self.trim_to_newest),
        ]

    async def add(self) -> None:
        """Add an entry, so many seconds after the last one."""
        second = (self.state.added or [0])[-1] + self.gap
        if second > END:
            raise NotPossible("The axis is full: start over.")
        await self.client("shop").xadd(self._stream, {"at": second}, id=f"{second * 1000}-0")
        self.state.added.append(second)

    async def read_on(self) -> None:
        """Let the chosen reader read what comes after its cursor."""
        state, name = self.state, self.reader
        cursor = f"{state.cursors[name] * 1000}-0"
        reply: Any = await self.client(name).xread({self._stream: cursor})
        for _, entries in reply:
            seconds = _seconds(entries)
            state.read[name] += seconds
            state.cursors[name] = seconds[-1]

    async def rewind(self) -> None:
        """Set the chosen reader's cursor to 0: it is the reader's own, and the broker not asked."""
        self.state.cursors[self.reader] = 0

    async def search(self) -> None:
        """Ask for the entries of the chosen range; both ends belong to it."""
        low, high = self.start_at, self.end_at
        if low > high:
            raise NotPossible("The range ends before it begins.")
        entries = await self.client(self.reader).xrange(self._stream, low * 1000, high * 1000)
        self.state.found, self.state.found_in = _seconds(entries), (low, high)

    async def trim_before(self) -> None:
        """Drop what is older than the beginning of the range."""
        await self.client("shop").xtrim(self._stream, minid=self.start_at * 1000, approximate=False)

    async def trim_to_newest(self) -> None:
        """Drop all but the newest entries."""
        await self.client("shop").xtrim(self._stream, maxlen=self.keep, approximate=False)

    async def look(self) -> None:
        async with self.asker() as asker:
            self.state.held = _seconds(await asker.xrange(self._stream))

    @property
    def _stream(self) -> str:
        return self.key("visits")

    def picture(self) -> Drawing:
        state = self.state
        rows = [
            Shelf("held", [Box(f"{second} s") for second in state.held]),
            Shelf("trimmed", [Box(f"{second} s", "cut") for second in state.trimmed]),
            *(Shelf(name, note=self._place(name)) for name in READERS),
        ]
        if state.found_in:
            low, high = state.found_in
            found = [Box(f"{second} s", "done") for second in state.found]
            rows.append(Shelf(f"{low} s to {high} s", found, f"{len(found)} in this range"))
        return shelves(self.title, rows, Figure(86, self._axis))

    def _place(self, name: str) -> str:
        state = self.state
        return (
            f"cursor at {state.cursors[name]} s, read {len(state.read[name])}, "
            f"to come {len(state.to_come(name))}, missed {len(state.missed(name))}"
        )

    def _axis(self, width: int) -> Iterator[str]:
        def x(second: int) -> float:
            return BESIDE + (width - 2 * BESIDE) * second / END

        for part in (self._range, _line, self._entries, self._cursors):
            yield from part(x)

    def _range(self, x: Scale) -> Iterator[str]:
        if self.state.found_in:
            low, high = map(x, self.state.found_in)
            place = f'x="{low - 4:.1f}" y="8" width="{high - low + 8:.1f}" height="26" rx="4"'
            yield f'<rect class="rf-smessage" {place} style="fill:none" stroke-dasharray="5 3"/>'

    def _entries(self, x: Scale) -> Iterator[str]:
        for second in self.state.held:
            yield f'<rect class="rf-store" x="{x(second) - 4:.1f}" y="13" width="8" height="16"/>'
        for second in self.state.trimmed:
            yield f'<path class="rf-lane" d="M{x(second) - 4:.1f} 21h8" stroke-width="2"/>'

    def _cursors(self, x: Scale) -> Iterator[str]:
        for row, (name, second) in enumerate(self.state.cursors.items()):
            place, y = x(second), 54 + 16 * row
            yield f'<path class="rf-message" d="M{place:.1f} {y - 8}l5 9h-10z"/>'
            yield write_at(round(place + 9, 1), y + 2, name)

    def summary(self) -> str:
        state = self.state
        readers = "; ".join(f"{name}: {self._place(name)}" for name in READERS)
        return (
            f"Added {len(state.added)}, held {len(state.held)}, trimmed {len(state.trimmed)}. "
            f"{readers}."
        )


def _seconds(entries: Any) -> list[int]:
    return [int(entry_id.split("-")[0]) // 1000 for entry_id, _ in entries]


def _line(x: Scale) -> Iterator[str]:
    yield f'<path class="rf-lane" d="M{x(0):.0f} 36H{x(END):.0f}"/>'
    for second in range(0, END + 1, 60):
        label = f"{second} s"
        yield f'<path class="rf-lane" d="M{x(second):.1f} 33v6"/>'
        yield write_at(round(x(second), 1), 4, label, "rf-m", ' text-anchor="middle"')


LAB = History
