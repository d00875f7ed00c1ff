"""Find out who waited in a blocking command, and whose command served them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .holdings import FAR_REACHING, Holdings, newest
from .step import Delivery, Step
from .stream_words import Reading, ids_by_stream, place
from .traffic import Command


@dataclass(frozen=True)
class Act:
    """What the broker did at once: one step, or a transaction that ends with its EXEC.

    `certain` is false when no reply tells whether it was done.
    """

    steps: list[Step]
    certain: bool


@dataclass
class Database:
    """One database, followed act by act: what it holds, and who waits for something in it."""

    held: Holdings = field(default_factory=Holdings)
    waiting: list[Step] = field(default_factory=list)
    unexplained: list[Step] = field(default_factory=list)
    contested: set[str] = field(default_factory=set)

    def play(self, act: Act, others: Iterable[Database]) -> None:
        """Take over what this act did, and hand what it brought to those who waited for it."""
        self._leave_behind(act.steps[-1].command.order)
        self.held.moves.clear()
        before = []  # for each step: what was said of the keys that it names
        marks = []  # for each step: its tick, and how many moves there were before
        for step in act.steps:
            self.held.now += 1
            before.append(self._said_of(_names(step)))
            marks.append((self.held.now, len(self.held.moves)))
            self._take_over(step, act.certain, others)
            if len(act.steps) > 1:
                self._tell(step, before[-1], marks[-1])
        before.append(self._said_of({name for step in self.waiting for name in _names(step)}))
        causes = set(self._serve(act))
        self._doubt()
        for number, step in enumerate(act.steps):
            if step in causes or len(act.steps) == 1:
                since = dict(pair for said in reversed(before[number:]) for pair in said.items())
                self._tell(step, since, marks[number])
            elif step.holds:
                known = self.held.summary(_names(step))
                step.holds = {key: what for key, what in step.holds.items() if key in known}

    def finish(self) -> None:
        """Settle those who got what nobody in the record brought: there is no wait to show."""
        for step in [*self.unexplained, *self.waiting]:
            if step.command.answered and self.contested.isdisjoint(sources_of(step.command)):
                step.waited = False

    def copy(self) -> Database:
        """Return one like this, to go on from here."""
        return Database(self.held.copy(), [*self.waiting], [*self.unexplained], {*self.contested})

    def _said_of(self, keys: Iterable[str]) -> dict[str, dict[str, str]]:
        return {key: self.held.summary((key,)) for key in keys}

    def _changed(self, before: dict[str, dict[str, str]]) -> dict[str, str]:
        """Say what is held otherwise than before, of these keys."""
        said = {label: what for parts in before.values() for label, what in parts.items()}
        after = self.held.summary(before)
        return {label: what for label, what in after.items() if said.get(label) != what}

    def _tell(self, step: Step, before: dict[str, dict[str, str]], mark: tuple[int, int]) -> None:
        """Note what is held otherwise than before: in words, and as data."""
        step.holds = self._changed(before)
        began, _ = mark
        step.held = {}
        changed = [key for key in before if self.held.changed.get(key, 0) >= began]
        for key in self.held.in_order(changed):
            if self._is_news(key, before[key], began) and (held := self.held.held(key, *mark)):
                step.held[key] = held

    def _is_news(self, key: str, before: dict[str, str], began: int) -> bool:
        """Tell whether the words about a key are others than before, or a cursor on it moved."""
        if self.held.cursors.get(key, 0) >= began and key not in self.held.unknown:
            return True
        return bool(self.held.summary((key,)).items() - before.items())

    def _leave_behind(self, now: int) -> None:
        """Let those wait no more whose wait had ended before: nothing can serve them now."""
        over = [step for step in self.waiting if 0 < step.command.ended < now]
        self.unexplained += [step for step in over if step.command.answered]
        self.waiting = [step for step in self.waiting if step not in over]

    def _take_over(self, step: Step, certain: bool, others: Iterable[Database]) -> None:
        command = step.command
        if _blocks(step) and self._must_wait(command):
            step.waited = True
            if not self.held.unknown.isdisjoint(sources_of(command)):
                self.held.forget_named(command.words)
            if command.reply or not command.answered:
                self.waiting.append(step)
        elif certain:
            self.held.apply(command.words, step.reply)
        else:
            self.held.forget_named(command.words)
        if command.name == "XREAD":
            self._note_reader(command, None if step.waited else step.reply)
        if command.name in FAR_REACHING:
            for database in others:
                database.held.forget_all()

    def _note_reader(self, command: Command, reply: Any) -> None:
        """Note how far a client has read: to the last entry that it got, else to where it asks."""
        if isinstance(reply, Exception):
            return
        got = ids_by_stream(reply)
        for stream, asked in Reading.of(command.words).streams.items():
            if ids := got.get(stream):
                self.held.read(stream, command.client, place(ids[-1]))
            elif asked == "$":
                self.held.read(stream, command.client, newest(self.held.streams.get(stream)))
            elif asked != "+":
                self.held.read(stream, command.client, place(asked))

    def _must_wait(self, command: Command) -> bool:
        if not command.answered:
            return not self._ready(command)
        return not command.reply or not any(self.held.has(*got) for got in _received(command))

    def _serve(self, act: Act) -> Iterator[Step]:
        """Give the steps that served somebody."""
        while served := self._next_served():
            self.waiting.remove(served)
            self.held.apply(served.command.words, served.reply)
            if served.command.name == "XREAD":
                self._note_reader(served.command, served.reply)
            for key, data in _received(served.command):
                cause = _cause(act.steps, key, data)
                cause.deliveries.append(_delivery(served.command, key, data))
                yield cause

    def _next_served(self) -> Step | None:
        """Find who is served now: who came first, and nobody who stands behind in a queue."""
        queued_for: set[str] = set()
        for step in self.waiting:
            sources = sources_of(step.command)
            if queued_for.isdisjoint(sources) and self._is_served(step):
                return step
            if step.command.waiting:
                queued_for.update(key for key in sources if self.held.lists.get(key))
        return None

    def _is_served(self, step: Step) -> bool:
        return step.command.answered and all(self.held.has(*got) for got in _received(step.command))

    def _doubt(self) -> None:
        """Leave out what somebody may have got whose answer has not been read, or never will be."""
        for command in (step.command for step in self.waiting):
            if not command.answered and self._ready(command):
                self.held.forget_named(command.words)
                self.contested.update(sources_of(command))

    def _ready(self, command: Command) -> bool:
        """Tell whether there is something that this blocking command would take."""
        sources = sources_of(command)
        if not command.name.startswith("X"):
            return any(self.held.lists.get(key) for key in sources)
        group = Reading.of(command.words).group
        return any(
            newest(self.held.streams.get(key)) > self.held.group((key, group)).last
            for key in sources
            if group and self.held.streams.get(key)
        )


def _names(step: Step) -> tuple[str, ...]:
    """Give every word that may name a key."""
    return step.command.words[1:]


def _blocks(step: Step) -> bool:
    """Tell whether this command waits when there is nothing: in a transaction none does."""
    command = step.command
    if step.queued or isinstance(step.reply, Exception):
        return False
    if command.name in ("XREAD", "XREADGROUP"):
        return Reading.of(command.words).waits
    return command.name in ("BLPOP", "BRPOP", "BLMPOP", "BLMOVE", "BRPOPLPUSH")


def sources_of(command: Command) -> Iterable[str]:
    """Name the keys that a blocking command takes from."""
    if command.name.startswith("X"):
        return Reading.of(command.words).streams
    if command.name == "BLMPOP":
        return command.words[3 : 3 + int(command.words[2])]
    return command.words[1 : 2 if command.name in ("BLMOVE", "BRPOPLPUSH") else -1]


def _received(command: Command) -> Iterable[tuple[str, str]]:
    """Give what a blocking command was answered with: pairs of key and element or entry id."""
    reply = command.reply
    if command.name.startswith("X"):
        return [(stream, i) for stream, ids in ids_by_stream(reply).items() for i in ids]
    if command.name == "BLMPOP":
        return [(reply[0], element) for element in reply[1]]
    return [tuple(reply) if command.name in ("BLPOP", "BRPOP") else (command.words[1], reply)]


def _cause(steps: list[Step], key: str, data: str) -> Step:
    """Find which step of an act brought this: the last one that names it, best with its key."""
    bringing = [s for s in reversed(steps) if data in (*s.command.words[1:], s.reply)]
    return next((s for s in bringing if key in s.command.words), (bringing or steps[-1:])[0])


def _delivery(command: Command, key: str, data: str) -> Delivery:
    kind = "entry" if command.name.startswith("X") else "element"
    return Delivery(command.client, kind, key, data, waited_since=command.order)
