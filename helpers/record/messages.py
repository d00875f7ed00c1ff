"""Hang each published message on the command that published it, however late it was read."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from .step import STRANGER, Delivery, Step
from .traffic import Command, Message

_Heard = tuple[int, str, str]  # connection, kind of message, channel or pattern
_What = tuple[bool, str, str]  # sharded or not, channel, message


@dataclass
class _Listening:
    """When each subscription began and ended, counted in publishes."""

    turns: dict[_Heard, list[int]] = field(default_factory=dict)
    now: dict[int, set[_Heard]] = field(default_factory=dict)  # by connection

    def note(self, command: Command, at: int) -> None:
        """Take over who listens after a command."""
        mine = self.now.setdefault(command.connection, set())
        if command.name == "RESET":
            self._turn(set(mine), mine, at)
        if not command.name.endswith("SUBSCRIBE"):
            return
        kind = command.name.lower().removesuffix("subscribe").removesuffix("un") + "message"
        named = {(command.connection, kind, name) for name in command.words[1:]}
        if "UNSUBSCRIBE" not in command.name:
            self._turn(named - mine, mine, at)
        else:
            self._turn(mine & (named or {h for h in mine if h[1] == kind}), mine, at)

    def end(self, connection: int, at: int) -> None:
        """End every subscription of a connection."""
        mine = self.now.pop(connection, set())
        self._turn(set(mine), mine, at)

    def _turn(self, changed: set[_Heard], mine: set[_Heard], at: int) -> None:
        for heard in changed:
            self.turns.setdefault(heard, []).append(at)
        mine ^= changed

    def heard(self, heard: _Heard, at: int) -> bool:
        """Tell whether this subscription was there at a publish."""
        return bisect_right(self.turns.get(heard, ()), at) % 2 == 1

    def copy(self) -> _Listening:
        return _Listening(
            {heard: [*turns] for heard, turns in self.turns.items()},
            {connection: {*heard} for connection, heard in self.now.items()},
        )


@dataclass
class Deliveries:
    """A match of each message with the command that published it, or a step where a stranger did.

    Messages of one subscription arrive in the order of their publishing, so each is looked for
    where the last equal one was found.
    """

    _published: dict[_What, list[tuple[Step, int]]] = field(default_factory=dict)
    _strange: dict[_What, list[Step]] = field(default_factory=dict)
    _at: dict[tuple[_Heard, _What], int] = field(default_factory=dict)
    _strange_at: dict[tuple[_Heard, _What], int] = field(default_factory=dict)
    _listening: _Listening = field(default_factory=_Listening)
    _count: int = 0

    def note(self, step: Step) -> None:
        """Take over a command that was carried out: a publish, or who listens from now on."""
        command = step.command
        if command.name in ("PUBLISH", "SPUBLISH") and len(command.words) == 3:
            self._count += 1
            what = command.name == "SPUBLISH", *command.words[1:]
            self._published.setdefault(what, []).append((step, self._count))
        elif not isinstance(step.reply, Exception):
            self._listening.note(command, self._count + 1)

    def end(self, connection: int) -> None:
        """Know that a connection is no more: it hears nothing from now on."""
        self._listening.end(connection, self._count + 1)

    def listeners(self) -> dict[tuple[str, str], list[int]]:
        """Return which connections listen now, by kind of message and by channel or pattern."""
        found: dict[tuple[str, str], list[int]] = {}
        heard = sorted(heard for mine in self._listening.now.values() for heard in mine)
        for connection, kind, name in heard:
            found.setdefault((kind, name), []).append(connection)
        return found

    def hang(self, message: Message) -> tuple[Step, Delivery]:
        """Return the step that published a message, and what the subscriber got of it."""
        key = _heard(message), _what(message)
        step = self._publisher(*key, message.order) or self._stranger(*key, message)
        what = (message.kind, message.channel, message.data, message.pattern)
        return step, Delivery(message.client, *what, seen=message.order)

    def _publisher(self, heard: _Heard, what: _What, before: int) -> Step | None:
        """Find the next command that this subscription heard."""
        candidates = self._published.get(what, ())
        at = self._at.get((heard, what), 0)
        while at < len(candidates) and not self._listening.heard(heard, candidates[at][1]):
            at += 1
        self._at[heard, what] = at  # what it did not hear it never will
        for there in range(at, len(candidates)):
            step, number = candidates[there]
            if step.command.order < before and self._listening.heard(heard, number):
                self._at[heard, what] = there + 1
                return step
        return None

    def _stranger(self, heard: _Heard, what: _What, message: Message) -> Step:
        """Find a stranger's step that has not reached this subscription yet, or make one."""
        steps = self._strange.setdefault(what, [])
        at = self._strange_at.get((heard, what), 0)
        self._strange_at[heard, what] = at + 1
        if at == len(steps):
            words = ("SPUBLISH" if what[0] else "PUBLISH", message.channel, message.data)
            command = Command(message.order, STRANGER, 0, words, lost="reply not seen")
            steps.append(Step(command, None))
        return steps[at]

    def copy(self) -> Deliveries:
        """Return one like this, to go on from here."""
        return Deliveries(
            {what: [*steps] for what, steps in self._published.items()},
            {what: [*steps] for what, steps in self._strange.items()},
            {**self._at},
            {**self._strange_at},
            self._listening.copy(),
            self._count,
        )


def _what(message: Message) -> _What:
    return message.kind == "smessage", message.channel, message.data


def _heard(message: Message) -> _Heard:
    return message.connection, message.kind, message.pattern or message.channel
