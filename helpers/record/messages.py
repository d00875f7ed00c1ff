"""Hang each published message on the command that published it, however late it was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .step import STRANGER, Delivery, Step
from .traffic import Command, Message

_Heard = tuple[int, str, str]  # connection, kind of message, channel or pattern
_What = tuple[bool, str, str]  # sharded or not, channel, message
_Published = dict[_What, list[tuple[Step, frozenset[_Heard]]]]


def deliver_messages(steps: list[Step], messages: Iterable[Message]) -> list[Step]:
    """Add the deliveries to the steps, given in the broker's order.

    Return one more step for each message that none of them published: a stranger did.
    """
    published = _published(steps)
    strange: dict[_What, list[Step]] = defaultdict(list)
    seen: dict[tuple[_Heard, _What], int] = {}
    reached: set[tuple[int, _Heard]] = set()
    for message in messages:
        what, heard = _what(message), _heard(message)
        # Messages of one subscription arrive in the order of their publishing.
        at, step = _publisher(published[what], seen.get((heard, what), 0), heard, message.order)
        if step:
            seen[heard, what] = at
        else:
            step = _stranger(strange[what], heard, reached, message)
        step.deliveries.append(_delivery_of(message))
    return [step for steps in strange.values() for step in steps]


def _publisher(
    candidates: list[tuple[Step, frozenset[_Heard]]], start: int, heard: _Heard, before: int
) -> tuple[int, Step | None]:
    """Find the next command that this subscription heard, and where to look on."""
    for at in range(start, len(candidates)):
        step, listening = candidates[at]
        if heard in listening and step.command.order < before:
            return at + 1, step
    return start, None


def _stranger(
    steps: list[Step], heard: _Heard, reached: set[tuple[int, _Heard]], message: Message
) -> Step:
    """Find a stranger's step that has not reached this subscription yet, or make one."""
    fresh = (s for s in steps if (s.command.order, heard) not in reached)
    step = next(fresh, None)
    if step is None:
        words = ("SPUBLISH" if _what(message)[0] else "PUBLISH", message.channel, message.data)
        step = Step(Command(message.order, STRANGER, 0, words, lost="reply not seen"), None)
        steps.append(step)
    reached.add((step.command.order, heard))
    return step


def _what(message: Message) -> _What:
    return message.kind == "smessage", message.channel, message.data


def _heard(message: Message) -> _Heard:
    return message.connection, message.kind, message.pattern or message.channel


def _delivery_of(message: Message) -> Delivery:
    what = (message.kind, message.channel, message.data, message.pattern)
    return Delivery(message.client, *what, seen=message.order)


def _published(steps: list[Step]) -> _Published:
    """Find each publish, and who was subscribed then."""
    found: _Published = defaultdict(list)
    listening: frozenset[_Heard] = frozenset()
    for step in steps:
        command = step.command
        if command.name in ("PUBLISH", "SPUBLISH") and len(command.words) == 3:
            found[command.name == "SPUBLISH", *command.words[1:]].append((step, listening))
        elif not isinstance(step.reply, Exception):
            listening = _after(command, listening)
    return found


def _after(command: Command, listening: frozenset[_Heard]) -> frozenset[_Heard]:
    """Tell who listens after this command."""
    if command.name == "RESET":
        return frozenset(h for h in listening if h[0] != command.connection)
    if not command.name.endswith("SUBSCRIBE"):
        return listening
    kind = command.name.lower().removesuffix("subscribe").removesuffix("un") + "message"
    named = {(command.connection, kind, name) for name in command.words[1:]}
    if "UNSUBSCRIBE" not in command.name:
        return listening | named
    return listening - (named or {h for h in listening if h[:2] == (command.connection, kind)})
