"""Patterns such as `mail-*`, matched as Redis matches them, and never in exponential time.

What stands between two stars takes a fixed number of bytes. So it may stay where it fits first:
nothing that comes later sends it on.
Follows https://redis.io/docs/latest/commands/keys/
"""

import re
from functools import lru_cache

MOST_STARS = 1000
"""With more of them before something, a pattern matches nothing: Redis gives it up."""

# A star or more, `?`, one of several, or a byte for itself. A bracket need not be closed.
_TOKEN = re.compile(rb"(\*+)|(\?)|\[(\^?)((?:\\.|[^]]-.|[^]])*)\]?|\\?(.)", re.DOTALL)
_CHOICE = re.compile(rb"\\(.)|(.)-(.)|(.)", re.DOTALL)
_NOTHING, _ANYTHING = rb"(?!)", rb"."


def matches(pattern: bytes, name: bytes) -> bool:
    """Tell whether a pattern hears a channel, or matches a key; only "" matches the empty name.

    KEYS and SCAN with `*` alone do not ask: they take every key.
    """
    return bool(_compiled(pattern).match(name)) if name else not pattern


# `re` remembers 512 patterns; with more subscribed, each publish would compile them all again.
@lru_cache(maxsize=100_000)
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    first, *others = _between_stars(pattern)
    if not others:
        return re.compile(rb"%s\Z" % first, re.DOTALL)
    *middle, last = others
    if len(middle) + bool(last) > MOST_STARS:
        return re.compile(_NOTHING)
    stay = b"".join(rb"(?>.*?%s)" % part for part in middle)
    return re.compile(rb"%s%s.*%s\Z" % (first, stay, last), re.DOTALL)


def _between_stars(pattern: bytes) -> list[bytes]:
    """Translate what stands before, between and after the stars."""
    parts = [b""]
    for stars, any_one, inverted, choices, itself in _TOKEN.findall(pattern):
        if stars:
            parts.append(b"")
        elif any_one:
            parts[-1] += _ANYTHING
        elif itself:
            parts[-1] += re.escape(itself)
        else:
            parts[-1] += _one_of(choices, inverted)
    return parts


def _one_of(choices: bytes, inverted: bytes) -> bytes:
    """Translate what stands in brackets."""
    listed = set[int]()
    for escaped, begin, end, itself in _CHOICE.findall(choices):
        if begin:
            low, high = sorted(begin + end)
            listed.update(range(low, high + 1))
        else:
            listed.update(escaped or itself)
    if not listed:
        return _ANYTHING if inverted else _NOTHING
    return b"[%s%s]" % (inverted, b"".join(b"\\x%02x" % byte for byte in sorted(listed)))
