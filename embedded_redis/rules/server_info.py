"""Rules about what the server tells of itself, and what it must not pretend."""

import os
import platform
import struct
from collections.abc import Iterable
from typing import Any

from ..engine._fakeredis import (
    FLAG_NO_SCRIPT,
    Database,
    SimpleError,
    SimpleString,
    get_command_info,
)
from ..engine.arguments import fail, integer, text_of
from ..engine.clock import broker_time as time
from ..engine.commands import Command, command, known_commands
from ..engine.core import EmbeddedSocket
from ..engine.globs import matches
from ..engine.settings import HELD, known_settings
from ..engine.wire import RespSet, Text
from .clients import REDIS_VERSION

DEFAULT_SECTIONS = ["server", "clients", "memory", "stats", "replication", "cluster", "keyspace"]
OTHER_SECTIONS = frozenset(
    ("persistence", "threads", "cpu", "commandstats", "latencystats", "errorstats")
) | {"modules", "sentinel", "debug", "hotkeys"}
EVERY_SECTION = (b"default", b"all", b"everything")


class InfoTellsTheTruth(EmbeddedSocket):
    """INFO has the sections that an embedded broker can answer, in the format of Redis.

    Follows https://redis.io/docs/latest/commands/info/
    """

    @command("info")
    def info(self, *wanted: bytes) -> Text:
        sections = self._sections_named([word.lower() for word in wanted])
        facts = {name: getattr(self, f"_{name}_facts")() for name in sections}
        blocks = (
            f"# {name.capitalize()}\r\n" + "".join(f"{k}:{v}\r\n" for k, v in section.items())
            for name, section in facts.items()
        )
        return Text("\r\n".join(blocks).encode())

    def _sections_named(self, wanted: list[bytes]) -> list[str]:
        if not wanted or any(word in EVERY_SECTION for word in wanted):
            return DEFAULT_SECTIONS
        names = [word.decode("utf-8", "replace") for word in wanted]
        for name in names:
            if name in OTHER_SECTIONS:
                raise self.needs_real_server(f"INFO {name}")
        return [name for name in DEFAULT_SECTIONS if name in names]

    def _server_facts(self) -> dict[str, Any]:
        uptime = int(time.time() - self._server.started)
        return {
            "redis_version": REDIS_VERSION,
            "server_name": "embedded",
            "redis_mode": "standalone",
            "os": platform.platform(),
            "arch_bits": 8 * struct.calcsize("P"),
            "process_id": os.getpid(),
            "tcp_port": 0,
            "uptime_in_seconds": uptime,
            "uptime_in_days": uptime // 86400,
        }

    def _clients_facts(self) -> dict[str, Any]:
        clients = self._server.sockets
        return {
            "connected_clients": len(clients),
            "blocked_clients": sum(client._blocked for client in clients),
            "pubsub_clients": sum(client.is_subscriber() for client in clients),
            "watching_clients": sum(bool(client._watches) for client in clients),
        }

    def _memory_facts(self) -> dict[str, Any]:
        """Tell the limit alone: how much is used, nobody counts here."""
        policy = HELD[b"maxmemory-policy"].decode()
        return {"maxmemory": 0, "maxmemory_human": "0B", "maxmemory_policy": policy}

    def _stats_facts(self) -> dict[str, Any]:
        topics = self._server.topics
        return {
            "total_connections_received": self._server.connections_received,
            "total_commands_processed": self._server.commands_processed,
            "pubsub_channels": len(topics["sub"]),
            "pubsub_patterns": len(topics["psub"]),
            "pubsubshard_channels": len(topics["ssub"]),
        }

    def _replication_facts(self) -> dict[str, Any]:
        return {"role": "master", "connected_slaves": 0}

    def _cluster_facts(self) -> dict[str, Any]:
        return {"cluster_enabled": 0}

    def _keyspace_facts(self) -> dict[str, Any]:
        return {
            f"db{number}": _key_counts(database)
            for number, database in sorted(self._server.dbs.items())
            if len(database)
        }


def _key_counts(database: Database) -> str:
    expiring = [item.expireat for item in database.values() if item.expireat is not None]
    left = sum(moment - time.time() for moment in expiring) * 1000
    average = int(left / len(expiring)) if expiring else 0
    return f"keys={len(database)},expires={len(expiring)},avg_ttl={average},subexpiry=0"


