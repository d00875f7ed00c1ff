"""A lost reply breaks the client's connection, and the broker has done what it was told."""

import pytest
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError

from helpers import connect


async def test_the_command_is_done_and_the_reply_is_lost() -> None:
    unlucky, witness = connect("unlucky", lose_replies=1), connect("witness")
    with pytest.raises(ConnectionError, match="reset by peer"):
        await unlucky.rpush("faults:once", "a")
    assert await witness.lrange("faults:once", 0, -1) == ["a"]
    assert await unlucky.rpush("faults:once", "b") == 2
    await witness.delete("faults:once")


async def test_a_retry_leaves_a_duplicate() -> None:
    hasty = connect("hasty", lose_replies=1, retry=Retry(NoBackoff(), 1))
    assert await hasty.rpush("faults:twice", "a") == 2
    assert await hasty.lrange("faults:twice", 0, -1) == ["a", "a"]
    await hasty.delete("faults:twice")


async def test_as_many_replies_are_lost_as_were_asked_for() -> None:
    unlucky = connect("unlucky", lose_replies=2)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await unlucky.ping()
    assert await unlucky.ping()


async def test_the_greeting_of_a_connection_is_not_counted() -> None:
    unlucky = connect("unlucky", lose_replies=1)
    with pytest.raises(ConnectionError):
        await unlucky.client_getname()
    assert await unlucky.client_getname() == "unlucky"
