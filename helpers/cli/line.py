"""What redis-cli itself makes of a line before anything is sent."""

from __future__ import annotations

import re

from ..errors import CourseError
from .words import InvalidLine, split_line

MOST_TIMES = 1000
BAD_REPEAT = "Invalid redis-cli repeat command option value."
TIMES = re.compile(rb"[ \t\n\v\f\r]*[+-]?\d+|")  # redis-cli takes "" for a number, zero
PAGE = "https://redis.io/docs/latest/commands/"
# What redis-cli does on its own, without asking the server.
LOCAL = (b"HELP", b"?", b"CLEAR", b"RESTART", b"CONNECT")
ENDLESS = (b"MONITOR", b"SYNC", b"PSYNC")
# Their replies are reports, which redis-cli prints as they came.
REPORTS = (
    *([b"INFO"], [b"LOLWUT"], [b"CLIENT", b"LIST"], [b"CLIENT", b"INFO"], [b"CLUSTER", b"NODES"]),
    *([b"CLUSTER", b"INFO"], [b"MEMORY", b"DOCTOR"], [b"MEMORY", b"MALLOC-STATS"]),
    *([b"LATENCY", b"DOCTOR"], [b"LATENCY", b"GRAPH"], [b"DEBUG", b"HTSTATS"]),
)


def read_line(line: str) -> tuple[int, list[bytes]]:
    """Return how often to run a line, and its words; there may be none.

    Raises InvalidLine for what redis-cli does not accept, and CourseError for what this terminal
    does not offer.
    Follows https://redis.io/docs/latest/develop/tools/cli/#run-the-same-command-n-times
    """
    words = split_line(line)
    times = 1
    if len(words) > 1 and TIMES.fullmatch(words[0]):
        times, words = _times(words[0]), words[1:]
    _refuse(words)
    return times, words


def _times(word: bytes) -> int:
    times = int(word or b"0")
    if not 0 < times < 2**63:
        raise InvalidLine(BAD_REPEAT)
    if times > MOST_TIMES:
        raise CourseError(f"A line is repeated {MOST_TIMES} times at most here: type it again.")
    return times


def _refuse(words: list[bytes]) -> None:
    name = words[0].upper() if words else b""
    shown = name.decode(errors="backslashreplace").lower()
    if name in LOCAL or name.startswith(b":"):
        raise CourseError(f"Only redis-cli itself knows {shown}: read about commands at {PAGE}.")
    if name in ENDLESS:
        raise CourseError(f"{shown.upper()} never ends, so run it in redis-cli, outside of here.")


def is_report(words: list[bytes]) -> bool:
    """Tell whether the reply is a text for people: INFO, CLIENT LIST and their like."""
    names = [word.upper() for word in words[:2]]
    return names[:1] in REPORTS or names in REPORTS
