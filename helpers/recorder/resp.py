"""Read the protocol as it passes by: RESP2, RESP3 and inline commands, a chunk at a time.

See https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import redis

from .values import ARRAY, SIMPLE, hashable, text, whole

_Reading = Generator[None, None, Any]
"""Gives way where bytes are missing, and returns a value at its end."""


class _NotRedis(ValueError):
    """Bytes that are not of this protocol."""


# What a server refuses at once, it must be given at once.
LONGEST_LINE = 1 << 16  # bytes
LONGEST_WORD = 512 << 20  # bytes; proto-max-bulk-len as it is delivered
MOST_WORDS = (1 << 31) - 1

UNREAD = object()
"""Stands for bytes of which nothing is known."""


class Passage:
    """The bytes of one direction, cut into whole values.

    `of_client` tells that commands come, which may also be lines of plain words. Where something
    comes that is not of the protocol, it reads no more, and gives bytes as they come.
    """

    def __init__(self, of_client: bool = False) -> None:
        self._data = bytearray()
        self._begin = 0  # of the value that is read
        self._at = 0  # how far it is read
        self._of_client = of_client
        self._reads = True
        self._reading = self._value()
        self._is_amid = False  # in a value that comes in pieces

    def feed(self, chunk: bytes) -> Iterator[tuple[Any, int]]:
        """Give each value that is whole now, or UNREAD, with the number of its bytes."""
        self._drop_what_is_read()
        self._data += chunk
        while self.unfinished and self._reads:
            if not self._is_amid:
                yield from self._whole_values()
                if not (self.unfinished and self._reads):
                    break
            self._is_amid = True
            try:
                next(self._reading)
            except StopIteration as end:
                self._reading, self._is_amid = self._value(), False
                yield end.value, self._take()
            except _NotRedis:
                self._reads = False
            else:
                return
        if self.unfinished:
            self._at = len(self._data)
            yield UNREAD, self._take()

    @property
    def unfinished(self) -> int:
        """Return how many bytes have come of a value that is not whole yet."""
        return len(self._data) - self._begin

    def _whole_values(self) -> Iterator[tuple[Any, int]]:
        """Give the values at the beginning that are there as a whole."""
        data, of_client = self._data, self._of_client
        try:
            while self._at < len(data) and self._reads:
                if of_client and data[self._at] != ARRAY:
                    return  # a line of plain words
                value, self._at = whole(data, self._at)
                yield value, self._take()
        except (ValueError, KeyError, IndexError, RecursionError):
            self._at = self._begin  # in pieces, then

    def stop_reading(self) -> None:
        """Give bytes as they come from here on."""
        self._reads = False

    def _take(self) -> int:
        """Be done with a value, and return how many bytes it had."""
        size = self._at - self._begin
        self._begin = self._at
        return size

    def _drop_what_is_read(self) -> None:
        del self._data[: self._begin]
        self._at -= self._begin
        self._begin = 0

    def _value(self) -> _Reading:
        try:
            line = yield from self._line()
            if self._of_client and line[:1] != b"*":
                return [text(word) for word in line.split()]
            return (yield from self._read(line))
        except (ValueError, RecursionError) as error:
            raise _NotRedis(str(error)) from None

    def _read(self, line: bytes) -> _Reading:
        """Read what begins with this line; raises ValueError where nothing can."""
        if line[:1] not in _READERS:
            raise ValueError(f"no value begins with {line[:1]!r}")
        return (yield from _READERS[line[:1]](self, line[1:]))

    def _element(self) -> _Reading:
        return (yield from self._read((yield from self._line())))

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._data.find(b"\n", self._at)) < 0:
            if len(self._data) - self._at > LONGEST_LINE:
                raise ValueError("no line is so long")
            yield
        line = bytes(self._data[self._at : end]).removesuffix(b"\r")
        self._at = end + 1
        return line

    def _bulk(self, head: bytes) -> _Reading:
        size = int(head)
        if size < 0:
            return None
        if self._of_client and size > LONGEST_WORD:
            raise ValueError("no word is so long")
        while len(self._data) - self._at < size + 2:
            yield
        word = bytes(self._data[self._at : self._at + size])
        self._at += size + 2
        return text(word)

    def _bulk_error(self, head: bytes) -> _Reading:
        return redis.ResponseError((yield from self._bulk(head)).removeprefix("ERR "))

    def _verbatim(self, head: bytes) -> _Reading:
        return (yield from self._bulk(head))[4:]

    def _array(self, head: bytes) -> _Reading:
        count = int(head)
        if count < 0:
            return None
        if self._of_client and count > MOST_WORDS:
            raise ValueError("no command has so many words")
        parts = []
        for _ in range(count):
            parts.append((yield from self._element()))
        return parts

    def _map(self, head: bytes) -> _Reading:
        pairs = {}
        for _ in range(int(head)):
            key = yield from self._element()
            pairs[hashable(key)] = yield from self._element()
        return pairs

    def _attribute(self, head: bytes) -> _Reading:
        yield from self._map(head)  # about the value that follows, not a part of it
        return (yield from self._element())


def _simple(make: Callable[[bytes], Any]) -> Callable[[Passage, bytes], _Reading]:
    def read(_: Passage, line: bytes) -> _Reading:
        return make(line)
        yield  # so that this is a generator, as the other readers are

    return read


_READERS: dict[bytes, Callable[[Passage, bytes], _Reading]] = {
    **{bytes((sign,)): _simple(make) for sign, make in SIMPLE.items()},
    b"$": Passage._bulk,
    b"!": Passage._bulk_error,
    b"=": Passage._verbatim,
    b"*": Passage._array,
    b"~": Passage._array,
    b">": Passage._array,
    b"%": Passage._map,
    b"|": Passage._attribute,
}
