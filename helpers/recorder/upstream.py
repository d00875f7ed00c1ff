"""Where the real server is: read from its address, reached by TCP, TLS or a socket file."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ..errors import CourseError

SCHEMES = ("redis", "rediss", "unix")


@dataclass(frozen=True)
class Upstream:
    """A server that is already there; its password is the clients' business and not kept."""

    host: str
    port: int
    path: str = ""
    tls: bool = False

    @classmethod
    def at(cls, url: str) -> Upstream:
        """Read an address such as `redis://127.0.0.1:6379`.

        Raises CourseError when it is none; the message does not repeat it, for its password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 6379
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme not in SCHEMES or not (parts.hostname or parts.path):
            raise CourseError("This is no address of a Redis: give one as redis://127.0.0.1:6379.")
        if parts.scheme == "unix":
            return cls("", 0, unquote(parts.path))
        return cls(parts.hostname or "", port, tls=parts.scheme == "rediss")

    @property
    def is_here(self) -> bool:
        """Tell whether it is on this machine; a name other than localhost may be anywhere."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect; raises OSError when nobody answers."""
        loop = asyncio.get_running_loop()
        if self.path:
            await loop.create_unix_connection(protocol, self.path)
            return
        secure = ssl.create_default_context() if self.tls else None
        await loop.create_connection(protocol, self.host, self.port, ssl=secure)

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"
