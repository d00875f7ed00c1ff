"""The brokers that scenarios are played on, and which real servers this machine has."""

import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from embedded_redis import RULES, embedded_server, open_connection
from helpers.broker.servers import Server, start_server
from helpers.errors import REAL_SERVER
from tests.real_servers import found_servers, missing_servers

REFERENCE = "redis-8.2"
EMBEDDED = "embedded"
NAMES = {
    "Redis 8.2": REFERENCE,
    "Redis 7.0": "redis-7.0",
    "Redis 8.6": "redis-8.6",
    "Valkey 9": "valkey-9",
}
REAL = tuple(NAMES.values())


class Engine(Protocol):
    """A broker on which a scenario can be played."""

    name: str

    async def connect(self) -> tuple[asyncio.StreamReader, Any]:
        """Open a connection."""


class Embedded:
    """A fresh embedded broker that follows these rules."""

    name = EMBEDDED

    def __init__(self, rules: tuple[type, ...] = RULES, advice: str = REAL_SERVER) -> None:
        self._server = embedded_server(rules, advice)

    async def connect(self) -> tuple[asyncio.StreamReader, Any]:
        return open_connection(self._server)


@dataclass
class Real:
    """A real server, started here."""

    name: str
    server: Server

    async def connect(self) -> tuple[asyncio.StreamReader, Any]:
        return await asyncio.open_connection("127.0.0.1", self.server.port)


@cache
def binaries() -> dict[str, Path]:
    """Find the programs of the real servers that listed differences are about."""
    return {
        name: path
        for version, path in found_servers().items()
        for prefix, name in NAMES.items()
        if version.startswith(prefix)
    }


@cache
def why_missing(name: str) -> str:
    """Say in one sentence how a server that is not here gets here; "" of one that is."""
    version = next((version for version in NAMES if NAMES[version] == name), "")
    return missing_servers().get(version, "")


@cache
def real_engine(name: str) -> Real:
    """Start a real server, once; it ends with this process. Raises KeyError if it is not here."""
    return Real(name, start_server(binaries()[name], password=""))
