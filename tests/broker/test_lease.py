"""The course has somebody's database only as long as its mark is there, and looks each time."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio

from helpers import broker
from helpers.broker import choice
from helpers.broker.servers import Server, start_server
from helpers.errors import CourseError

from ..real_servers import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")

Theirs = redis.Redis


@pytest.fixture
async def ann(server: Server) -> redis.asyncio.Redis:
    ann = broker.named_client("ann")
    await ann.rpush("orders", "order-1", "order-2")
    await ann.xadd("events", {"type": "paid"})
    return ann


def evict(*names: str) -> Callable[[Theirs], object]:
    """Take keys away as an eviction would; which ones, a real one leaves to chance."""
    return lambda theirs: theirs.unlink(*names)


LOSSES = {
    "FLUSHALL": lambda theirs: theirs.flushall(),
    "FLUSHDB": lambda theirs: theirs.flushdb(),
    "the owner's mark evicted": evict("redis-course:owner"),
    "mark and list evicted": evict("redis-course:owner", "redis-course:ledger"),
    "all that is the course's own evicted": evict(
        "redis-course:owner", "redis-course:ledger", "redis-course:words"
    ),
    "everything but the list evicted": evict("redis-course:owner", "orders", "events"),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
async def test_a_loss_is_told_once_and_nothing_is_left_at_the_end(
    ann: redis.asyncio.Redis, theirs: Theirs, loss: Callable[[Theirs], object]
) -> None:
    loss(theirs)
    with pytest.raises(CourseError, match=r"emptied or restarted, or it evicts keys: .+\.$"):
        await ann.rpush("mails", "mail-1")
    await ann.rpush("mails", "mail-2")
    await ann.rpush("orders", "order-3")
    await ann.aclose()
    broker.close()
    assert theirs.keys() == []
    broker.named_client("ann")  # the next start is let in


@pytest.mark.parametrize("lost", ["redis-course:ledger", "redis-course:words"])
async def test_what_the_course_noted_is_noted_again_when_it_is_evicted(
    ann: redis.asyncio.Redis, theirs: Theirs, lost: str
) -> None:
    theirs.unlink(lost)
    await ann.rpush("orders", "order-3")
    await ann.aclose()
    broker.close()
    assert theirs.keys() == []


@pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
async def test_a_loss_at_the_very_end_leaves_a_start_that_works(
    ann: redis.asyncio.Redis, theirs: Theirs, loss: Callable[[Theirs], object]
) -> None:
    loss(theirs)
    await ann.aclose()
    broker.close()
    left = theirs.keys()
    if not {"orders", "events"} & set(left):
        broker.named_client("ann")
        assert theirs.keys() == ["redis-course:owner"]
    else:  # nothing says any more whose they are, so they stay
        assert set(left) <= {"orders", "events", "redis-course:words"}


async def test_a_server_that_was_killed_and_started_empty_is_told(
    server: Server, ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    server.stop()
    with pytest.raises(CourseError, match="No server listens at"):
        await ann.rpush("orders", "order-3")
    again = start_server(server.binary, password="", port=server.port)
    with pytest.raises(CourseError, match="emptied or restarted"):
        await ann.rpush("orders", "order-3")
    bob = broker.named_client("bob")  # as the lesson's first cell does: Ann's connection is lost
    assert await bob.rpush("orders", "order-3") == 1
    await ann.aclose()
    await bob.aclose()
    broker.close()
    assert theirs.keys() == []
    again.stop()


async def test_after_a_flush_a_key_of_somebody_else_is_neither_touched_nor_removed(
    ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    theirs.flushall()
    theirs.rpush("orders", "theirs")
    with pytest.raises(CourseError, match="emptied or restarted"):
        await ann.rpush("orders", "order-3")
    with pytest.raises(CourseError, match="did not create the key 'orders'"):
        await ann.rpush("orders", "order-3")
    await ann.aclose()
    broker.close()
    assert theirs.keys() == ["orders"] and theirs.lrange("orders", 0, -1) == ["theirs"]


async def test_another_owner_is_told_and_keeps_the_database(
    ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    theirs.flushall()
    theirs.set("redis-course:owner", "redis-course-of-somebody")
    for _ in range(2):
        with pytest.raises(CourseError, match="Another notebook of this course is using"):
            await ann.rpush("orders", "order-3")
    await ann.aclose()
    broker.close()
    assert theirs.keys() == ["redis-course:owner"]


MADE: dict[str, Callable[[redis.asyncio.Redis], Any]] = {
    "list": lambda ann: ann.rpush("k", "a", "b", "a"),
    "set": lambda ann: ann.sadd("k", "a", "b"),
    "sorted set": lambda ann: ann.zadd("k", {"a": 1, "b": 2}),
    "hash": lambda ann: ann.hset("k", mapping={"a": "1", "b": "2"}),
    "stream": lambda ann: ann.xadd("k", {"a": "b"}, id="1-1"),
    "string": lambda ann: ann.set("k", "a"),
    "field": lambda ann: ann.hset("k", mapping={"a": "1", "b": "2"}),
}
MADE_UP: dict[str, Callable[[redis.asyncio.Redis], Any]] = {
    "counter": lambda ann: ann.incr("k"),
    "longer text": lambda ann: ann.append("k", "abc"),
    "sum of a field": lambda ann: ann.hincrbyfloat("k", "total", 0.5),
    "bits": lambda ann: ann.setbit("k", 7, 1),
    "sketch": lambda ann: ann.pfadd("k", "a"),
}
ADDED: dict[str, Callable[[Theirs], object]] = {
    "list": lambda theirs: theirs.rpush("k", "theirs"),
    "set": lambda theirs: theirs.sadd("k", "theirs"),
    "sorted set": lambda theirs: theirs.zadd("k", {"theirs": 2}),
    "hash": lambda theirs: theirs.hset("k", "theirs", "1"),
    "stream": lambda theirs: theirs.xadd("k", {"a": "theirs"}, id="2-1"),
    "string": lambda theirs: theirs.set("k", "theirs"),
    "field": lambda theirs: theirs.hset("k", "a", "theirs"),
}
LEFT: dict[str, Callable[[Theirs], object]] = {
    "list": lambda theirs: theirs.lrange("k", 0, -1) == ["theirs"],
    "set": lambda theirs: theirs.smembers("k") == {"theirs"},
    "sorted set": lambda theirs: theirs.zrange("k", 0, -1) == ["theirs"],
    "hash": lambda theirs: theirs.hgetall("k") == {"theirs": "1"},
    "stream": lambda theirs: theirs.xrange("k") == [("2-1", {"a": "theirs"})],
    "string": lambda theirs: theirs.get("k") == "theirs",
    "field": lambda theirs: theirs.hgetall("k") == {"a": "theirs"},
}


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
async def test_what_somebody_adds_to_a_key_of_the_course_stays(
    theirs: Theirs, killed: bool
) -> None:
    for kind in MADE:
        ann = broker.named_client("ann")
        await MADE[kind](ann)
        await ann.rpush("orders", "order-1")
        ADDED[kind](theirs)
        await ann.aclose()
        if killed:
            _die(choice._chosen[1])
            with pytest.raises(CourseError, match="holds keys already"):
                broker.named_client("ann")  # which removes what the dead one left
        else:
            broker.close()
        assert theirs.keys() == ["k"], kind
        assert LEFT[kind](theirs), kind
        theirs.delete("k")  # the next notebook is let in


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
async def test_a_group_that_somebody_adds_to_a_stream_of_the_course_stays(
    theirs: Theirs, killed: bool
) -> None:
    ann = broker.named_client("ann")
    await ann.xadd("k", {"a": "b"}, id="1-1")
    await ann.xgroup_create("k", "packing", id="0")
    theirs.xgroup_create("k", "theirs", id="0")
    await ann.aclose()
    if killed:
        _die(choice._chosen[1])
        with pytest.raises(CourseError, match="holds keys already"):
            broker.named_client("ann")
    else:
        broker.close()
    assert theirs.keys() == ["k"] and theirs.xlen("k") == 0
    assert [group["name"] for group in theirs.xinfo_groups("k")] == ["theirs"]


async def test_a_key_to_which_nobody_added_goes_whole(theirs: Theirs) -> None:
    for kind, make in (MADE | MADE_UP).items():
        ann = broker.named_client("ann")
        await make(ann)
        await ann.aclose()
        broker.close()
        assert theirs.keys() == [], kind


@pytest.mark.parametrize("goes_on", [False, True], ids=["at the end", "while it goes on"])
async def test_databases_that_somebody_swaps_leave_nothing_of_the_course(
    server: Server, ann: redis.asyncio.Redis, theirs: Theirs, goes_on: bool
) -> None:
    with redis.Redis(port=server.port, db=5, decode_responses=True) as other:
        other.set("invoice", "theirs")
        theirs.swapdb(0, 5)
        if goes_on:
            with pytest.raises(CourseError, match="emptied or restarted"):
                await ann.rpush("mails", "mail-1")
            await ann.rpush("mails", "mail-2")
        await ann.aclose()
        broker.close()
        assert theirs.keys() == ["invoice"] and other.keys() == []


def _die(killed: broker.Broker) -> None:
    """Let the notebook's connections end, as when it is killed: nothing is removed."""
    guard = killed._end.__self__
    for side in guard._sides.values():
        side.close()
    choice._chosen = None


