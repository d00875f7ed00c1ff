"""Run a script in Lua 5.1, the version that Redis has, by the package lupa, where it is installed.

Here a script meets what Redis gives it: KEYS, ARGV, `redis.call` and the libraries. Which commands
it may run, and what EVAL answers, the rules say.
Follows https://redis.io/docs/latest/develop/programmability/lua-api/
"""

import threading
from collections.abc import Callable
from functools import partial
from hashlib import sha1
from importlib.resources import files
from importlib.util import find_spec
from math import floor
from typing import Any, NamedTuple, Protocol

from . import lua_bits, lua_json
from ._fakeredis import SimpleError, SimpleString
from .wire import BigNumber, Pairs, RespSet, Text, number_text

PRELUDE = "script_globals.lua"
VERSION, VERSION_NUMBER = b"8.2.3", 0x00080203
STEPS = 200_000_000  # of Lua: a second or two; after five, a real server answers BUSY to others
DEEPEST = 200  # a reply in a reply in a reply
STACK_LIMIT = "ERR reached lua stack limit"
NO_COMMAND = "ERR Please specify at least one argument for this redis lib call"
NO_WORDS = "ERR Lua redis lib command arguments must be strings or integers"
NO_TEXT = b"ERR wrong number or type of arguments"
NO_REPLICATION = "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE."
CONSTANTS = {
    **{b"LOG_DEBUG": 0, b"LOG_VERBOSE": 1, b"LOG_NOTICE": 2, b"LOG_WARNING": 3},
    **{b"REPL_NONE": 0, b"REPL_AOF": 1, b"REPL_SLAVE": 2, b"REPL_REPLICA": 2, b"REPL_ALL": 3},
    **{b"REDIS_VERSION": VERSION, b"REDIS_VERSION_NUM": VERSION_NUMBER},
}
AS_FUNCTIONS = """
function(library, null)
    for name, part in pairs(library) do
        local is_function = type(part) == 'userdata' and part ~= null
        library[name] = is_function and python.as_function(part) or part
    end
    return library
end
"""


def has_lua() -> bool:
    """Say whether scripts can run here."""
    return find_spec("lupa") is not None


class Host(Protocol):
    """What a script reaches of the broker that runs it."""

    def call(self, words: list[bytes], protocol: int) -> Any:
        """Run a command and return its reply, an error as well."""

    def exists(self, words: list[bytes]) -> bool:
        """Say whether there is such a command."""

    def random(self) -> float:
        """Draw a number from 0 to below 1."""

    def seed(self, number: int) -> None:
        """Let the same numbers be drawn again."""


class Failure(NamedTuple):
    """How a script failed: the error, and where the script was, if that is known."""

    error: str
    source: str
    line: int | None


class CallFailed(Exception):
    """An error of `redis`, which ends a script that does not catch it."""


class LibraryFailed(Exception):
    """An error of another library: its text begins with the line of the script."""


