"""Random stories of clients that wait while another one feeds them.

The same seed gives the same story, so a difference can be found again.
"""

import asyncio
import random
from typing import Any, NamedTuple

from .engines import Engine
from .play import DEADLINE, NO_ANSWER, Client, Play
from .replies import shown

WAITERS = ("ann", "bob", "carol", "dora")
FEEDER = "shop"
WAITS = """
    BLPOP LIST LIST 0 | BRPOP LIST 0 | BLMOVE LIST LIST SIDE SIDE 0 | BRPOPLPUSH LIST LIST 0
    BLMPOP 0 1 LIST SIDE | BLMPOP 0 2 LIST LIST SIDE COUNT 2 | BZPOPMIN z 0 | BZPOPMAX z y 0
    BZMPOP 0 2 z y MIN | XREAD BLOCK 0 STREAMS s $ | XREAD COUNT 1 BLOCK 0 STREAMS s t $ $
    XREAD BLOCK 0 STREAMS s + | XREADGROUP GROUP g WHO BLOCK 0 STREAMS s >
    XREADGROUP GROUP g WHO COUNT 1 BLOCK 0 STREAMS s >
    XREADGROUP GROUP h WHO BLOCK 0 NOACK STREAMS s t > >
    """
FEEDS = """
    RPUSH LIST x | RPUSH LIST x y z | LPUSH LIST p q | LPUSH LIST p | RPUSHX LIST k | DEL LIST LIST
    SET LIST v | RENAME LIST LIST | LMOVE LIST LIST SIDE SIDE | RPOPLPUSH LIST LIST | LPOP LIST
    COPY LIST LIST REPLACE | MOVE LIST 1 | LINSERT LIST BEFORE x w | LRANGE LIST 0 -1
    ZADD z 1 m | ZADD y 2 n 3 o | ZADD z 1 m 2 n | ZREM z m | ZUNIONSTORE z 1 y | DEL z
    XADD s NEW f 1 | XADD t NEW f 1 | XADD s NEW f 2 | XDEL s OLD | XTRIM s MAXLEN 0 | DEL s
    XGROUP CREATE s g $ MKSTREAM | XGROUP CREATE s h $ MKSTREAM | XGROUP CREATE t h $ MKSTREAM
    XGROUP DESTROY s g | XGROUP DESTROY s h | XGROUP SETID s g $ | XACK s g OLD
    MULTI | EXEC | MULTI | EXEC | DISCARD | FLUSHALL | CLIENT UNBLOCK ID | CLIENT UNBLOCK ID ERROR
    """
BEGINNING = (
    "XGROUP CREATE s g $ MKSTREAM",
    "XGROUP CREATE s h $",
    "XGROUP CREATE t h $ MKSTREAM",
)
SHARE_OF_WAITS = 0.4


class Turn(NamedTuple):
    """What one client sends; {ann.id} stands for what the server calls it."""

    who: str
    command: str


def random_waits(seed: int, length: int) -> list[Turn]:
    """Make a story of so many turns."""
    chance = random.Random(f"waits {seed}")
    story = [Turn(FEEDER, command) for command in BEGINNING]
    return story + [_turn(chance, number) for number in range(1, length + 1)]


def _turn(chance: random.Random, number: int) -> Turn:
    waits = chance.random() < SHARE_OF_WAITS
    who = chance.choice(WAITERS) if waits else FEEDER
    template = chance.choice(_templates(WAITS if waits else FEEDS))
    words = (_filled(word, who, chance, number) for word in template.split())
    return Turn(who, " ".join(words))


def _templates(lines: str) -> list[str]:
    return [part.strip() for line in lines.strip().splitlines() for part in line.split("|")]


def _filled(word: str, who: str, chance: random.Random, number: int) -> str:
    choices = {
        "LIST": ("a", "b"),
        "SIDE": ("LEFT", "RIGHT"),
        "WHO": (who,),
        "NEW": (f"{number}-1",),
        "OLD": tuple(f"{max(1, number - back)}-1" for back in range(1, 6)),
        "ID": tuple(f"{{{name}.id}}" for name in WAITERS),
    }
    return chance.choice(choices.get(word, (word,)))


class Story(Play):
    """A random story on one broker: after each turn, who was served, and with what."""

    async def tell(self, turns: list[Turn]) -> list[str]:
        """Play every turn; an answer that does not come ends the story."""
        self._observer = await self._connect("observer")
        await self._observer.ask("FLUSHALL")
        self._clients = {name: await self._connect(name) for name in (*WAITERS, FEEDER)}
        self._replies: dict[str, asyncio.Task[Any]] = {}
        told: list[str] = []
        try:
            for turn in turns:
                told.append(f"{turn.who}: {turn.command}: {await self._take(turn)}")
        except TimeoutError:
            told.append(NO_ANSWER)
        finally:
            for reply in self._replies.values():
                reply.cancel()
            for client in (*self._clients.values(), self._observer):
                client.writer.close()
        return told

    async def _take(self, turn: Turn) -> str:
        client = self._clients[turn.who]
        words = [self._filled(word) for word in turn.command.split()]
        if turn.who == FEEDER:
            return f"{shown(await client.ask(*words))} {await self._served()}"
        if turn.who in self._replies:
            return "waits"
        client.send(*words)
        self._replies[turn.who] = asyncio.create_task(client.read())
        settled = await self._until(self._is_settled, client)
        return await self._served() if settled else NO_ANSWER

    async def _is_settled(self, client: Client) -> bool:
        return self._replies[client.name].done() or await self._is_blocked(client)

    async def _served(self) -> str:
        """Say who waits no more, and what each was answered."""
        waiting = [name for name in WAITERS if name in self._replies]
        ended = [name for name in waiting if not await self._is_blocked(self._clients[name])]
        return " ".join([f"{name}: {shown(await self._replies.pop(name))}" for name in ended])


def tell(turns: list[Turn], engine: Engine, protocol: int) -> list[str]:
    """Play a story on a broker under RESP2 or RESP3."""
    return asyncio.run(Story(engine, protocol, DEADLINE).tell(turns))
