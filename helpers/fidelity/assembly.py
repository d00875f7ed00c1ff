"""Which rules the embedded broker follows, and how they become one class."""

from functools import cache

from . import (
    claims,
    clients,
    expiry,
    generic,
    groups,
    help_texts,
    introspection,
    lists,
    objects,
    pending,
    pubsub,
    server_info,
    sets,
    sorted_sets,
    streams,
    waiters,
)
from .commands import by_first_word, handlers_of
from .core import EmbeddedSocket

Rules = tuple[type, ...]

RULES: Rules = (
    *waiters.RULES,
    *clients.RULES,
    *pubsub.RULES,
    *server_info.RULES,
    *sets.RULES,
    *sorted_sets.RULES,
    *lists.RULES,
    *streams.RULES,
    *groups.RULES,
    *pending.RULES,
    *claims.RULES,
    *introspection.RULES,
    *help_texts.RULES,
    *generic.RULES,
    *expiry.RULES,
    *objects.RULES,
)


@cache
def assemble(rules: Rules = RULES) -> type[EmbeddedSocket]:
    """Make the class of a broker's connections that follows exactly these rules."""
    assembled = type("AssembledSocket", (*rules, EmbeddedSocket), {})
    assembled.HANDLERS = handlers_of(assembled)
    assembled.BY_FIRST_WORD = by_first_word(assembled.HANDLERS)
    return assembled
