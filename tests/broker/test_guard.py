"""On somebody's server the course touches nothing that it did not create."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
import redis.asyncio

from helpers import broker
from helpers.broker.servers import Server
from helpers.errors import CourseError

from ..real_servers import each_server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")


async def test_what_the_course_created_is_removed_and_nothing_else(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    await ann.rpush("orders", "order-1")
    await ann.xadd("events", {"type": "paid"}, id="1-1")
    await ann.xgroup_create("mails", "mailers", mkstream=True)
    await ann.set("greeting", "hello")
    await ann.lmove("orders", "processing")
    theirs.set("theirs", "1")
    await ann.aclose()
    assert set(theirs.smembers("redis-course:ledger")) == {
        *("orders", "events", "mails", "greeting", "processing")
    }
    broker.close()
    assert theirs.keys("*") == ["theirs"]


async def test_somebody_elses_key_is_neither_changed_nor_read(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    theirs.rpush("theirs", "a", "b")
    attempts = [
        *(("LPOP", "theirs"), ("RPUSH", "theirs", "c"), ("DEL", "theirs"), ("LLEN", "theirs")),
        *(("BLPOP", "mine", "theirs", 1), ("RENAME", "mine", "theirs"), ("TYPE", "theirs")),
        *(("XREAD", "STREAMS", "mine", "theirs", 0, 0), ("EXPIRE", "theirs", 100)),
        ("SORT", "mine", "STORE", "theirs"),
        ("DEL", "redis-course:ledger"),
    ]
    for attempt in attempts:
        with pytest.raises(CourseError, match="The course did not create the key"):
            await ann.execute_command(*attempt)
    assert theirs.lrange("theirs", 0, -1) == ["a", "b"]
    assert theirs.ttl("theirs") == -1
    await ann.aclose()


async def test_looking_for_a_key_does_not_claim_it(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    assert await ann.exists("orders") == 0
    assert await ann.lpop("orders") is None
    assert await ann.delete("orders") == 0
    theirs.rpush("orders", "theirs")
    with pytest.raises(CourseError, match="did not create the key 'orders'"):
        await ann.lpop("orders")
    await ann.aclose()
    broker.close()
    assert theirs.lrange("orders", 0, -1) == ["theirs"]


async def test_a_transaction_with_somebody_elses_key_is_not_sent_at_all(
    theirs: redis.Redis,
) -> None:
    ann = broker.named_client("ann")
    theirs.set("theirs", "1")
    for transaction in (True, False):
        pipe = ann.pipeline(transaction=transaction)
        pipe.set("mine", "1")
        pipe.incr("theirs")
        with pytest.raises(CourseError, match="did not create the key 'theirs'"):
            await pipe.execute()
    assert theirs.get("theirs") == "1"
    assert not theirs.exists("mine")
    pipe = ann.pipeline()
    pipe.set("mine", "1")
    pipe.incr("mine")
    assert await pipe.execute() == [True, 2]  # the connection is as good as before
    await ann.aclose()


REACHING_FURTHER = [
    *("FLUSHDB", "FLUSHALL", "flushall async", "SHUTDOWN NOSAVE", "SAVE", "BGSAVE"),
    *("CONFIG SET maxmemory 1", "config set maxmemory 1", "CONFIG RESETSTAT"),
    *("SCRIPT FLUSH", "SCRIPT LOAD x", "EVAL x 0", "EVAL x 1 orders", "FUNCTION FLUSH"),
    *("FCALL f 1 orders", "DEBUG SLEEP 0", "SWAPDB 0 1", "SELECT 1", "MOVE orders 1"),
    *("COPY orders mails DB 1 REPLACE", "CONFIG GET requirepass"),
    *("CLIENT KILL TYPE normal", "CLIENT KILL ID 999999", "CLIENT PAUSE 1", "MONITOR"),
    *("CLIENT UNBLOCK 999999", "REPLICAOF NO ONE", "FAILOVER", "SYNC"),
    *("ACL SETUSER x", "ACL DELUSER default", "MODULE LIST", "LATENCY RESET", "SLOWLOG RESET"),
    *("MIGRATE 127.0.0.1 1 orders 0 1", "CLUSTER RESET"),
]


async def test_what_could_reach_further_is_not_sent(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    await ann.set("orders", "1")
    assert await ann.get("orders") == "1"  # counted by the server from here on
    for command in REACHING_FURTHER:
        asked = theirs.info("commandstats")
        with pytest.raises(CourseError, match="is not sent: use COURSE_BROKER=server for it"):
            await ann.execute_command(*command.split())
        kept = [name for name in theirs.info("commandstats") if name not in asked]
        assert [name for name in kept if "info" not in name] == [], command
        assert await ann.get("orders") == "1", command
    await ann.aclose()


async def test_what_the_server_refuses_anyway_is_left_to_it(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    with pytest.raises(redis.ResponseError, match="unknown command"):
        await ann.execute_command("NOSUCHCOMMAND", "x")
    with pytest.raises(redis.ResponseError, match="wrong number of arguments"):
        await ann.execute_command("GET", "a", "b")
    await ann.aclose()


async def test_a_lesson_may_kill_its_own_clients_only(theirs: redis.Redis) -> None:
    ann, bob = broker.named_client("ann"), broker.named_client("bob")
    assert await ann.client_kill_filter(_id=str(await bob.client_id())) == 1
    their_id = str(theirs.client_id())
    for kill in (
        {"_id": their_id},
        {"skipme": False, "_type": "normal"},
        {"user": "default"},
    ):
        with pytest.raises(CourseError, match="is not sent"):
            await ann.client_kill_filter(**kill)
    assert theirs.client_id() == int(their_id)
    await ann.aclose()
    await bob.aclose()


async def test_subscribers_and_other_databases_pass_the_guard(theirs: redis.Redis) -> None:
    ann, bob = broker.named_client("ann", db=1), broker.named_client("bob", protocol=2)
    async with ann.pubsub() as subscriber:
        await subscriber.subscribe("event1")
        assert (await subscriber.get_message(timeout=5))["type"] == "subscribe"
        assert await bob.publish("event1", "hello") == 1
        assert (await subscriber.get_message(timeout=5))["data"] == "hello"
        with pytest.raises(CourseError, match="is not sent"):
            await subscriber.execute_command("FLUSHALL")
    await ann.set("other", "1")
    await ann.aclose()
    await bob.aclose()
    broker.close()
    assert theirs.info("keyspace") == {}


async def test_another_database_that_holds_keys_is_not_touched(
    server: Server, theirs: redis.Redis
) -> None:
    with redis.Redis(port=server.port, db=1) as elsewhere:
        elsewhere.set("theirs", "1")
        ann = broker.named_client("ann", db=1)
        with pytest.raises(CourseError, match="holds keys already"):
            await ann.set("mine", "1")
        assert elsewhere.keys("*") == [b"theirs"]
    await ann.aclose()


async def test_a_closed_broker_lets_nothing_out(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann")
    broker.close()
    with pytest.raises(CourseError, match="was closed"):
        await ann.set("orders", "1")
    assert theirs.keys("*") == []
    await ann.aclose()


def test_clients_that_are_not_awaited_are_guarded_too(theirs: redis.Redis) -> None:
    with broker.broker().blocking_client() as side:
        theirs.set("theirs", "1")
        side.set("mine", "1")
        pipe = side.pipeline()
        pipe.incr("theirs")
        for attempt in (side.flushall, pipe.execute, lambda: side.incr("theirs")):
            with pytest.raises(CourseError):
                attempt()
    broker.close()
    assert theirs.mget("theirs", "mine") == ["1", None]


async def test_keys_that_are_not_text(theirs: redis.Redis) -> None:
    ann = broker.named_client("ann", decode_responses=False)
    key = b"\xff\r\n*1 {}"
    await ann.set(key, b"x" * 10_000)
    assert await ann.get(key) == b"x" * 10_000
    await ann.aclose()
    broker.close()
    assert theirs.dbsize() == 0


def test_a_second_notebook_is_sent_away(theirs: redis.Redis) -> None:
    broker.named_client("ann")
    second = subprocess.run([sys.executable, "-c", LESSON], text=True, capture_output=True)
    assert "Another notebook of this course is using the database" in second.stderr
    assert theirs.keys("*") == ["redis-course:owner"]


# Creates keys, says so, and waits for its end.
LESSON = """
import asyncio, sys
from helpers import broker
async def lesson():
    ann = broker.named_client("ann")
    await ann.rpush("orders", "order-1", "order-2")
    await ann.set("greeting", "hello")
    async with ann.pubsub() as subscriber:
        await subscriber.subscribe("event1")
        print("ready", flush=True)
        sys.stdin.readline()
    await ann.aclose()
