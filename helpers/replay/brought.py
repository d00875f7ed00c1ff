"""What a command brings: to a key, and to the client that sent it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..record import Command
from ..record.stream_words import Reading, Trimming, entry_ids, ids_by_stream
from .beats import Element

PUSHES = ("RPUSH", "LPUSH", "RPUSHX", "LPUSHX")
MOVES = ("LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH")
READS = ("XREAD", "XREADGROUP")


def with_identities(command: Command) -> Command:
    """Return a command like this whose pushed elements are told from equal ones."""
    if command.name not in PUSHES:
        return command
    key, *pushed = command.words[1:] or ("",)
    elements = [_element(word, f"{key}.{command.order}.{i}") for i, word in enumerate(pushed, 1)]
    return replace(command, words=(command.words[0], key, *elements))


def _element(word: str, identity: str) -> Element:
    element = Element(word)
    element.identity = identity
    return element


def elements_in(command: Command, reply: Any) -> Iterator[tuple[str, str]]:
    """Give the elements that a command took from lists: each with its key."""
    name, words = command.name, command.words
    if not reply or isinstance(reply, Exception):
        return
    if name in ("LPOP", "RPOP"):
        yield from ((words[1], e) for e in ([reply] if isinstance(reply, str) else reply))
    elif name in ("BLPOP", "BRPOP"):
        yield reply[0], reply[1]
    elif name in ("LMPOP", "BLMPOP"):
        yield from ((reply[0], element) for element in reply[1])
    elif name in MOVES:
        yield words[1], reply


def entries_in(command: Command, reply: Any) -> Iterator[tuple[str, str]]:
    """Give the entries that a reader was given, not those of a group: each with its stream."""
    if command.name not in READS or isinstance(reply, Exception):
        return
    reading = Reading.of(command.words)
    if not reading.group or reading.noack:
        for stream, ids in ids_by_stream(reply).items():
            yield from ((stream, entry) for entry in ids)


def given_to_group(command: Command, reply: Any) -> Iterator[tuple[str, str, int]]:
    """Give stream, consumer and how many entries a group's consumer was given or has claimed."""
    if not reply or isinstance(reply, Exception):
        return
    if command.name == "XREADGROUP":
        reading = Reading.of(command.words)
        for stream, ids in ids_by_stream(reply).items():
            if ids and not reading.noack:
                yield stream, reading.consumer, len(ids)
    elif command.name in ("XCLAIM", "XAUTOCLAIM"):
        ids = entry_ids(reply[1] if command.name == "XAUTOCLAIM" else reply)
        if ids:
            yield command.words[1], command.words[3], len(ids)


def put_into(command: Command, reply: Any) -> Iterator[tuple[str, int]]:
    """Give the keys that a command has put something into, and how much."""
    if reply is None or isinstance(reply, Exception):
        return
    if command.name in PUSHES and reply:
        yield command.words[1], len(command.words) - 2
    elif command.name == "XADD":
        yield command.words[1], 1


def entry_text(command: Command) -> str:
    """Say what an XADD adds: a single value alone, else every field with its value."""
    fields = command.words[Trimming.of(command.words).end + 1 :]
    pairs = list(zip(fields[::2], fields[1::2], strict=False))
    return pairs[0][1] if len(pairs) == 1 else ", ".join(f"{f} {v}" for f, v in pairs)
