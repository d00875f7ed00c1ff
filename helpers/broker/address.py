"""The address of a Redis server, and how to speak of it without its password."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from redis import connection as blocking
from redis.asyncio import connection as awaiting

from ..errors import CourseError

MALFORMED = (
    "COURSE_BROKER is neither embedded, nor server, nor a valid address: write it as "
    "redis://user:password@host:port/number, with %23, %2F, %3A, %3F and %40 for #, /, :, ? and @ "
    "in a password."
)


@dataclass(frozen=True)
class Address:
    """Where a server is; printing it never shows the user or the password."""

    place: str
    db: int
    url: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The address to show to people."""
        return self.in_database(self.db)

    def in_database(self, db: int) -> str:
        """The address of another database of the same server, to show to people."""
        return f"{self.place}{'?db=' if self.place.startswith('unix') else '/'}{db}"

    def options(self) -> dict[str, Any]:
        """Return what a `redis.asyncio` pool needs to connect there."""
        return dict(awaiting.parse_url(self.url))

    def blocking_options(self) -> dict[str, Any]:
        """Return what a `redis` pool needs to connect there."""
        return dict(blocking.parse_url(self.url))


def read_address(url: str) -> Address:
    """Read a redis://, rediss:// or unix:// address.

    Raises CourseError for anything else, and never repeats it: a password may be in it.
    Follows https://redis.readthedocs.io/en/stable/connections.html#redis.connection.parse_url
    """
    address = _read(url)  # raising outside the handler leaves no trace of the parser's own error
    if address is None:
        raise CourseError(MALFORMED)
    return address


def _read(url: str) -> Address | None:
    try:
        parts = urlsplit(url)
        if not _is_plain(parts):
            return None
        db = blocking.parse_url(url).get("db", 0)
        return Address(_place(parts), db, url)
    except ValueError:
        return None


def _is_plain(parts: SplitResult) -> bool:
    """Refuse what redis-py would ignore or misread, such as a # or / inside a password."""
    if parts.scheme == "unix":
        return bool(parts.path)
    rest = parts.path + parts.query + parts.fragment
    return (
        parts.scheme in ("redis", "rediss")
        and not parts.fragment
        and "@" not in rest
        and (parts.path in ("", "/") or parts.path[1:].isdecimal())
    )


def _place(parts: SplitResult) -> str:
    if parts.scheme == "unix":
        return f"unix://{parts.path}"
    host = parts.hostname or "localhost"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port or 6379}"