async def test_leftovers_without_their_owner_are_recognised(theirs: Theirs) -> None:
    ann = broker.named_client("ann")
    await ann.rpush("orders", "order-1")
    await ann.aclose()
    _die(choice._chosen[1])
    theirs.unlink("redis-course:owner")
    broker.named_client("bob")
    assert theirs.keys() == ["redis-course:owner"]


# Another notebook, in another database of the same server: it says what it meets, line by line.
SECOND = """
import asyncio, sys
from helpers import broker
from helpers.errors import CourseError
async def lesson():
    bob = broker.named_client("bob")
    for line in sys.stdin:
        try:
            print(await bob.execute_command(*line.split()), flush=True)
        except CourseError as told:
            print(told, flush=True)
    await bob.aclose()
asyncio.run(lesson())
"""


@pytest.fixture
def second(server: Server) -> Iterator[Callable[[str], str]]:
    variables = os.environ | {"COURSE_BROKER": f"{server.url}/1"}
    with subprocess.Popen(
        [sys.executable, "-c", SECOND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=variables,
        cwd=Path(__file__).parents[2],
    ) as lesson:

        def ask(line: str) -> str:
            lesson.stdin.write(f"{line}\n")
            lesson.stdin.flush()
            return lesson.stdout.readline().strip()

        yield ask
        lesson.stdin.close()


async def test_of_two_notebooks_on_one_server_the_second_is_told_of_the_channels(
    theirs: Theirs, second: Callable[[str], str]
) -> None:
    ann = broker.named_client("ann")
    assert second("RPUSH orders order-1") == "1"  # queues are divided by the databases
    assert await ann.publish("event1", "hello") == 0
    told = second("PUBLISH event1 hello")
    assert told.startswith("Another notebook of this course uses the channels at redis://")
    assert "channels ignore database numbers" in told and told.endswith(".")
    assert second("RPUSH orders order-2") == "2"
    assert await ann.publish("event1", "hello") == 0  # the first goes on
    await ann.aclose()
    broker.close()
    until(lambda: second("PUBLISH event1 hello") == "0", "the channels to be free again")


async def test_a_notebook_that_lost_the_channels_is_told(
    theirs: Theirs, second: Callable[[str], str]
) -> None:
    ann = broker.named_client("ann")
    assert await ann.publish("event1", "hello") == 0
    [mark] = [c["id"] for c in theirs.client_list() if "-channels-of-" in c["name"]]
    theirs.client_kill_filter(_id=mark)
    assert second("PUBLISH event1 hello") == "0"
    for _ in range(2):  # its mark is on a connection that was lost; the next one asks anew
        with pytest.raises(CourseError):
            await ann.publish("event1", "hello")
    await ann.aclose()


async def test_a_server_that_becomes_a_replica_is_told_and_free_again_afterwards(
    ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    theirs.replicaof("127.0.0.1", 1)  # nobody is there, so it keeps what it has
    with pytest.raises(CourseError, match=r"has become a read-only replica: .+\.$"):
        await ann.rpush("mails", "mail-1")
    await ann.aclose()
    broker.close()
    theirs.replicaof("NO", "ONE")
    broker.named_client("ann")  # which removes what could not be removed then
    assert theirs.keys() == ["redis-course:owner"]


async def test_the_end_closes_every_connection_though_nothing_can_be_removed(
    ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    await ann.publish("event1", "hello")
    await ann.aclose()
    theirs.execute_command("ACL", "SETUSER", "default", "-unlink")
    broker.close()
    until(
        lambda: not any("redis-course" in c["name"] for c in theirs.client_list()),
        "the connections of the course to be closed",
    )
    theirs.execute_command("ACL", "SETUSER", "default", "+unlink")


async def test_connections_that_somebody_kills_come_back(
    ann: redis.asyncio.Redis, theirs: Theirs
) -> None:
    ours = {c["id"] for c in theirs.client_list()} - {str(theirs.client_id())}
    for number in ours:
        theirs.client_kill_filter(_id=number)
    with pytest.raises(redis.ConnectionError):
        await ann.rpush("mails", "mail-1")
    assert await ann.rpush("mails", "mail-1") == 1
    await ann.aclose()
    broker.close()
    assert theirs.keys() == []


async def test_of_two_databases_only_the_emptied_one_is_told(
    ann: redis.asyncio.Redis, theirs: Theirs, second: Callable[[str], str]
) -> None:
    assert second("RPUSH orders order-1") == "1"
    theirs.flushdb()  # of the first notebook's database
    assert second("RPUSH orders order-2") == "2"
    with pytest.raises(CourseError, match="emptied or restarted"):
        await ann.rpush("mails", "mail-1")
    assert second("RPUSH orders order-3") == "3"
    await ann.aclose()


async def test_a_real_eviction_is_told_and_leaves_nothing(
    ann: redis.asyncio.Redis, theirs: Theirs, server: Server
) -> None:
    theirs.config_set("maxmemory-policy", "allkeys-lru")
    theirs.config_set("maxmemory", theirs.info()["used_memory"] + 300_000)
    with redis.Redis(port=server.port, db=3) as another:
        for number in range(6_000):
            another.set(f"k{number}", "x" * 100)
    assert not theirs.exists("redis-course:owner")
    theirs.config_set("maxmemory", 0)
    with pytest.raises(CourseError, match="emptied or restarted, or it evicts keys"):
        await ann.rpush("mails", "mail-1")
    await ann.aclose()
    broker.close()
    assert theirs.keys() == []


async def test_a_full_server_says_that_it_is_full(theirs: Theirs, server: Server) -> None:
    ann = broker.named_client("ann")
    theirs.config_set("maxmemory", 1)
    with pytest.raises(CourseError, match=r"is full \(maxmemory\)"):
        await ann.rpush("orders", "order-1")
    await ann.aclose()
    broker.close()
    with pytest.raises(CourseError, match=r"is full \(maxmemory\)"):
        broker.named_client("ann")
    theirs.config_set("maxmemory", 0)
    assert theirs.keys() == []
