"""What is told of a key as data is what the broker holds, after every command."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import redis

from helpers.record import HeldList, HeldStream, Step
from helpers.record.database import Act, Database
from helpers.record.stream_words import ids_by_stream, place

from ..stage import TWO_ENGINES, Stage, staged
from .test_holdings import Chance

stage = staged(TWO_ENGINES)


async def assert_list(checker: Any, key: str, held: HeldList) -> None:
    elements = await checker.lrange(key, 0, -1)
    assert held.length == len(elements)
    assert [*held.first] == elements[:5]
    assert [*held.last] == elements[max(5, len(elements) - 5) :]


def assert_moves(before: list[str], after: list[str], held: HeldList) -> None:
    """What was there, without what went, is what is there, without what is new."""
    went = [element for move in held.went for element in move.what]
    new = after[: held.new_left] + after[len(after) - held.new_right :]
    assert Counter(before) + Counter(new) == Counter(after) + Counter(went)


async def assert_stream(checker: Any, key: str, held: HeldStream) -> None:
    there = [entry for entry, _ in await checker.xrange(key)]
    if held.length is not None:
        assert held.length == len(there)
        assert [entry for entry in held.lives if held.has(entry)] == there
    asked = await checker.xinfo_groups(key) if held.groups else []
    groups = {group["name"]: group for group in asked}
    for name, group in held.groups.items():
        assert group.last == place(groups[name]["last-delivered-id"])
        pending = await checker.xpending_range(key, name, "-", "+", 1000)
        truth = {entry["message_id"]: entry["consumer"] for entry in pending}
        holders = {entry: held.holder(name, entry) for entry in group.hands}
        assert {entry: holder for entry, holder in holders.items() if holder} == truth
        assert group.counts == Counter(truth.values())


@pytest.mark.parametrize("seed", range(4))
async def test_commands_by_chance(stage: Stage, seed: int) -> None:
    chance, database, client = Chance(seed + 10), Database(), stage.client("shop")
    checker = stage.unwatched("checker")
    compared: Counter[type] = Counter()
    for _ in range(200):
        words = chance.command()
        before = {key: await _elements(checker, key) for key in ("a", "b")}
        with suppress(redis.ResponseError):
            await client.execute_command(*words)
        command = stage.commands()[-1]
        step = Step(command, command.reply)
        database.play(Act([step], True), [])
        assert _keys(step.holds) <= step.held.keys(), words
        for key, held in step.held.items():
            compared[type(held)] += 1
            if isinstance(held, HeldList):
                await assert_list(checker, key, held)
                if key in before and command.name not in ("DEL", "SET"):
                    assert_moves(before[key], await _elements(checker, key), held)
            else:
                await assert_stream(checker, key, held)
    assert min(compared[HeldList], compared[HeldStream]) > 20, "next to nothing was compared"


async def _elements(checker: Any, key: str) -> list[str]:
    return await checker.lrange(key, 0, -1) if await checker.type(key) == "list" else []


def _keys(holds: dict[str, str]) -> set[str]:
    return {label.partition("/")[0] for label in holds}


@pytest.mark.parametrize("seed", range(3))
async def test_each_reader_stands_where_it_has_read_to(stage: Stage, seed: int) -> None:
    chance, shop = Chance(seed), stage.client("shop")
    readers = dict(zip(("ann", "bob"), stage.clients("ann", "bob"), strict=True))
    read: dict[str, tuple[int, int]] = {}
    for number in range(1, 30):
        await shop.xadd("s", {"a": "b"}, id=f"{number}-0")
        name, start = chance.one(*readers), chance.one("0", f"{number - 1}-0", f"{number}-0", "$")
        reply = await readers[name].xread({"s": start}, count=3)
        ids = ids_by_stream(reply).get("s", [])
        asked = (number, 0) if start == "$" else place(start)
        read[name] = place(ids[-1]) if ids else asked
        held = [step.held["s"] for step in stage.steps() if "s" in step.held][-1]
        assert isinstance(held, HeldStream)
        assert held.readers == read
        assert held.length == number


async def test_what_was_told_stays_as_it_was(stage: Stage) -> None:
    """A later command changes nothing of what was told of an earlier moment."""
    shop, ann = stage.clients("shop", "ann")
    await shop.xgroup_create("s", "g", "0", mkstream=True)
    for number in range(1, 7):
        await shop.xadd("s", {"a": "b"}, id=f"{number}-0")
    await ann.xreadgroup("g", "ann", {"s": ">"}, count=2)
    await ann.xack("s", "g", "1-0")
    await shop.xtrim("s", maxlen=1, approximate=False)
    told = [step.held["s"] for step in stage.steps()]
    assert [held.length for held in told] == [0, 1, 2, 3, 4, 5, 6, 6, 6, 1]
    assert [held.holder("g", "1-0") for held in told] == [None] * 7 + ["ann", None, None]
    assert [held.released("g", "1-0") for held in told][-2:] == ["ann", None]
    assert [held.given("g", "2-0") for held in told] == [False] * 7 + [True, False, False]
    assert [held.has("1-0") for held in told] == [False, *[True] * 8, False]
    assert [held.came("3-0") for held in told].index(True) == 3
    assert [held.went("3-0") for held in told] == [False] * 9 + [True]


async def test_what_a_waiter_gets_comes_and_goes_in_one_step(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.rpush("q", "a")
    await ann.lpop("q")
    task = await stage.waiting(ann, ann.blmove("q", "done", 0))
    await shop.rpush("q", "b", "c")
    await task
    held = stage.steps()[-1].held or stage.steps()[-2].held
    assert [(key, [*told.first]) for key, told in held.items()] == [("q", ["c"]), ("done", ["b"])]
    assert [told.new_right for told in held.values()] == [1, 1]
    assert [[*move.what] for move in held["q"].went] == [["b"]]
