"""A learner in a class: a nickname, an outbox and its sender, and what the learner is told."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from ..errors import CourseError
from .address import ClassAddress, read_class_address
from .event import Event, Kind
from .outbox import FOLDER, Outbox
from .sender import Background

NICKNAME = "COURSE_NICKNAME"
LONGEST_NAME = 40  # characters
KEPT_NAME = "nickname"  # a file in the outbox's folder, where no nickname was chosen
JOINED = "Your class sees your answers as those of {who}, and nothing else of what you do."
WAITS = (
    "Your class cannot be reached just now: your answers wait here, and are sent when it can be. "
    "Go on with the lesson."
)


class Member:
    """One learner in one class; nothing is connected before there is something to send."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._address: ClassAddress | None = None
        self._to_tell: list[str] = []
        self._folder = Path(os.getcwd(), FOLDER)
        self._has_told_of_waiting = False
        try:
            self._address = read_class_address(url)
        except CourseError as wrong:
            self._to_tell = [str(wrong)]
        else:
            self._to_tell = [JOINED.format(who=self.who)]

    def tell(self, kind: Kind, number: str, answer: str, is_right: bool) -> str:
        """Send an answer in the background; return what the learner should know now, once each."""
        if self._address:
            self._sender.send(Event(self.who, kind, number, answer, is_right))
            self._note_trouble()
        told, self._to_tell = " ".join(self._to_tell), []
        return told

    def resume(self) -> None:
        """Send what is left from an earlier kernel, if anything is."""
        if self._address and self._outbox.waiting():
            self._sender.wake()

    def leave(self) -> None:
        """Stop sending; what has not arrived is sent when somebody joins this class again."""
        if "_sender" in vars(self):  # it was begun
            self._sender.stop()

    @cached_property
    def who(self) -> str:
        """The nickname; one is made up where none was chosen."""
        chosen = "".join(filter(str.isprintable, os.environ.get(NICKNAME, ""))).strip()
        return chosen[:LONGEST_NAME] or _made_up(self._folder / KEPT_NAME)

    @cached_property
    def _outbox(self) -> Outbox:
        assert self._address
        return Outbox(self._folder / self._address.mark)

    @cached_property
    def _sender(self) -> Background:
        assert self._address
        return Background(self._address, self._outbox)

    def _note_trouble(self) -> None:
        if self._sender.is_failing and not self._has_told_of_waiting:
            self._has_told_of_waiting = True
            self._to_tell.append(WAITS)


def _made_up(file: Path) -> str:
    """Return the name that was made up for this folder, or make one up and keep it."""
    with suppress(OSError, UnicodeDecodeError):
        if kept := file.read_text(encoding="utf-8").strip()[:LONGEST_NAME]:
            return kept
    name = f"guest-{secrets.token_hex(3)}"
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return name
