"""A terminal: what is typed goes to the broker, and the reply comes back as text."""

from __future__ import annotations

import asyncio
import itertools
import math
import re
from collections.abc import Callable, Coroutine, Iterable

import redis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from .. import broker
from ..errors import CourseError
from ..record import BARRIER
from ..waiting import within
from .connection_state import ConnectionState
from .history import LineHistory
from .line import is_report, read_line
from .replies import CLOSED, ErrorReply, Reply, ReplyParser
from .text import shown, shown_raw
from .words import InvalidLine, split_line

INTERRUPTED = "^C"
NOT_CONNECTED = "not connected> "
LISTENING = "Reading messages... (press Ctrl-C to quit)"
SUBSCRIBING = re.compile(rb"[ps]?subscribe", re.IGNORECASE)

_barriers = itertools.count(1)


class NoConnection(Exception):
    """A connection that could not be made, in the words of redis-cli."""


class Terminal:
    """A redis-cli called `name`, with a connection of its own to this notebook's broker.

    It speaks RESP2, as redis-cli does; `protocol=3` is redis-cli -3. It connects when the first
    line is typed. `connect` makes the client whose connections are used. Raises CourseError when
    the name cannot be a client's, or when there is no broker.

    It does as redis-cli 7.0, except where that one goes wrong: a new connection is in the database
    that the prompt shows, and each name of UNSUBSCRIBE is confirmed at once. As in later versions,
    lines can be typed while subscribed.
    Follows https://redis.io/docs/latest/develop/tools/cli/
    """

    def __init__(
        self, name: str, *, protocol: int = 2, connect: Callable[..., Redis] = broker.named_client
    ) -> None:
        client = connect(name, protocol=protocol, decode_responses=False, parser_class=ReplyParser)
        self.name = name
        self.connection_pool = client.connection_pool  # `until_blocked` asks it for the name
        self.history = LineHistory()
        self._home = int(self.connection_pool.connection_kwargs.get("db") or 0)
        self._state = ConnectionState(self._home)
        self._connection: AbstractConnection | None = None
        self._is_lost = False
        self._is_interrupted = False
        self._printed: list[str] = []
        self._turn = asyncio.Lock()

    @property
    def prompt(self) -> str:
        """The prompt, such as `127.0.0.1:6379[1](TX)> `. Each private server has its own port."""
        return NOT_CONNECTED if self._is_lost else self._state.prompt(self._place())

    @property
    def is_listening(self) -> bool:
        """Whether messages may arrive that no line asks for."""
        return bool(self._state.subscriptions)

    async def type(self, line: str) -> str:
        """Type a line, press Enter, and return what redis-cli prints, without the last line break.

        It waits as long as the command does; a line typed meanwhile comes after it. Whatever goes
        wrong is text too. Only the time that a slow command took, such as (1.05s), is left out.
        """
        async with self._turn:
            self.history.add(line)
            return await self._screen(self._enter(line))

    async def arrived(self, deadline: float = 5.0) -> str:
        """Return the messages that arrived since the last line was typed, or the last call.

        Everything published before is there, on a single node. `deadline` is in seconds. Raises
        TimeoutError when the broker has not answered by then.
        See https://redis.io/docs/latest/develop/pubsub/
        """
        async with within(deadline, lambda: "the broker to answer a terminal's PING"), self._turn:
            if not self.is_listening or self._state.in_transaction or self._state.silence:
                return ""
            barrier = [b"PING", f"{BARRIER}{next(_barriers)}".encode()]
            return await self._screen(self._ask(barrier, self._print_nothing))

    async def listen(self) -> str:
        """Wait for the next message and return it; cancel this to type a line."""
        async with self._turn:
            return await self._screen(self._hear())

    async def interrupt(self) -> None:
        """Press Ctrl-C: end a wait or all subscriptions. The next line makes a new connection."""
        self._is_interrupted = self._turn.locked()
        await self._hang_up()

    async def close(self) -> None:
        """Leave redis-cli; another line would start it again."""
        await self.interrupt()
        self._state.db = self._home
        self._is_lost = False

    async def _screen(self, work: Coroutine[None, None, None]) -> str:
        """Collect what is printed, the last words of a lost connection included."""
        self._printed, self._is_interrupted = [], False
        try:
            await work
        except (CourseError, InvalidLine) as problem:
            self._print(str(problem))
        except (NoConnection, redis.RedisError, OSError) as problem:
            self._is_lost = not self._is_interrupted
            await self._hang_up()
            self._print(INTERRUPTED if self._is_interrupted else _last_words(problem))
        return "\n".join(self._printed)

    def _print(self, text: str) -> None:
        self._printed.append(text)

    def _print_reply(self, reply: Reply) -> None:
        self._print(shown(reply))

    def _print_report(self, reply: Reply) -> None:
        report = shown_raw(reply)
        self._printed += [report] if report else []

    def _print_nothing(self, reply: Reply) -> None:
        """Leave out the answer to what nobody typed."""

    async def _enter(self, line: str) -> None:
        times, words = read_line(line)
        if not words:
            return
        if words[0].lower() in (b"quit", b"exit") and words == split_line(line):
            await self.close()
            return
        show = self._print_report if is_report(words) else self._print_reply
        for _ in range(times):
            await self._ask(words, show)
        if words[0].lower() == b"reset" and "password" in self.connection_pool.connection_kwargs:
            # RESET forgets the password of a private server, which no learner was told: the next
            # line makes a new connection, which gives it again.
            await self._hang_up()

    async def _ask(self, words: list[bytes], show: Callable[[Reply], None]) -> None:
        connection = await self._connected()
        packed = _packed(connection, words)
        due: float = self._state.due(words)
        if SUBSCRIBING.fullmatch(words[0]) and not self.is_listening:
            self._print(LISTENING)
        try:
            await connection.send_packed_command(packed)
            while due > 0:
                due -= await self._take(connection, words, show)
        except asyncio.CancelledError:
            await self._hang_up()  # or a later line would get this one's reply
            raise
        except redis.ConnectionError:
            if words[0].lower() == b"shutdown":  # the server did as it was told
                raise NoConnection("") from None
            raise

    async def _take(
        self, connection: AbstractConnection, words: list[bytes], show: Callable[[Reply], None]
    ) -> float:
        """Read one reply, show it, and return how many of those due it makes up for."""
        reply = await _next_reply(connection)
        if not self._state.subscriptions.answers(reply, words):
            self._print_message(reply)
            return 0
        show(reply)
        self._state.note(words, reply)
        return math.inf if isinstance(reply, ErrorReply) else 1

    async def _hear(self) -> None:
        self._print_message(await _next_reply(await self._connected()))

    def _print_message(self, reply: Reply) -> None:
        self._print_reply(reply)
        self._state.subscriptions.note(reply)

    async def _connected(self) -> AbstractConnection:
        """Return the connection, made again if need be, in the database that was selected."""
        if self._connection is None:
            connection = self.connection_pool.make_connection()
            connection.db = self._state.db
            try:
                await connection.connect()
            except (redis.RedisError, OSError) as problem:
                raise NoConnection(_refusal(problem, self._place())) from None
            self._connection, self._is_lost = connection, False
        return self._connection

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        self._state.lose()
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _place(self) -> str:
        """Say where the terminal connects to, as redis-cli does; the embedded broker is nowhere."""
        where = self.connection_pool.connection_kwargs
        if "path" in where:
            return f"redis {where['path']}"
        host = where.get("host", "127.0.0.1")
        return f"{f'[{host}]' if ':' in host else host}:{where.get('port', 6379)}"


async def _next_reply(connection: AbstractConnection) -> Reply:
    try:
        return await connection.read_response(disconnect_on_error=False)
    except ErrorReply as error:
        return error


def _packed(connection: AbstractConnection, words: list[bytes]) -> Iterable[bytes]:
    """Pack a command as the connection does, so that whoever guards it sees it.

    Only a name that holds spaces or nothing is packed here, since redis-py would take it apart: no
    command is called so, and the server says that.
    """
    if words[0].split() == [words[0]]:
        return connection.pack_command(*words)
    return [b"*%d\r\n" % len(words), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)]


def _refusal(problem: Exception, place: str) -> str:
    causes = (problem, problem.__cause__, problem.__context__)
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
    why = "Connection refused" if refused else "the connection cannot be made"
    return f"Could not connect to Redis at {place}: {why}"


def _last_words(problem: Exception) -> str:
    if isinstance(problem, NoConnection):
        return str(problem)
    return f"Error: {problem if isinstance(problem, redis.InvalidResponse) else CLOSED}"
