"""What a story is made of: a command, and what it brought to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .held import HeldList, HeldStream
from .traffic import Command

STRANGER = "another client"
"""Who published a message that no watched client sent."""


@dataclass(eq=False)
class Delivery:
    """What one receiver got because of one command."""

    receiver: str
    kind: str
    source: str
    data: str
    pattern: str = ""
    seen: int = 0
    waited_since: int = 0


@dataclass(eq=False)
class Step:
    """A command, its reply, what it delivered, and what the broker holds afterwards.

    `holds` says it in words, `held` has the same keys as data, and the cursors that moved.
    """

    command: Command
    reply: Any
    queued: bool = False
    waited: bool = False
    deliveries: list[Delivery] = field(default_factory=list)
    holds: dict[str, str] = field(default_factory=dict)
    held: dict[str, HeldList | HeldStream] = field(default_factory=dict)
