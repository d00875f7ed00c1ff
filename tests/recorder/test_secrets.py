"""No secret is in anything that a recorder shows, writes or raises, however it is sent."""

import asyncio
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpers.broker.servers import Server
from helpers.errors import CourseError
from helpers.picture import Flow
from helpers.record import Record, Unseen, tell
from helpers.recorder import record
from helpers.recorder.__main__ import show
from helpers.recorder.accidents import Accidents
from helpers.recorder.conversation import Conversation
from helpers.recorder.passwords import HIDDEN

from .tap import port_of

SECRET = "sesame"
DIGEST = "5e" * 32
END = b"ECHO end\r\n"


def packed(*words: str) -> bytes:
    """Write a command as libraries do."""
    parts = (b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
    return b"*%d\r\n" % len(words) + b"".join(parts)


SAID = {
    "AUTH": [("AUTH", SECRET)],
    "AUTH of a user": [("AUTH", "ann", SECRET)],
    "AUTH with too much": [("AUTH", "ann", SECRET, SECRET)],
    "auth": [("auth", SECRET)],
    "HELLO": [("HELLO", "3", "AUTH", "ann", SECRET, "SETNAME", "shop")],
    "hello": [("hello", "3", "setname", "shop", "auth", "ann", SECRET)],
    "HELLO of no version": [("HELLO", "AUTH", "ann", SECRET)],
    "HELLO with too little": [("HELLO", "3", "AUTH", SECRET)],
    "late": [("PING",), ("AUTH", "ann", SECRET), ("HELLO", "3", "AUTH", "ann", SECRET)],
    "rules": [("ACL", "SETUSER", "kim", "on", f">{SECRET}", f"<{SECRET}", f"#{DIGEST}", "nopass")],
    "rules in brackets": [("ACL", "SETUSER", "kim", f"(>{SECRET} ~a)", f"( >{SECRET} )")],
    "rules that are wrong": [("acl", "setuser", "kim", f"!{SECRET}", f"x{SECRET}")],
    "rules tried": [("ACL", "SETUSER", "kim", f">{SECRET}"), ("ACL", "GETUSER", "kim")],
    "a rule with a typing error": [("ACL", "SETUSER", "kim", f" >{SECRET}")],
    "what may be used": [("ACL", "LIST"), ("ACL", "DRYRUN", "kim", "AUTH", SECRET)],
    "requirepass": [("CONFIG", "SET", "requirepass", SECRET), ("AUTH", SECRET)],
    "masterauth": [("config", "set", "maxmemory", "0", "masterauth", SECRET)],
    "asked": [("CONFIG", "SET", "masterauth", SECRET), ("CONFIG", "GET", "*auth*")],
    "keys of TLS": [("CONFIG", "SET", "tls-key-file-pass", SECRET)],
    "keys of TLS of a client": [("CONFIG", "SET", "tls-client-key-file-pass", SECRET)],
    "a setting in capitals": [("CONFIG", "SET", "MASTERAUTH", SECRET)],
    "a setting that is none": [("CONFIG", "SET", "requirepas", SECRET)],
    "a setting without its value": [("CONFIG", "SET", "maxmemory", "masterauth", SECRET)],
    "MIGRATE": [("MIGRATE", "127.0.0.1", "1", "", "0", "9", "AUTH2", "ann", SECRET, "KEYS", "a")],
    "in MULTI": [
        ("MULTI",),
        ("CONFIG", "SET", "masterauth", SECRET),
        ("AUTH", "ann", SECRET),
        ("ACL", "SETUSER", "kim", f">{SECRET}"),
        ("CONFIG", "GET", "masterauth"),
        ("EXEC",),
    ],
    "a command that is none": [("PING",), ("ATUH", SECRET), ("AUTHX", "ann", SECRET)],
    "a container that has no such command": [("CONFIG", "SETT", "masterauth", SECRET)],
    "a replica": [("REPLICAOF", "NO", "ONE"), ("CONFIG", "SET", "masteruser", SECRET)],
    "SENTINEL": [("SENTINEL", "SET", "mine", "auth-pass", SECRET)],
}
"""Commands, and what somebody might type in their place."""


@pytest.fixture(autouse=True)
def without_traces(server: Server) -> Iterator[None]:
    """Let a server be as it was: no user, no password."""
    yield
    for password in (SECRET, None):
        # Once: a server without a password refuses one, and a client would ask it for seconds.
        direct = redis.Redis(port=server.port, password=password, retry=Retry(NoBackoff(), 0))
        with direct, contextlib.suppress(redis.RedisError):
            direct.config_set("requirepass", "")
            direct.config_set("masterauth", "")
            direct.acl_deluser("kim")


async def say(port: int, data: bytes, size: int) -> None:
    """Send bytes, so many at a time in a segment of their own, and wait for the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for at in range(0, len(data), size):
            writer.write(data[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
        answer = b""
        async with asyncio.timeout(10):
            while b"end\r\n" not in answer and b"NOAUTH" not in answer:
                if not (more := await reader.read(1 << 16)):
                    return
                answer += more
    finally:
        writer.transport.abort()


async def shown(server: Server, data: bytes, size: int, folder: Path) -> str:
    """Record what is said, and give all that may be seen of it anywhere."""
    recorder = await record(server.url.replace("//", f"//ann:{SECRET}@"))
    printed = io.StringIO()
    try:
        await say(port_of(recorder.url), data, size)
        with contextlib.redirect_stdout(printed):
            recorder._do(lambda: show(Unseen(recorder._relay.record)))
        commands = recorder._do(lambda: [*recorder._relay.record.commands])
        kept = recorder.keep(folder / "kept.json")
        flow = recorder.flow()
    finally:
        recorder.close()
    seen = [printed.getvalue(), (folder / "kept.json").read_text("utf-8"), repr(recorder)]
    seen += [repr(flow), *flow._repr_mimebundle_().values(), repr(kept.commands), str(commands)]
    assert "ECHO" in seen[0]
    return "\n".join([*seen, recorder.url, str(recorder.clients)])


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("said", SAID, ids=lambda said: said.replace(" ", "-"))
async def test_it_is_nowhere(said: str, size: int, server: Server, tmp_path: Path) -> None:
    data = b"".join(packed(*words) for words in SAID[said]) + END
    everything = await shown(server, data, size, tmp_path)
    assert SECRET not in everything
    assert DIGEST not in everything


@pytest.mark.parametrize("said", SAID, ids=lambda said: said.replace(" ", "-"))
def test_it_is_nowhere_before_an_answer_has_come(said: str) -> None:
    record = Record()
    talk = Conversation(record, str, lambda _: Accidents())
    for words in [("PING",), *SAID[said]]:
        talk.ask([*words])
    for seen in (Flow(tell(record), record.clients), [one.words for one in record.commands]):
        assert "PING" in repr(seen)
        assert SECRET not in repr(seen)
        assert DIGEST not in repr(seen)


def test_what_turns_out_to_be_a_command_is_shown() -> None:
    record = Record()
    talk = Conversation(record, str, lambda _: Accidents())
    talk.ask(["JSON.NEW", "a", "b"])
    talk.ask(["JSON.NEW", "a", "c"])
    talk.answer("OK")
    talk.answer(redis.ResponseError("no permission"))
    assert [one.words[2] for one in record.commands] == ["b", HIDDEN]


@pytest.mark.parametrize(
    "line",
    [
        "AUTH {}",
        "auth ann {}",
        'AUTH "{}"',
        "HELLO 3 AUTH ann '{}'",
        'CONFIG SET requirepass "a {} b"',
        'ACL SETUSER kim ">a {}"',
    ],
)
async def test_it_is_nowhere_in_plain_lines(line: str, server: Server, tmp_path: Path) -> None:
    data = line.format(SECRET).encode() + b"\r\n"
    assert SECRET not in await shown(server, data + END, 1 << 20, tmp_path)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "http", "unix"])
async def test_it_is_in_no_error(scheme: str) -> None:
    for address in (f"ann:{SECRET}@127.0.0.1:1", f":{SECRET}@192.0.2.1", f"x:{SECRET}@h:no"):
        with pytest.raises(CourseError) as told:
            await record(f"{scheme}://{address}")
        assert SECRET not in f"{told.value!r} {told.value.__cause__!r}"
