"""Remember what is done and chosen, in a file beside the notebook. Nothing is sent anywhere.

Only a learner's own choice or pass is written: running every cell of a lesson writes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

FILE = ".progress.json"  # in the folder of the notebook; may be deleted at any time
LOCK = ".progress.lock"  # empty; whoever writes holds it, so that two notebooks lose nothing
KINDS = ("predictions", "exercises", "quiz")
CHOSEN = "chosen"
OUT_OF_REACH = f"{FILE} cannot be read or written to here, so this is not remembered."


@dataclass
class Kept:
    """What the file says: numbers that are done, and the text of the option last chosen."""

    done: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    chosen: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})


def load() -> tuple[Kept, str]:
    """Return what the file keeps, and a sentence when it cannot be read."""
    if not os.path.lexists(FILE):
        return Kept(), ""  # and leave no lock behind
    with _alone():
        return _read()


def record(kind: str, number: str, choice: str = "", is_done: bool = True) -> str:
    """Write down what is done, and what was chosen; return a sentence when that fails."""
    with _alone():
        kept, note = _read()
        if note == OUT_OF_REACH:
            return note
        if is_done:
            kept.done[kind] = sorted({*kept.done[kind], number})
        if choice:
            kept.chosen[kind][number] = choice
        return note if _save(kept, is_damaged=bool(note)) else OUT_OF_REACH


def _read() -> tuple[Kept, str]:
    try:
        return _understood(json.loads(Path(FILE).read_text(encoding="utf-8"))), ""
    except FileNotFoundError:
        return Kept(), ""
    except OSError:
        return Kept(), OUT_OF_REACH
    except (ValueError, AttributeError, TypeError, RecursionError):
        return Kept(), f"{FILE} is damaged: it is kept as {_place_for_damaged()}, a new one begins."


def _understood(found: Any) -> Kept:
    # A file from before choices were kept has only what is done.
    chosen = found.get(CHOSEN, {})
    return Kept(
        {kind: _numbers(found.get(kind, [])) for kind in KINDS},
        {kind: _choices(chosen.get(kind, {})) for kind in KINDS},
    )


def _numbers(found: object) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(number, str) for number in found):
        raise TypeError
    return found


def _choices(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise TypeError
    return found


def _place_for_damaged() -> Path:
    names = (f".progress.damaged{f'-{number}' if number > 1 else ''}.json" for number in count(1))
    return next(Path(name) for name in names if not Path(name).exists())


def _save(kept: Kept, is_damaged: bool) -> bool:
    written = Path(f"{FILE}.{os.getpid()}")
    chosen = {kind: choices for kind, choices in kept.chosen.items() if choices}
    try:
        text = json.dumps(kept.done | {CHOSEN: chosen}, indent=1, ensure_ascii=False)
        written.write_text(f"{text}\n", encoding="utf-8")
        if is_damaged:
            Path(FILE).replace(_place_for_damaged())
        written.replace(FILE)  # a reader finds the old file or the new one, never half of one
    except OSError:
        with contextlib.suppress(OSError):
            written.unlink()
        return False
    return True


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let no other notebook read or write meanwhile. A lock ends with the kernel that holds it."""
    with contextlib.ExitStack() as stack:
        if sys.platform != "emscripten":  # the browser has one kernel and no locks
            with contextlib.suppress(OSError):  # nor have some network drives, or a read-only one
                _lock(stack.enter_context(open(LOCK, "a")))
        yield


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
