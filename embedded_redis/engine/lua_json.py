"""JSON as scripts write and read it, with the limits and the words of Lua CJSON.

Follows https://redis.io/docs/latest/develop/programmability/lua-api/#cjson-library
"""

import json
import re
from collections.abc import Callable
from typing import Any

DEEPEST = 1000
SPARSE_RATIO, SPARSE_SAFE = 2, 10  # a list may be so many times longer than it has items
UNICODE_ERRORS = "surrogateescape"  # bytes that are no UTF-8 come back as they were
ESCAPED = {b'"': b'\\"', b"\\": b"\\\\", b"/": b"\\/", b"\b": b"\\b", b"\f": b"\\f"}
ESCAPED |= {b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t"}
TO_ESCAPE = re.compile(rb'[\x00-\x1f"\\/\x7f]')

TOKENS = {"{": "T_OBJ_BEGIN", "}": "T_OBJ_END", "[": "T_ARR_BEGIN", "]": "T_ARR_END"}
TOKENS |= {":": "T_COLON", ",": "T_COMMA", '"': "T_STRING", "-": "T_NUMBER", "": "T_END"}
TOKENS |= dict.fromkeys("0123456789", "T_NUMBER")
WORDS = {"true": "T_BOOLEAN", "false": "T_BOOLEAN", "null": "T_NULL"}
EXPECTED = {
    "Expecting property name enclosed in double quotes": "object key string",
    "Expecting ':' delimiter": "colon",
    "Extra data": "the end",
}


def encoded(value: Any, type_of: Callable[[Any], bytes], depth: int = 0) -> bytes:
    """Write a value of Lua, whose type `type_of` tells. Raises ValueError for what JSON has not."""
    kind = type_of(value)
    if kind == b"string":
        return _text(value)
    if kind == b"boolean":
        return b"true" if value else b"false"
    if kind in (b"nil", b"userdata"):  # the one that a script can have is cjson.null
        return b"null"
    if kind == b"number":
        return _number(value)
    if kind != b"table":
        raise ValueError(f"Cannot serialise {kind.decode()}: type not supported")
    if depth >= DEEPEST:
        raise ValueError(f"Cannot serialise, excessive depth ({depth + 1})")
    items = list(value.items())
    length = _length([key for key, _ in items])
    if length:
        found = dict(items)
        parts = (encoded(found.get(n), type_of, depth + 1) for n in range(1, length + 1))
        return b"[%b]" % b",".join(parts)
    pairs = (
        b"%b:%b" % (_name(key, type_of), encoded(part, type_of, depth + 1)) for key, part in items
    )
    return b"{%b}" % b",".join(pairs)


def _length(keys: list[Any]) -> int:
    """Return how long a list is, 0 for another table. Raises ValueError for a sparse one."""
    if not all(isinstance(k, int) and not isinstance(k, bool) and k > 0 for k in keys):
        return 0
    longest = max(keys, default=0)
    if longest > len(keys) * SPARSE_RATIO and longest > SPARSE_SAFE:
        raise ValueError("Cannot serialise table: excessively sparse array")
    return longest


def _name(key: Any, type_of: Callable[[Any], bytes]) -> bytes:
    if isinstance(key, bytes):
        return _text(key)
    if isinstance(key, bool) or not isinstance(key, int | float):
        kind = type_of(key).decode()
        raise ValueError(f"Cannot serialise {kind}: table key must be a number or string")
    return b'"%b"' % _number(key)


def _text(text: bytes) -> bytes:
    def escape(found: re.Match[bytes]) -> bytes:
        return ESCAPED.get(found[0]) or b"\\u%04x" % found[0][0]

    return b'"%b"' % TO_ESCAPE.sub(escape, text)


def _number(number: float) -> bytes:
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("Cannot serialise number: must not be NaN or Inf")
    return f"{number:.14g}".encode()


def decoded(text: bytes, null: Any) -> Any:
    """Read JSON into lists, dictionaries, bytes and floats. Raises ValueError for what is none."""
    try:
        return _for_lua(json.loads(text.decode("utf-8", UNICODE_ERRORS)), null)
    except json.JSONDecodeError as error:
        raise ValueError(_problem(error)) from None
    except RecursionError:
        raise ValueError(f"Found too many nested data structures ({DEEPEST + 1})") from None


def _for_lua(value: Any, null: Any) -> Any:
    if value is None:
        return null
    if isinstance(value, str):
        return value.encode("utf-8", UNICODE_ERRORS)
    if isinstance(value, list):
        return [_for_lua(part, null) for part in value]
    if isinstance(value, dict):
        return {_for_lua(key, null): _for_lua(part, null) for key, part in value.items()}
    return value if isinstance(value, bool) else float(value)


def _problem(error: json.JSONDecodeError) -> str:
    """Say what is wrong with a text, in the words of Lua CJSON."""
    if error.msg.startswith("Unterminated string"):
        where = len(error.doc) + 1
        return f"Expected value but found unexpected end of string at character {where}"
    rest = error.doc[error.pos :]
    word = next((token for word, token in WORDS.items() if rest.startswith(word)), None)
    found = word or TOKENS.get(rest[:1], "invalid token")
    expected = EXPECTED.get(error.msg, "value")
    if error.msg == "Expecting ',' delimiter":
        before = error.doc[: error.pos]
        expected = f"comma or {'object' if before.rfind('{') > before.rfind('[') else 'array'} end"
    return f"Expected {expected} but found {found} at character {error.pos + 1}"
