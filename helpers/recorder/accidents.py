"""Accidents that happen to a client on the way, where somebody has asked for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

ANY = ""
"""In place of the name of a command: whichever comes next."""


@dataclass
class Accidents:
    """What is to happen to one client.

    `commands_left` may pass before its connection is cut, None for no end; the next reply to each
    of `replies_to_lose` does not arrive; every reply takes `delay` seconds more. A client that is
    frozen is not `moving`.
    """

    commands_left: int | None = None
    replies_to_lose: list[str] = field(default_factory=list)
    delay: float = 0.0
    moving: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.moving.set()

    @property
    def may_come(self) -> bool:
        """Tell whether a command or a reply that is on its way may meet with one."""
        return self.commands_left is not None or bool(self.replies_to_lose)

    @property
    def holds_up(self) -> bool:
        """Tell whether what comes in has to wait."""
        return bool(self.delay) or not self.moving.is_set()

    def cuts(self) -> bool:
        """Count a command that wants to pass; tell whether the connection is cut instead, once."""
        if self.commands_left is None:
            return False
        is_over = self.commands_left == 0
        self.commands_left = None if is_over else self.commands_left - 1
        return is_over

    def loses(self, name: str) -> bool:
        """Tell whether the reply to this command gets lost, once."""
        if not self.replies_to_lose:
            return False
        wanted = next((w for w in self.replies_to_lose if w in (name, ANY)), None)
        if wanted is None:
            return False
        self.replies_to_lose.remove(wanted)
        return True
