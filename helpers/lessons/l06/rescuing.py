"""Exercise 6.3: take over what dead workers left."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated
from .group import (
    COLLEAGUES,
    FORGOTTEN,
    GROUP,
    STREAM,
    TRIMMED,
    deaths,
    not_lost,
    only_as,
    some_name,
    take,
    told,
    what_is_pending,
    write,
)

THREE = {"to unpack": "XAUTOCLAIM returns a cursor, the entries, and the ids of deleted ones."}


@exercise(
    "6.3",
    "rescue",
    hints=(
        "XAUTOCLAIM hands over what has been idle for long enough.",
        "Give it `min_idle`, handle what you get, and acknowledge it.",
        "A call looks at 1,000 pending entries and may return none although old ones follow: "
        "call again with the cursor that it returned, until that is `0-0`.",
    ),
)
async def rescues_the_old_only(trial: Trial, rescue: Answer) -> str:
    count, in_front = ((8, 0), (20, 0), (130, 1000))[trial.number - 1]
    min_idle = 30_000 + 1000 * trial.number
    old, young = await _abandoned(trial, count, in_front, min_idle)
    handled = await _rescued(trial, rescue, min_idle, old)
    robbed = [order for order in young.values() if order in handled]
    hint = "Ask for what has been idle for `min_idle`."
    expect_same("orders taken from a worker who is only slow", robbed, [], hint)
    expect_same(
        "the orders rescued, in any sequence",
        sorted(map(str, handled)),
        sorted(old.values()),
        (
            not handled and not in_front,
            "Claim what Bob left, and call handle with the field `order`.",
        ),
        (len(handled) < len(old) and count + in_front > 100, _further(trial)),
        (bool(missing(handled, list(old.values()))), "Call handle with the field `order`."),
        (len(handled) < len(old), EVERY_ONE),
        "Handle each of them once: an entry just claimed is no longer idle, so "
        "nobody else claims it yet.",
    )
    pending = await what_is_pending(trial)
    gone = missing(list(pending), [*old, *young])
    expect_same("pending entries that are no longer in the stream", gone, [], TRIMMED)
    expect_same(
        "what is pending in the end",
        pending,
        dict.fromkeys(young, "bob"),
        (trial.sent("XGROUP DELCONSUMER") > 0, FORGOTTEN),
        "Acknowledge what you have handled, and leave the rest with Bob.",
    )
    await only_as(trial, "ann", "carol")
    await _dies_while_it_rescues(trial, rescue)
    await _in_every_sequence(trial, rescue)
    await _rescues_beside_another(trial, rescue)
    await (_rescues_hundreds, _finds_only_the_young, _fails_to_handle)[trial.number - 1](
        trial, rescue
    )
    return f"{len(old)} abandoned orders were rescued, and Bob kept his {len(young):,} recent ones."


async def _rescued(trial: Trial, rescue: Answer, min_idle: int, old: dict[str, str]) -> list[Any]:
    """Let rescuers work: two at once, one that dies and one after it, or one alone."""
    ann, carol = trial.client("ann"), trial.client("carol")
    moment = (None, (3, "before"), None)[trial.number - 1]
    first, second = trial.handler("ann", moment), trial.handler("carol")
    running = trial.start(rescue, ann, "ann", min_idle, first)
    if moment:
        await trial.finish(running, THREE)
        pending = await what_is_pending(trial)
        lost = [order for i, order in old.items() if i not in pending and order not in first.done]
        hint = "It is lost: XACK comes after handle, never before."
        expect_same("orders that are neither handled nor pending after a power cut", lost, [], hint)
        await _grow_old(trial, [i for i in pending if i in old], "ann", min_idle)
    if trial.number < 3:
        await trial.run(rescue, carol, "carol", min_idle, second, hints=THREE)
    await trial.finish(running, THREE)
    again = first.done if moment else []  # what was done and not acknowledged may come again
    return first.done + [order for order in second.done if order not in again]


FURTHER = (
    "Some are left: XAUTOCLAIM returns at most 100 at a time, and may return none although old "
    "ones follow: call again with the cursor that it returned, until that is `0-0`."
)
PAGES = "Some are left: ask XPENDING for the next page, and the next, until one is empty."


def _further(trial: Trial) -> str:
    return PAGES if trial.sent("XPENDING") and not trial.sent("XAUTOCLAIM") else FURTHER


A_MINUTE = 60_000
MOST = 100  # runs that an exploration tries
LOST = "An order is lost: nobody has handled it, and nobody will"
DONE_FIRST = "Acknowledge it once handle has returned; whoever dies before leaves it pending."
TWICE = "Two rescuers were alive, and both handled one order"
SAFE = "Claim it with `min_idle`: what another one has claimed since you looked is not idle."
ENDLESS = "A rescuer never returns"
ITS_OWN = "It is pending for `name` itself, from an earlier life: take over whatever is old."
EVERY_ONE = "Some are left: take over every entry that has been idle for `min_idle` or longer."


@dataclass(frozen=True)
class Left:
    """What two workers have left behind: orders by their ids, and who has the young ones."""

    name: str  # of the rescuer
    min_idle: int
    old: dict[str, str]
    young: dict[str, str]
    fresh: dict[str, str]  # nobody has read them yet
    keepers: dict[str, str]
    daves: list[str]  # those of the old ones that Dave has left


async def _left(trial: Trial, count: int) -> Left:
    """Let two workers take orders and leave them, some only just; two more are new."""
    await trial.afresh()
    name, orders = some_name(trial), trial.texts("order", count + 4)
    min_idle = trial.random.randrange(200, 900) * 1000
    ids = await write(trial, orders)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    by_dave = trial.random.randrange(1, count)
    await take(trial, "dave", by_dave)
    await take(trial, "bob", count + 2 - by_dave)
    taken, listed = ids[:-2], dict(zip(ids, orders, strict=True))
    keepers = {i: "dave" if place < by_dave else "bob" for place, i in enumerate(taken)}
    young = [taken[-1], trial.random.choice(taken[by_dave:-1])]
    old = [i for i in taken if i not in young]
    for idle, chosen in ((min_idle, old), (min_idle - 20_000, young)):
        for owner in COLLEAGUES:
            if his := [i for i in chosen if keepers[i] == owner]:
                await _grow_old(trial, his, owner, idle)
    return Left(
        name,
        min_idle,
        {i: listed[i] for i in old},
        {i: listed[i] for i in young},
        {i: listed[i] for i in ids[-2:]},
        {i: keepers[i] for i in young},
        [listed[i] for i in old if keepers[i] == "dave"],
    )


async def _is_rescued(
    trial: Trial, left: Left, handled: list[Any], again: list[str], when: str
) -> None:
    wanted = list(left.old.values())
    pending = await what_is_pending(trial)
    await only_as(trial, left.name, "carol")
    robbed = [order for order in left.young.values() if order in handled]
    hint = f"Ask for what has been idle for `min_idle`, here {left.min_idle:,} milliseconds."
    expect_same(f"orders taken from a worker who is only slow{when}", robbed, [], hint)
    fresh = [order for order in left.fresh.values() if order in handled]
    hint = "Nobody has left them: claim what is pending, and read nothing new."
    expect_same(f"new orders that were handled{when}", fresh, [], hint)
    extra = missing(handled, wanted)
    hint = "Call handle with the field `order`."
    expect_same(f"what was handled, though it is no order{when}", extra, [], hint)
    lost = missing(wanted, handled)
    expect_same(
        f"abandoned orders that nobody handled{when}",
        lost,
        [],
        (len(wanted) > 100, _further(trial)),
        (bool(lost) and lost == _left_by(left.name, lost, left, pending), ITS_OWN),
        (set(lost) <= set(left.daves) and len(lost) < len(wanted), "Dave has left entries, too."),
        EVERY_ONE,
    )
    twice = missing(repeated(handled), again)
    hint = "Handle each once: what another one has claimed since you looked is no longer idle."
    expect_same(f"orders handled twice{when}", twice, [], hint)
    hint = "Acknowledge what you have handled, and leave the rest with its worker."
    expect_same(f"what is pending in the end{when}", pending, left.keepers, hint)


def _left_by(name: str, lost: list[str], left: Left, pending: dict[str, str]) -> list[str]:
    return [order for i, order in left.old.items() if order in lost and pending.get(i) == name]


async def _rescue(trial: Trial, rescue: Answer, left: Left, **accident: Any) -> list[Any]:
    """Let one rescuer work under the name that it is given; it may die."""
    call = accident.pop("call", None)
    client = trial.client("ann", **accident)
    handle = trial.handler("ann", call)
    await trial.run(rescue, client, left.name, left.min_idle, handle, hints=THREE)
    return handle.done


async def _dies_while_it_rescues(trial: Trial, rescue: Answer) -> None:
    """Let the power fail; much later another one, or the same again, rescues what is left."""
    for commands, call in deaths(trial, 2)[:2]:
        left = await _left(trial, 3)
        handled = await _rescue(trial, rescue, left, dies_after=commands, call=call)
        when = told(commands, call)
        pending = await not_lost(trial, left.old, handled, when)
        await only_as(trial, left.name)
        mine = [i for i, owner in pending.items() if owner == left.name]
        if mine:
            await _grow_old(trial, mine, left.name, left.min_idle)
        again = [order for i, order in left.old.items() if i in pending]
        name = "carol" if commands else left.name  # another one, or the same one again
        carol, other = trial.client("carol"), trial.handler("carol")
        await trial.run(rescue, carol, name, left.min_idle, other)
        await _is_rescued(trial, left, handled + other.done, again, f", {when}")


async def _in_every_sequence(trial: Trial, rescue: Answer) -> None:
    """Try all sequences: of one rescuer that dies anywhere, and of two that live."""
    if trial.number == 1 and trial.gaps():
        lost, endless = (LOST, DONE_FIRST), (ENDLESS, FURTHER)
        dies = {"lost": lost, "stuck": endless}
        await trial.explored(
            rescue, _rescues, dies, _two_are_left, workers=1, jobs=2, crashes=1, limit=MOST
        )
        both = {"lost": lost, "repeated": (TWICE, SAFE), "stuck": endless}
        await trial.explored(rescue, _rescues, both, _two_are_left, jobs=2, limit=MOST)


async def _rescues(rescue: Answer, client: Redis, name: str, handle: Handling) -> None:
    await rescue.function(client, name, A_MINUTE, handle)


def _two_are_left(first: Any) -> None:
    """Let Dave have left two orders an hour ago."""
    first.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    for number in (1, 2):
        first.xadd(STREAM, {"order": f"job-{number}"}, id=f"{number}-0")
    first.xreadgroup(GROUP, "dave", {STREAM: ">"})
    first.xclaim(STREAM, GROUP, "dave", 0, ["1-0", "2-0"], idle=60 * A_MINUTE, justid=True)


async def _rescues_beside_another(trial: Trial, rescue: Answer) -> None:
    """Let another one rescue all it can between two commands of one."""
    for place in trial.gaps()[:2]:
        left = await _left(trial, 3)
        ann, carol = trial.client("ann", stops_after=place), trial.client("carol")
        one, two = trial.handler("ann"), trial.handler("carol")
        first = trial.start(rescue, ann, left.name, left.min_idle, one)
        await trial.overtake(first, ann, rescue, carol, "carol", left.min_idle, two)
        when = ", when two rescued at once"
        await _is_rescued(trial, left, one.done + two.done, [], when)


async def _rescues_hundreds(trial: Trial, rescue: Answer) -> None:
    if trial.gaps():
        left = await _left(trial, 205)
        await _is_rescued(trial, left, await _rescue(trial, rescue, left), [], "")


async def _finds_only_the_young(trial: Trial, rescue: Answer) -> None:
    left = await _left(trial, 2)
    pending = await what_is_pending(trial)
    for i in left.old:
        await _grow_old(trial, [i], pending[i], left.min_idle - 20_000)
    handled = await _rescue(trial, rescue, left)
    hint = f"Ask for what has been idle for `min_idle`, here {left.min_idle:,} milliseconds."
    expect_same("orders taken from a worker who is only slow", handled, [], hint)
    hint = "Nothing has been idle for long enough: leave it with its worker."
    expect_same("what is pending in the end", await what_is_pending(trial), pending, hint)


async def _fails_to_handle(trial: Trial, rescue: Answer) -> None:
    """Let handle fail once: whatever the rescuer does then, the order must not be lost."""
    for number in (1, 2):
        left = await _left(trial, 3)
        client, handle = trial.client("ann"), trial.handler("ann", raises=number)
        await trial.settle(trial.start(rescue, client, left.name, left.min_idle, handle))
        when = f"after call {number} of handle raised an error"
        await not_lost(trial, left.old, handle.done, when)


async def _grow_old(trial: Trial, ids: list[str], name: str, idle: int) -> None:
    await trial.side.xclaim(STREAM, GROUP, name, 0, [*ids], idle=idle, justid=True)


async def _abandoned(
    trial: Trial, count: int, in_front: int, min_idle: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Let Bob take orders, most of them long ago; return the old and the young by their ids.

    So many young ones stand in front. In the second trial one that is old has been deleted.
    """
    numbers = trial.random.sample(range(10 * (in_front + count)), in_front + count)
    trial.budget.allow(len(numbers))
    async with trial.side.pipeline(transaction=False) as adding:
        for place, number in enumerate(numbers, start=1):
            adding.xadd(STREAM, {"order": f"order-{number}"}, id=f"{place}-0")
        await adding.execute()
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    taken = {i: fields["order"] for i, fields in await take(trial, "bob", len(numbers))}
    ids = list(taken)
    chosen = ids[:in_front] + sorted(trial.random.sample(ids[in_front:], 3), key=ids.index)
    young = {entry_id: taken.pop(entry_id) for entry_id in chosen}
    await _grow_old(trial, list(taken), "bob", min_idle)
    await _grow_old(trial, list(young), "bob", min_idle - 20_000)
    if trial.number == 2:
        gone = trial.random.choice(list(taken))
        await trial.side.xdel(STREAM, gone)
        del taken[gone]
    return taken, young
