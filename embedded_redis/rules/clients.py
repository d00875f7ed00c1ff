"""Rules about connections: how they end, what CLIENT LIST says of them, and what ends a wait."""

from typing import Any

from ..engine._fakeredis import FLAG_NO_SCRIPT, FLAG_TRANSACTION, OK, SimpleError, SimpleString
from ..engine.arguments import fail, integer, is_word
from ..engine.clock import broker_time as time
from ..engine.commands import Handler, command, wrong_subcommand
from ..engine.core import EmbeddedSocket
from ..engine.wire import Text

CLIENT_TYPES = (b"normal", b"master", b"replica", b"slave", b"pubsub")
SUPPORTED_PROTOCOLS = (2, 3)
REDIS_VERSION = "8.2.3"  # the server with which the rules are compared
NO_PASSWORD_IS_SET = (
    "ERR AUTH <password> called without any password configured for the default user. "
    "Are you sure your configuration is correct?"
)
UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK"


class ClosedClientsAreForgotten(EmbeddedSocket):
    """A client that has gone is counted nowhere and takes nothing: no subscription, no wait.

    Follows https://redis.io/docs/latest/commands/client-list/
    """

    def close(self) -> None:
        super().close()
        self._forget_transaction()
        self._cleanup(self._server)
        self.unsubscribe_silently()
        if waiter := getattr(self, "_waiter", None):
            self._server.room.leave(waiter)
            waiter.cancel_timer()
            self._blocked = False


class KilledClientsAreHungUp(EmbeddedSocket):
    """CLIENT KILL closes the connection: its client reads "Connection closed by server."

    A client that kills itself still reads the reply, but not that of a whole transaction.
    Follows https://redis.io/docs/latest/commands/client-kill/
    """

    def kill(self) -> None:
        if self._server.current is self and not self._in_transaction:
            self.closes_after_reply = True
        else:
            self.close()

    @command("client kill")
    def client_kill(self, *filters: bytes) -> Any:
        if len(filters) % 2 == 0:
            return super().client_kill(*filters)
        if len(filters) > 1:
            fail("ERR syntax error")
        return self._kill_by_address(filters[0])

    def _kill_by_address(self, address: bytes) -> SimpleString:
        for client in self._server.sockets:
            if client._client_info["addr"].encode() == address:
                client.kill()
                return OK
        fail("ERR No such client")


