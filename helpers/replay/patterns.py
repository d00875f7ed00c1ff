"""Which channels a pattern hears."""

from __future__ import annotations

import re
from functools import cache

PART = r"\\.|\[\^?(?:\\.|[^\]])*\]?|."


def matches(pattern: str, channel: str) -> bool:
    """Tell whether PSUBSCRIBE to this pattern hears this channel.

    See https://redis.io/docs/latest/commands/psubscribe/
    """
    return bool(_expression(pattern).fullmatch(channel))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_part, re.findall(PART, pattern, re.S))), re.S)


def _part(part: str) -> str:
    if part in ("*", "?"):
        return ".*" if part == "*" else "."
    if part.startswith("["):
        return _one_of(part[1:].removesuffix("]"))
    return re.escape(part[1:] if part.startswith("\\") and len(part) > 1 else part)


def _one_of(among: str) -> str:
    sign = "^" if among.startswith("^") else ""
    among = among.removeprefix("^")
    if not among:
        return "." if sign else "(?!)"
    return f"[{sign}{re.sub(PART, _character, among, flags=re.S)}]"


def _character(found: re.Match[str]) -> str:
    written = found[0]
    return "-" if written == "-" else re.escape(written.removeprefix("\\") or written)