class ConfigTellsWhatHolds(EmbeddedSocket):
    """CONFIG GET answers the settings that hold here; none of them can be changed.

    A name comes back as it was typed. A setting that nothing here keeps is no answer.
    Follows https://redis.io/docs/latest/commands/config-get/
    """

    @command("config get")
    def config_get(self, *patterns: bytes) -> dict[bytes, bytes]:
        typed = {pattern.lower(): pattern for pattern in patterns}
        found: set[bytes] = set()
        for pattern in typed:
            held = named_by(pattern, HELD)
            if not held and named_by(pattern, known_settings()):
                raise self.needs_real_server(f"CONFIG GET {text_of(pattern)}")
            found |= held
        return {typed.get(name, name): value for name, value in HELD.items() if name in found}


def named_by(pattern: bytes, names: Iterable[bytes]) -> set[bytes]:
    """Return the names that a pattern matches."""
    return {name for name in names if matches(pattern, name)}


class NobodyReplicates(EmbeddedSocket):
    """ROLE says master, and WAIT counts no replica, after the time that it was given.

    Follows https://redis.io/docs/latest/commands/wait/
    """

    @command("role", flags=(FLAG_NO_SCRIPT,))
    def role(self) -> list[Any]:
        return [b"master", 0, []]

    @command("wait", flags=(FLAG_NO_SCRIPT,))
    def wait(self, replicas: bytes, timeout: bytes) -> Any:
        enough = integer(replicas) <= 0
        milliseconds = integer(timeout, "ERR timeout is not an integer or out of range")
        if milliseconds < 0:
            fail("ERR timeout is negative")

        def count(first_pass: bool) -> Any:
            return 0 if enough else None

        return self._blocking(milliseconds / 1000, count, lambda reply: 0)


class CommandsAreThoseOfRedis(EmbeddedSocket):
    """COMMAND lists the commands of Redis 8.2: no newer one, and none of a module.

    Follows https://redis.io/docs/latest/commands/command/
    """

    @command("command")
    def command_all(self) -> list[Any]:
        return [_described(entry) for entry in _top_level()]

    @command("command count")
    def command_count(self) -> int:
        return len(_top_level())

    @command("command list")
    def command_list(self, *filter_by: bytes) -> list[bytes]:
        if filter_by:
            raise self.needs_real_server("COMMAND LIST FILTERBY")
        return [entry.name.encode() for entry in known_commands().values()]

    @command("command info")
    def command_info(self, *names: bytes) -> list[Any]:
        if not names:
            return self.command_all()
        entries = [known_commands().get(name.decode("utf-8", "replace").lower()) for name in names]
        return [entry and _described(entry) for entry in entries]


def _top_level() -> list[Command]:
    return [entry for name, entry in known_commands().items() if "|" not in name]


def _described(entry: Command) -> list[Any]:
    """Write a row of COMMAND, without tips and key specifications; fakeredis has the categories."""
    known = get_command_info(entry.name.replace("|", " ").encode())
    prefix = f"{entry.name}|"
    return [
        entry.name.encode(),
        entry.arity,
        RespSet(SimpleString(flag.encode()) for flag in sorted(entry.flags - {"-"})),
        entry.first_key,
        entry.last_key,
        entry.key_step,
        RespSet(SimpleString(category) for category in (known[6] if known else ())),
        RespSet(),
        RespSet(),
        RespSet(
            _described(sub) for name, sub in known_commands().items() if name.startswith(prefix)
        ),
    ]


PRETENDED = (
    *("save", "bgsave", "lastsave", "dump", "restore", "config|set"),
    *("client|pause", "client|unpause", "acl|", "script|debug", "function", "fcall"),
    *("geo", "pf", "lcs"),  # near to what Redis answers, and not the same
)


class NothingIsPretended(EmbeddedSocket):
    """A command that fakeredis does not really do is refused; there is no cluster here.

    Follows https://redis.io/docs/latest/commands/
    """

    @classmethod
    def is_pretended(cls, name: str) -> bool:
        return name.startswith(PRETENDED) or super().is_pretended(name)

    @classmethod
    def missing(cls, name: str) -> SimpleError:
        if name.startswith("cluster|") or name in ("readonly", "readwrite", "asking"):
            return SimpleError("ERR This instance has cluster support disabled")
        return super().missing(name)


RULES = (
    InfoTellsTheTruth,
    ConfigTellsWhatHolds,
    NobodyReplicates,
    CommandsAreThoseOfRedis,
    NothingIsPretended,
)
