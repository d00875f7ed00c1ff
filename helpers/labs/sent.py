"""What a lab has sent: its last commands as text."""

from __future__ import annotations

from ..picture.rows import rows_of
from ..picture.text import write
from ..record import Record, Step

LAST = 6  # commands


def last_sent(record: Record) -> str:
    """Write the last commands of a lab's clients with their replies; a waiting one says so."""
    steps = [Step(c, c.reply, waited=c.waiting) for c in record.commands[-LAST:]]
    return write(rows_of(steps, set())) if steps else "Nothing has been sent yet."
