"""A record in a file of JSON: one line a command, read back as the same record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import redis

from ..errors import CourseError
from ..picture import Flow
from ..picture.rows import reply_of
from ..record import Closing, Command, Message, Record, Remark, Step, tell
from .choice import Choice

Plain = dict[str, Any]
Thing = Command | Message | Closing | Remark
EVERYTHING = Choice()


class Kept:
    """A record that was kept, or what is chosen of it: drawn as it was, or as plain data."""

    def __init__(self, record: Record, choice: Choice = EVERYTHING) -> None:
        self.record = record
        self._choice = choice

    @classmethod
    def read(cls, path: str | Path) -> Kept:
        """Read a file that `write` made. Raises CourseError for another one, OSError for none."""
        text = Path(path).read_text("utf-8")
        try:
            return cls(_record(json.loads(text)))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise CourseError(
                f"{path} holds no record: name a file that a recorder's keep() has written."
            ) from None

    def write(self, path: Path) -> None:
        """Write it into a file: a line for each command, message, remark and closing."""
        lines = ",\n".join(json.dumps(line, ensure_ascii=False) for line in self._lines())
        clients = json.dumps(self.record.clients, ensure_ascii=False)
        text = f'{{"clients": {clients}, "traffic": [\n{lines}\n]}}\n'
        path.write_text(text, encoding="utf-8", newline="\n")

    def only(
        self, commands: str = "", *, about: str = "", clients: str = "", without: str = ""
    ) -> Kept:
        """Choose what is shown of it; several words stand with spaces between.

        `commands` are names. The others are patterns as of a shell: `about` of keys, messages or
        anything else that a command says or brings, `clients` of who sends or receives, `without`
        of names of commands and of anything said. All is told before it is chosen: what a key
        holds takes account of what is not shown.
        """
        names = commands.upper().split()
        return Kept(self.record, Choice(names, about.split(), clients.split(), without.split()))

    def flow(self) -> Flow:
        """Draw it; the last row says how many commands are left out."""
        shown, left_out = self._choice.parted(tell(self.record))
        remarks = [(r.order, r.client, r.what) for r in self._choice.remarks(self.record)]
        return Flow(shown, self.record.clients, notes=[*remarks, *left_out])

    @property
    def commands(self) -> list[tuple[str, list[str], str]]:
        """Give each command in sequence: who sent it, its words, and its reply as text."""
        return [(step.command.client, [*step.command.words], reply_of(step)) for step in self.steps]

    @property
    def steps(self) -> list[Step]:
        """Give each command in sequence, with what it brought to whom."""
        return self._choice.parted(tell(self.record))[0]

    def _lines(self) -> Iterable[Plain]:
        record = self.record
        things: list[Thing] = [
            *record.commands,
            *record.messages,
            *record.closings,
            *record.remarks,
        ]
        return (_line(thing) for thing in sorted(things, key=lambda t: t.order))


def _record(plain: Plain) -> Record:
    record = Record()
    record.clients = plain["clients"]
    for line in plain["traffic"]:
        thing = _thing(line)
        _list_of(thing, record).append(thing)
    return record


def _list_of(thing: Thing, record: Record) -> list[Any]:
    """Return the list of a record to which a thing belongs."""
    lists: dict[type, list[Any]] = {
        Command: record.commands,
        Message: record.messages,
        Closing: record.closings,
        Remark: record.remarks,
    }
    return lists[type(thing)]


def _line(thing: Thing) -> Plain:
    if isinstance(thing, Remark):
        return {"at": thing.order, "client": thing.client, "remark": thing.what}
    line: Plain = {"at": thing.order, "client": thing.client, "on": thing.connection}
    if isinstance(thing, Closing):
        return line | {"closed": "lost" if thing.is_loss else "by itself"}
    if isinstance(thing, Message):
        pattern = {"pattern": thing.pattern} if thing.pattern else {}
        return line | {thing.kind: [thing.channel, thing.data]} | pattern
    line["words"] = [*thing.words]
    more: Plain = {"db": thing.db, "until": thing.ended, "lost": thing.lost}
    more["confirmed"] = thing.confirmations
    line |= {name: value for name, value in more.items() if value}
    return line | ({"reply": _plain(thing.reply)} if thing.answered else {})


def _thing(line: Plain) -> Thing:
    if "remark" in line:
        return Remark(line["at"], line["client"], line["remark"])
    start = line["at"], line["client"], line["on"]
    if "closed" in line:
        return Closing(*start, line["closed"] == "lost")
    if "words" not in line:
        kind = next(name for name in line if name.endswith("message"))
        channel, data = line[kind]
        return Message(*start, kind, channel, data, line.get("pattern", ""))
    return Command(
        *start,
        tuple(line["words"]),
        line.get("db", 0),
        line.get("until", 0),
        "reply" in line,
        _value(line.get("reply")),
        line.get("lost", ""),
        line.get("confirmed", []),
    )


def _plain(reply: Any) -> Any:
    """Write a reply in JSON: an error and a map are objects with one member."""
    if isinstance(reply, Exception):
        return {"error": str(reply)}
    if isinstance(reply, dict):
        return {"map": [[_plain(key), _plain(value)] for key, value in reply.items()]}
    if isinstance(reply, list | tuple):
        return [_plain(part) for part in reply]
    return reply


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(part) for part in plain]
    if not isinstance(plain, dict):
        return plain
    if "error" in plain:
        return redis.ResponseError(plain["error"])
    return {_key(_value(key)): _value(value) for key, value in plain["map"]}


def _key(key: Any) -> Any:
    return tuple(map(_key, key)) if isinstance(key, list) else key
