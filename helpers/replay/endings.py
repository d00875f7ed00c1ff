"""When connections ended and answers came, as far as the record tells."""

from __future__ import annotations

import sys
from collections import defaultdict

from ..record import Command, Record
from ..record.traffic import Closing


def closings_of(record: Record) -> tuple[dict[int, list[Closing]], list[Closing]]:
    """Part the closings in those that a CLIENT KILL caused, by its order, and the others.

    Its client learns of it when it next reads. Until then it has given no sign of life.
    """
    kills = [c for c in record.commands if _kills(c)]
    left = {c.order: int(c.reply) if isinstance(c.reply, int) else 1 for c in kills}
    killed: dict[int, list[Closing]] = defaultdict(list)
    others = []
    alive = _last_signs(record) if kills else {}
    for closing in record.closings:
        since = alive.get(closing.connection, 0)
        found = [c.order for c in kills if since < c.order < closing.order and left[c.order]]
        if closing.is_loss and found:
            left[found[0]] -= 1
            killed[found[0]].append(closing)
        else:
            others.append(closing)
    return killed, others


def answered_later(record: Record) -> dict[int, int]:
    """Say for each command when the first of those that were sent after it was answered."""
    found, soonest = {}, sys.maxsize
    for command in reversed(record.commands):
        found[command.order] = soonest
        if command.answered:
            soonest = min(soonest, command.ended)
    return found


def _kills(command: Command) -> bool:
    action = command.words[1].upper() if len(command.words) > 1 else ""
    return (command.name, action) == ("CLIENT", "KILL") and bool(command.reply)


def _last_signs(record: Record) -> dict[int, int]:
    """Return when each connection last had an answer or a message, by its number."""
    signs: dict[int, int] = {}
    for command in record.commands:
        if command.answered or command.confirmations:
            signs[command.connection] = max(signs.get(command.connection, 0), command.order)
    for message in record.messages:
        # It may have been read long after it was sent: its publishing tells.
        signs.setdefault(message.connection, 0)
    return signs
