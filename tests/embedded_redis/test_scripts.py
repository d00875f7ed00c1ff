"""Scripts in Lua run as redis-py sends them, and have an end; without lupa they are refused."""

import asyncio
import gc
import re
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import redis

from embedded_redis import RULES, embedded_server
from embedded_redis.engine import lua as lua_module
from embedded_redis.engine.lua import Lua
from embedded_redis.rules import scripts
from tests.broker.brokers import blocking_client, embedded_client

FEW_STEPS = 100_000
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


def taken_lock(client: redis.Redis) -> redis.lock.Lock:
    lock = client.lock("job")
    assert lock.acquire()
    return lock


SCRIPTED: dict[str, Callable[[redis.Redis], Any]] = {
    "eval": lambda client: client.eval("return 1", 0),
    "eval_ro": lambda client: client.eval_ro("return 1", 0),
    "evalsha": lambda client: client.evalsha(client.script_load("return 1"), 0),
    "script exists": lambda client: client.script_exists("0123"),
    "script flush": lambda client: client.script_flush(),
    "a registered script": lambda client: client.register_script("return 1")(),
    "the release of a lock": lambda client: taken_lock(client).release(),
}
ALWAYS_REFUSED: dict[str, Callable[[redis.Redis], Any]] = {
    "function load": lambda client: client.function_load("#!lua name=lib"),
    "fcall": lambda client: client.fcall("f", 0),
}


def has_no_lua() -> bool:
    return False


@pytest.mark.parametrize("ask", SCRIPTED.values(), ids=list(SCRIPTED))
def test_redis_py_sends_scripts(ask: Callable[[redis.Redis], Any]) -> None:
    with blocking_client(embedded_server()) as client:
        ask(client)
        assert client.ping()


