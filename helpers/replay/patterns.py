"""Which channels a pattern hears."""

from __future__ import annotations

import re
from functools import cache

AMONG = r"\\.|[^\]]-.|[^\]]"  # in brackets: a character after a backslash, a range, a character
PART = re.compile(rf"\\(?P<plain>.)|\[(?P<no>\^?)(?P<among>(?:{AMONG})*)\]?|(?P<any>\*)|.", re.S)


def matches(pattern: str, channel: str) -> bool:
    """Tell whether PSUBSCRIBE to this pattern hears this channel.

    See https://redis.io/docs/latest/commands/psubscribe/
    """
    return bool(_expression(pattern).fullmatch(channel))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(PART.sub(_part, pattern), re.S)


def _part(found: re.Match[str]) -> str:
    if found["among"] is not None:
        return _one_of(re.findall(AMONG, found["among"], re.S), found["no"])
    if found["any"]:
        return ".*"
    return "." if found[0] == "?" else re.escape(found["plain"] or found[0])


def _one_of(among: list[str], no: str) -> str:
    if not among:
        return "." if no else "(?!)"
    return f"[{no}{''.join(map(_member, among))}]"


def _member(written: str) -> str:
    if written.startswith("\\") and len(written) == 2:
        return re.escape(written[1])
    if len(written) == 3:
        low, high = sorted((written[0], written[2]))
        return f"{re.escape(low)}-{re.escape(high)}"
    return re.escape(written)
