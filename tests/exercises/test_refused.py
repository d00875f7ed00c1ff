"""An error of the broker comes with the command that met it, and with what lies there."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import helpers
from helpers.exercises.refused import told_of
from helpers.exercises.trial import Answer, trial
from helpers.sandbox.plain import NotYet
from tests.exercises.test_strangers import keeps_reading, sweeps

Way = Callable[[Any], Awaitable[object]]


async def reads_a_list(client: Any) -> None:
    await client.lrange("orders", 0, -1)


async def reads_for_another_group(client: Any) -> None:
    await client.xreadgroup("packers", "ann", {"orders": ">"}, count=1)


async def reads_what_is_not_there(client: Any) -> None:
    await client.xreadgroup("packing", "ann", {"ordres": ">"}, count=1)


async def takes_into_a_stream(client: Any) -> None:
    await client.lmove("waiting", "orders", "LEFT", "RIGHT")


async def makes_the_group(client: Any) -> None:
    await client.xgroup_create("orders", "packing", id="0")


async def pipes(client: Any) -> None:
    await client.pipeline(transaction=True).get("mark").rpush("orders", "order-1").execute()


WITH_GROUP = "In this check `orders` holds a stream with the group `packing`."
MET = {
    reads_a_list: f"The command was `LRANGE orders 0 -1`. {WITH_GROUP}",
    reads_for_another_group: WITH_GROUP,
    reads_what_is_not_there: "STREAMS ordres >`. In this check `ordres` holds nothing.",
    takes_into_a_stream: (
        "In this check `waiting` holds a list and `orders` holds a stream with the group `packing`."
    ),
    makes_the_group: f"The command was `XGROUP CREATE orders packing 0`. {WITH_GROUP}",
    pipes: WITH_GROUP,
}


@pytest.mark.parametrize("way", MET, ids=lambda way: way.__name__)
async def test_the_command_and_what_it_met_are_told(way: Way) -> None:
    async with trial(1) as opened:
        await opened.side.xgroup_create("orders", "packing", id="0", mkstream=True)
        await opened.side.rpush("waiting", "order-1")
        with pytest.raises(NotYet) as refused:
            await opened.run(Answer("work", way), opened.client("ann"))
    assert MET[way] in str(refused.value)


async def test_other_errors_are_told_as_they_are() -> None:
    async with trial(1) as opened:
        assert await told_of(ValueError("no"), opened.side) == ""
        assert await told_of(None, opened.side) == ""


WRONG = [
    ("9.1", sweeps, "LMOVE orders taken:ann LEFT RIGHT`. In this check `orders` holds a stream"),
    ("9.2", keeps_reading, "`orders` holds a list"),
]


@pytest.mark.parametrize(("number", "answer", "told"), WRONG)
async def test_the_answer_to_another_exercise_is_told_what_lies_there(
    number: str, answer: Any, told: str
) -> None:
    assert told in repr(await helpers.check(number, answer, record=False))


async def test_whoever_is_slower_is_told_to_look_again() -> None:
    async def moves_at_once(client: Any, now: float, most: int) -> None:
        async with client.pipeline() as both:
            await both.watch("later")
            jobs = await both.zrangebyscore("later", 0, now, start=0, num=most)
            both.multi()
            for job in jobs:
                both.xadd("orders", {"job": job}).zrem("later", job)
            await both.execute()

    said = repr(await helpers.check("10.1", moves_at_once, record=False))
    assert "WatchError" in said and "catch it, and look again with WATCH" in said
