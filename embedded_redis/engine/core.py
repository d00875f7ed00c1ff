"""The embedded broker's end of a connection: from bytes to a command, from a reply to bytes.

What is here is plumbing. What Redis demands of each command is in the rules, which are mixed in
front of this class.
"""

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

import redis

from ._fakeredis import (
    FLAG_LEAVE_EMPTY_VAL,
    FLAG_TRANSACTION,
    QUEUED,
    AsyncFakeSocket,
    NoResponse,
    SimpleError,
)
from .clock import broker_time as time
from .commands import (
    Handler,
    has_right_arity,
    known_commands,
    needs_real_server,
    resolve_name,
    unknown_command,
    unknown_subcommand,
    wrong_arity,
)
from .outlets import Outlet
from .server import EmbeddedDatabase, EmbeddedServer
from .wire import Frames, Push, encode, join_command, split_command

_ports = itertools.count(49152)


class EmbeddedSocket(AsyncFakeSocket):
    """One client's connection, as the broker sees it."""

    HANDLERS: ClassVar[dict[str, Handler]]
    BY_FIRST_WORD: ClassVar[dict[bytes, Handler]]
    ADVICE: ClassVar[str] = ""
    _server: EmbeddedServer
    _db: EmbeddedDatabase

    def __init__(self, server: EmbeddedServer, outlet: Outlet) -> None:
        self._outlet: Outlet | None = outlet
        self._inbox = b""
        self._late: list[Any] = []
        self.typed: list[bytes] = []  # the words that the client sent last
        # The command that runs, also as part of a transaction.
        self.running: tuple[str, list[bytes]] = ("", [])
        self.closes_after_reply = False
        self.topics: dict[str, dict[bytes, None]] = {"sub": {}, "psub": {}, "ssub": {}}
        self.address = ("127.0.0.1", next(_ports))
        # fakeredis' own __init__ of the async socket wants a running loop; ours may have none.
        super(AsyncFakeSocket, self).__init__(server, 0, client_class=redis.Redis)
        self._client_info["-created"] = time.time()
        self._client_info["addr"] = "{}:{}".format(*self.address)
        self._client_info["laddr"] = "127.0.0.1:6379"

    @classmethod
    def resolve(cls, words: list[bytes]) -> Handler:
        """Find how to run a command, or raise the error that Redis 8.2 answers."""
        handler = cls.BY_FIRST_WORD.get(words[0])
        if handler and has_right_arity(handler.command, len(words)):
            return handler
        return cls._resolve_slowly(words)

    @classmethod
    def _resolve_slowly(cls, words: list[bytes]) -> Handler:
        name = resolve_name(words)
        if name not in known_commands():
            raise unknown_subcommand(*words[:2]) if "|" in name else unknown_command(words)
        if not has_right_arity(known_commands()[name], len(words)):
            raise wrong_arity(known_commands()[name])
        if name not in cls.HANDLERS:
            raise cls.missing(name)
        return cls.HANDLERS[name]

    @classmethod
    def is_pretended(cls, name: str) -> bool:
        """Say whether fakeredis does not really do a command; a rule knows which."""
        return False

    @classmethod
    def missing(cls, name: str) -> SimpleError:
        """The error of a command that Redis has and this broker has not."""
        return cls.needs_real_server(name)

    @classmethod
    def needs_real_server(cls, name: str) -> SimpleError:
        """The error of what only a real server can do, with the advice of whoever made this one."""
        return needs_real_server(name, cls.ADVICE)

    def sendall(self, data: bytes) -> None:  # type: ignore[override] # nobody sends it a str
        """Take bytes from the client and run every command that is complete."""
        with self._server.lock:
            sender = self._outlet
            self._inbox += data
            self._run_inbox()
            self._server.send_replies(sender)

    def run(self, words: list[bytes]) -> None:
        """Take a whole command, already in words, from a client that need not pack them."""
        if self._inbox or self._paused:
            self.sendall(join_command(words))
        elif sender := self._outlet:
            with self._server.lock:
                self._process_command(words)
                self._server.send_replies(sender)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._run_inbox()

    def _run_inbox(self) -> None:
        while self._inbox and not self._paused and self._outlet:
            found = split_command(self._inbox)
            if found is None:
                return
            words, end = found
            self._inbox = self._inbox[end:]
            self._process_command(words)

    def _process_command(self, fields: list[bytes]) -> None:
        if not fields:
            return
        server = self._server
        server.prepare()
        if self._outlet is None:  # an outage or a kill came first
            return
        server.current = self
        server.commands_processed += 1
        try:
            self._reply(self._answer(fields))
        finally:
            server.current = None
        if server.room.ready or server.resumable:
            server.settle()

    def _answer(self, words: list[bytes]) -> Any:
        """Check a command, then run it, or queue it when the client is in MULTI."""
        self.typed = words
        try:
            handler = self.resolve(words)
            arguments = words[2:] if "|" in handler.command.name else words[1:]
            self._check(handler, arguments)
        except SimpleError as refusal:
            return self._refused(words, refusal)
        if self._transaction is None or not self._queueing:
            return self._run(handler, arguments)
        if FLAG_TRANSACTION in handler.signature.flags:
            return self._run(handler, arguments)
        if not (self._transaction_failed or self._watch_notified):  # else it will never run
            self._transaction.append((self._queued(handler, words), handler, arguments))
        return QUEUED

    def _queued(self, handler: Handler, words: list[bytes]) -> Callable[..., Any]:
        """Bind a command to the words it was typed with, for EXEC to run later."""

        def run(*arguments: Any) -> Any:
            self.typed = words
            return getattr(self, handler.function)(*arguments)

        return run

    def _refused(self, words: list[bytes], refusal: SimpleError) -> SimpleError:
        """Answer a command that is refused: the transaction around it has failed."""
        self._transaction_failed = self._transaction_failed or self._queueing
        return refusal

    def _check(self, handler: Handler, arguments: list[bytes]) -> None:
        """Refuse a command, by raising, before it is run or queued: rules do."""

    def _run(self, handler: Handler, arguments: list[bytes]) -> Any:
        function = getattr(self, handler.function)
        return self._run_command(function, handler, arguments, False)

    def _run_command(  # type: ignore[override] # EXEC hands back what was queued here
        self, func: Callable[..., Any], sig: Handler, args: list[bytes], from_script: bool
    ) -> Any:
        self.running = (sig.command.name, args)
        items: list[Any] = []
        try:
            if sig.takes_bytes:
                return func(*args)
            prepared = sig.signature.apply(args, self._db, self.version)
            if len(prepared) == 1:
                return prepared[0]
            arguments, items = prepared
            return func(*arguments)
        except SimpleError as error:
            return error
        finally:
            for item in items:
                item.writeback(remove_empty_val=FLAG_LEAVE_EMPTY_VAL not in sig.signature.flags)

    def _reply(self, reply: Any) -> None:
        """Send a command's reply, unless CLIENT REPLY silenced it, then the late messages."""
        silent = (self._reply_off or self._reply_skip) and not isinstance(reply, Frames)
        self._reply_skip, self._reply_skip_next = self._reply_skip_next, False
        if not silent and not isinstance(reply, NoResponse):
            self.put_response(reply)
        if self._late:
            late, self._late = self._late, []
            for message in late:
                self.put_response(message)
        if self.closes_after_reply:
            self.close()

    def put_response(self, msg: Any) -> None:
        if self._outlet:
            self._outlet.feed(encode(msg, self._client_info["resp"]))
            self._server.written[self._outlet] = None

    def push(self, message: list[Any]) -> None:
        """Send a message that is no reply: after the reply, if this client's command runs."""
        if self._server.current is self:
            self._late.append(Push(message))
        else:
            self.put_response(Push(message))

    def _decode_result(self, result: Any) -> Any:
        return result  # encoding deals with it

    @staticmethod
    def _client_type(sock: Any) -> bytes:
        return b"pubsub" if sock.is_subscriber() else b"normal"

    def is_subscriber(self) -> bool:
        """Say whether the client has any subscription."""
        topics = self.topics
        return bool(topics["sub"] or topics["psub"] or topics["ssub"])

    def drop_subscription(self, kind: str, name: bytes) -> None:
        """Take a subscription out of the broker's books, without a confirmation."""
        self.topics[kind].pop(name, None)
        subscribers = self._server.topics[kind].get(name, {})
        subscribers.pop(self, None)
        if not subscribers:
            self._server.topics[kind].pop(name, None)

    def unsubscribe_silently(self) -> None:
        """Drop every subscription, without confirmations."""
        for kind, names in self.topics.items():
            for name in list(names):
                self.drop_subscription(kind, name)

    def hang_up(self) -> None:
        """Close the connection from the broker's side."""
        if self._outlet:
            outlet, self._outlet = self._outlet, None
            outlet.close()
            self._server.written[outlet] = None

    def leave(self) -> None:
        """The client has closed its connection."""
        with self._server.lock:
            self.close()
            self._server.send_replies()

    def abandon(self) -> None:
        """The client has dropped its connection without closing it; see to it soon."""
        self._server.abandoned.append(self)

    def close(self) -> None:
        """End the connection; rules add what must be forgotten."""
        self.hang_up()
        if self in self._server.sockets:
            self._server.sockets.remove(self)
