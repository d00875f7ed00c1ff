"""Lab 5: a stream on a time axis, with the place of each reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

from ...labs.acts import Act, Control, Finding, Goal, Number
from ...labs.model import Lab, NotPossible
from ...stage.model import Cursor, Link, Place, Stage, Token

READERS = ("ann", "bob")
ADD = "Add an entry"
STEPS = (20, 10, 30)  # seconds between two entries, in turn
INTRODUCTION = "What happens to an entry once it is read?"
SHORT, END = 90, 240  # seconds, the length of the axis at first and when it is full
ENTRIES = 12  # that fit on it


@dataclass
class State:
    """What was added, what the stream still holds, and where each reader is: in seconds."""

    added: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(READERS, 0))
    read: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in READERS})
    reread: set[str] = field(default_factory=set)
    """Who has read from the start again after a trim of what it had read."""

    @property
    def next_second(self) -> int:
        """Say when the next entry comes."""
        return sum(islice(cycle(STEPS), len(self.added) + 1))

    @property
    def end(self) -> int:
        """Say how many seconds the axis has to show."""
        return SHORT if max(self.added, default=0) <= SHORT else END

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

    def lacks(self, reader: str) -> bool:
        """Tell whether something that a reader has read was trimmed since."""
        return bool(set(self.read[reader]) & set(self.trimmed))

    def has_passed(self, reader: str) -> bool:
        """Tell whether a reader has read on past what it has missed."""
        return any(second < max(self.read[reader], default=0) for second in self.missed(reader))


class History(Lab):
    """A lab: add entries, read what is new, and trim what others may not have read.

    Follows https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 5
    title = "A stream on a time axis"
    keep = 1
    state: State

    def begin(self) -> None:
        self.state = State()
        self.headline = INTRODUCTION

    def acts(self) -> list[Control]:
        is_full = "The axis is full: start over." * (self.state.next_second > END)
        return [
            Act(ADD, self.add, "shop", spoken=ADD, why_not=is_full),
            Number("Keep the newest", "keep", 0, ENTRIES, place="shop"),
            Act("Trim", self.trim, "shop", danger=True, spoken="Trim"),
            *(Act("Read on", partial(self.read_on, name), name) for name in READERS),
            *(self._rewinding(name) for name in READERS),
        ]

    def _rewinding(self, reader: str) -> Act:
        at_0 = f"{reader} is at the beginning." * (not self.state.cursors[reader])
        return Act("Rewind", partial(self.rewind, reader), reader, why_not=at_0)

    async def add(self) -> None:
        """Add an entry, some seconds after the last one."""
        second = self.state.next_second
        await self.client("shop").xadd(self._stream, {"page": "home"}, id=f"{second * 1000}-0")
        self.state.added.append(second)
        self.headline = (
            f"Entry added at {second} s by the lab's clock: "
            f"its id, {second * 1000}-0, begins with that time in milliseconds."
        )

    async def read_on(self, reader: str) -> None:
        """Let a reader read what comes after its cursor."""
        state = self.state
        cursor = f"{state.cursors[reader] * 1000}-0"
        reply: Any = await self.client(reader).xread({self._stream: cursor})
        seconds = _seconds(entry for _, entries in reply for entry in entries)
        has_missed = any(second > state.cursors[reader] for second in state.missed(reader))
        if seconds and not state.cursors[reader] and state.lacks(reader):
            state.reread.add(reader)
        state.read[reader] += seconds
        state.cursors[reader] = [state.cursors[reader], *seconds][-1]
        self.headline = _told_of(reader, seconds, has_missed)

    async def rewind(self, reader: str) -> None:
        """Set a reader's cursor to 0: it is the reader's own, and the broker is not asked."""
        self.state.cursors[reader] = 0
        self.headline = f"{reader} is at 0 again. Nothing was sent: a cursor is the reader's own."

    async def trim(self) -> None:
        """Drop all but the newest entries."""
        gone = await self.client("shop").xtrim(self._stream, maxlen=self.keep, approximate=False)
        if not gone:
            raise NotPossible(f"There are no more than {self.keep}: nothing was trimmed.")
        oldest = self.state.held[:gone]
        unread = {name: len(set(oldest) - set(self.state.read[name])) for name in READERS}
        self.headline = f"{_entries(gone)} trimmed{_told_who_had_not(unread, gone)}."

    async def look(self) -> None:
        async with self.asker() as asker:
            self.state.held = _seconds(await asker.xrange(self._stream))

    @property
    def _stream(self) -> str:
        return self.key("visits")

    def stage(self) -> Stage:
        state = self.state
        places = [
            Place("shop", "client", "sends", state=f"{len(state.added)} added"),
            self._visits(),
            *map(self._reader, READERS),
            *(self._unread(name) for name in READERS if state.missed(name)),
        ]
        return Stage(self.title, places, [link for link in self._links() if link.count])

    def _visits(self) -> Place:
        """Show the stream on its axis, and where the trimmed entries stood."""
        held, seen, end = set(self.state.held), self.state.cursors.items(), self.state.end
        cursors = [Cursor(name, at=at / end) for name, at in seen]
        axis = [(at / end, f"{at} s") for at in range(0, end + 1, 30 if end == SHORT else 60)]
        every = sorted(held.union(self.state.added))
        tokens = [self._token(second, mark="held" if second in held else "cut") for second in every]
        return Place("visits", "stream", "broker", tokens, "stream", cursors=cursors, axis=axis)

    def _reader(self, name: str) -> Place:
        times = Counter(self.state.read[name])
        read = [self._token(s, name, "done" if n == 1 else "again") for s, n in times.items()]
        return Place(name, "client", "receives", read, self._last_read(name))

    def _last_read(self, name: str) -> str:
        """Say where a reader's own cursor is."""
        if cursor := self.state.cursors[name]:
            return f"own cursor: {cursor} s"
        return "at the start again" if self.state.read[name] else "has read nothing yet"

    def _unread(self, name: str) -> Place:
        unread = [self._token(second, name, "lost") for second in self.state.missed(name)]
        return Place(f"never read by {name}", "outcome", "after", unread)

    def _token(self, second: int, owner: str = "", mark: str = "held") -> Token:
        identity = f"{second} s→{owner}" if owner else f"{second} s"
        return Token(identity, f"{second} s", mark, second / self.state.end)

    def _links(self) -> Iterator[Link]:
        state = self.state
        yield Link("shop", "visits", len(state.added))
        for reader, seconds in state.read.items():
            yield Link("visits", reader, len(seconds))

    def goals(self) -> list[Goal]:
        state, (ann, bob) = self.state, READERS
        has_kept = any(set(state.read[name]) & set(state.held) for name in READERS)
        late = next(filter(state.missed, READERS), bob)
        has_passed, has_reread = any(map(state.has_passed, READERS)), bool(state.reread)
        return [
            Goal("Add three entries", len(state.added) > 2, ADD),
            Goal("Let ann read: what is left?", has_kept, self._to_read(ann)),
            Goal("Trim before bob has read", bool(state.missed(late)), self._to_miss()),
            Goal("Let bob read: what does he get?", has_passed, self._to_read(late)),
            Goal("Rewind ann, and read again: what comes?", has_reread, self._to_reread()),
        ]

    def _to_read(self, name: str) -> str:
        """Name the act that leads to a read that brings something."""
        return f"Read on {name}" if self.state.to_come(name) else ADD

    def _to_miss(self) -> str:
        """Name the act that leads to a trim of what somebody has not read."""
        state = self.state
        oldest = set(state.held[: max(0, len(state.held) - self.keep)])
        is_unread = any(oldest & set(state.to_come(name)) for name in READERS)
        return "Trim" if is_unread else ADD

    def _to_reread(self) -> str:
        """Name the act that leads to a second read, from the start, of what is left."""
        state = self.state
        if name := next(filter(state.lacks, READERS), ""):
            if not state.held:
                return ADD
            return f"Rewind {name}" if state.cursors[name] else f"Read on {name}"
        if state.to_come(READERS[0]):
            return f"Read on {READERS[0]}"
        return "Trim" if len(state.held) > self.keep else ADD

    def next_act(self) -> str:
        if len(self.state.to_come(READERS[0])) > 2:
            return f"Read on {READERS[0]}"
        return ADD if self.state.next_second <= END else ""

    def finding(self) -> Finding:
        name = next(filter(self.state.has_passed, READERS), READERS[-1])
        added, missed = len(self.state.added), len(self.state.missed(name))
        (ann, bob), (first, other) = READERS, (len(set(r)) for r in self.state.read.values())
        return Finding(
            f"{ann} has read {first} of {added} entries, {bob} {other} of {added}",
            f"What in the reply tells {name} that {_entries(missed)} {_are(missed)} missing?",
            {
                "Nothing": "XREAD brings what is left, and ids are times, not 1, 2, 3: no gap can "
                "be seen. This much a reader can check: while the entry where its cursor stands "
                "is still in the stream, no trim has taken any after it.",
                "An error": "There was none. A cursor is only a number to compare with: it need "
                "not be the id of an entry.",
                "A count of what was left out": "Redis does not know who has read what: the "
                "cursor is the reader's own.",
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.added:
            return "Added 0: the stream is empty."
        trimmed = f", {len(state.trimmed)} trimmed" if state.trimmed else ""
        readers = "; ".join(map(self._told_of, READERS))
        return f"Added {len(state.added)}: {len(state.held)} held{trimmed}. {readers}."

    def _told_of(self, name: str) -> str:
        state = self.state
        to_come, missed = len(state.to_come(name)), len(state.missed(name))
        parts = [f"{name} has read {len(set(state.read[name]))}"]
        parts += [f"{to_come} to come"] * bool(to_come) + [f"{missed} missed"] * bool(missed)
        return ", ".join(parts)


def _seconds(entries: Any) -> list[int]:
    return [int(entry_id.split("-")[0]) // 1000 for entry_id, _ in entries]


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _told_who_had_not(unread: dict[str, int], trimmed: int) -> str:
    """Say who had not read so many of what was trimmed."""
    late = {name: count for name, count in unread.items() if count}
    if not late:
        return ", read by everybody"
    if set(late.values()) == {trimmed}:
        return f" that {' and '.join(late)} had not read"
    return f"; {', '.join(f'{name} had not read {count} of them' for name, count in late.items())}"


def _told_of(reader: str, seconds: list[int], has_missed: bool) -> str:
    """Say what a read has brought: what it has passed over, no reply says."""
    if not seconds:
        return f"There is nothing new for {reader}."
    times = " to ".join(f"{second} s" for second in sorted({seconds[0], seconds[-1]}))
    kept = "" if has_missed else "; reading removed none"
    return f"{reader} got {_entries(len(seconds))}, {times}{kept}."


LAB = History