class Lua:
    """An interpreter, for the scripts of every broker; it runs one script at a time."""

    def __init__(self) -> None:
        # It takes a moment, and few clients send a script.
        from lupa import lua51  # type: ignore[import-untyped] # it has none

        self._host: Host | None = None
        self._protocol = 2
        self._lua = lua51.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True
        )
        self._null = self._lua.eval("newproxy(true)")
        self._as_functions = self._lua.eval(AS_FUNCTIONS)
        load = self._lua.eval("function(text) return assert(loadstring(text, '=redis')) end")
        run_prelude = load(files(__package__).joinpath(PRELUDE).read_bytes())
        self._of_lua = run_prelude(*map(self._library, self._libraries()), STEPS)

    def compile(self, text: bytes) -> Callable[..., Any]:
        """Read a script. Raises SimpleError for what is no Lua."""
        found = self._of_lua[b"compile"](text)
        if isinstance(found, tuple):
            problem = found[1].decode("utf-8", "replace")
            raise SimpleError(f"ERR Error compiling script (new function): {problem}")
        return found

    def run(self, chunk: Any, keys: list[bytes], arguments: list[bytes], host: Host) -> Any:
        """Run a script that `compile` has read; return its reply, or the Failure that ended it."""
        self._host, self._protocol = host, 2
        try:
            tables = self._lua.table_from(keys), self._lua.table_from(arguments)
            done, result = self._of_lua[b"run"](chunk, *tables)
            return self._reply(result, 0) if done else self._failure(result)
        finally:
            self._host = None

    def _libraries(self) -> tuple[dict[bytes, Any], ...]:
        """What the globals are made with: the host's part, `redis` and `cjson`."""
        host = {
            b"described": _described,
            b"random": _told(self._random),
            b"seed": _told(self._seed),
        }
        redis = {
            b"call": self._call,
            b"pcall": self._ask,
            b"setresp": self._setresp,
            b"error_reply": self._error_reply,
            b"status_reply": self._status_reply,
            b"sha1hex": self._sha1hex,
            b"log": _log,
            b"set_repl": _set_repl,
            b"acl_check_cmd": self._acl_check_cmd,
            b"replicate_commands": lambda: True,
            b"breakpoint": lambda: False,
            b"debug": lambda *values: None,
            **CONSTANTS,
        }
        cjson = {
            b"encode": _told(self._encode),
            b"decode": _told(self._decode),
            b"encode_keep_buffer": lambda *how: True,
            b"null": self._null,
            b"_NAME": b"cjson",
            b"_VERSION": b"2.1.0",
        }
        bits = {name.encode(): _told(partial(lua_bits.counted, name)) for name in lua_bits.LEAST}
        return host, redis, cjson, {**bits, b"tohex": _told(lua_bits.hexadecimal)}

    def _library(self, contents: dict[bytes, Any]) -> Any:
        return self._as_functions(self._lua.table_from(contents), self._null)

    def _hosted(self) -> Host:
        assert self._host, "a script runs"
        return self._host

    def _call(self, *words: Any) -> Any:
        reply = self._answer(words)
        if isinstance(reply, SimpleError):
            raise CallFailed(reply.value)
        return self._in_lua(_for_lua(reply, self._protocol))

    def _ask(self, *words: Any) -> Any:
        return self._in_lua(_for_lua(self._answer(words), self._protocol))

    def _answer(self, words: tuple[Any, ...]) -> Any:
        if not words:
            return SimpleError(NO_COMMAND)
        try:
            return self._hosted().call(list(map(_word, words)), self._protocol)
        except SimpleError as refusal:
            return refusal

    def _in_lua(self, value: Any) -> Any:
        if not isinstance(value, list | dict):
            return value
        parts = value.items() if isinstance(value, dict) else enumerate(value, 1)
        return self._lua.table_from({key: self._in_lua(part) for key, part in parts})

    def _setresp(self, *versions: Any) -> None:
        if len(versions) != 1:
            raise CallFailed("ERR redis.setresp() requires one argument.")
        if versions[0] not in (2, 3, b"2", b"3"):
            raise CallFailed("ERR RESP version must be 2 or 3.")
        self._protocol = int(versions[0])

    def _error_reply(self, *texts: Any) -> Any:
        if len(texts) != 1 or not isinstance(texts[0], bytes):
            return self._in_lua({b"err": NO_TEXT})
        text = texts[0].removeprefix(b"-")
        return self._in_lua({b"err": text if b" " in text else b"ERR " + text})

    def _status_reply(self, *texts: Any) -> Any:
        one = len(texts) == 1 and isinstance(texts[0], bytes)
        return self._in_lua({b"ok": texts[0]} if one else {b"err": NO_TEXT})

    def _sha1hex(self, *texts: Any) -> bytes:
        if len(texts) != 1:
            raise CallFailed("ERR wrong number of arguments")
        text = texts[0] if isinstance(texts[0], bytes | int | float) else b""
        return sha1(self._of_lua[b"tostring"](text)).hexdigest().encode()

    def _acl_check_cmd(self, *words: Any) -> bool:
        if not words:
            raise CallFailed(NO_COMMAND)
        try:
            exists = self._hosted().exists(list(map(_word, words)))
        except SimpleError:
            raise CallFailed(NO_WORDS) from None
        if not exists:
            raise CallFailed("ERR Invalid command passed to redis.acl_check_cmd()")
        return True

    def _encode(self, *values: Any) -> bytes:
        _one("encode", values)
        return lua_json.encoded(values[0], self._of_lua[b"type"])

    def _decode(self, *texts: Any) -> Any:
        _one("decode", texts)
        if not isinstance(texts[0], bytes | int | float) or isinstance(texts[0], bool):
            kind = self._of_lua[b"type"](texts[0]).decode()
            raise ValueError(f"bad argument #1 to 'decode' (string expected, got {kind})")
        return self._in_lua(lua_json.decoded(self._of_lua[b"tostring"](texts[0]), self._null))

    def _random(self, *bounds: Any) -> float:
        drawn = self._hosted().random()
        if not bounds:
            return drawn
        if len(bounds) > 2:
            raise ValueError("wrong number of arguments")
        numbers = [lua_bits.number(bound, n, "random") for n, bound in enumerate(bounds, 1)]
        low, high = (1, *numbers)[-2:]
        if low > high:
            raise ValueError(f"bad argument #{len(bounds)} to 'random' (interval is empty)")
        return floor(drawn * (high - low + 1)) + low

    def _seed(self, *numbers: Any) -> None:
        lua_bits.given(numbers, 1, "randomseed")
        self._hosted().seed(int(lua_bits.number(numbers[0], 1, "randomseed")))

    def _failure(self, problem: Any) -> Failure:
        field = self._of_lua[b"rawget"]
        text, source, line = (field(problem, name) for name in (b"err", b"source", b"line"))
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else "ERR unknown error"
        return Failure(shown, (source or b"").decode("utf-8", "replace"), line)

    def _reply(self, value: Any, depth: int) -> Any:
        kind = self._of_lua[b"type"](value)
        if kind == b"string":
            return value
        if kind == b"number":
            return _integer(value)
        if kind == b"boolean":
            return value if self._protocol == 3 else (1 if value else None)
        if kind != b"table":
            return None
        return self._compound(value, depth) if depth < DEEPEST else SimpleError(STACK_LIMIT)

    def _compound(self, value: Any, depth: int) -> Any:
        field = self._of_lua[b"rawget"]
        if isinstance(error := field(value, b"err"), bytes):
            return SimpleError(_one_line(error).decode("utf-8", "replace"))
        if isinstance(status := field(value, b"ok"), bytes):
            return SimpleString(_one_line(status))
        double = field(value, b"double")
        if isinstance(double, int | float) and not isinstance(double, bool):
            return float(double)
        if self._is_table(pairs := field(value, b"map")):
            return {
                self._reply(key, depth + 1): self._reply(part, depth + 1)
                for key, part in pairs.items()
            }
        if self._is_table(members := field(value, b"set")):
            return RespSet(self._reply(member, depth + 1) for member in members)
        if isinstance(number := field(value, b"big_number"), bytes):
            return BigNumber(_one_line(number))
        verbatim = field(value, b"verbatim_string")
        if self._is_table(verbatim) and isinstance(text := field(verbatim, b"string"), bytes):
            return Text(text)
        parts: list[Any] = []
        while (part := field(value, len(parts) + 1)) is not None:
            parts.append(self._reply(part, depth + 1))
        return parts

    def _is_table(self, value: Any) -> bool:
        return bool(self._of_lua[b"type"](value) == b"table")


