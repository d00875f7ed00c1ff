"""Split a typed line into words, as redis-cli does."""

import re

SPACE = b" \t\n\v\f\r"
ENDS_A_WORD = b" \t\n\r"  # redis-cli skips more before a word than it ends a word at
UNBALANCED = "Invalid argument(s)"
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
PIECE = re.compile(
    rb"""
      " (?P<double> (?: \\. | [^"\\] )* ) (?: " | (?P<open>\Z) )
    | ' (?P<single> (?: \\' | [^'] )* ) (?: ' | (?P<unclosed>\Z) )
    | (?P<bare> [^ \t\n\r"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)


class InvalidLine(ValueError):
    """What is wrong with a line, in the words of redis-cli."""


def split_line(line: str) -> list[bytes]:
    r"""Split a line into words: "…" knows \n \r \t \b \a \" \\ and \xHH, '…' knows \' alone.

    Raises InvalidLine when a quote is not closed, or something follows a closing quote.
    Follows https://redis.io/docs/latest/develop/tools/cli/#string-quoting-and-escaping
    """
    data = line.encode(errors="backslashreplace")
    words, at = [], _skip(data, 0)
    while at < len(data):
        word, at = _word(data, at)
        words.append(word)
        at = _skip(data, at)
    return words


def _skip(data: bytes, at: int) -> int:
    return len(data) - len(data[at:].lstrip(SPACE))


def _word(data: bytes, at: int) -> tuple[bytes, int]:
    """Read one word; quotes may open in the middle of it, and end it where they close."""
    word = b""
    while at < len(data) and data[at] not in ENDS_A_WORD:
        piece = PIECE.match(data, at)
        if piece is None or piece["open"] is not None or piece["unclosed"] is not None:
            raise InvalidLine(UNBALANCED)
        word, at = word + _meaning(piece), piece.end()
        if piece["bare"] is None:
            if data[at : at + 1] not in b" \t\n\v\f\r":
                raise InvalidLine(UNBALANCED)
            break
    return word, at


def _meaning(piece: re.Match[bytes]) -> bytes:
    if piece["double"] is not None:
        return ESCAPE.sub(_unescaped, piece["double"])
    if piece["single"] is not None:
        return piece["single"].replace(b"\\'", b"'")
    return piece["bare"]


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes.fromhex(code[1:].decode()) if len(code) == 3 else ESCAPES.get(code, code)
