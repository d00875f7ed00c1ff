"""Wait by asking the broker, never by letting time pass."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from .broker import broker
from .errors import CourseError
from .kernel import awaited
from .record import BARRIER

LOOKS_AT_ONCE = 200
APART = 0.005  # seconds

_barriers = itertools.count(1)


class NoSuchMessage(CourseError, IndexError):
    """An error: so many messages have not arrived."""


class Messages(list[dict[str, Any]]):
    """What a subscriber received, as redis-py gives it; shown in the server's words."""

    def __getitem__(self, place: Any) -> Any:
        try:
            return super().__getitem__(place)
        except IndexError:
            count = len(self)
            arrived = f"only {count} {'has' if count == 1 else 'have'}" if count else "nothing has"
            raise NoSuchMessage(
                f"There is no message {place}: {arrived} arrived since the last read; "
                "let somebody publish, and read again."
            ) from None

    def __repr__(self) -> str:
        if not self:
            return "(nothing has arrived)"
        rows = [_fields(message) for message in self]
        widths = [max((len(r[i]) for r in rows if len(r) > i + 1), default=0) for i in range(3)]
        return "\n".join(
            "  ".join([*(f"{f:{w}}" for f, w in zip(row[:-1], widths, strict=False)), row[-1]])
            for row in rows
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def _fields(message: dict[str, Any]) -> list[str]:
    fields = [message["type"], message["pattern"], message["channel"], message["data"]]
    return [fields[0], *(str(f) for f in fields[1:3] if f is not None), str(fields[3])]


@awaited
async def read(pubsub: PubSub, deadline: float = 5.0) -> Messages:
    """Return everything that has reached this subscriber so far.

    A PING goes out on the subscriber's own connection. The server answers in order, so once the
    answer is there, everything sent before it is there too. It does not hold between the nodes of
    a cluster.

    `deadline` is in seconds. Raises TimeoutError when the broker has not answered by then.
    See https://redis.io/docs/latest/commands/ping/ and https://redis.io/docs/latest/develop/pubsub/
    """
    messages = Messages()
    if pubsub.connection is None:
        return messages
    barrier = f"{BARRIER}{next(_barriers)}"
    async with within(deadline, lambda: "the broker to answer a subscriber's PING"):
        await pubsub.execute_command("PING", barrier)
        answers = (barrier, barrier.encode())
        while (pong := _pong(response := await pubsub.parse_response())) not in answers:
            if isinstance(response, list) and pong is None:
                message = await pubsub.handle_message(response)
                messages += [message] if message else []
    return messages


def _pong(response: Any) -> Any:
    """Return what a PING was answered with, or None for a message.

    Under RESP2 a subscriber's pong is a list, under RESP3 a plain string, which redis-py's
    get_message would take for a message and cut into letters.
    """
    if isinstance(response, list):
        return response[1] if response[:1] in (["pong"], [b"pong"]) else None
    return response


@awaited
async def until_blocked(*clients: Redis, deadline: float = 5.0) -> None:
    """Return once each of these clients waits in a blocking command.

    The broker is asked with CLIENT LIST: a blocked client carries the flag `b`. `deadline` is in
    seconds. Raises TimeoutError with the names of those that do not wait by then.
    See https://redis.io/docs/latest/commands/client-list/
    """
    names = Counter(c.connection_pool.connection_kwargs["client_name"] for c in clients)
    seen: list[dict[str, str]] = []
    missing = names

    async def all_wait() -> bool:
        nonlocal seen, missing
        seen = await asker.client_list()
        missing = names - Counter(c["name"] for c in seen if "b" in c["flags"])
        return not missing

    async with broker().side_client() as asker:
        await until(all_wait, deadline, lambda: _told(missing, seen))


async def until(
    is_so: Callable[[], Awaitable[bool]], seconds: float, what: Callable[[], str]
) -> None:
    """Ask again and again, and return once it is so.

    Raises TimeoutError, which says what it waited for, when it is not so in time. What is about to
    happen happens within some turns of the loop; what does not is asked for at a distance, or a
    wait for what never comes would keep a core and the server busy to its end.
    """
    async with within(seconds, what):
        for look in itertools.count():
            if await is_so():
                return
            await asyncio.sleep(0 if look < LOOKS_AT_ONCE else APART)


def _told(missing: Iterable[str], seen: list[dict[str, str]]) -> str:
    """Say who does not wait in a blocking command, and what the server last did for them."""
    last = {c["name"]: c["cmd"].upper() for c in seen if "b" not in c["flags"]}
    names = [f"{n} (whose {last[n]} was answered)" if n in last else n for n in sorted(missing)]
    return f"{' and '.join(names)} to wait in a blocking command"


@asynccontextmanager
async def within(seconds: float, what: Callable[[], str]) -> AsyncIterator[None]:
    """Bound a wait, and say what it waited for when the time is over."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TimeoutError(f"Waited {seconds:g} seconds for {what()}.") from None
