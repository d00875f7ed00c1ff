"""Turn steps into rows of words: what text and SVG have in common."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis.exceptions import MovedError

from ..record import STRANGER, Command, Delivery, Step, ids_in, printable

MOST_ROWS = 40
"""A picture of more rows than this is cut in the middle, and says so."""

MOST_WORDS = 16
"""A command of more words than this is cut at its end, and says so."""


@dataclass(frozen=True)
class Row:
    """One line of the picture.

    `client` sent the command, or received the delivery that `sender` caused. `style` is one of
    command, wait, error, message, pmessage, smessage, element, entry, note and gap.
    """

    style: str
    client: str
    words: str
    outcome: str = ""
    sender: str = ""
    holds: dict[str, str] = field(default_factory=dict)


Note = tuple[int, str, str]
"""What happened that no command says: before the command of which order, to whom, and what."""


def rows_of(steps: list[Step], earlier: Set[int], notes: Sequence[Note] = ()) -> list[Row]:
    """Make the rows of these steps; those whose order is in `earlier` were shown before."""
    return cut(Script(steps, earlier, notes).parts())


Part = tuple[int, Callable[[], list[Row]]]
"""So many rows, made when they are asked for: most rows of a long record are never shown."""


@dataclass(frozen=True)
class Script:
    """What is to be told: steps, which of them were shown before, and notes between them."""

    steps: Sequence[Step]
    earlier: Set[int] = frozenset()
    notes: Sequence[Note] = ()

    def parts(self) -> list[Part]:
        """Give the steps and the notes in their sequence."""
        parts: list[Part] = []
        left = deque(self.notes)
        for step in self.steps:
            while left and left[0][0] <= step.command.order:
                parts.append(_note(left.popleft()))
            parts.append((1 + len(step.deliveries), partial(self.rows, step)))
        return [*parts, *map(_note, left)]

    def rows(self, step: Step) -> list[Row]:
        """Make the rows of a step: its command, then what it delivered."""
        return [*_rows_of_step(step, step.command.order in self.earlier)]


def _note(note: Note) -> Part:
    _, who, what = note
    return 1, lambda: [Row("note", who, what)]


def cut(parts: Sequence[Part]) -> list[Row]:
    """Make the rows of these parts; of too many, only those at both ends."""
    left_out = sum(count for count, _ in parts) - MOST_ROWS
    if left_out <= 0:
        return [row for _, made in parts for row in made()]
    half = MOST_ROWS // 2
    head = [row for made in _enough(parts, half) for row in made()][:half]
    tail = [row for made in _enough(reversed(parts), half)[::-1] for row in made()][-half:]
    what = "row" if left_out == 1 else "rows"
    return [*head, Row("gap", "", f"… {left_out} more {what} …"), *tail]


def _enough(parts: Iterable[Part], most: int) -> list[Callable[[], list[Row]]]:
    """Take parts until they have so many rows."""
    taken = []
    for count, made in parts:
        if most <= 0:
            break
        taken.append(made)
        most -= count
    return taken


def _rows_of_step(step: Step, earlier: bool) -> Iterator[Row]:
    command = step.command
    line = " ".join(map(_quote, (command.name, *command.words[1:MOST_WORDS])))
    if len(command.words) > MOST_WORDS:
        line += f" … {len(command.words) - MOST_WORDS} more"
    note = " (in MULTI)" if step.queued else " (sent earlier)" if earlier else ""
    holds = {} if step.deliveries or earlier else step.holds
    yield Row(_style(step), command.client, line + note, _outcome(step), holds=holds)
    for delivery in step.deliveries:
        last = delivery is step.deliveries[-1]
        yield _row_of_delivery(delivery, command.client, step.holds if last else {})


def _row_of_delivery(delivery: Delivery, sender: str, holds: dict[str, str]) -> Row:
    source, data, pattern = _name(delivery.source), _quote(delivery.data), _name(delivery.pattern)
    words = {
        "message": f"message {source} {data}",
        "smessage": f"smessage {source} {data}",
        "pmessage": f"pmessage {source} {data} by {pattern}",
        "element": f"{data} from list {source}",
        "entry": f"entry {data} from stream {source}",
    }[delivery.kind]
    return Row(delivery.kind, delivery.receiver, words, sender=sender, holds=holds)


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
        return "waits" if step.reply else "waits, → nil"
    return "→ " + _reply(command, step.reply)


def _reply(command: Command, reply: Any) -> str:
    if isinstance(reply, MovedError):  # without the node's port, which is another at each start
        return f"error: MOVED {reply.slot_id}"
    if isinstance(reply, Exception):
        return f"error: {printable(str(reply))}"
    if command.name in ("XREAD", "XREADGROUP", "XRANGE", "XREVRANGE", "XCLAIM", "XAUTOCLAIM"):
        return _entries(ids_in(command.name, reply))
    if isinstance(reply, dict):
        return _cut(", ".join(f"{_value(k)}: {_value(v)}" for k, v in reply.items())) or "empty"
    if isinstance(reply, list):
        return _cut(", ".join(_value(r) for r in reply)) or "empty"
    return _value(reply)


def _entries(ids: list[str]) -> str:
    if not ids:
        return "no entries"
    shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    return f"{'entry' if len(ids) == 1 else 'entries'} {shown}"


def _value(reply: Any) -> str:
    if reply is None:
        return "nil"
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