_of_thread = threading.local()


def lua() -> Lua:
    """Return the interpreter of this thread: so no broker waits for the script of another one."""
    if not hasattr(_of_thread, "lua"):
        _of_thread.lua = Lua()
    return _of_thread.lua


def _described(error: Any) -> Any:
    """Say with what a function of ours has failed, and whether that begins with the line."""
    if isinstance(error, CallFailed | LibraryFailed):
        error.with_traceback(None)  # whose frames hold the script, which holds the error
        return str(error).encode(), isinstance(error, LibraryFailed)
    return None


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a script hear of what was wrong in its arguments."""

    def call(*values: Any) -> Any:
        try:
            return function(*values)
        except ValueError as error:
            raise LibraryFailed(str(error)) from None

    return call


def _one(name: str, values: tuple[Any, ...]) -> None:
    if len(values) != 1:
        raise ValueError(f"bad argument #1 to '{name}' (expected 1 argument)")


def _word(value: Any) -> bytes:
    """Write what a script gives to a command. Raises SimpleError for what is no word."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SimpleError(NO_WORDS)
    is_whole = value == value // 1 and abs(value) < 2**63
    return b"%d" % value if is_whole else number_text(value)


def _for_lua(reply: Any, protocol: int) -> Any:
    """Say what a script sees of a reply, in lists and dictionaries."""
    if isinstance(reply, SimpleError):
        return {b"err": reply.value.encode(), b"ignore_error_stats_update": True}
    if isinstance(reply, SimpleString):
        return {b"ok": reply.value}
    if reply is None:
        return None if protocol == 3 else False
    if isinstance(reply, bool):
        return reply if protocol == 3 else int(reply)
    if isinstance(reply, float):
        return {b"double": reply} if protocol == 3 else number_text(reply)
    if isinstance(reply, str):
        return reply.encode()
    if isinstance(reply, Pairs | dict):
        pairs = list(reply.items() if isinstance(reply, dict) else reply)
        seen = [[_for_lua(key, protocol), _for_lua(part, protocol)] for key, part in pairs]
        return {b"map": dict(seen)} if protocol == 3 else [word for pair in seen for word in pair]
    if isinstance(reply, RespSet | set) and protocol == 3:
        return {b"set": {_for_lua(part, protocol): True for part in reply}}
    if isinstance(reply, list | tuple | set):
        return [_for_lua(part, protocol) for part in reply]
    return bytes(reply) if isinstance(reply, bytes) else reply


def _log(*words: Any) -> None:
    """Take a line for the server's log, which nobody keeps here."""
    if len(words) < 2:
        raise CallFailed("ERR redis.log() requires two arguments or more.")
    if not isinstance(words[0], int | float):
        raise CallFailed("ERR First argument must be a number (log level).")
    if not 0 <= words[0] <= 3:
        raise CallFailed("ERR Invalid log level.")


def _set_repl(*flags: Any) -> None:
    if len(flags) != 1:
        raise CallFailed("ERR redis.set_repl() requires one argument.")
    if flags[0] not in (0, 1, 2, 3):
        raise CallFailed(NO_REPLICATION)


def _integer(number: float) -> int:
    """Cut a number off as Redis does: what is too large for 64 bits becomes the smallest."""
    try:
        whole = int(number)
    except (OverflowError, ValueError):
        whole = 2**63
    return whole if -(2**63) <= whole < 2**63 else -(2**63)


def _one_line(text: bytes) -> bytes:
    return text.replace(b"\r", b" ").replace(b"\n", b" ")
