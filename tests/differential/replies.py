"""Raw replies, read from the wire without redis-py, and written as short text."""

import asyncio
from typing import Any

ESCAPED = "backslashreplace"


class Error(str):
    """An error reply, with its exact text."""


class Push(list):
    """A RESP3 push message."""


class Unordered(list):
    """A RESP3 set."""


class Repeated(list):
    """A RESP3 map in which a key comes twice, as pairs."""


async def read_reply(reader: asyncio.StreamReader) -> Any:
    """Read one reply; raises EOFError when the server has closed the connection."""
    line = await reader.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError
    kind, text = line[:1], line[1:-2].decode("utf-8", ESCAPED)
    if kind in b"$=*" and text == "-1":
        return None
    if kind in b"$=":
        data = (await reader.readexactly(int(text) + 2))[:-2]
        return (data[4:] if kind == b"=" else data).decode("utf-8", ESCAPED)
    if kind in b"*~>":
        items = [await read_reply(reader) for _ in range(int(text))]
        return {b"*": list, b"~": Unordered, b">": Push}[kind](items)
    if kind == b"%":
        pairs = [(await read_reply(reader), await read_reply(reader)) for _ in range(int(text))]
        return Repeated(pairs) if len(dict(pairs)) < len(pairs) else dict(pairs)
    return _single(kind, text)


def _single(kind: bytes, text: str) -> Any:
    if kind == b"-":
        return Error(text)
    if kind == b":":
        return int(text)
    if kind == b",":
        return float(text)
    if kind == b"#":
        return text == "t"
    if kind == b"_":
        return None
    return text


def shown(reply: Any) -> str:
    """Write a reply as text; different kinds of reply never look the same."""
    if reply is None:
        return "nil"
    if isinstance(reply, Error):
        return f"(error) {reply}"
    if isinstance(reply, dict):
        return "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in reply.items()) + "}"
    if isinstance(reply, list | tuple):
        mark = {Push: ">", Unordered: "~", Repeated: "%"}.get(type(reply), "")
        items = sorted(map(shown, reply)) if mark == "~" else map(shown, reply)
        return f"{mark}[{', '.join(items)}]"
    return repr(reply)


def request(*words: str) -> bytes:
    """Write a command as a client sends it; "\\xff" is the byte 255."""
    encoded = [word.encode("utf-8") for word in words]
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded]
    return b"*%d\r\n" % len(parts) + b"".join(parts)
