"""Which commands exist in Redis 8.2, and how a rule adds or replaces one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from ._fakeredis import Signature, SimpleError

TABLE = "commands_of_redis_8_2.tsv"
PREVIEW_LIMIT = 128  # bytes of arguments that an unknown command's error shows


class Command(NamedTuple):
    """One row of COMMAND: what the server knows about a command before it runs."""

    name: str
    arity: int
    flags: frozenset[str]
    first_key: int
    last_key: int
    key_step: int


@dataclass(frozen=True)
class Handler:
    """How the embedded broker runs a command: the method's name, and fakeredis' signature."""

    command: Command
    function: str
    signature: Signature

    @cached_property
    def takes_bytes(self) -> bool:
        """Say whether the method gets its arguments as they came."""
        return all(kind is bytes for kind in (*self.signature.fixed, *self.signature.repeat))


@cache
def known_commands() -> dict[str, Command]:
    """Read the commands that the COMMAND of Redis 8.2.3 lists, by name; "client|list" is one.

    Follows https://redis.io/docs/latest/commands/command/
    """
    _, *lines = files(__package__).joinpath(TABLE).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {
        name.lower(): Command(name, int(arity), frozenset(flags.split(",")), *map(int, keys))
        for name, arity, flags, *keys in rows
    }


@cache
def containers() -> frozenset[str]:
    """Name the commands that have subcommands."""
    return frozenset(name.split("|")[0] for name in known_commands() if "|" in name)


def resolve_name(words: list[bytes]) -> str:
    """Name the command that these words begin, such as "client|list", whether it exists or not."""
    name = words[0].decode("utf-8", "replace").lower()
    if name in containers() and len(words) > 1:
        return f"{name}|{words[1].decode('utf-8', 'replace').lower()}"
    return name


class Marked(Protocol):
    """A method of a rule, with what `command` notes on it."""

    handles: Signature


Reply = TypeVar("Reply")


def command(
    name: str,
    fixed: tuple[Any, ...] = (),
    repeat: tuple[Any, ...] = (bytes,),
    flags: Iterable[str] = (),
) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Mark a method of a rule as the implementation of a command.

    The name is that of COMMAND, such as "BLMOVE" or "CLIENT LIST". The method gets raw bytes, or
    what the types of fakeredis make of them: `Int`, `Key(list)`. The arity is checked before.
    Nothing is registered in fakeredis: only sockets assembled with the rule have the command. To
    mypy the method takes anything: it is called by its signature, with other arguments than the one
    of fakeredis that it overrides.
    """

    def mark(method: Callable[..., Reply]) -> Callable[..., Reply]:
        signature = Signature(name.lower(), method.__name__, fixed, repeat)
        signature.flags = set(flags)
        cast(Marked, method).handles = signature
        return method

    return mark


def has_right_arity(entry: Command, given: int) -> bool:
    """Say whether a command may have this many words, its name counted."""
    return given == entry.arity if entry.arity >= 0 else given >= -entry.arity


def wrong_arity(entry: Command) -> SimpleError:
    """The error of a command with too few or too many arguments."""
    return SimpleError(f"ERR wrong number of arguments for '{entry.name}' command")


def unknown_command(words: list[bytes]) -> SimpleError:
    """The error of a command that Redis 8.2 does not have."""
    preview = ""
    for word in words[1:]:
        if len(preview) >= PREVIEW_LIMIT:
            break
        shown = _printable(word)[: PREVIEW_LIMIT - len(preview)]
        preview += f"'{shown}' "
    name = _printable(words[0])[:PREVIEW_LIMIT]
    return SimpleError(f"ERR unknown command '{name}', with args beginning with: {preview}")


def unknown_subcommand(container: bytes, word: bytes) -> SimpleError:
    """The error of a subcommand that Redis 8.2 does not have."""
    name, word_shown = _printable(container).upper(), _printable(word)[:PREVIEW_LIMIT]
    return SimpleError(f"ERR unknown subcommand '{word_shown}'. Try {name} HELP.")


def wrong_subcommand(typed: list[bytes]) -> SimpleError:
    """The error of a subcommand that takes no so many arguments; it shows the word as typed."""
    container, word = (_printable(word) for word in typed[:2])
    return SimpleError(
        f"ERR unknown subcommand or wrong number of arguments for '{word}'. "
        f"Try {container.upper()} HELP."
    )


def needs_real_server(name: str, advice: str = "", needed: str = "a real server") -> SimpleError:
    """The error of a command that Redis has and the embedded broker has not."""
    shown = name.upper().replace("|", " ")
    return SimpleError(f"ERR '{shown}' needs {needed}{advice and f': {advice}'}")


def _printable(word: bytes) -> str:
    return word.decode("utf-8", "replace").replace("\r", " ").replace("\n", " ")
