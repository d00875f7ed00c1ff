"""Tell which steps of two clients may change places without anybody seeing a difference.

Follows https://redis.io/docs/latest/develop/reference/key-specs/
"""

from __future__ import annotations

from dataclasses import dataclass

from embedded_redis import known_commands

from .gate import Asked, Words


@dataclass(frozen=True)
class Touch:
    """What a step may see or change; `everything` where nobody knows."""

    names: frozenset[str] = frozenset()
    reads: bool = False
    everything: bool = False

    def commutes(self, other: Touch) -> bool:
        """Tell whether the sequence of two steps of different clients makes no difference."""
        if self.everything or other.everything:
            return False
        return (self.reads and other.reads) or self.names.isdisjoint(other.names)


EVERYTHING = Touch(everything=True)


def touch_of(step: Asked, fate: str) -> Touch:
    """Say what a step touches when it goes, dies or loses its reply."""
    if fate.startswith("dies"):  # whoever dies while a task of it waits leaves a queue
        return EVERYTHING if step.life.reading else Touch(frozenset({" crash"}))
    touch = _of_handling(step) if step.handles else _of_commands(step)
    if fate == "goes" or touch.everything:
        return touch
    return Touch(touch.names | {" loss"})


def _of_handling(step: Asked) -> Touch:
    return Touch(frozenset({" handling"}))


def _of_commands(step: Asked) -> Touch:
    names = [words[0].upper() for words in step.commands]
    if "EXEC" in names and step.life.watches:  # it sees keys that it does not name
        return EVERYTHING
    inner = [w for w in step.commands if w[0].upper() not in ("MULTI", "EXEC")]
    touches = [_of_command(words) for words in inner]
    if any(touch.everything for touch in touches) or not inner:
        return EVERYTHING
    every = frozenset(name for touch in touches for name in touch.names)
    return Touch(every, all(touch.reads for touch in touches))


def _of_command(words: Words) -> Touch:
    name = words[0].lower()
    if name in ("xread", "xreadgroup"):
        return Touch(frozenset(_streams(words)))
    known = known_commands()
    command = known.get(name) or known.get("|".join(words[:2]).lower())
    if command is None or command.first_key < 1 or "movablekeys" in command.flags:
        return EVERYTHING
    last = command.last_key if command.last_key > 0 else len(words) + command.last_key
    keys = frozenset(words[command.first_key : last + 1 : command.key_step])
    return Touch(keys, "readonly" in command.flags)


def _streams(words: Words) -> Words:
    """Name the streams of a reading command: the first half of what follows STREAMS."""
    upper = [word.upper() for word in words]
    given = words[upper.index("STREAMS") + 1 :]
    return given[: len(given) // 2]
