"""Rules about scripts in Lua; they need the package lupa."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from ..engine._fakeredis import FLAG_NO_SCRIPT, OK, SimpleError
from ..engine.arguments import fail, integer, is_word, text_of
from ..engine.commands import Handler, command, known_commands, needs_real_server, resolve_name
from ..engine.core import EmbeddedSocket
from ..engine.lua import Failure, has_lua, lua

SCRIPTING = ("eval", "script|")  # so the names of their commands begin
NO_SCRIPT = "NOSCRIPT No matching script. Please use EVAL."
TELLING = ("publish", "spublish")  # to tell others counts as writing
CROSSES_SLOTS = b"allow-cross-slot-keys"
FLAGS = frozenset((b"no-writes", b"allow-oom", b"allow-stale", b"no-cluster", CROSSES_SLOTS))
READ_ONLY = "ERR Write commands are not allowed from read-only scripts."
# The generator of drand48, from which math.random draws.
MULTIPLIER, INCREMENT, MODULUS = 0x5DEECE66D, 0xB, 2**48
LARGEST = 2**31 - 1


@dataclass
class Script:
    """A script that runs: what its first line declares, if that is a shebang, and its keys."""

    flags: frozenset[bytes] | None
    reads_only: bool
    keys: list[bytes]


class AScriptIsOneCommand(EmbeddedSocket):
    """A script runs as one command: no other client's command comes between those that it calls.

    Who waits for a key is served when the script has ended, and nothing in it waits. A command that
    fails ends it, and what it has done by then remains.
    Follows https://redis.io/docs/latest/develop/programmability/eval-intro/
    """

    _script: Script | None = None  # the one that runs

    @classmethod
    def is_pretended(cls, name: str) -> bool:
        ours = name.startswith(SCRIPTING) and not has_lua()
        return ours or name == "script" or super().is_pretended(name)  # alone it does nothing

    @classmethod
    def missing(cls, name: str) -> SimpleError:
        if name.startswith(SCRIPTING) and not has_lua():
            return needs_real_server(name, cls.ADVICE, "a real server, or the package lupa")
        return super().missing(name)

    @command("eval", flags=(FLAG_NO_SCRIPT,))
    def eval(self, script: bytes, numkeys: bytes, *keys_and_args: bytes) -> Any:
        return self._eval(script, numkeys, keys_and_args, False)

    @command("eval_ro", flags=(FLAG_NO_SCRIPT,))
    def eval_ro(self, script: bytes, numkeys: bytes, *keys_and_args: bytes) -> Any:
        return self._eval(script, numkeys, keys_and_args, True)

    @command("evalsha", flags=(FLAG_NO_SCRIPT,))
    def evalsha(self, sha: bytes, numkeys: bytes, *keys_and_args: bytes) -> Any:
        return self._evalsha(sha, numkeys, keys_and_args, False)

    @command("evalsha_ro", flags=(FLAG_NO_SCRIPT,))
    def evalsha_ro(self, sha: bytes, numkeys: bytes, *keys_and_args: bytes) -> Any:
        return self._evalsha(sha, numkeys, keys_and_args, True)

    def _eval(
        self, script: bytes, numkeys: bytes, words: tuple[bytes, ...], reads_only: bool
    ) -> Any:
        count = _number_of_keys(numkeys, words)
        _learn(self, script)
        return self._run_script(script, [*words[:count]], [*words[count:]], reads_only)

    def _evalsha(
        self, sha: bytes, numkeys: bytes, words: tuple[bytes, ...], reads_only: bool
    ) -> Any:
        count = _number_of_keys(numkeys, words)
        script = self._server.script_cache.get(sha.lower())
        if script is None:
            fail(NO_SCRIPT)
        return self._run_script(script, [*words[:count]], [*words[count:]], reads_only)

    def _run_script(
        self, text: bytes, keys: list[bytes], arguments: list[bytes], reads_only: bool
    ) -> Any:
        flags = flags_of(text)
        if reads_only and flags is not None and b"no-writes" not in flags:
            fail("ERR Can not execute a script with write flag using *_ro command.")
        script = Script(flags, reads_only or b"no-writes" in (flags or ()), [*keys])
        self._check_script(script)
        chunk = lua().compile(_without_shebang(text))
        with self._within(script):
            result = lua().run(chunk, keys, arguments, ScriptHost(self, script))
        if isinstance(result, Failure):
            where = f" script: {_sha(text)}, on {result.source}:{result.line}."
            fail(f"{result.error}{where if result.line is not None else ''}")
        return result

    def _check_script(self, script: Script) -> None:
        """Refuse a script, by raising, before it runs: rules do."""

    @contextmanager
    def _within(self, script: Script) -> Iterator[None]:
        """Let commands run as in a script, and leave no trace of that on the connection."""
        database, info = (self._db, self._db_num), dict(self._client_info)
        in_transaction, typed, running = self._in_transaction, self.typed, self.running
        self._script, self._in_transaction = script, True  # nothing waits in a script
        self._script_resp = 2  # by this, fakeredis knows that it is in one
        try:
            yield
        finally:
            (self._db, self._db_num), self._in_transaction = database, in_transaction
            self._client_info.update(info)  # its protocol, and that its last command was EVAL
            self.typed, self.running = typed, running
            self._script, self._script_resp = None, None


class ScriptHost:
    """What a script reaches of the broker, through the connection of the client that sent it."""

    def __init__(self, socket: EmbeddedSocket, script: Script) -> None:
        self._socket, self._script = socket, script

    def call(self, words: list[bytes], protocol: int) -> Any:
        """Run a command of a script, and return its reply."""
        socket = self._socket
        socket._client_info["resp"] = socket._script_resp = protocol
        try:
            handler = self._resolve(words)
            arguments = words[2:] if "|" in handler.command.name else words[1:]
            socket._check(handler, arguments)
        except SimpleError as refusal:
            return refusal
        socket.typed = words
        return socket._run(handler, arguments)

    def _resolve(self, words: list[bytes]) -> Handler:
        if not self.exists(words):
            fail("ERR Unknown Redis command called from script")
        known = known_commands()[resolve_name(words)]
        if "noscript" in known.flags:
            fail("ERR This Redis command is not allowed from script")
        if self._script.reads_only and ("write" in known.flags or known.name in TELLING):
            fail(READ_ONLY)
        try:
            return self._socket.resolve(words)
        except SimpleError as refusal:
            if refusal.value.startswith("ERR wrong number of arguments"):
                fail("ERR Wrong number of args calling Redis command from script")
            raise

    def exists(self, words: list[bytes]) -> bool:
        """Say whether there is such a command."""
        return resolve_name(words) in known_commands()

    def random(self) -> float:
        """Draw a number from 0 to below 1, the next one of this broker."""
        server = self._socket._server
        server.dice = (server.dice * MULTIPLIER + INCREMENT) % MODULUS
        return (server.dice >> 17) % LARGEST / LARGEST

    def seed(self, number: int) -> None:
        """Let the same numbers be drawn again."""
        self._socket._server.dice = (number % 2**32) << 16 | 0x330E


class ScriptsAreKnownByTheirHash(EmbeddedSocket):
    """EVAL and SCRIPT LOAD keep a script, which EVALSHA runs by its SHA1.

    Follows https://redis.io/docs/latest/commands/evalsha/
    """

    @command("script load", flags=(FLAG_NO_SCRIPT,))
    def script_load(self, script: bytes) -> bytes:
        return _learn(self, script)

    @command("script exists", flags=(FLAG_NO_SCRIPT,))
    def script_exists(self, *hashes: bytes) -> list[int]:
        return [int(sha.lower() in self._server.script_cache) for sha in hashes]

    @command("script flush", flags=(FLAG_NO_SCRIPT,))
    def script_flush(self, *how: bytes) -> Any:
        if len(how) > 1 or (how and not is_word(how[0], b"sync", b"async")):
            fail("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
        self._server.script_cache.clear()
        return OK

    @command("script kill", flags=(FLAG_NO_SCRIPT,))
    def script_kill(self) -> Any:
        fail("NOTBUSY No scripts in execution right now.")


RULES = (AScriptIsOneCommand, ScriptsAreKnownByTheirHash)


def _number_of_keys(numkeys: bytes, words: tuple[bytes, ...]) -> int:
    count = integer(numkeys)
    if count > len(words):
        fail("ERR Number of keys can't be greater than number of args")
    if count < 0:
        fail("ERR Number of keys can't be negative")
    return count


def _learn(socket: EmbeddedSocket, script: bytes) -> bytes:
    """Keep a script, if it can be read, and return its hash."""
    sha = _sha(script).encode()
    if sha not in socket._server.script_cache:
        flags_of(script)
        lua().compile(_without_shebang(script))
        socket._server.script_cache[sha] = script
    return sha


def _sha(script: bytes) -> str:
    return sha1(script).hexdigest()


def _without_shebang(script: bytes) -> bytes:
    """Leave out the line that names the engine; the lines keep their numbers."""
    return script[script.index(b"\n") :] if script.startswith(b"#!") else script


def flags_of(script: bytes) -> frozenset[bytes] | None:
    """Read the flags in the first line of a script, or None where it declares nothing."""
    if not script.startswith(b"#!"):
        return None
    line, newline, _ = script.partition(b"\n")
    if not newline:
        fail("ERR Invalid script shebang")
    engine, *options = line.split()
    if engine.lower() != b"#!lua":
        fail(f"ERR Unexpected engine in script shebang: {text_of(engine)}")
    flags: set[bytes] = set()
    for option in options:
        if not option.startswith(b"flags="):
            fail(f"ERR Unknown lua shebang option: {text_of(option)}")
        flags |= {word for word in option.removeprefix(b"flags=").split(b",") if word}
    for flag in sorted(flags - FLAGS):
        fail(f"ERR Unexpected flag in script shebang: {text_of(flag)}")
    return frozenset(flags)
