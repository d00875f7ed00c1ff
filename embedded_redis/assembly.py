"""Which rules the embedded broker follows, and how they become one class."""

from functools import cache

from .engine.commands import by_first_word, handlers_of
from .engine.core import EmbeddedSocket
from .rules import (
    claims,
    clients,
    expiry,
    generic,
    groups,
    help_texts,
    lists,
    objects,
    pending,
    pubsub,
    server_info,
    sets,
    streams,
    waiting,
    xinfo,
)

Rules = tuple[type, ...]

RULES: Rules = (
    *waiting.RULES,
    *clients.RULES,
    *pubsub.RULES,
    *server_info.RULES,
    *sets.RULES,
    *lists.RULES,
    *streams.RULES,
    *groups.RULES,
    *pending.RULES,
    *claims.RULES,
    *xinfo.RULES,
    *help_texts.RULES,
    *generic.RULES,
    *expiry.RULES,
    *objects.RULES,
)


@cache
def assemble(rules: Rules = RULES, advice: str = "") -> type[EmbeddedSocket]:
    """Make the class of a broker's connections that follows exactly these rules.

    `advice` ends the error of a command that only a real server has.
    """
    assembled = type("AssembledSocket", (*rules, EmbeddedSocket), {})
    assembled.HANDLERS = handlers_of(assembled)
    assembled.BY_FIRST_WORD = by_first_word(assembled.HANDLERS)
    assembled.ADVICE = advice
    return assembled
