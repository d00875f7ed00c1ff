"""Make a record short, and the same whichever machine it was made on.

Random ids, times, hosts, processes and long messages are written as labels. Equal things get equal
labels and others get others, so a story of the record is told as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import redis

from ..errors import CourseError
from ..record import Closing, Command, Message, Record, Remark
from .patterns import FIELDS
from .writer import Writer

NOTHING = r"(?!)"
Thing = TypeVar("Thing", Command, Message, Closing)


def stable(record: Record, names: str = "", machine: Mapping[str, str] | None = None) -> Record:
    """Return a record like this, with labels in place of what is long or differs each time.

    `names` is a pattern of words that stay in sight: a message that speaks of `order-3` becomes
    `{order-3}`, and an id that only comes with it `order-3-id`. `machine` has words to replace.
    Raises CourseError when `names` is no pattern.
    """
    return _Copy(record, Writer(record, _pattern(names), machine or {})).made()


def _pattern(names: str) -> re.Pattern[str]:
    try:
        return re.compile(names or NOTHING)
    except re.error as error:
        raise CourseError(
            f"names={names!r} is no pattern ({error}): write a regular expression such as "
            r"order-\d+."
        ) from None


class _Copy:
    """One record that is written anew, with numbers that have no gaps."""

    def __init__(self, record: Record, writer: Writer) -> None:
        self._record = record
        self._writer = writer
        things: list[Command | Message | Closing | Remark]
        things = [*record.commands, *record.messages, *record.closings, *record.remarks]
        orders = {thing.order for thing in things} | {c.ended for c in record.commands} - {0}
        self._orders = {0: 0} | {order: number for number, order in enumerate(sorted(orders), 1)}
        self._connections: dict[int, int] = {}

    def made(self) -> Record:
        """Return the new record; its texts are written in the sequence in which they passed."""
        record, made = self._record, Record()
        things: list[Command | Message] = [*record.commands, *record.messages]
        for thing in sorted(things, key=lambda thing: thing.order):
            if isinstance(thing, Command):
                made.commands.append(self._command(thing))
            else:
                made.messages.append(self._message(thing))
        made.closings = [self._numbered(closing) for closing in record.closings]
        made.remarks = [
            replace(each, order=self._orders[each.order], client=self._writer.line(each.client))
            for each in record.remarks
        ]
        made.clients = [self._writer.line(name) for name in record.clients]
        return made

    def _command(self, command: Command) -> Command:
        of_stream = command.name.startswith("X")
        return replace(
            self._numbered(command),
            ended=self._orders[command.ended],
            words=tuple(self._written(command.words, of_stream)),
            reply=self._value(command.reply),
            confirmations=self._value(command.confirmations),
        )

    def _message(self, message: Message) -> Message:
        text = self._writer.text
        return replace(
            self._numbered(message),
            channel=text(message.channel),
            data=text(message.data),
            pattern=text(message.pattern),
        )

    def _numbered(self, thing: Thing) -> Thing:
        number = self._connections.setdefault(thing.connection, len(self._connections) + 1)
        client = self._writer.line(thing.client)
        return replace(thing, order=self._orders[thing.order], client=client, connection=number)

    def _value(self, value: Any) -> Any:
        """Write a reply."""
        if isinstance(value, str):
            return self._writer.text(value)
        if isinstance(value, Exception):
            return redis.ResponseError(self._writer.line(str(value)))
        if isinstance(value, dict):
            flat = [*self._written(part for pair in value.items() for part in pair)]
            return dict(zip(flat[::2], flat[1::2], strict=True))
        if isinstance(value, list | tuple):
            return type(value)([*self._written(value)])
        if isinstance(value, bool | None):
            return value
        number = self._writer.times(str(value))
        return value if number == str(value) else number

    def _written(self, values: Iterable[Any], of_stream: bool = False) -> Iterator[Any]:
        """Write the words of a command or the parts of a reply, where fields have names."""
        field: Any = ""
        for value in values:
            written = self._value(value) if not of_stream else self._writer.text(value, True)
            told = isinstance(field, str) and field in FIELDS and written == value
            yield self._writer.of(FIELDS[field], str(value)) if told else written
            field = value
