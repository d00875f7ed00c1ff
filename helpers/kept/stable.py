"""Make a record short, and the same whichever machine it was made on.

Random ids, times, hosts, processes and long messages are written as labels. Equal things get equal
labels and others get others, so a story of the record is told as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import redis

from ..record import Closing, Command, Message, Record
from .patterns import FIELDS
from .writer import Writer

Thing = TypeVar("Thing", Command, Message, Closing)


def stable(record: Record, names: str = "", machine: Mapping[str, str] | None = None) -> Record:
    """Return a record like this, with labels in place of what is long or differs each time.

    `names` is a pattern of words that stay in sight: a message that speaks of `order-3` becomes
    `{order-3}`, and an id that only comes with it `order-3-id`. `machine` has words to replace.
    """
    return _Copy(record, Writer(record, names, machine or {})).made()


class _Copy:
    """One record that is written anew, with numbers that have no gaps."""

    def __init__(self, record: Record, writer: Writer) -> None:
        self._record = record
<<<<<<< HEAD
        self._names = names
        self._machine = [
            (re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])"), label)
            for word, label in sorted(machine.items(), key=lambda pair: -len(pair[0]))
            if word
        ]
        self._labels = _Labels()
        self._start = _usual_minute(self._texts())
        self._entries = _ranks(self._texts())
        self._owners = self._find_owners()

    def written(self) -> Record:
        """Return the new record."""
        told, ticks = Record(), _Ticks(self._record)
        for thing in sorted(
            [*self._record.commands, *self._record.messages], key=lambda t: t.order
        ):
            if isinstance(thing, Command):
                told.commands.append(self._command(thing, ticks))
            else:
                told.messages.append(self._message(thing, ticks))
        told.clients = [self._text(name) for name in self._record.clients]
        for remark in self._record.remarks:
            who = self._text(remark.client)
            told.remarks.append(type(remark)(ticks.order(remark.order), who, remark.what))
        for closing in self._record.closings:
            who = self._text(closing.client)
            number = ticks.connection(closing.connection)
            told.closings.append(
                type(closing)(ticks.order(closing.order), who, number, closing.is_loss)
            )
        return told

    def _command(self, command: Command, ticks: _Ticks) -> Command:
        return Command(
            ticks.order(command.order),
            self._text(command.client),
            ticks.connection(command.connection),
            tuple(self._words(command.words)),
            command.db,
            ticks.order(command.ended),
            command.answered,
            self._reply(command.reply),
            command.lost,
            self._reply(command.confirmations),
        )

    def _message(self, message: Message, ticks: _Ticks) -> Message:
        return Message(
            ticks.order(message.order),
            self._text(message.client),
            ticks.connection(message.connection),
            message.kind,
            self._text(message.channel),
            self._text(message.data),
            self._text(message.pattern),
        )

    def _words(self, words: tuple[str, ...] | list[Any]) -> Iterator[Any]:
        """Write the words of a command or the parts of a reply; some fields tell of a machine."""
        before = None
        for word in words:
            written = self._reply(word)
            if before in _FIELDS and written == word:
                written = self._labels.of(_FIELDS[before], str(word))
            yield written
            before = word if isinstance(word, str) else None

    def _reply(self, reply: Any) -> Any:
        if isinstance(reply, str):
            return self._text(reply)
        if isinstance(reply, Exception):
            return redis.ResponseError(self._text(str(reply)))
        if isinstance(reply, dict):
            flat = [*self._words([part for pair in reply.items() for part in pair])]
            return dict(zip(flat[::2], flat[1::2], strict=True))
        if isinstance(reply, list | tuple):
            return type(reply)(self._words(reply))  # type: ignore[arg-type]
        if isinstance(reply, int | float) and not isinstance(reply, bool):
            written = self._times(str(reply))
            return reply if written == str(reply) else written
        return reply

    def _text(self, text: str) -> str:
        """Write one text."""
        if _ENTRY.fullmatch(text):
            milliseconds, _, number = text.partition("-")
            return f"{self._entries[int(milliseconds)]}-{number}"
        same = self._shortened(text, _Same())  # numbers are for what stays in sight
        if len(same) <= LONGEST and not is_binary(same):
            return self._shortened(text, self)
        found = sorted({name for view in views(text) for name in self._found(view)})
        found = found or sorted({self._owners.get(i, i) for i in map(_plain, _ID.findall(text))})
        if len(found) == 1 and self._names.fullmatch(found[0]):
            return self._labels.only(f"{{{found[0]}}}", same)
        return f"{{{self._labels.of('text', same)}}}"

    def _shortened(self, text: str, labels: _Same | _Writer) -> str:
        for pattern, label in self._machine:
            text = pattern.sub(label, text)
        text = _LOGIN.sub("", text)
        text = _PATH.sub(lambda found: "…/" + found[0].rpartition("/")[2], text)
        text = _ADDRESS.sub(lambda found: labels.of("address", found[0]), text)
        text = _ID.sub(lambda found: labels.id(found[0]), text)
        for process in _PROCESSES:
            text = process.sub(lambda found: labels.of("pid", found[0]), text)
        return self._times(text)

    def of(self, kind: str, what: str) -> str:
        """Label a thing with its kind and a number."""
        return self._labels.of(kind, what)

    def _times(self, text: str) -> str:
        text = _CLOCK.sub(lambda found: self._time(found), text)
        return _FINE.sub(r"\1…", _DATE.sub("T", text))

    def _time(self, found: re.Match[str]) -> str:
        minutes = round((int(found[1]) - self._start) / 60)
        return f"T{minutes:+d}min" if minutes else "T"

    def id(self, found: str) -> str:
        """Label a random id: by whom it belongs to, else by a number."""
        known = _plain(found)
        if owner := self._owners.get(known):
            number = self._labels.number(owner, known)
            return f"{owner}-id{number if number > 1 else ''}"
        return self._labels.of("id", known)

    def _found(self, text: str) -> list[str]:
        return [found[0] for found in self._names.finditer(text)]

    def _find_owners(self) -> dict[str, str]:
        """Find the ids that come with one name, and with no other."""
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for unit in self._units():
            seen = [view for text in unit for view in views(text)]
            names = {name for view in seen for name in self._found(view)}
            if len(names) == 1:
                for view in seen:
                    for found in _ID.finditer(view):
                        owners[_plain(found[0])] |= names
        clients = {_plain(i[0]) for name in self._record.clients for i in _ID.finditer(name)}
        return {
            i: next(iter(names))
            for i, names in owners.items()
            if len(names) == 1 and i not in clients
        }

    def _units(self) -> Iterator[list[str]]:
        """Give the texts that came together: of a command, of a reply."""
        for command in self._record.commands:
            yield [*command.words]
            yield [*texts_in(command.reply)]

    def _texts(self) -> Iterator[str]:
        return (text for unit in self._units() for text in unit)


class _Same:
    """Labels that leave a thing as it is."""

    def of(self, _: str, what: str) -> str:
        return f"{what:.6}"

    def id(self, found: str) -> str:
        return _plain(found)[:12]


class _Labels:
    """Numbers for things, in the sequence in which they come, by their kind."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def number(self, kind: str, what: str) -> int:
        seen = self._seen[kind]
        return seen.setdefault(what, len(seen) + 1)

    def of(self, kind: str, what: str) -> str:
        return f"{kind}-{self.number(kind, what)}"

    def only(self, label: str, what: str) -> str:
        """Return the label; another thing that would have the same one gets a number."""
        number = self.number(label, what)
        return label if number == 1 else f"{label}#{number}"


class _Ticks:
    """Numbers without gaps: those of what is not kept are left out."""

    def __init__(self, record: Record) -> None:
        things = [*record.commands, *record.messages, *record.closings, *record.remarks]
        orders = {thing.order for thing in things} | {c.ended for c in record.commands if c.ended}
        self._orders = {order: n for n, order in enumerate(sorted(orders), 1)} | {0: 0}
=======
        self._writer = writer
        things: list[Command | Message | Closing]
        things = [*record.commands, *record.messages, *record.closings]
        orders = {thing.order for thing in things} | {c.ended for c in record.commands} - {0}
        self._orders = {0: 0} | {order: number for number, order in enumerate(sorted(orders), 1)}
>>>>>>> rec
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
