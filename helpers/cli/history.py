"""The lines that were typed before, except those with a password."""

from __future__ import annotations

from .words import InvalidLine, split_line

LIMIT = 100
SECRET_SETTINGS = (b"MASTERAUTH", b"MASTERUSER", b"REQUIREPASS")


class LineHistory:
    """The lines typed before, to walk through back and forth."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0

    def add(self, line: str) -> None:
        """Keep a line, unless it is empty, repeats the last one or holds a password."""
        if line.strip() and line not in self._lines[-1:] and not _is_secret(line):
            self._lines = [*self._lines, line][-LIMIT:]
        self._at = len(self._lines)

    def earlier(self) -> str:
        """Return the line before; the first one again and again."""
        self._at = max(self._at - 1, 0)
        return self._line()

    def later(self) -> str:
        """Return the line after; an empty one after the last."""
        self._at = min(self._at + 1, len(self._lines))
        return self._line()

    def _line(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""


def _is_secret(line: str) -> bool:
    try:
        words = [word.upper() for word in split_line(line)]
    except InvalidLine:
        return True  # a quote too many may stand before a password
    words = words[1:] if words[:1] and words[0].isdigit() else words
    match words:
        case [b"AUTH", *_] | [b"ACL", b"SETUSER" | b"GETUSER", *_]:
            return True
        case [b"CONFIG", b"SET", *settings]:
            return any(word in SECRET_SETTINGS for word in settings)
        case [b"HELLO" | b"MIGRATE", *options]:
            return any(word in (b"AUTH", b"AUTH2") for word in options)
    return False
