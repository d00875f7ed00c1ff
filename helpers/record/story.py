"""Tell a record as steps: each command, its reply, and what it caused to be delivered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .holdings import Holdings, entries_in
from .traffic import Command, Message, Record

STRANGER = "another client"
"""Who published a message that no watched client sent."""


@dataclass(eq=False)
class Delivery:
    """Hold what one receiver got because of one command."""

    receiver: str
    kind: str
    source: str
    data: str
    pattern: str = ""
    seen: int = 0
    waited_since: int = 0


@dataclass(eq=False)
class Step:
    """Hold a command, its reply, what it delivered, and what the broker holds afterwards."""

    command: Command
    reply: Any
    queued: bool = False
    waited: bool = False
    deliveries: list[Delivery] = field(default_factory=list)
    holds: dict[str, str] = field(default_factory=dict)


def tell(record: Record) -> list[Step]:
    """Hang every delivery of a record on the command that caused it, in the broker's order."""
    steps = [Step(c, reply, queued) for c, reply, queued in _effective(record.commands)]
    _deliver_messages(steps, record.messages)
    _serve_waiters(steps)
    for step in steps:
        step.deliveries.sort(key=lambda d: _place(d, record.clients))
    return steps


def _place(delivery: Delivery, clients: list[str]) -> tuple[int, int, str, str]:
    """Order the deliveries of one command: who waited longest, then the cast, then the kind."""
    return (
        delivery.waited_since,
        clients.index(delivery.receiver),
        delivery.kind,
        delivery.pattern,
    )


def _effective(commands: list[Command]) -> Iterator[tuple[Command, Any, bool]]:
    """Give each command with its real reply: one queued in MULTI has it in the reply of EXEC."""
    replies = {c: c.reply for c in commands}
    queued: dict[int, list[Command]] = {}
    inside: set[Command] = set()
    for command in commands:
        waiting = queued.get(command.connection)
        if command.name == "MULTI":
            queued[command.connection] = []
        elif command.name in ("EXEC", "DISCARD") and waiting is not None:
            if isinstance(command.reply, list):
                replies |= dict(zip(waiting, command.reply, strict=False))
            del queued[command.connection]
        elif waiting is not None:
            waiting.append(command)
            inside.add(command)
    for command in commands:
        yield command, replies[command], command in inside


def _deliver_messages(steps: list[Step], messages: list[Message]) -> None:
    published = _published(steps)
    used: set[tuple[Step, int, str, str]] = set()
    for message in messages:
        heard = _heard(message)
        candidates = published.get((message.kind[0] == "s", message.channel, message.data), [])
        marks = [(step, *heard) for step, listening in candidates if heard in listening]
        mark = next((m for m in marks if m not in used), None)
        if mark is None:
            steps.append(_from_a_stranger(message))
        else:
            used.add(mark)
            mark[0].deliveries.append(_delivery_of(message))
    steps.sort(key=lambda s: s.command.order)


def _from_a_stranger(message: Message) -> Step:
    words = ("SPUBLISH" if message.kind == "smessage" else "PUBLISH", message.channel, message.data)
    command = Command(message.order, STRANGER, 0, words, lost="reply not seen")
    return Step(command, None, deliveries=[_delivery_of(message)])


def _heard(message: Message) -> tuple[int, str, str]:
    return (message.connection, message.kind, message.pattern or message.channel)


def _delivery_of(message: Message) -> Delivery:
    what = (message.kind, message.channel, message.data, message.pattern)
    return Delivery(message.client, *what, seen=message.order)


_Listening = frozenset[tuple[int, str, str]]
_Published = dict[tuple[bool, str, str], list[tuple[Step, _Listening]]]


def _published(steps: list[Step]) -> _Published:
    """Find each publish: sharded or not, channel, message; and who was subscribed then."""
    found: _Published = {}
    listening: _Listening = frozenset()
    for step in steps:
        command = step.command
        if command.name in ("PUBLISH", "SPUBLISH") and len(command.words) == 3:
            what = (command.name == "SPUBLISH", *command.words[1:])
            found.setdefault(what, []).append((step, listening))
        elif command.name.endswith("SUBSCRIBE"):
            listening = _after_subscription(command, listening)
    return found


def _after_subscription(command: Command, listening: _Listening) -> _Listening:
    kind = command.name.lower().removesuffix("subscribe").removesuffix("un") + "message"
    named = {(command.connection, kind, name) for name in command.words[1:]}
    if "UNSUBSCRIBE" not in command.name:
        return listening | named
    gone = named or {s for s in listening if s[:2] == (command.connection, kind)}
    return listening - gone


def _serve_waiters(steps: list[Step]) -> None:
    """Follow lists and streams through the steps, and find who was served by whose command."""
    held = Holdings()
    waiting: list[Step] = []
    for step in steps:
        before = held.summary()
        if _got_later(step, held, steps):
            step.waited = True
            waiting.append(step)
        else:
            held.apply(step.command.words, step.reply)
            _serve(step, waiting, held)
        after = held.summary()
        step.holds = {k: v for k, v in after.items() if before.get(k) != v}


def _got_later(step: Step, held: Holdings, steps: list[Step]) -> bool:
    """Tell whether this command had to wait for what it got, or still waits."""
    command = step.command
    if not _blocks(command) or step.queued:
        return False
    if not command.answered:
        return True
    if isinstance(step.reply, Exception) or not step.reply:
        return not isinstance(step.reply, Exception)
    return not any(_is_there(held, source, data) for source, data in _received(command))


def _blocks(command: Command) -> bool:
    if command.name in ("BLPOP", "BRPOP", "BLMPOP", "BLMOVE", "BRPOPLPUSH"):
        return True
    return command.name in ("XREAD", "XREADGROUP") and "BLOCK" in map(str.upper, command.words)


def _received(command: Command) -> Iterable[tuple[str, str]]:
    """Give what a blocking command was answered with: pairs of key and element or entry id."""
    if command.name in ("BLPOP", "BRPOP"):
        return [tuple(command.reply)]
    if command.name == "BLMPOP":
        return [(command.reply[0], element) for element in command.reply[1]]
    if command.name in ("BLMOVE", "BRPOPLPUSH"):
        return [(command.words[1], command.reply)]
    return [(stream, i) for stream, ids in entries_in(command.reply) for i in ids]


def _is_there(held: Holdings, key: str, data: str) -> bool:
    return data in held.lists.get(key, []) or data in held.streams.get(key, [])


def _serve(cause: Step, waiting: list[Step], held: Holdings) -> None:
    """Hand what this step brought to the waiting commands that were answered with it."""
    while served := next((s for s in waiting if _is_served(s, held)), None):
        waiting.remove(served)
        held.apply(served.command.words, served.reply)
        cause.deliveries += [_served(served, *got) for got in _received(served.command)]


def _is_served(step: Step, held: Holdings) -> bool:
    if not step.command.answered or isinstance(step.reply, Exception) or not step.reply:
        return False
    return all(_is_there(held, key, data) for key, data in _received(step.command))


def _served(step: Step, key: str, data: str) -> Delivery:
    kind = "entry" if step.command.name.startswith("X") else "element"
    return Delivery(step.command.client, kind, key, data, waited_since=step.command.order)
