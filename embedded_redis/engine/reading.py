"""The arguments and the replies that XREAD and XREADGROUP share.

Follows https://redis.io/docs/latest/commands/xread/
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .arguments import SYNTAX_ERROR, fail, integer, timeout_in_milliseconds
from .core import EmbeddedSocket
from .wire import Pairs


@dataclass
class ReadRequest:
    """What an XREAD or XREADGROUP asks for."""

    keys: tuple[bytes, ...] = ()
    ids: tuple[bytes, ...] = ()
    count: int | None = None
    block: float | None = None
    group: bytes | None = None
    consumer: bytes = b""
    noack: bool = False

    def places(self) -> Iterable[tuple[bytes, bytes]]:
        """Pair each key with where to read from."""
        return zip(self.keys, self.ids, strict=True)


def read_request(name: str, arguments: tuple[bytes, ...]) -> ReadRequest:
    """Read the arguments of XREAD or XREADGROUP."""
    request, at = ReadRequest(), 0
    while at < len(arguments) and not request.keys:
        at += _read_read_option(request, name, arguments[at:])
    if not request.keys:
        fail(SYNTAX_ERROR)
    if name == "xreadgroup" and request.group is None:
        fail("ERR Missing GROUP option for XREADGROUP")
    return request


def _read_read_option(request: ReadRequest, name: str, rest: tuple[bytes, ...]) -> int:
    """Read the option in front; return how many words it took."""
    word, more = rest[0].lower(), len(rest) - 1
    if word == b"block" and more:
        request.block = timeout_in_milliseconds(rest[1])
    elif word == b"count" and more:
        request.count = max(integer(rest[1]), 0) or None
    elif word == b"streams" and more:
        request.keys, request.ids = _halves(name, rest[1:])
    elif word == b"group" and more >= 2:
        _only_with_groups(name, "GROUP")
        request.group, request.consumer = rest[1:3]
        return 3
    elif word == b"noack":
        _only_with_groups(name, "NOACK")
        request.noack = True
        return 1
    else:
        fail(SYNTAX_ERROR)
    return 2


def _only_with_groups(name: str, option: str) -> None:
    if name == "xread":
        fail(f"ERR The {option} option is only supported by XREADGROUP. You called XREAD instead.")


def _halves(name: str, words: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    marks = "an ID, '+', or '$'" if name == "xread" else "an ID or '>'"
    if len(words) % 2:
        fail(
            f"ERR Unbalanced '{name}' list of streams: "
            f"for each stream key {marks} must be specified."
        )
    half = len(words) // 2
    return words[:half], words[half:]


def answer_read(client: EmbeddedSocket, request: ReadRequest, attempt: Callable[[], Any]) -> Any:
    """Answer XREAD or XREADGROUP with what an attempt finds, or wait if the request says BLOCK."""

    def reply(_first: bool = True) -> Any:
        found = attempt()
        return shape_streams(found, client._resp_version) if found else None

    if request.block is None:
        return reply()
    return client._blocking(request.block, reply)


def shape_streams(found: list[tuple[bytes, Any]], protocol: int) -> Any:
    """Answer a map of streams under RESP3, in which one may come twice; pairs under RESP2."""
    return Pairs(found) if protocol == 3 else [list(pair) for pair in found]