asyncio.run(lesson())
"""


def _start_lesson() -> subprocess.Popen[str]:
    lesson = subprocess.Popen(
        [sys.executable, "-c", LESSON], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert lesson.stdout.readline() == "ready\n"
    return lesson


def test_a_notebook_that_ends_removes_its_keys(theirs: redis.Redis) -> None:
    lesson = _start_lesson()
    theirs.set("theirs", "1")
    lesson.communicate("end\n", timeout=20)
    assert theirs.keys("*") == ["theirs"]


def test_after_a_killed_notebook_the_next_one_starts(theirs: redis.Redis) -> None:
    lesson = _start_lesson()
    lesson.kill()
    lesson.communicate()
    assert set(theirs.keys("*")) == {
        *("orders", "greeting", "redis-course:ledger", "redis-course:owner", "redis-course:words")
    }
    broker.named_client("ann")
    assert theirs.keys("*") == ["redis-course:owner"]


def test_the_leftovers_go_but_a_key_of_somebody_else_stays(theirs: redis.Redis) -> None:
    lesson = _start_lesson()
    lesson.kill()
    lesson.communicate()
    theirs.set("theirs", "1")
    with pytest.raises(CourseError, match="holds keys already"):
        broker.named_client("ann")
    assert theirs.keys("*") == ["theirs"]


@each_server()
def test_no_key_is_touched_on_a_server_of_our_own(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_BROKER", "server")
    monkeypatch.setenv("COURSE_SERVER", str(program))
    broker.named_client("ann")
    with broker.broker().blocking_client() as client:
        assert client.keys("*") == []
        assert client.flushall()
    broker.close()
