"""Write a reply as redis-cli writes it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .replies import BigNumber, Double, ErrorReply, Map, Push, Reply, Set, Status, Verbatim

ESCAPED = {ord(c): f"\\{c}" for c in '\\"'} | {
    ord(c): f"\\{name}" for c, name in zip("\n\r\t\a\b", "nrtab", strict=True)
}
EMPTY = {Map: "(empty hash)", Set: "(empty set)", Push: "(empty push)"}
MARKS = {Map: "#", Set: "~"}


def shown(reply: Reply) -> str:
    """Write one reply, of one line or of many, without a line break at the end.

    A big number, at which redis-cli 7.0 gives up, is written after `(big number)`.
    Follows https://redis.io/docs/latest/develop/tools/cli/
    """
    if isinstance(reply, Push) and reply[:1] == [b"invalidate"] and isinstance(reply[1], list):
        return "-> invalidate: " + ", ".join(f"'{_plain(key)}'" for key in reply[1])
    return _shown(reply, "")


def shown_raw(reply: Reply) -> str:
    """Write a reply that is a report, such as that of INFO: as it came."""
    if isinstance(reply, ErrorReply):
        return reply.text
    text = _plain(reply) if isinstance(reply, bytes) else "" if reply is None else shown(reply)
    return text.replace("\r\n", "\n").removesuffix("\n")


def _shown(reply: Reply, indent: str) -> str:
    if isinstance(reply, list):
        return _group(reply, indent)
    if isinstance(reply, bytes):
        return _text(reply)
    if isinstance(reply, bool):
        return "(true)" if reply else "(false)"
    if isinstance(reply, int):
        return f"(integer) {reply}"
    return "(nil)" if reply is None else f"(error) {reply.text}"


def _text(reply: bytes) -> str:
    if isinstance(reply, Status | Verbatim):
        return _plain(reply)
    if isinstance(reply, Double):
        return f"(double) {_plain(reply)}"
    if isinstance(reply, BigNumber):
        return f"(big number) {_plain(reply)}"
    return f'"{"".join(map(_escaped, reply))}"'


def _escaped(byte: int) -> str:
    return ESCAPED.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")


def _plain(text: bytes) -> str:
    return text.decode(errors="backslashreplace")


def _group(items: Sequence[Reply], indent: str) -> str:
    """Number the items; what is inside of one stands below it, further to the right."""
    if not items:
        return EMPTY.get(type(items), "(empty array)")
    mark = MARKS.get(type(items), ")")
    width = len(str(len(items) // 2 if mark == "#" else len(items)))
    inner = indent + " " * (width + 2)
    lines = _pairs(items, inner) if mark == "#" else (_shown(item, inner) for item in items)
    numbered = (f"{number:{width}}{mark} {line}" for number, line in enumerate(lines, start=1))
    return f"\n{indent}".join(numbered)


def _pairs(items: Sequence[Reply], indent: str) -> Iterator[str]:
    for name, value in zip(items[::2], items[1::2], strict=True):
        text = _shown(value, indent)
        below = f"\n{indent}" if "\n" in text else ""  # a value of many lines begins a new one
        yield f"{_shown(name, indent)} => {below}{text}"
