"""A story told bit by bit is the story told at once, whatever happened in between."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
import redis

from helpers.record import Step, tell
from helpers.record.story import Story
from helpers.waiting import read

from ..stage import EMBEDDED, Stage, staged
from .test_holdings import Chance

stage = staged(EMBEDDED)

Told = dict[int, tuple[Any, ...]]
NAMES = ("shop", "ann", "bob")


def state(steps: list[Step]) -> Told:
    """Write down all that a picture shows of each step."""
    return {
        s.command.order: (
            s.command.words,
            repr(s.reply),
            s.queued,
            s.waited,
            list(s.holds.items()),
            [(d.receiver, d.kind, d.source, d.data, d.pattern) for d in s.deliveries],
        )
        for s in steps
    }


class Traffic:
    """Clients that do something by chance: they wait, publish, read late, and are cut off."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = Chance(seed)
        self.random = self.chance.random
        self.clients = stage.clients(*NAMES)
        self.other = stage.unwatched("other")
        self.subscribers = [c.pubsub() for c in self.clients[1:]]
        self.waiting: list[asyncio.Task[Any]] = []

    async def go_on(self) -> None:
        act = self.random.choice(
            [self.command] * 6
            + [self.wait, self.publish, self.publish, self.listen, self.together]
            + [self.read, self.cancel, self.meddle]
        )
        with suppress(redis.RedisError, asyncio.CancelledError):
            await act()

    async def command(self) -> None:
        await self.clients[0].execute_command(*self.chance.command())

    async def meddle(self) -> None:
        await self.other.execute_command(*self.chance.push())

    async def wait(self) -> None:
        fresh = self.stage.client(self.random.choice(NAMES[1:]))
        wait = self.random.choice([fresh.blpop, fresh.brpop])
        self.waiting.append(asyncio.create_task(wait(self.random.sample(["a", "b"], 2), 0)))
        await self.other.ping()  # until then it waits, or was served at once

    async def cancel(self) -> None:
        if self.waiting:
            self.waiting.pop().cancel()
        await asyncio.sleep(0)

    async def publish(self) -> None:
        client = self.random.choice([self.clients[0], self.other])
        await client.publish(self.random.choice(["e1", "e2"]), self.random.choice("xy"))

    async def listen(self) -> None:
        subscriber = self.random.choice(self.subscribers)
        verb = self.random.choice(["subscribe", "psubscribe", "unsubscribe"])
        await getattr(subscriber, verb)(self.random.choice(["e1", "e2"]))

    async def read(self) -> None:
        await read(self.random.choice(self.subscribers))

    async def together(self) -> None:
        pipeline = self.clients[0].pipeline(transaction=self.random.random() < 0.8)
        for _ in range(self.random.randint(1, 4)):
            pipeline.execute_command(*self.random.choice([self.chance.push, self.chance.add])())
        pipeline.publish("e1", "x")
        await pipeline.execute(raise_on_error=False)

    async def end(self) -> None:
        for task in self.waiting:
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)
        for subscriber in self.subscribers:
            await subscriber.aclose()


@pytest.mark.parametrize("seed", range(6))
async def test_bit_by_bit_is_at_once(stage: Stage, seed: int) -> None:
    traffic, story, latest = Traffic(stage, seed), Story(stage.record), Told()
    for _ in range(150):
        await traffic.go_on()
        if traffic.random.random() < 0.3:
            latest |= state(story.go_on())
            assert latest == state(tell(stage.record))
    assert len(latest) > 100, "next to nothing happened"
    await traffic.end()
