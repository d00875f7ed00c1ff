"""Answers that the class has not confirmed yet, in a folder that outlives the kernel.

One file an event: it appears whole or not at all, and two notebooks never wait for each other.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from .event import Event, event_of

FOLDER = ".progress.class"  # beside .progress.json; may be deleted at any time


class Outbox:
    """Events to send, oldest first. What cannot be written is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unwritten: dict[str, Event] = {}

    def put(self, event: Event) -> None:
        """Keep an event until it is removed."""
        name = f"{time.time_ns():020}-{event.id}"
        written = self._folder / f"{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written.write_text(json.dumps(event.fields()), encoding="utf-8")
            written.replace(self._file(name))
        except OSError:
            self._unwritten[name] = event

    def waiting(self) -> dict[str, Event]:
        """Return what is still to be sent, by the names that `remove` takes; oldest first."""
        # A copy in one step: another thread may put something meanwhile.
        found = self._unwritten.copy() | {
            file.stem: event
            for file in self._folder.glob("*.json")
            if (event := self._read(file)) is not None
        }
        return dict(sorted(found.items()))

    def remove(self, name: str) -> None:
        """Forget an event that has arrived."""
        self._unwritten.pop(name, None)
        with contextlib.suppress(OSError):
            self._file(name).unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, file: Path) -> Event | None:
        try:
            return event_of(json.loads(file.read_text(encoding="utf-8")))
        except OSError:  # another notebook has just sent it
            return None
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.remove(file.stem)  # a damaged one is never going to arrive
            return None
