"""What the libraries say on the wire: their shops, and recorded traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...errors import CourseError
from ...kept import Kept, texts_in
from ...record import Step

TRAFFIC = Path(__file__).with_name("traffic")
SHOPS = Path(__file__).parents[2] / "libraries" / "shops"


ENTRY = re.compile(r"\d+-\d+")
READS = frozenset(("BLMOVE", "BLPOP", "BRPOP", "XREAD", "XREADGROUP"))


def source(library: str) -> str:
    """Return the program of a library's shop. Raises CourseError when it has none."""
    return _there(SHOPS, library, "_shop.py").read_text(encoding="utf-8").rstrip("\n")


def traffic(name: str) -> Kept:
    """Return what was recorded under this name, such as `celery-default-killed-before`.

    Raises CourseError when nothing was.
    """
    return Kept.read(_there(TRAFFIC, name, ".json"))


def _there(folder: Path, name: str, ending: str) -> Path:
    known = sorted(path.name.removesuffix(ending) for path in folder.glob(f"*{ending}"))
    if name not in known:
        raise CourseError(f"There is nothing called {name!r}: choose one of {', '.join(known)}.")
    return folder / f"{name}{ending}"


def about(kept: Kept, order: str) -> list[str]:
    """Say who spoke of an order, by which command on which key, in the broker's sequence.

    A command that had to wait for the order stands after the one that brought it.
    """
    known = {step.reply for step in kept.steps if _added(step, order)}
    names = "|".join(map(re.escape, [order, *known]))
    said = re.compile(rf"(?<!\d)({names})(?!\d)")
    steps = [step for step in kept.steps if any(map(said.search, _texts(step)))]
    steps.sort(key=moment)
    width = max((len(step.command.client) for step in steps), default=0)
    return [f"{s.command.client:{width}}  {_named(s.command.words)}" for s in steps]


def moment(step: Step) -> int:
    """Return when it took effect: a read that waits takes it with its reply."""
    return step.command.ended if step.command.name in READS else step.command.order


def _added(step: Step, order: str) -> bool:
    """Tell whether this made an entry of an order, whose id stands for it from then on."""
    return f"{{{order}}}" in step.command.words and bool(ENTRY.fullmatch(str(step.reply)))


def _texts(step: Step) -> list[str]:
    return [*step.command.words, *texts_in(step.reply)]


def _named(words: Sequence[str]) -> str:
    """Write a command and its key; of a script, also the first word that it is given."""
    name = words[0].upper()
    if name == "XREADGROUP":
        return f"{name} {words[words.index('STREAMS') + 1]}"
    if name in ("EVALSHA", "FCALL"):
        first = 3 + int(words[2])
        return f"{name} {words[1] if name == 'FCALL' else ' '.join(words[first : first + 1])}"
    return f"{name} {' '.join(words[1:2])}".rstrip()
