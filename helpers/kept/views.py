"""Look into a text: what is in a message that was packed as base64, zlib or both."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import Any

DEEPEST = 4
LARGEST = 1 << 20  # bytes that are unpacked of one text
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def views(text: str, depth: int = DEEPEST) -> Iterator[str]:
    """Give a text, and each one that is packed in it."""
    yield text
    if depth:
        for data in _packed(text):
            yield from views(data.decode("latin-1"), depth - 1)


def is_binary(text: str) -> bool:
    """Tell whether a text was bytes that are no text."""
    return bool(re.search(r"[\x00-\x05\x07-\x08\x0e-\x15\x17-\x1f\x7f]|\\x[89a-f][0-9a-f]", text))


def texts_in(reply: Any) -> Iterator[str]:
    """Give each text, number and error of a reply as text."""
    if isinstance(reply, str):
        yield reply
    elif isinstance(reply, dict):
        for pair in reply.items():
            yield from texts_in(list(pair))
    elif isinstance(reply, list | tuple):
        for part in reply:
            yield from texts_in(part)
    elif isinstance(reply, int | float | Exception):
        yield str(reply)


def _packed(text: str) -> Iterator[bytes]:
    for start in (_raw(text), text.encode("latin-1", "replace")):
        with_zlib = _inflated(start)
        if with_zlib:
            yield with_zlib
    for found in _BASE64.finditer(text):
        word = found[0].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            data = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
        except binascii.Error:
            continue
        yield data


def _raw(text: str) -> bytes:
    """Return the bytes of which a recorder made this text."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())


def _inflated(data: bytes) -> bytes:
    if data[:1] != b"\x78":
        return b""
    try:
        return zlib.decompressobj().decompress(data, LARGEST)
    except zlib.error:
        return b""
