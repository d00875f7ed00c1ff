"""Remember what is done, in a file beside the notebook. Nothing is sent anywhere.

Only a learner's own choice or pass is written: running every cell of a lesson writes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .catalogue import all_numbers

FILE = ".progress.json"  # in the folder of the notebook; may be deleted at any time
KINDS = ("predictions", "exercises", "quiz")
DAMAGED = f"The file {FILE} cannot be read, so the list starts anew."

Done = dict[str, list[str]]


class Progress:
    """Tell what is done in each lesson."""

    def __init__(self, done: Done, note: str = "") -> None:
        self._done = done
        self._note = note

    def __repr__(self) -> str:
        rows = [
            f"lesson {lesson}   " + "   ".join(self._count(kind, numbers[kind]) for kind in KINDS)
            for lesson, numbers in all_numbers().items()
        ]
        return "\n".join([self._note, *rows] if self._note else rows)

    def _count(self, kind: str, numbers: list[str]) -> str:
        done = sum(number in self._done[kind] for number in numbers)
        return f"{kind} {done} of {len(numbers)}"


def progress() -> Progress:
    """Show what is done so far; it is kept in .progress.json, which may be deleted."""
    return Progress(*_load())


def record(kind: str, number: str) -> None:
    """Write down that something is done."""
    done, note = _load()
    if note:
        print(note)
    if number not in done[kind]:
        done[kind] = sorted([*done[kind], number])
        _save(done)


def _load() -> tuple[Done, str]:
    try:
        found = json.loads(Path(FILE).read_text(encoding="utf-8"))
        return {kind: _numbers(found.get(kind, [])) for kind in KINDS}, ""
    except FileNotFoundError:
        note = ""
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        note = DAMAGED
    return {kind: [] for kind in KINDS}, note


def _numbers(found: object) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(number, str) for number in found):
        raise TypeError
    return found


def _save(done: Done) -> None:
    written = Path(f"{FILE}.{os.getpid()}")
    try:
        written.write_text(f"{json.dumps(done, indent=1)}\n", encoding="utf-8")
        written.replace(FILE)
    except OSError:
        print(f"The folder cannot be written to, so {FILE} does not keep this.")
        with contextlib.suppress(OSError):
            written.unlink()
