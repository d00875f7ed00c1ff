"""Write replies as Redis writes them: RESP2 or RESP3; and read what a client sends.

Follows https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from collections.abc import Collection
from math import isinf
from typing import Any

from ._fakeredis import SimpleError, SimpleString

ASTERISK = ord("*")


class Push(list):
    """A message that no command asked for: an array under RESP2, a push under RESP3."""


class Pairs(list):
    """A map under RESP3 whose keys may repeat, as pairs."""


class RespSet(list):
    """A reply without order: an array under RESP2, a set under RESP3."""


class Text(bytes):
    """A long text for people: a bulk string under RESP2, a verbatim string under RESP3."""


class BigNumber(bytes):
    """An integer of any size: a bulk string under RESP2."""


class Frames(bytes):
    """Bytes that are encoded already."""


def encode(reply: Any, protocol: int) -> bytes:
    """Encode one reply for a client that speaks RESP2 or RESP3.

    Raises TypeError for a value that Redis cannot send.
    """
    parts: list[bytes] = []
    _write(reply, protocol, parts)
    return b"".join(parts)


def _write(value: Any, protocol: int, parts: list[bytes]) -> None:
    kind = type(value)
    if kind is bytes:
        parts.append(b"$%d\r\n%b\r\n" % (len(value), value))
    elif kind is int:
        parts.append(b":%d\r\n" % value)
    elif value is None:
        parts.append(b"_\r\n" if protocol == 3 else b"$-1\r\n")
    elif kind is list:
        _write_all(None, value, protocol, parts)
    elif kind is Push:
        _write_all(b">%d\r\n" % len(value) if protocol == 3 else None, value, protocol, parts)
    elif isinstance(value, dict):
        items = [word for pair in value.items() for word in pair]
        _write_all(b"%%%d\r\n" % len(value) if protocol == 3 else None, items, protocol, parts)
    elif kind is Pairs:
        items = [word for pair in value for word in pair]
        _write_all(b"%%%d\r\n" % len(value), items, protocol, parts)
    elif isinstance(value, RespSet | set):
        _write_all(b"~%d\r\n" % len(value) if protocol == 3 else None, value, protocol, parts)
    elif isinstance(value, list | tuple):
        _write_all(None, value, protocol, parts)
    else:
        parts.append(_scalar(value, protocol))


def _write_all(
    header: bytes | None, items: Collection[Any], protocol: int, parts: list[bytes]
) -> None:
    parts.append(header or b"*%d\r\n" % len(items))
    for item in items:
        if type(item) is bytes:  # so are most: a call for each takes longer than this
            parts.append(b"$%d\r\n%b\r\n" % (len(item), item))
        else:
            _write(item, protocol, parts)


def _scalar(value: Any, protocol: int) -> bytes:
    if isinstance(value, SimpleString):
        return b"+%b\r\n" % value.value
    if isinstance(value, SimpleError):
        return b"-%b\r\n" % value.value.encode()
    if isinstance(value, Frames):
        return bytes(value)
    if isinstance(value, bool):
        return (b"#t\r\n" if value else b"#f\r\n") if protocol == 3 else b":%d\r\n" % value
    if isinstance(value, float):
        text = number_text(value)
        return b",%b\r\n" % text if protocol == 3 else _bulk(text)
    if isinstance(value, Text) and protocol == 3:
        return b"=%d\r\ntxt:%b\r\n" % (len(value) + 4, value)
    if isinstance(value, BigNumber) and protocol == 3:
        return b"(%b\r\n" % value
    if isinstance(value, str):
        return _bulk(value.encode())
    if isinstance(value, bytes):
        return _bulk(value)
    if isinstance(value, int):
        return b":%d\r\n" % value
    raise TypeError(f"Redis has no reply of type {type(value).__name__}")


def _bulk(data: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(data), data)


def number_text(value: float) -> bytes:
    """Write a double as Redis 8 does: the shortest text that reads back as the same number."""
    if isinf(value):
        return b"inf" if value > 0 else b"-inf"
    text = repr(value)
    return text.removesuffix(".0").encode()


def split_command(data: bytes) -> tuple[list[bytes], int] | None:
    """Read one command; return its words and where it ends, or None if it is cut short."""
    line_end = data.find(b"\r\n")
    if line_end < 0:
        return None
    position = line_end + 2
    if data[0] != ASTERISK:  # a line as typed in a terminal
        return data[:line_end].split(), position
    words = []
    for _ in range(int(data[1:line_end])):
        line_end = data.find(b"\r\n", position)
        if line_end < 0:
            return None
        first = line_end + 2
        position = first + int(data[position + 1 : line_end])
        if len(data) < position + 2:
            return None
        words.append(data[first:position])
        position += 2
    return words, position


def join_command(words: list[bytes]) -> bytes:
    """Write a command as a client sends it."""
    return b"*%d\r\n%b" % (len(words), b"".join(map(_bulk, words)))
