"""At each moment the stage shows what the broker really held then, or says that it cannot know."""

import asyncio
import re
from contextlib import suppress

import redis

from helpers.record.stream_words import ids_by_stream, place
from helpers.replay import Moment, Moments
from helpers.waiting import read

from ..record.test_story_bit_by_bit import NAMES, Traffic
from ..stage import EVERY_ENGINE, Stage, on_engines_in_turn, staged
from .truth import Truth, held_by, mistakes, shown_on

stage = staged(EVERY_ENGINE)

ACTS = 120
EVERYTHING = 10_000  # tokens


class Witnessed(Traffic):
    """Traffic after each act of which the broker is asked what it holds."""

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__(stage, seed)
        self.seen: list[tuple[int, Truth]] = []
        self.followed: dict[tuple[str, str], tuple[int, int]] = {}  # by reader and stream

    async def go_on(self) -> None:
        act = self.random.choice(
            [self.command] * 8
            + [self.wait, self.wait_in_group, self.publish, self.publish, self.listen]
            + [self.follow_stream, self.follow_stream]
            + [self.together, self.read, self.cancel, self.kill]
        )
        with suppress(redis.RedisError, asyncio.CancelledError):
            await act()
        await self.settle()
        truth = await held_by(self.other)
        for (name, stream), last in self.followed.items():
            ids = truth.get(f"stream {stream}", [])
            truth[f"reader {name} of {stream}"] = sum(place(entry) <= last for entry in ids)
        self.seen.append((self.stage.record.moment(), truth))

    async def wait_in_group(self) -> None:
        fresh = self.stage.client(self.random.choice(NAMES[1:]))
        reading = fresh.xreadgroup(self.random.choice("gh"), "ann", {"s": ">"}, block=0)
        self.waiting.append(asyncio.create_task(reading))
        await self.other.ping()

    async def follow_stream(self) -> None:
        """Read a stream without a group, from anywhere."""
        after, stream = self.chance.id(), self.random.choice("st")
        found = await self.clients[2].xread({stream: after}, count=self.random.randint(1, 3))
        ids = [entry for _, entries in ids_by_stream(found).items() for entry in [entries]]
        self.followed["bob", stream] = place(ids[-1][-1] if ids else after)

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


@on_engines_in_turn("seed", range(4))
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
    assert [m.words for m in moments if not _reaches_as_many_as_replied(m)] == []
    assert [m.words for m in moments if _twice_there(m)] == []
    await traffic.end()


def _reaches_as_many_as_replied(moment: Moment) -> bool:
    """Tell whether a message went to as many as the reply of its PUBLISH says."""
    told = re.match(r"shop  PUBLISH \S+ \S+ +→ (\d+)", moment.words)
    channels = {place.name for place in moment.stage.places if place.kind == "channel"}
    reached = sum(link.count for link in moment.stage.links if link.start in channels)
    return told is None or int(told[1]) == reached


def _twice_there(moment: Moment) -> bool:
    """Tell whether two messages have one identity."""
    tokens = [token.identity for place in moment.stage.places for token in place.tokens]
    return len(tokens) != len(set(tokens))
