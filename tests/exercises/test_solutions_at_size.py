"""Our own answers hold at any size: many entries, one of them trimmed, ten workers, a lost reply.

The solutions are taken out of the lessons as a learner would read them; the other right ways of
`tests/lessons` are held to the same.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from helpers import broker
from helpers.faults import lose_replies
from publish.lesson import read
from tests.lessons import OTHER_WAYS

from ..stage import EVERY_ENGINE, Stage, staged

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# The embedded broker, and one real server where there is one.
ENGINES = dict([*EVERY_ENGINE.items()][:2])
stage = staged(ENGINES)
A_MINUTE = 60_000  # milliseconds
MANY = 1500
NAMES = ["주문 한 개", "order 7", "O'Neill; DROP", "", "ünïcode\n", "0"]  # of every shape

Function = Callable[..., Any]


def solutions(number: str) -> dict[str, Function]:
    """Return the functions of all solutions of a lesson, by their names."""
    [path] = NOTEBOOKS.glob(f"{int(number):02}_*.ipynb")
    names: dict[str, Any] = {"redis": redis, "json": json, "asyncio": asyncio}
    for exercise in read(path).exercises:
        exec(exercise.solution.source.split("\n\n\nawait check(")[0], names)
    return {name: found for name, found in names.items() if name.startswith("our_")}


def answers(name: str, number: str, ours: str, place: int = 0) -> pytest.MarkDecorator:
    """Give a test our solution on each engine, and each other right way on the last of them.

    That engines answer alike is shown elsewhere; the other ways pass on the embedded broker when
    they are checked.
    """
    solution, last = solutions(number.partition(".")[0])[ours], [*ENGINES][-1]
    pairs = [(engine, solution) for engine in ENGINES]
    pairs += [(last, way.functions[place]) for way in OTHER_WAYS if way.number == number]
    cases = [pytest.param(ENGINES[on], each, id=f"{on}-{each.__name__}") for on, each in pairs]
    return pytest.mark.parametrize(("stage", name), cases, indirect=["stage"])


def named(names: list[str], count: int) -> list[str]:
    """Invent orders of every shape; some values repeat."""
    return [f"{names[place % len(names)]}{place // 2}" for place in range(count)]


async def pending(
    side: redis.asyncio.Redis, count: int, worker: str = "bob", field: str = "order"
) -> dict[str, str]:
    """Give so many orders to a worker that acknowledges none; return them by their ids."""
    orders = named(NAMES, count)
    async with side.pipeline(transaction=False) as adding:
        for place, order in enumerate(orders, start=1):
            adding.xadd("orders", {field: order}, id=f"{place}-0")
        await adding.execute()
    await side.xgroup_create("orders", "packing", id="0")
    await side.xreadgroup("packing", worker, {"orders": ">"}, count=count)
    return {f"{place}-0": order for place, order in enumerate(orders, start=1)}


async def grow_old(side: redis.asyncio.Redis, ids: list[str], **more: Any) -> None:
    options = {"idle": A_MINUTE, "justid": True} | more
    await side.xclaim("orders", "packing", "bob", 0, ids, **options)


async def left(side: redis.asyncio.Redis) -> int:
    return (await side.xpending("orders", "packing"))["pending"]


def forgetful(name: str, handing_over: str) -> redis.asyncio.Redis:
    """Return a client that loses the reply with this text and asks again, as redis-py does."""
    client = broker.named_client(name, retry=Retry(NoBackoff(), 1))
    return lose_replies(client, 1, having=handing_over)


@answers("join", "6.1", "our_join")
async def test_ten_workers_join_at_once(stage: Stage, join: Function) -> None:
    side, stream = stage.unwatched("side"), "주문 한 개"
    clients = [stage.unwatched(f"team-{number}") for number in range(10)]
    await asyncio.gather(*(join(client, stream, "팀") for client in clients))
    assert [group["name"] for group in await side.xinfo_groups(stream)] == ["팀"]


@answers("work", "6.2", "our_work")
async def test_a_worker_comes_through_its_own_list(stage: Stage, work: Function) -> None:
    side = stage.unwatched("side")
    orders = await pending(side, MANY, worker="ann")
    await side.xtrim("orders", maxlen=MANY - 2, approximate=False)
    handled: list[str] = []
    await work(stage.unwatched("ann"), "ann", handled.append)
    assert handled == [*orders.values()][2:]
    assert await left(side) == 0


@answers("work", "6.2", "our_work")
async def test_ten_workers_share(stage: Stage, work: Function) -> None:
    side, handled = stage.unwatched("side"), []
    await side.xgroup_create("orders", "packing", id="0", mkstream=True)
    orders = named(NAMES, 60)
    for order in orders:
        await side.xadd("orders", {"order": order})
    names = [f"team-{number}" for number in range(10)]
    await asyncio.gather(*(work(stage.unwatched(name), name, handled.append) for name in names))
    assert Counter(handled) == Counter(orders)
    assert await left(side) == 0


@answers("work", "6.2", "our_work")
async def test_what_a_lost_reply_hid_is_found_by_the_next_life(
    stage: Stage, work: Function
) -> None:
    side, handled = stage.unwatched("side"), []
    await side.xgroup_create("orders", "packing", id="0", mkstream=True)
    orders = [f"order-{number}" for number in range(1, 6)]
    for order in orders:
        await side.xadd("orders", {"order": order})
    worker = forgetful("ann", "order-3")
    await work(worker, "ann", handled.append)
    await worker.aclose()
    await work(stage.unwatched("ann"), "ann", handled.append)
    assert Counter(handled) == Counter(orders)
    assert await left(side) == 0


@answers("rescue", "6.3", "our_rescue")
async def test_the_old_are_rescued_behind_many_young(stage: Stage, rescue: Function) -> None:
    side, handled = stage.unwatched("side"), []
    orders = await pending(side, MANY)
    old = [*orders][MANY - 200 :]
    await grow_old(side, old)
    await side.xdel("orders", old[7])
    rescuers = [rescue(stage.unwatched(n), n, 30_000, handled.append) for n in ("ann", "carol")]
    await asyncio.gather(*rescuers)
    assert Counter(handled) == Counter(orders[i] for i in old if i != old[7])
    assert await left(side) == MANY - 200


@answers("set_aside", "6.4", "our_set_aside")
async def test_poison_is_found_on_every_page(stage: Stage, set_aside: Function) -> None:
    side = stage.unwatched("side")
    orders = await pending(side, MANY)
    poison = [*orders][::97]
    await grow_old(side, poison, retrycount=9)
    await side.xtrim("orders", maxlen=MANY - 1, approximate=False)
    await set_aside(stage.unwatched("ann"), 5)
    dead = [fields["order"] for _, fields in await side.xrange("orders:dead")]
    assert dead == [orders[entry_id] for entry_id in poison[1:]]
    assert await left(side) == MANY - len(poison)


@answers("catch_up", "5.2", "our_catch_up")
async def test_a_reader_catches_up_with_all(stage: Stage, catch_up: Function) -> None:
    side, seen = stage.unwatched("side"), []
    items = named(NAMES, MANY)
    async with side.pipeline(transaction=False) as adding:
        for item in items:
            adding.xadd("sales", {"item": item})
        await adding.execute()
    cursor = await catch_up(stage.unwatched("ann"), "0", seen.append)
    assert seen == items
    assert await catch_up(stage.unwatched("ann"), cursor, seen.append) == cursor


@answers("sold_between", "5.1", "our_sold_between")
async def test_a_busy_hour_is_found_whole(stage: Stage, sold_between: Function) -> None:
    side, items = stage.unwatched("side"), named(NAMES, MANY)
    async with side.pipeline(transaction=False) as adding:
        for place, item in enumerate(items):
            adding.xadd("sales", {"item": item}, id=f"{1000 + place // 3}-{place % 3}")
        await adding.execute()
    sold = await sold_between(stage.unwatched("ann"), 1000, 1400)
    assert [*sold] == items[: 400 * 3]


@answers("record", "5.3", "our_record")
async def test_an_hour_is_kept_however_busy(stage: Stage, record: Function) -> None:
    side, shop, start = stage.unwatched("side"), stage.unwatched("shop"), 1772442000000
    for place, item in enumerate(named(NAMES, 300)):
        await record(shop, item, start + place * 30_000)
    kept = await side.xrange("sales")
    assert [int(i.split("-")[0]) for i, _ in kept] == [
        start + place * 30_000 for place in range(300 - 121, 300)
    ]


@answers("charge", "8.1", "our_charge")
async def test_ten_cashiers_charge_once(stage: Stage, charge: Function) -> None:
    side, cashiers = stage.unwatched("side"), [stage.unwatched(f"{n}") for n in range(10)]
    for payment in NAMES:
        await asyncio.gather(*(charge(cashier, payment, 7) for cashier in cashiers))
    assert await side.get("paid") == str(7 * len(NAMES))


@answers("place", "8.2", "our_place")
async def test_orders_of_every_shape_are_placed_whole(stage: Stage, place: Function) -> None:
    side, shop, orders = stage.unwatched("side"), stage.unwatched("shop"), named(NAMES, 100)
    for order in orders:
        await place(shop, order)
    assert [fields["order"] for _, fields in await side.xrange("orders")] == orders
    assert await side.lrange("mails", 0, -1) == orders


@answers("work", "8.3", "our_work", 1)
async def test_ten_workers_of_a_team_do_each_order_once(stage: Stage, work: Function) -> None:
    side, handled = stage.unwatched("side"), []
    orders = named(NAMES, 60)
    for order in orders:
        await side.xadd("orders", {"order": order})
    names = [f"payment-{number}" for number in range(10)]
    await asyncio.gather(*(work(stage.unwatched(n), "payment", handled.append) for n in names))
    if work.__name__ == "our_work":  # the other ways have one worker at a time, as the text says
        assert Counter(handled) == Counter(orders)
    assert set(handled) == set(orders)
    [group] = await side.xinfo_groups("orders")
    assert group["pending"] == 0


@answers("work", "8.3", "our_work", 1)
async def test_a_team_survives_entries_that_were_trimmed(stage: Stage, work: Function) -> None:
    side, handled = stage.unwatched("side"), []
    worker = stage.unwatched("payment-1")
    for place, order in enumerate(named(NAMES, MANY), start=1):
        await side.xadd("orders", {"order": order}, id=f"{place}-0")
    with pytest.raises(ZeroDivisionError):
        await work(worker, "payment", lambda order: 1 / 0)
    await side.xtrim("orders", maxlen=MANY - 1, approximate=False)
    await work(worker, "payment", handled.append)
    assert handled == named(NAMES, MANY)[1:]


@answers("send_mails", "8.3", "our_send_mails", 2)
async def test_mails_of_one_name_are_told_apart(stage: Stage, send_mails: Function) -> None:
    side, sent = stage.unwatched("side"), []
    mails = [*named(NAMES, 50), "", *["order-1"] * 3, ""]
    await side.rpush("mails", *mails)
    await send_mails(stage.unwatched("mail"), sent.append)
    assert sent == mails
    assert await side.keys("mails*") == []


@answers("move", "10.1", "our_move")
async def test_three_movers_move_a_night_of_jobs(stage: Stage, move: Function) -> None:
    side, jobs = stage.unwatched("side"), [*dict.fromkeys(named(NAMES, 300))]
    await side.zadd("later", {job: place for place, job in enumerate(jobs)})
    movers, due, rounds = [stage.unwatched(f"mover-{n}") for n in range(3)], jobs[:201], 0
    while await side.zcount("later", "-inf", 200):
        await asyncio.gather(*(move(mover, 200, 7) for mover in movers))
        rounds += 1
        assert rounds <= len(due)
    moved = [fields["job"] for _, fields in await side.xrange("orders")]
    assert Counter(moved) == Counter(due)
    assert await side.zrange("later", 0, -1) == jobs[201:]


@answers("work", "10.2", "our_retrying_work")
async def test_ten_workers_try_again_and_give_up(stage: Stage, work: Function) -> None:
    side, handled = stage.unwatched("side"), []
    await side.xgroup_create("orders", "packing", id="0", mkstream=True)
    jobs = [*dict.fromkeys(named(NAMES, 60))]
    broken = jobs[::7]

    async def handle(job: str) -> None:
        if job in broken:
            raise LookupError(job)
        handled.append(job)

    names = [f"team-{number}" for number in range(10)]
    again = jobs
    for now in (100, 200, 300):
        for job in again:
            await side.xadd("orders", {"job": job})
        workers = (work(stage.unwatched(name), name, handle, now) for name in names)
        await asyncio.gather(*workers)
        later = await side.zrange("later", 0, -1, withscores=True)
        again = [job for job, _ in later]
        assert all(now < due < now + 60 for _, due in later)
        assert Counter(again) == Counter(broken if now < 300 else [])
        await side.delete("later")
    dead = [fields["job"] for _, fields in await side.xrange("orders:dead")]
    assert (Counter(handled), Counter(dead)) == (Counter(jobs) - Counter(broken), Counter(broken))
    assert await left(side) == 0


@answers("tidy", "10.3", "our_tidy")
async def test_a_janitor_goes_through_a_year_of_machines(stage: Stage, tidy: Function) -> None:
    side = stage.unwatched("side")
    await pending(side, 3, worker="bob")
    for number in range(200):
        await side.xreadgroup("packing", f"pod-{number} 주문", {"orders": ">"})
        await side.xgroup_createconsumer("orders", "packing", f"pod-{number} 주문")
    await tidy(stage.unwatched("janitor"), 0)
    assert [c["name"] for c in await side.xinfo_consumers("orders", "packing")] == ["bob"]
    assert await left(side) == 3


@answers("work", "10.4", "our_stopping_work")
async def test_ten_workers_stop_and_leave_the_rest(stage: Stage, work: Function) -> None:
    side, handled, stop = stage.unwatched("side"), [], asyncio.Event()
    jobs = named(NAMES, 60)
    await side.rpush("orders", *jobs)

    async def handle(job: str) -> None:
        handled.append(job)
        if len(handled) == 20:
            stop.set()

    names = [f"team-{number}" for number in range(10)]
    await asyncio.gather(*(work(stage.unwatched(n), n, handle, stop) for n in names))
    rest = await side.lrange("orders", 0, -1)
    assert 20 <= len(handled) <= 30
    assert Counter(handled + rest) == Counter(jobs)
    assert await side.keys("taken:*") == []