@pytest.mark.parametrize("ask", SCRIPTED.values(), ids=list(SCRIPTED))
def test_without_lupa_scripts_are_refused_in_one_sentence(
    ask: Callable[[redis.Redis], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "has_lua", has_no_lua)
    with blocking_client(embedded_server(RULES, advice="install it")) as client:
        with pytest.raises(redis.ResponseError) as refused:
            ask(client)
        needed = r"'[A-Z_ ]+' needs a real server, or the package lupa: install it"
        assert re.fullmatch(needed, str(refused.value))
        assert client.ping()


@pytest.mark.parametrize("ask", ALWAYS_REFUSED.values(), ids=list(ALWAYS_REFUSED))
def test_functions_are_refused(ask: Callable[[redis.Redis], Any]) -> None:
    refused = pytest.raises(redis.ResponseError, match=r"^'[A-Z_ ]+' needs a real server$")
    with blocking_client(embedded_server()) as client, refused:
        ask(client)


async def test_a_script_that_is_not_known_is_loaded_by_redis_py() -> None:
    server = embedded_server()
    async with embedded_client(server) as ann:
        release = ann.register_script(RELEASE)
        await ann.set("lock", "ann")
        assert await release(keys=["lock"], args=["bob"]) is None
        assert await ann.script_flush()
        assert await release(keys=["lock"], args=["ann"]) == 1
        async with ann.pipeline() as both:
            await release(keys=["lock"], args=["ann"], client=both)
            both.exists("lock")
            assert await both.execute() == [None, 0]


async def test_a_lock_of_redis_py_is_held_by_one_at_a_time() -> None:
    server = embedded_server()
    held, most = 0, 0

    async def work(client: Any) -> None:
        nonlocal held, most
        async with client.lock("one", sleep=0.001):
            held += 1
            most = max(most, held)
            await client.ping()
            held -= 1

    async with embedded_client(server) as ann, embedded_client(server) as bob:
        await asyncio.gather(*(work(client) for client in (ann, bob) for _ in range(3)))
    assert most == 1


@pytest.mark.parametrize(
    "script",
    [
        "while true do end",
        "while true do pcall(error, 'no') end",
        "while true do pcall(function() while true do end end) end",
        "local function deeper() return deeper() end deeper()",
        "coroutine.wrap(function() while true do end end)()",
    ],
)
def test_a_script_without_an_end_is_ended(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lua_module, "STEPS", FEW_STEPS)
    monkeypatch.setattr(scripts, "lua", cache(Lua))
    with blocking_client(embedded_server()) as client:
        with pytest.raises(redis.ResponseError, match=r"the script has no end: .* answer BUSY"):
            client.eval(script, 0)
        assert (
            client.eval("local sum = 0 for i = 1, 100 do sum = sum + i end return sum", 0) == 5050
        )


def test_a_long_script_that_ends_is_let_run() -> None:
    with blocking_client(embedded_server()) as client:
        assert (
            client.eval("local n = 0 for i = 1, 3000000 do n = n + 1 end return n", 0) == 3_000_000
        )


class Interrupting:
    """A host on which somebody presses stop while a command runs."""

    def call(self, words: list[bytes], protocol: int) -> Any:
        raise KeyboardInterrupt

    def exists(self, words: list[bytes]) -> bool:
        return True

    def random(self) -> float:
        return 0.0

    def seed(self, number: int) -> None: ...


@pytest.mark.parametrize(
    "script", ["return redis.call('PING')", "while true do pcall(redis.call, 'PING') end"]
)
def test_the_stop_button_ends_a_script(script: str) -> None:
    interpreter = Lua()
    with pytest.raises(KeyboardInterrupt):
        interpreter.run(interpreter.compile(script.encode()), [], [], Interrupting())
    assert interpreter.run(interpreter.compile(b"return 1"), [], [], Interrupting()) == 1


def test_a_script_leaves_nothing_for_the_next_one() -> None:
    with blocking_client(embedded_server()) as client:
        for wrong in ("x = 1", "KEYS = 1", "redis.call = 1", "getmetatable('').__index.rep = 1"):
            with pytest.raises(redis.ResponseError, match="readonly"):
                client.eval(wrong, 0)
        assert client.eval("return ('x'):rep(2)", 0) == "xx"
        with pytest.raises(redis.ResponseError, match="nonexistent global variable 'python'"):
            client.eval("return python", 0)
        client.eval("redis.setresp(3)", 0)
        client.hset("h", "a", 1)
        assert client.eval("return redis.call('HGETALL', 'h')[1]", 0) == "a"


def test_brokers_in_several_threads_run_scripts_at_once() -> None:
    sums: list[int] = []

    def work() -> None:
        with blocking_client(embedded_server()) as client:
            script = client.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            for number in range(200):
                last = script(keys=["sum"], args=[number])
            sums.append(last)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums == [19_900] * 4


def test_what_a_script_draws_is_the_same_for_every_new_broker() -> None:
    drawn = []
    for _ in range(2):
        with blocking_client(embedded_server()) as client:
            draw = client.register_script("return {math.random(1000), math.random(1000)}")
            drawn.append([draw(), draw()])
    assert drawn[0] == drawn[1] and drawn[0][0] != drawn[0][1]


def test_no_script_stays_in_memory() -> None:
    measure = "collectgarbage() collectgarbage() return collectgarbage('count')"  # in KB
    failing = "return {pcall(redis.call, 'NOSUCH'), ARGV, loadstring('return 1')}"
    with blocking_client(embedded_server()) as client:
        before = client.eval(measure, 0)
        for number in range(500):
            client.eval(failing, 0, number)
        gc.collect()
        assert client.eval(measure, 0) - before < 500  # the globals of each take 3 KB


class Broken(Interrupting):
    """A host whose command fails by a fault of its own."""

    def call(self, words: list[bytes], protocol: int) -> Any:
        raise ValueError("a fault of the host")


def test_a_fault_of_the_host_is_not_told_to_the_script() -> None:
    interpreter = Lua()
    chunk = interpreter.compile(b"return {pcall(redis.call, 'PING')}")
    with pytest.raises(ValueError, match="a fault of the host"):
        interpreter.run(chunk, [], [], Broken())
