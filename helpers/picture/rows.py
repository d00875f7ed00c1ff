"""Turn steps into rows of words: what text and SVG have in common."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from redis.exceptions import MovedError

from ..record import STRANGER, Command, Delivery, Held, Step, ids_in, printable

MOST_ROWS = 40
"""A picture of more rows than this is cut in the middle, and says so."""

NIL, EMPTY, NO_ENTRIES = "nil", "empty array", "no entries"
"""What brought nothing, as redis-cli names it; the last where more than entries is in a reply."""

MOST_WORDS = 16
"""A command of more words than this is cut at its end, and says so."""


@dataclass(frozen=True)
class Row:
    """One line of the picture.

    `client` sent the command, or received the delivery that `sender` caused. `style` is one of
    command, wait, error, message, pmessage, smessage, element, entry, note, gap and fold.
    `brings` tells what kind of things came to the client with it, `brought` which; `held` says the
    same as `holds`, as data. A fold stands for so many commands more, `times`.
    """

    style: str
    client: str
    words: str
    outcome: str = ""
    sender: str = ""
    holds: dict[str, str] = field(default_factory=dict)
    brings: str = ""
    brought: Sequence[str] = ()
    held: Mapping[str, Held] = field(default_factory=dict)
    times: int = 1


Note = tuple[int, str, str]
"""What happened that no command says: before the command of which order, to whom, and what."""


def rows_of(steps: list[Step], earlier: Set[int], notes: Sequence[Note] = ()) -> list[Row]:
    """Make the rows of these steps; those whose order is in `earlier` were shown before."""
    return cut(parts_of(steps, earlier, notes))


class Part(NamedTuple):
    """So many rows, made when they are asked for: most rows of a long record are never shown."""

    height: int
    rows: Callable[[], Iterable[Row]]
    step: Step | None = None


def parts_of(steps: Sequence[Step], earlier: Set[int], notes: Sequence[Note] = ()) -> list[Part]:
    """Give steps, and the notes between them, in their sequence."""
    parts: list[Part] = []
    left = deque(notes)
    for step in steps:
        while left and left[0][0] <= step.command.order:
            parts.append(_note(left.popleft()))
        was_shown = step.command.order in earlier
        parts.append(Part(1 + len(step.deliveries), partial(_rows_of_step, step, was_shown), step))
    return [*parts, *map(_note, left)]


def _note(note: Note) -> Part:
    _, who, what = note
    return Part(1, lambda: [Row("note", who, what)])


def cut(parts: Sequence[Part]) -> list[Row]:
    """Make the rows of these parts; of too many, only those at both ends."""
    left_out = sum(part.height for part in parts) - MOST_ROWS
    if left_out <= 0:
        return _made(parts)
    half = MOST_ROWS // 2
    head = _made(_enough(parts, half))[:half]
    tail = _made(_enough(reversed(parts), half)[::-1])[-half:]
    what = "row" if left_out == 1 else "rows"
    return [*head, Row("gap", "", f"… {left_out} more {what} …"), *tail]


def _made(parts: Iterable[Part]) -> list[Row]:
    return [row for part in parts for row in part.rows()]


def _enough(parts: Iterable[Part], most: int) -> list[Part]:
    """Take parts until they have so many rows."""
    taken = []
    for part in parts:
        if most <= 0:
            break
        taken.append(part)
        most -= part.height
    return taken


def _rows_of_step(step: Step, earlier: bool) -> Iterator[Row]:
    command = step.command
    line = " ".join(map(_quote, (command.name, *command.words[1:MOST_WORDS])))
    if len(command.words) > MOST_WORDS:
        line += f" … {len(command.words) - MOST_WORDS} more"
    note = " (in MULTI)" if step.queued else " (sent earlier)" if earlier else ""
    brings, brought = brought_by(step)
    row = Row(_style(step), command.client, line + note, _outcome(step))
    row = replace(row, brings=brings, brought=brought)
    told_below = step.deliveries or earlier
    yield row if told_below else replace(row, holds=step.holds, held=step.held)
    for delivery in step.deliveries:
        row = _row_of_delivery(delivery, command.client)
        last = delivery is step.deliveries[-1]
        yield replace(row, holds=step.holds, held=step.held) if last else row


def _row_of_delivery(delivery: Delivery, sender: str) -> Row:
    source, data, pattern = _name(delivery.source), _quote(delivery.data), _name(delivery.pattern)
    words = {
        "message": f"message {source} {data}",
        "smessage": f"smessage {source} {data}",
        "pmessage": f"pmessage {source} {data} by {pattern}",
        "element": f"{data} from list {source}",
        "entry": f"entry {data} from stream {source}",
    }[delivery.kind]
    row = Row(delivery.kind, delivery.receiver, words, sender=sender)
    return replace(row, brings=delivery.kind, brought=(delivery.data,))


_TAKING = "LPOP RPOP BLPOP BRPOP LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH LMPOP BLMPOP"
TAKES = frozenset(_TAKING.split())
_READS = frozenset(("LRANGE", "LINDEX"))
_ENTRIES = frozenset(("XREAD", "XREADGROUP", "XRANGE", "XREVRANGE", "XCLAIM", "XAUTOCLAIM"))


def brought_by(step: Step) -> tuple[str, Sequence[str]]:
    """Tell what a reply brought of a list or a stream: the kind, and which elements or ids.

    A client that waited got it as a delivery.
    """
    name, reply = step.command.name, step.reply
    if step.waited or not reply or isinstance(reply, Exception) or reply == "QUEUED":
        return "", ()
    if name in _ENTRIES:
        ids = ids_in(name, reply)
        return ("entry" if ids else ""), ids
    if name not in TAKES and name not in _READS:
        return "", ()
    if name in ("LMPOP", "BLMPOP", "BLPOP", "BRPOP"):
        reply = reply[1]
    return ("element" if name in TAKES else "read"), reply if isinstance(reply, list) else [reply]


def _style(step: Step) -> str:
    if step.waited:
        return "wait"
    lost = step.command.lost and step.command.client != STRANGER
    return "error" if lost or isinstance(step.reply, Exception) else "command"


def _outcome(step: Step) -> str:
    command = step.command
    if command.lost:
        return f"{'waits, ' if step.waited else ''}→ {command.lost}"
    if command.confirmations:
        return "→ " + ", ".join(str(c[-1]) for c in command.confirmations)
    if not command.answered:
        return "waits" if step.waited else "→ not read yet"
    if step.waited:
        return "waits" if step.reply else f"waits, → {NIL}"
    return "→ " + _reply(command, step.reply)


def reply_of(step: Step) -> str:
    """Write the reply to a command, also one that its client had to wait for."""
    command = step.command
    if command.lost or command.confirmations or not command.answered:
        return _outcome(step).rpartition("→ ")[2]
    return _reply(command, step.reply)


def _reply(command: Command, reply: Any) -> str:
    if isinstance(reply, MovedError):  # without the node's port, which is another at each start
        return f"error: MOVED {reply.slot_id}"
    if isinstance(reply, Exception):
        return f"error: {printable(str(reply))}"
    if reply is None:
        return NIL
    if isinstance(reply, list | dict) and not reply:
        return EMPTY
    if command.name in _ENTRIES:
        return _entries(ids_in(command.name, reply))
    if isinstance(reply, dict):
        return _cut(", ".join(f"{_value(k)}: {_value(v)}" for k, v in reply.items()))
    if isinstance(reply, list):
        return _cut(", ".join(_value(r) for r in reply))
    return _value(reply)


def _entries(ids: list[str]) -> str:
    if not ids:
        return NO_ENTRIES
    shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    return f"{'entry' if len(ids) == 1 else 'entries'} {shown}"


def _value(reply: Any) -> str:
    if reply is None:
        return NIL
    if isinstance(reply, list):
        return "[" + ", ".join(_value(r) for r in reply) + "]"
    return _quote(reply) if isinstance(reply, str) else printable(str(reply))


def _quote(word: str) -> str:
    """Quote a word as redis-cli would want it, and shorten it when it is long."""
    if re.fullmatch(r"[^\s\"'\\]+", word) and word.isprintable():
        return _cut(word)
    return '"' + _cut(printable(word.replace("\\", "\\\\").replace('"', '\\"'))) + '"'


def _name(word: str) -> str:
    """Write a channel or a pattern as it is, a backslash too, and quote it only if it must be."""
    plain = word and not re.search(r"\s", word) and word.isprintable()
    return _cut(word) if plain else _quote(word)


def _cut(text: str, most: int = 48) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
