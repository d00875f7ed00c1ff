"""Tell a record as steps: each command, its reply, and what it caused to be delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .messages import deliver_messages
from .step import Delivery, Step
from .traffic import Record
from .waiters import Act, Database


def tell(record: Record) -> list[Step]:
    """Hang every delivery of a record on the command that caused it, in the broker's order."""
    steps = [Step(command, command.reply) for command in record.commands]
    acts = list(_acts(steps))
    databases: dict[int, Database] = defaultdict(Database)
    for number, act in _with_databases(acts):
        others = [database for n, database in databases.items() if n != number]
        databases[number].play(act, others)
    for database in databases.values():
        database.finish()
    steps += deliver_messages([step for act in acts for step in act.steps], record.messages)
    steps.sort(key=lambda s: s.command.order)
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


def _acts(steps: list[Step]) -> Iterator[Act]:
    """Give what the broker did at once: a command alone, or those of a transaction at its EXEC.

    A queued command gets its reply out of the reply of EXEC. One that was never carried out, after
    DISCARD or a failed EXEC, is in no act.
    """
    queues: dict[int, list[Step]] = {}
    for step in steps:
        name, connection = step.command.name, step.command.connection
        queue = queues.get(connection)
        if queue is None:
            if name == "MULTI" and not isinstance(step.reply, Exception):
                queues[connection] = []
            yield Act([step], step.command.answered)
        elif name in ("EXEC", "DISCARD", "RESET"):
            yield _closed(queues.pop(connection), step)
        else:
            step.queued = True
            queue.append(step)


def _closed(queue: list[Step], closing: Step) -> Act:
    accepted = [step for step in queue if step.reply == "QUEUED"]
    if isinstance(closing.reply, list):
        for step, reply in zip(accepted, closing.reply, strict=False):
            step.reply = reply
    elif closing.command.answered or closing.command.name != "EXEC":
        accepted = []
    return Act([*accepted, closing], closing.command.answered)


def _with_databases(acts: list[Act]) -> Iterator[tuple[int, Act]]:
    """Name the database of each act: the one its connection began with, or has selected since."""
    selected: dict[int, int] = {}
    for act in acts:
        command = act.steps[-1].command
        yield selected.get(command.connection, command.db), act
        for step in act.steps:
            if step.command.name == "SELECT" and step.reply == "OK":
                selected[command.connection] = int(step.command.words[1])