class UnblockedClientsGetAnAnswer(EmbeddedSocket):
    """CLIENT UNBLOCK ends a wait as a time-out does, or with an error.

    Follows https://redis.io/docs/latest/commands/client-unblock/
    """

    @command("client unblock")
    def client_unblock(self, identity: bytes, *reason: bytes) -> int:
        if len(reason) > 1:
            raise wrong_subcommand(self.typed)
        if reason and not is_word(reason[0], b"timeout", b"error"):
            fail("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
        wanted = integer(identity)
        error = SimpleError(UNBLOCKED) if reason and is_word(reason[0], b"error") else None
        for client in self._server.sockets:
            if client._client_info["id"] == wanted and client._blocked:
                self._server.room.finish(client._waiter, error)
                return 1
        return 0


class ClientListTellsWhatClientsDo(EmbeddedSocket):
    """CLIENT LIST and CLIENT INFO show flags, subscriptions, transaction and last command.

    The sizes of buffers are left out: nothing here has them.
    Follows https://redis.io/docs/latest/commands/client-list/
    """

    def _check(self, handler: Handler, arguments: list[bytes]) -> None:
        self._client_info["cmd"] = handler.command.name
        self._client_info["-active"] = time.time()
        super()._check(handler, arguments)

    @command("client info")
    def client_info_line(self) -> Text:
        return Text(_line(self).encode())

    @command("client list")
    def client_list(self, *filters: bytes) -> Text:
        chosen = self._server.sockets
        if len(filters) == 2 and is_word(filters[0], b"type"):
            chosen = [c for c in chosen if c._client_type(c) == _client_type(filters[1])]
        elif len(filters) > 1 and is_word(filters[0], b"id"):
            by_id = {client._client_info["id"]: client for client in chosen}
            wanted = [_identity(word) for word in filters[1:]]
            chosen = [by_id[identity] for identity in wanted if identity in by_id]
        elif filters:
            fail("ERR syntax error")
        return Text("".join(_line(client) for client in chosen).encode())


def _client_type(word: bytes) -> bytes:
    if word.lower() not in CLIENT_TYPES:
        fail(f"ERR Unknown client type '{word.decode('utf-8', 'replace')}'")
    return word.lower()


def _identity(word: bytes) -> int:
    return integer(word, "ERR Invalid client ID")


def _line(client: EmbeddedSocket) -> str:
    info, now = client._client_info, time.time()
    facts = {
        "id": info["id"],
        "addr": info["addr"],
        "laddr": info["laddr"],
        "fd": client.fileno(),
        "name": info.get("name", ""),
        "age": int(now - info["-created"]),
        "idle": int(now - info.get("-active", info["-created"])),
        "flags": _flags(client),
        "db": client._db_num,
        **{kind: len(topics) for kind, topics in client.topics.items()},
        "multi": -1 if client._transaction is None else len(client._transaction),
        "watch": len(client._watches),
        "events": "r",
        "cmd": info.get("cmd", "NULL"),
        "user": client.current_user.decode(),
        "redir": -1,
        "resp": info.protocol_version,
        "lib-name": info.get("lib-name", ""),
        "lib-ver": info.get("lib-ver", ""),
    }
    return " ".join(f"{name}={value}" for name, value in facts.items()) + "\n"


def _flags(client: EmbeddedSocket) -> str:
    flags = {
        "P": client.is_subscriber(),
        "x": client._transaction is not None,
        "b": client._blocked,
        "d": client._watch_notified,
        "e": client._no_evict,
        "T": client._no_touch,
    }
    return "".join(flag for flag, is_set in flags.items() if is_set) or "N"


class NamesAreChecked(EmbeddedSocket):
    """A client's name, and its library's, holds no spaces; a client without a name has none.

    Follows https://redis.io/docs/latest/commands/client-setname/
    """

    @command("client setname")
    def client_set_name(self, name: bytes) -> SimpleString:
        self._client_info["name"] = _checked(name, "Client names")
        return OK

    @command("client getname")
    def client_get_name(self) -> bytes | None:
        return self._client_info.get("name", "").encode() or None

    @command("client setinfo")
    def client_set_info(self, attribute: bytes, value: bytes) -> SimpleString:
        if not is_word(attribute, b"lib-name", b"lib-ver"):
            fail(f"ERR Unrecognized option '{attribute.decode('utf-8', 'replace')}'")
        name = attribute.decode().lower()
        self._client_info[name] = _checked(value, name)
        return OK


def _checked(word: bytes, what: str) -> str:
    if any(not 33 <= character <= 126 for character in word):
        fail(f"ERR {what} cannot contain spaces, newlines or special characters.")
    return word.decode()


class HelloNegotiatesTheProtocol(EmbeddedSocket):
    """HELLO tells who the server is, and refuses a protocol that it does not speak.

    Follows https://redis.io/docs/latest/commands/hello/
    """

    @command("hello", flags=(FLAG_NO_SCRIPT,))
    def hello(self, *words: bytes) -> dict[str, Any]:
        protocol = _protocol(words[0]) if words else self._client_info["resp"]
        self._read_hello_options(list(words[1:]))
        self._client_info["resp"] = protocol
        return {
            "server": "redis",
            "version": REDIS_VERSION,
            "proto": protocol,
            "id": self._client_info["id"],
            "mode": "standalone",
            "role": "master",
            "modules": [],
        }

    def _read_hello_options(self, words: list[bytes]) -> None:
        name = None
        while words:
            option = words.pop(0)
            if is_word(option, b"auth") and len(words) > 1:
                check_user(words.pop(0))
                words.pop(0)
            elif is_word(option, b"setname") and words:
                name = _checked(words.pop(0), "Client names")
            else:
                fail(f"ERR Syntax error in HELLO option '{option.decode('utf-8', 'replace')}'")
        if name is not None:
            self._client_info["name"] = name


def _protocol(word: bytes) -> int:
    text = "ERR Protocol version is not an integer or out of range"
    protocol = integer(word, text)
    if protocol not in SUPPORTED_PROTOCOLS:
        fail("NOPROTO unsupported protocol version")
    return protocol


class TheDefaultUserNeedsNoPassword(EmbeddedSocket):
    """AUTH accepts any password for the default user, and nobody else.

    Follows https://redis.io/docs/latest/commands/auth/
    """

    @command("auth", flags=(FLAG_NO_SCRIPT,))
    def authenticate(self, *words: bytes) -> SimpleString:
        if len(words) > 2:
            fail("ERR syntax error")
        if len(words) == 1:
            fail(NO_PASSWORD_IS_SET)
        check_user(words[0])
        return OK


def check_user(user: bytes) -> None:
    """Refuse everybody but the default user, whose password may be anything."""
    if user != b"default":
        fail("WRONGPASS invalid username-password pair or user is disabled.")


class ResetAndQuitEndTheSession(EmbeddedSocket):
    """RESET makes a connection as good as new; QUIT answers and hangs up.

    Follows https://redis.io/docs/latest/commands/reset/
    """

    @command("reset", flags=(FLAG_NO_SCRIPT, FLAG_TRANSACTION))
    def reset(self) -> SimpleString:
        self._forget_transaction()
        self._clear_watches()
        self.unsubscribe_silently()
        self._reply_off = self._reply_skip = self._reply_skip_next = False
        self._no_evict = self._no_touch = False
        self._client_info.update(name="", resp=2, user="default")
        self._db, self._db_num = self._server.dbs[0], 0
        return SimpleString(b"RESET")

    @command("quit", flags=(FLAG_NO_SCRIPT, FLAG_TRANSACTION))
    def quit(self, *ignored: bytes) -> SimpleString:
        self.closes_after_reply = True
        return OK


RULES = (
    ClosedClientsAreForgotten,
    KilledClientsAreHungUp,
    UnblockedClientsGetAnAnswer,
    ClientListTellsWhatClientsDo,
    NamesAreChecked,
    HelloNegotiatesTheProtocol,
    TheDefaultUserNeedsNoPassword,
    ResetAndQuitEndTheSession,
)
