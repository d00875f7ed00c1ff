"""Read values that are there as a whole: most are, and it is much faster than in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis

Bytes = bytes | bytearray

LINE, BULK, ARRAY, MAP = b"\r"[0], b"$"[0], b"*"[0], b"%"[0]
ARRAYS = frozenset(b"*~>")


def text(data: Bytes) -> str:
    """Read bytes as text; what is none stays in sight as escapes."""
    return data.decode("utf-8", "backslashreplace")


def error(data: Bytes) -> redis.ResponseError:
    """Read an error, without the word that every plain one begins with."""
    return redis.ResponseError(text(data).removeprefix("ERR "))


def hashable(key: Any) -> Any:
    """Make a key of a map of any value."""
    return tuple(map(hashable, key)) if isinstance(key, list) else key


SIMPLE: dict[int, Callable[[Bytes], Any]] = {
    b"+"[0]: text,
    b"-"[0]: error,
    b":"[0]: int,
    b","[0]: float,
    b"("[0]: int,
    b"#"[0]: lambda line: line == b"t",
    b"_"[0]: lambda _: None,
}
"""What is on a line of its own, by the sign before it."""


def whole(data: Bytes, at: int) -> tuple[Any, int]:
    """Read the value that begins here, and return it with the place where it ends.

    Raises ValueError, KeyError or IndexError where it is not there as a whole, or is of a rare
    kind.
    """
    end = data.index(b"\n", at)
    if data[end - 1] != LINE:
        raise ValueError("no line ends so")
    kind, head = data[at], data[at + 1 : end - 1]
    if kind == BULK:
        return _bulk(data, end + 1, int(head))
    if kind in ARRAYS:
        return _array(data, end + 1, int(head))
    if kind == MAP:
        flat, end = _array(data, end + 1, 2 * int(head))
        return dict(zip(map(hashable, flat[::2]), flat[1::2], strict=True)), end
    return SIMPLE[kind](head), end + 1


def _bulk(data: Bytes, at: int, size: int) -> tuple[str | None, int]:
    end = at + size
    if size < 0:
        return None, at
    if len(data) < end + 2:
        raise IndexError("some of it is still to come")
    return text(data[at:end]), end + 2


def _array(data: Bytes, at: int, count: int) -> tuple[Any, int]:
    if count < 0:
        return None, at
    parts: list[Any] = []
    add, find = parts.append, data.index
    for _ in range(count):
        if data[at] == BULK:  # almost all are, so these are read here: it takes half the time
            begin = find(b"\n", at) + 1
            end = begin + int(data[at + 1 : begin - 1])
            if data[begin - 2] == LINE and begin <= end <= len(data) - 2:
                add(text(data[begin:end]))
                at = end + 2
                continue
        part, at = whole(data, at)
        add(part)
    return parts, at
