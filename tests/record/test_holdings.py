"""What a picture says the broker holds is right or left out."""

import asyncio
import random
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest
import redis

from helpers.record import Step
from helpers.record.database import Act, Database
from helpers.record.holdings import Holdings

from ..stage import EMBEDDED, TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
embedded = staged(EMBEDDED)

LISTS, STREAMS, GROUPS, CONSUMERS = ("a", "b"), ("s", "t"), ("g", "h"), ("ann", "bob", "JUSTID")
SIDES = ("LEFT", "right")


class Chance:
    """Make commands by chance, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.last = 0

    def command(self) -> list[str]:
        lists = [self.push, self.push, self.pop, self.change_list]
        streams = [self.add, self.add, self.add, self.shorten]
        groups = [self.group, self.read, self.read, self.pend, self.pend]
        name, *rest = self.random.choice([*lists, *streams, *groups, self.rare])()
        return [self.random.choice((name, name.lower())), *rest]

    def one(self, *among: str) -> str:
        return self.random.choice(among)

    def number(self, low: int, high: int) -> str:
        return str(self.random.randint(low, high))

    def id(self) -> str:
        number = self.random.randint(max(1, self.last - 8), self.last + 1)
        return self.one(f"{number}-0", f"{number}")

    def ids(self) -> list[str]:
        return [self.id() for _ in range(self.random.randint(1, 3))]

    def push(self) -> list[str]:
        words = [self.one(*"xyz") for _ in range(self.random.randint(1, 3))]
        return [self.one("RPUSH", "LPUSH", "RPUSH", "LPUSHX", "RPUSHX"), self.one(*LISTS), *words]

    def pop(self) -> list[str]:
        key, other, side = self.one(*LISTS), self.one(*LISTS), self.one(*SIDES)
        count = self.number(0, 3)
        return self.random.choice(
            [
                [self.one("LPOP", "RPOP"), key],
                [self.one("LPOP", "RPOP"), key, count],
                [self.one("BLPOP", "BRPOP"), key, other, "0.001"],
                ["LMPOP", "2", key, other, side, "count", self.number(1, 3)],
                ["BLMPOP", "0.001", "1", key, side],
                ["LMOVE", key, other, side, self.one(*SIDES)],
                ["BLMOVE", key, other, side, self.one(*SIDES), "0.001"],
                ["RPOPLPUSH", key, other],
            ]
        )

    def change_list(self) -> list[str]:
        key = self.one(*LISTS)
        return self.random.choice(
            [
                ["LREM", key, self.number(-2, 2), self.one(*"xyz")],
                ["LTRIM", key, self.number(-5, 3), self.number(-4, 5)],
                ["DEL", *self.random.sample(LISTS + STREAMS, self.random.choice((1, 1, 3)))],
            ]
        )

    def add(self) -> list[str]:
        self.last += self.random.choice((0, 1, 1, 1, 1))
        how = self.random.choice(
            [[], [], [], ["nomkstream"], self.trimming(), ["NOMKSTREAM", *self.trimming()]]
        )
        return ["XADD", self.one(*STREAMS), *how, f"{self.last}-0", "MAXLEN", "1"]

    def trimming(self) -> list[str]:
        threshold = self.random.choice(
            [["MAXLEN", self.number(0, 6)], ["minid", self.id()], ["MINID", self.id()]]
        )
        sign = self.random.choice([[], ["="], ["~"]])
        limit = ["LIMIT", "10"] if sign == ["~"] and self.random.random() < 0.3 else []
        return [threshold[0], *sign, threshold[1], *limit]

    def shorten(self) -> list[str]:
        key = self.one(*STREAMS)
        return self.random.choice([["XTRIM", key, *self.trimming()], ["XDEL", key, *self.ids()]])

    def group(self) -> list[str]:
        key, group = self.one(*STREAMS), self.one(*GROUPS)
        start = self.one("0", "$", self.id())
        return self.random.choice(
            [
                ["XGROUP", self.one("CREATE", "create"), key, group, start, "MKSTREAM"],
                ["XGROUP", "CREATE", key, group, start],
                ["XGROUP", "SETID", key, group, start],
                ["XGROUP", "DESTROY", key, group],
                ["XGROUP", "DELCONSUMER", key, group, self.one(*CONSUMERS)],
                ["XGROUP", "CREATECONSUMER", key, group, self.one(*CONSUMERS)],
            ]
        )

    def read(self) -> list[str]:
        options = [
            ["GROUP", self.one(*GROUPS), self.one(*CONSUMERS)],
            *self.random.sample([["count", self.number(1, 4)], ["NOACK"], ["BLOCK", "1"]], 1),
        ]
        self.random.shuffle(options)
        keys = list(self.random.sample(STREAMS, self.random.randint(1, 2)))
        ids = [self.one(">", ">", ">", "0", self.id()) for _ in keys]
        return ["XREADGROUP", *chain(*options), "STREAMS", *keys, *ids]

    def pend(self) -> list[str]:
        where = [self.one(*STREAMS), self.one(*GROUPS)]
        consumer, start = self.one(*CONSUMERS), self.one("-", "0", self.id())
        just = self.random.choice([[], ["JUSTID"]])
        return self.random.choice(
            [
                ["XACK", *where, *self.ids()],
                ["XCLAIM", *where, consumer, "0", *self.ids(), *just],
                ["XCLAIM", *where, consumer, "100000", *self.ids(), *just],
                ["XCLAIM", *where, consumer, "0", *self.ids(), "FORCE", "IDLE", "5", *just],
                ["XAUTOCLAIM", *where, consumer, "0", start, "COUNT", self.number(1, 4), *just],
            ]
        )

    def rare(self) -> list[str]:
        key, other = self.random.sample(LISTS + STREAMS, 2)
        return self.random.choice(
            [
                ["EXPIRE", key, "100"],
                ["PEXPIRE", key, "1"],
                ["LSET", key, "0", "set"],
                ["LINSERT", key, "BEFORE", "x", "inserted"],
                ["RENAME", key, other],
                ["SET", self.one("text", "text", key), other],
                *[["DEL", "text", *LISTS, *STREAMS]] * 3,
                ["LRANGE", key, "0", "-1"],
                ["XLEN", key],
            ]
        )


async def mistakes(client: redis.asyncio.Redis, held: Holdings) -> list[Any]:
    """Ask the broker for all that is spoken of, and name what it holds otherwise."""
    asked = client.pipeline(transaction=False)
    told: list[Any] = []
    for key, elements in held.lists.items():
        told.append((key, elements))
        asked.lrange(key, 0, -1)
    for key, ids in held.streams.items():
        told.append((key, [*ids]))
        asked.xrange(key)
    for key, group in held.groups.items():
        told.append((key, group.pending))
        asked.xpending_range(*key, "-", "+", 10_000)
    real = map(_in_the_same_form, await asked.execute(raise_on_error=False))
    return [
        (key, what, truth)
        for (key, what), truth in zip(told, real, strict=True)
        if key not in held.unknown and (truth or what) and what != truth
    ]


def _in_the_same_form(reply: Any) -> Any:
    if isinstance(reply, list) and reply and isinstance(reply[0], dict):
        return {entry["message_id"]: entry["consumer"] for entry in reply}
    if isinstance(reply, list) and reply and isinstance(reply[0], tuple):
        return [entry for entry, _ in reply]
    return reply


@pytest.mark.parametrize("seed", range(4))
async def test_commands_by_chance(stage: Stage, seed: int) -> None:
    chance, database, client = Chance(seed), Database(), stage.client("shop", protocol=2 + seed % 2)
    checker = stage.unwatched("checker")
    spoken_of = 0
    for _ in range(200):
        words = chance.command()
        with suppress(redis.ResponseError):
            await client.execute_command(*words)
        command = stage.commands()[-1]
        database.play(Act([Step(command, command.reply)], True), [])
        held = database.held
        assert await mistakes(checker, held) == [], f"after {' '.join(words)} → {command.reply}"
        known = {*held.lists, *held.streams, *held.groups}
        spoken_of += len(known - held.unknown)
    assert spoken_of > 200, "next to nothing was compared"


SAYS: dict[str, tuple[list[str], dict[str, str]]] = {
    "a list": (["RPUSH q a b c d e"], {"q": "[a] [b] [c] +2"}),
    "a list from both ends": (["RPUSH q a b", "lpush q c d"], {"q": "[d] [c] [a] +1"}),
    "an emptied list": (["RPUSH q a", "RPOP q"], {"q": "empty"}),
    "several at once": (["RPUSH q a b c", "RPOP q 2"], {"q": "[a]"}),
    "a trimmed list": (["RPUSH q a b c d", "ltrim q -3 -2"], {"q": "[b] [c]"}),
    "removed from the right": (["RPUSH q a b a", "LREM q -1 a"], {"q": "[a] [b]"}),
    "a move": (["RPUSH q a b", "LMOVE q p right left"], {"q": "[a]", "p": "[b]"}),
    "the older move": (["RPUSH q a b", "RPOPLPUSH q q"], {"q": "[b] [a]"}),
    "the list after it expired": (["RPUSH q a", "EXPIRE q 9", "RPUSH q b"], {}),
    "a list begun anew": (["RPUSH q a", "EXPIRE q 9", "DEL q", "RPUSH q b"], {"q": "[b]"}),
    "a list emptied and begun anew": (
        ["RPUSH q a", "EXPIRE q 9", "LPOP q", "RPUSH q b"],
        {"q": "[b]"},
    ),
    "a move out of a list that is left out": (
        ["RPUSH q a", "LSET q 0 b", "RPUSH p c", "BLMOVE q p LEFT RIGHT 1", "LMOVE p o LEFT LEFT"],
        {"o": "[c]"},
    ),
    "a list of a new name": (["RPUSH q a", "RENAME q p", "RPUSH p b"], {}),
    "a script": (["RPUSH q a", "EVAL return{} 0", "RPUSH q b"], {}),
    "a long element": (["RPUSH q 1234567890123"], {"q": "[12345678901…]"}),
    "a stream": (["XADD s 1-1 a b", "XADD s 2-1 a b"], {"s": "2 entries"}),
    "an exact limit": (
        ["XADD s 1-1 a b", "XADD s 2-1 a b", "XADD s maxlen = 1 3-1 a b"],
        {"s": "1 entry"},
    ),
    "a lowest id": (
        ["XADD s 1-1 a b", "XADD s 2-1 a b", "XADD s MINID 3 3-1 a b"],
        {"s": "1 entry"},
    ),
    "a loose limit": (["XADD s 1-1 a b", "XADD s MAXLEN ~ 1 LIMIT 9 2-1 a b"], {}),
    "a loose limit not reached": (["XADD s MAXLEN ~ 9 2-1 a b"], {"s": "1 entry"}),
    "a limit that minds the groups": (
        ["XADD s 1-1 a b", "XADD s 2-1 a b", "XADD s DELREF MAXLEN 1 3-1 a b"],
        {},
    ),
    "a group of a stream that may expire": (
        ["XADD s 1-1 a b", "EXPIRE s 9", "XGROUP CREATE s g 0"],
        {},
    ),
    "no stream to add to": (["XADD s NOMKSTREAM 1-1 a b"], {}),
    "a limit among the fields": (["XADD s 1-1 MAXLEN 0"], {"s": "1 entry"}),
    "trimmed": (["XADD s 1-1 a b", "XADD s 2-1 a b", "XTRIM s MINID 2-1"], {"s": "1 entry"}),
    "read": (
        ["XADD s 1-1 a b", "XGROUP CREATE s g 0", "XREADGROUP count 1 GROUP g c STREAMS s >"],
        {"s/g pending": "c 1-1"},
    ),
    "read without acknowledging": (
        [
            "XGROUP CREATE s g $ MKSTREAM",
            "XADD s 1-1 a b",
            "XREADGROUP NOACK GROUP g c STREAMS s >",
        ],
        {},
    ),
}


@pytest.mark.parametrize(("commands", "says"), SAYS.values(), ids=list(SAYS))
async def test_what_the_last_command_left(
    embedded: Stage, commands: list[str], says: dict[str, str]
) -> None:
    shop = embedded.client("shop")
    for line in commands:
        try:
            await shop.execute_command(*line.split())
        except redis.ResponseError:
            assert line.startswith("EVAL")  # scripts need a real server
    assert embedded.steps()[-1].holds == says


async def test_what_is_pending(embedded: Stage) -> None:
    shop = embedded.client("shop")
    await shop.xgroup_create("s", "g", "$", mkstream=True)
    for number in range(1, 7):
        await shop.xadd("s", {"a": "b"}, f"{number}-0")
    await shop.xreadgroup("g", "bob", {"s": ">"}, count=4)
    await shop.xreadgroup("g", "ann", {"s": ">"})
    await shop.xack("s", "g", "2", "1-0")
    await shop.xdel("s", "3-0", "5-0")
    await shop.xclaim("s", "g", "ann", 0, ["3-0", "4-0"], justid=True)
    await shop.xautoclaim("s", "g", "carol", 0, "5", justid=True)
    await shop.xgroup_delconsumer("s", "g", "carol")
    assert [s.holds.get("s/g pending") for s in embedded.steps()] == [
        "none",
        *[None] * 6,
        "bob 4 entries",
        "ann 5-0, 6-0; bob 4 entries",
        "ann 5-0, 6-0; bob 3-0, 4-0",
        None,
        "ann 4-0, 5-0, 6-0",
        "ann 4-0; carol 6-0",
        "ann 4-0",
    ]


async def test_a_consumer_that_waited_in_vain_leaves_no_doubt(embedded: Stage) -> None:
    shop, ann, bob = embedded.clients("shop", "ann", "bob")
    await shop.xadd("s", {"a": "b"}, "1-0")
    await shop.xgroup_create("s", "g", "0")
    await ann.xreadgroup("g", "ann", {"s": ">"})
    waiting = await embedded.waiting(bob, bob.xreadgroup("g", "bob", {"s": ">"}, block=0))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await ann.xack("s", "g", "1-0")
    assert embedded.steps()[-1].holds == {"s/g pending": "none"}


async def test_what_others_did_unseen_is_left_out_once_it_shows(embedded: Stage) -> None:
    shop = embedded.client("shop")
    await shop.rpush("q", "a", "b", "a")
    await embedded.unwatched("other").lpop("q")
    await shop.lpop("q")
    assert embedded.steps()[-1].holds == {}


async def test_emptying_every_database_is_seen_in_each(embedded: Stage) -> None:
    zero, one = embedded.client("zero"), embedded.client("one", db=1)
    await zero.xadd("s", {"a": "b"}, "1-0")
    await one.flushall()
    await zero.xadd("s", {"a": "b"}, "1-0")
    assert [s.holds for s in embedded.steps()] == [{"s": "1 entry"}, {}, {}]


async def test_a_command_whose_reply_is_lost_leaves_its_key_out(embedded: Stage) -> None:
    shop = embedded.client("shop")
    await shop.rpush("q", "a", "b")
    await shop.xadd("s", {"a": "b"}, "1-1")
    await shop.lrem("q", 1, "a")
    await shop.xadd("s", {"a": "b"}, "2-1")
    for command in embedded.commands()[2:]:
        command.answered, command.reply, command.lost = False, None, "connection lost"
    assert [s.holds for s in embedded.steps()] == [{"q": "[a] [b]"}, {"s": "1 entry"}, {}, {}]
    await shop.rpush("q", "c")
    await shop.xadd("s", {"a": "b"}, "3-1")
    assert [s.holds for s in embedded.steps()][-2:] == [{}, {}]


async def test_a_transaction_whose_reply_is_lost_leaves_its_keys_out(embedded: Stage) -> None:
    shop = embedded.client("shop")
    await shop.rpush("q", "a")
    await shop.pipeline().rpush("q", "b").execute()
    executed = embedded.commands()[-1]
    executed.answered, executed.reply, executed.lost = False, None, "connection lost"
    assert [s.holds for s in embedded.steps()] == [{"q": "[a]"}, {}, {}, {}]
