"""Which rules the embedded broker follows, and how they become one class."""

from functools import cache
from typing import cast

from .engine._fakeredis import SUPPORTED_COMMANDS
from .engine.commands import Handler, containers, known_commands
from .engine.core import EmbeddedSocket
from .rules import (
    bits,
    claims,
    clients,
    expiry,
    fields,
    generic,
    groups,
    help_texts,
    judging,
    lists,
    objects,
    pending,
    pubsub,
    scans,
    scripts,
    server_info,
    sets,
    streams,
    waiting,
    xinfo,
)

Rules = tuple[type[EmbeddedSocket], ...]

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
    *judging.RULES,
    *fields.RULES,
    *expiry.RULES,
    *objects.RULES,
    *scans.RULES,
    *bits.RULES,
    *scripts.RULES,
)


@cache
def assemble(rules: Rules = RULES, advice: str = "") -> type[EmbeddedSocket]:
    """Make the class of a broker's connections that follows exactly these rules.

    `advice` ends the error of a command that only a real server has.
    """
    assembled = cast(type[EmbeddedSocket], type("AssembledSocket", (*rules, EmbeddedSocket), {}))
    assembled.HANDLERS = _handlers_of(assembled)
    assembled.BY_FIRST_WORD = _by_first_word(assembled.HANDLERS)
    assembled.ADVICE = advice
    return assembled


def _handlers_of(socket_class: type[EmbeddedSocket]) -> dict[str, Handler]:
    """Collect how a socket class runs each command of Redis 8.2; rules come before fakeredis."""
    ours = {
        method.handles.name.replace(" ", "|"): method.handles
        for owner in reversed(socket_class.__mro__)
        for method in vars(owner).values()
        if hasattr(method, "handles")
    }
    signatures = {
        name: ours.get(name) or SUPPORTED_COMMANDS.get(name.replace("|", " "))
        for name in known_commands()
    }
    return {
        name: Handler(known_commands()[name], signature.func_name, signature)
        for name, signature in signatures.items()
        if signature
        and hasattr(socket_class, signature.func_name)
        and not socket_class.is_pretended(name)
    }


def _by_first_word(handlers: dict[str, Handler]) -> dict[bytes, Handler]:
    """Index the commands without subcommands by their name, as most people write it."""
    return {
        word: handler
        for name, handler in handlers.items()
        if "|" not in name and name not in containers()
        for word in (name.encode(), name.upper().encode())
    }
