"""Make a record short, and the same whichever machine it was made on.

Random ids, times, hosts, processes and long messages are written as labels. Equal things get equal
labels and others get others, so a story of the record is told as before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import redis

from ..record import Command, Message, Record
from .views import is_binary, texts_in, views

LONGEST = 48  # characters of a text that is kept as it is
FEWEST_DIGITS = 8  # of a random id in hexadecimal

_ID = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"  # UUID
    r"|(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}"
    r"|[0-9]{32,}"
    r"|(?=[A-Z]*[0-9])[0-9A-HJKMNP-TV-Z]{26}"  # ULID
    r"|(?=[A-Za-z_-]*[0-9])(?=[0-9A-Z_-]*[a-z])(?=[0-9a-z_-]*[A-Z])[0-9A-Za-z_-]{20,}"
    r")(?![0-9A-Za-z])"
)
_ENTRY = re.compile(r"[12]\d{12}-\d+")
_CLOCK = re.compile(r"(?<![\w.])([12]\d{9})(\d{3})?(\.\d+)?(?![\w])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_FINE = re.compile(r"(?<![\w.])(\d+\.\d)\d{3,}(?![\w.])")  # a measured duration
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\d.])")
_LOGIN = re.compile(r"(?<=://)[^/\s@]*@")
_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|var|opt|srv|mnt|Users)(?:/[\w.+-]+)+")
_PROCESSES = re.compile(r"(?<=host[.:-])\d+"), re.compile(r"\d{2,}(?=@host)")
_FIELDS = {"pid": "pid", "hostname": "host", "host": "host", "ip_address": "address"}


def stable(record: Record, names: str = "", machine: Mapping[str, str] | None = None) -> Record:
    """Return a record like this, with labels in place of what is long or differs each time.

    `names` is a pattern of words that stay in sight: a message that speaks of `order-3` becomes
    `{order-3}`, and an id that only comes with it `order-3-id`. `machine` has words to replace.
    """
    return _Writer(record, re.compile(names or r"(?!)"), machine or {}).written()


class _Writer:
    """One record that is written anew."""

    def __init__(self, record: Record, names: re.Pattern[str], machine: Mapping[str, str]) -> None:
        self._record = record
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
        things = [*record.commands, *record.messages, *record.closings]
        orders = {thing.order for thing in things} | {c.ended for c in record.commands if c.ended}
        self._orders = {order: n for n, order in enumerate(sorted(orders), 1)} | {0: 0}
        self._connections: dict[int, int] = {}

    def order(self, order: int) -> int:
        return self._orders[order]

    def connection(self, number: int) -> int:
        return self._connections.setdefault(number, len(self._connections) + 1)


def _plain(found: str) -> str:
    """Write an id in one way: a UUID is written with hyphens or without."""
    return found.replace("-", "").lower() if re.fullmatch(r"[0-9A-Fa-f-]{32,36}", found) else found


def _usual_minute(texts: Iterator[str]) -> int:
    """Find when it was: the first time that lies in the minute of which most tell."""
    stamps = [int(found[1]) for text in texts for found in _CLOCK.finditer(text)]
    if not stamps:
        return 0
    minute, _ = Counter(stamp // 60 for stamp in stamps).most_common(1)[0]
    return next(stamp for stamp in stamps if stamp // 60 == minute)


def _ranks(texts: Iterator[str]) -> dict[int, int]:
    """Number the milliseconds in ids of entries: the sequence stays."""
    found = {int(text.partition("-")[0]) for text in texts if _ENTRY.fullmatch(text)}
    return {milliseconds: number for number, milliseconds in enumerate(sorted(found), 1)}
