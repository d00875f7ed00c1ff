"""At each moment the stage shows what the broker really held then, or says that it cannot know."""

import asyncio
from contextlib import suppress

import pytest
import redis

from helpers.replay import Moment, Moments
from helpers.waiting import read

from ..record.test_story_bit_by_bit import NAMES, Traffic
from ..stage import EVERY_ENGINE, Stage, staged
from .truth import Truth, held_by, mistakes, shown_on

stage = staged(EVERY_ENGINE)

ACTS = 120
EVERYTHING = 10_000  # tokens


class Witnessed(Traffic):
    """Traffic after each act of which the broker is asked what it holds."""

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__(stage, seed)
        self.seen: list[tuple[int, Truth]] = []

    async def go_on(self) -> None:
        act = self.random.choice(
            [self.command] * 8
            + [self.wait, self.wait_in_group, self.publish, self.publish, self.listen]
            + [self.together, self.read, self.cancel, self.kill]
        )
        with suppress(redis.RedisError, asyncio.CancelledError):
            await act()
        await self.settle()
        self.seen.append((self.stage.record.moment(), await held_by(self.other)))

    async def wait_in_group(self) -> None:
        fresh = self.stage.client(self.random.choice(NAMES[1:]))
        reading = fresh.xreadgroup(self.random.choice("gh"), "ann", {"s": ">"}, block=0)
        self.waiting.append(asyncio.create_task(reading))
        await self.other.ping()

    async def listen(self) -> None:
        await super().listen()
        for subscriber in self.subscribers:
            if subscriber.subscribed:
                await read(subscriber)

    async def kill(self) -> None:
        """Kill the connection of a subscriber, which learns of it when it reads."""
        name = self.random.choice(NAMES[1:])
        subscriber = self.subscribers[NAMES.index(name) - 1]
        if subscriber.connection is None or not subscriber.connection.is_connected:
            return
        found = [c for c in await self.other.client_list() if c["name"] == name and c["sub"] != "0"]
        if found:
            await self.clients[0].client_kill_filter(_id=found[0]["id"])
            with suppress(redis.RedisError):
                await subscriber.connection.read_response()

    async def settle(self) -> None:
        """Let the broker notice what was cancelled, and everybody read what was handed over."""
        async with asyncio.timeout(20):
            while True:
                blocked = [c for c in await self.other.client_list() if "b" in c["flags"]]
                self.waiting = [task for task in self.waiting if not task.done()]
                if len(blocked) == len(self.waiting):
                    return
                await asyncio.sleep(0)


def moment_at(moments: Moments, order: int) -> Moment | None:
    """Return the last moment before an order of the record."""
    found = None
    for moment in moments:
        if moment.order > order:
            break
        found = moment
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_traffic_by_chance(stage: Stage, seed: int) -> None:
    traffic = Witnessed(stage, seed)
    for _ in range(ACTS):
        await traffic.go_on()
    moments = Moments(stage.record, most_tokens=EVERYTHING)
    compared = 0
    for order, truth in traffic.seen:
        moment = moment_at(moments, order)
        if moment:
            assert mistakes(moment.stage, truth) == [], moment.words
            compared += len(shown_on(moment.stage)[0])
    assert compared > 5 * ACTS, "next to nothing was compared"
    await traffic.end()
