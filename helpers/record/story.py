"""Tell a record as steps: each command, its reply, and what it caused to be delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from .database import Act, Database
from .messages import Deliveries
from .step import Delivery, Step
from .traffic import Command, Message, Record


def tell(record: Record) -> list[Step]:
    """Hang every delivery of a record on the command that caused it, in the broker's order."""
    return Story(record).go_on()


class Story:
    """A record that is told bit by bit, each time from where nothing can change any more.

    A command whose reply has not been read, and a transaction without its end, may yet turn out
    otherwise: from the first of these on everything is told on a copy, and the next time again.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._told = Telling()
        self._commands = self._messages = 0  # so many of them are told for good

    def go_on(self) -> list[Step]:
        """Return the steps that are new or may have changed since the last call."""
        record, told = self._record, self._told
        end = _settled_until(record.commands, self._commands)
        told.play(record.commands[self._commands : end])
        self._commands, rest = end, record.commands[end:]
        messages = record.messages[self._messages :]
        if rest:
            settled = list(takewhile(lambda m: m.order < rest[0].order, messages))
            told.deliver(settled)
            telling = told.copy(rest[0].order)
            telling.play(rest)
            telling.deliver(messages[len(settled) :])
            self._messages += len(settled)
        else:
            told.deliver(messages)
            telling = told
            self._messages += len(messages)
        telling.finish()
        new = told.new | telling.new
        told.forget_shown()
        for step in new.values():
            step.deliveries.sort(key=lambda d: _place(d, record.clients))
        return [new[order] for order in sorted(new)]


@dataclass
class Telling:
    """A walk through commands and messages that gathers the steps with something new.

    Steps of orders before `since` belong to another telling: they are copied before they change.
    """

    since: int = 0
    new: dict[int, Step] = field(default_factory=dict)
    databases: dict[int, Database] = field(default_factory=lambda: defaultdict(Database))
    selected: dict[int, int] = field(default_factory=dict)
    messages: Deliveries = field(default_factory=Deliveries)

    def play(self, commands: Sequence[Command]) -> None:
        """Tell commands, in the order in which they were sent."""
        for act in acts_of(self.begin(commands)):
            self.carry_out(act)

    def begin(self, commands: Sequence[Command]) -> list[Step]:
        """Make steps of commands, which nothing has carried out yet."""
        steps = [Step(command, command.reply) for command in commands]
        self.new.update((step.command.order, step) for step in steps)
        return steps

    def carry_out(self, act: Act) -> int:
        """Do what an act did, in its database, and return that one's number."""
        number = self._database_of(act)
        others = [database for n, database in self.databases.items() if n != number]
        self.databases[number].play(act, others)
        for step in act.steps:
            self.messages.note(step)
        return number

    def deliver(self, messages: Sequence[Message]) -> None:
        """Hang messages on the steps that published them."""
        for message in messages:
            step, delivery = self.messages.hang(message)
            order = step.command.order
            if order not in self.new:
                own = order >= self.since
                self.new[order] = step if own else replace(step, deliveries=[*step.deliveries])
            self.new[order].deliveries.append(delivery)

    def finish(self) -> None:
        """Settle what no later command can explain."""
        for database in self.databases.values():
            database.finish()

    def forget_shown(self) -> None:
        """Start over from here."""
        self.new = {}
        for database in self.databases.values():
            database.unexplained.clear()

    def copy(self, since: int) -> Telling:
        """Return one that goes on from here and leaves this one as it is."""
        databases = defaultdict(Database, {n: d.copy() for n, d in self.databases.items()})
        messages = self.messages.copy()
        return Telling(since, {}, databases, {**self.selected}, messages)

    def _database_of(self, act: Act) -> int:
        """Name the database of an act: the one its connection began with, or has selected since."""
        command = act.steps[-1].command
        number = self.selected.get(command.connection, command.db)
        for step in act.steps:
            if step.command.name == "SELECT" and step.reply == "OK":
                self.selected[command.connection] = int(step.command.words[1])
        return number


def _settled_until(commands: list[Command], start: int) -> int:
    """Find how far nothing can change: each reply is read, and each transaction closed."""
    began: dict[int, int] = {}
    end = start
    while end < len(commands) and commands[end].ended and not commands[end].waiting:
        command = commands[end]
        if command.connection in began:
            if command.name in CLOSING:
                del began[command.connection]
        elif _opens(command):
            began[command.connection] = end
        end += 1
    return min(began.values(), default=end)


CLOSING = ("EXEC", "DISCARD", "RESET")


def _opens(command: Command) -> bool:
    return command.name == "MULTI" and not isinstance(command.reply, Exception)


def _place(delivery: Delivery, clients: list[str]) -> tuple[int, int, str, str]:
    """Order the deliveries of one command: who waited longest, then the cast, then the kind."""
    return (
        delivery.waited_since,
        clients.index(delivery.receiver),
        delivery.kind,
        delivery.pattern,
    )


def acts_of(steps: list[Step]) -> Iterator[Act]:
    """Give what the broker did at once: a command alone, or those of a transaction at its EXEC.

    A queued command gets its reply out of the reply of EXEC. One that was never carried out, after
    DISCARD or a failed EXEC, is in no act.
    """
    queues: dict[int, list[Step]] = {}
    for step in steps:
        name, connection = step.command.name, step.command.connection
        queue = queues.get(connection)
        if queue is None:
            if _opens(step.command):
                queues[connection] = []
            yield Act([step], step.command.answered)
        elif name in CLOSING:
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
