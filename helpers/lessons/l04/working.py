"""Exercise 4.2: a worker that loses no order."""

from __future__ import annotations

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated

OTHERS = {"orders:dora": ["dora-1", "dora-2"], "orders:dead": ["dead-1"]}
ENDLESS = {"waits in": "Return when `orders` is empty."}
FASTER = {"NoneType": "Another worker took the last order in between: there was none to move."}
MORE_THAN_A_HUNDRED = 107, 125  # each of them takes commands


@exercise(
    "4.2",
    "work",
    hints=(
        "LPOP removes before the work is done. Which command moves instead?",
        "`LMOVE` from `orders` to `orders:<name>` keeps a record of the order while you work.",
        "Move, handle, then `LREM` from the list of the worker; stop when LMOVE returns None.",
    ),
)
async def loses_no_order(trial: Trial, work: Answer) -> str:
    orders, name = trial.invent("order", 5), ("ann", "ann", "carol")[trial.number - 1]
    name = trial.random.choice(("zoe", "w-3", "emil.2")) if trial.secret(100) else name
    await trial.others(OTHERS)
    await trial.side.rpush("orders", *orders)
    moment = trial.moment
    number = trial.random.randrange(2, 5) if moment else len(orders)
    handled = await _life(trial, work, name, (number, moment) if moment else None)
    at_hand = [orders[number - 1]] if moment else []
    await _nothing_is_lost(trial, orders, handled, at_hand, name)
    await trial.lasting()
    _were_handled(handled, orders[: number - (moment == "before")])
    await _holds_what_is_at_hand(trial, f"orders:{name}", handled, at_hand)
    while await trial.side.lmove(f"orders:{name}", "orders", "RIGHT", "LEFT"):
        pass
    handled += await _life(trial, work, "bob", None)
    expect_same("orders never handled, even at the end", missing(orders, handled), [])
    expect_same("keys left at the end", await trial.keys(), [], "All lists should be empty.")
    await _dies_anywhere(trial, work)
    await _shop_pushes_meanwhile(trial, work)
    await _two_work_at_once(trial, work)
    if trial.number == 3:  # after the crashes of the others, which have hints of their own
        await _cannot_handle_one(trial, work)
        await _after_an_earlier_life(trial, work)
        await _works_through_many(trial, work)
    twice = ", ".join(map(str, repeated(handled)))
    return f"5 orders, none lost; {twice or 'none'} came twice after the power cut."


async def _holds_what_is_at_hand(
    trial: Trial, key: str, handled: list[object], at_hand: list[str]
) -> None:
    held = await trial.elements(key)
    expect_same(
        f"orders that are being handled and are not in `{key}`",
        missing(at_hand, held),
        [],
        f"It must lie in `{key}` until handle has returned.",
    )
    expect_same(
        f"orders that are done and still lie in `{key}`",
        [order for order in held if order in handled and order not in at_hand],
        [],
        "Acknowledge: remove an order with LREM once it is handled, and no other.",
    )


async def _dies_anywhere(trial: Trial, work: Answer) -> None:
    for commands in trial.cuts():
        await trial.afresh()
        orders = trial.invent("order", 3)
        await trial.side.rpush("orders", *orders)
        handled = await _life(trial, work, "ann", None, dies_after=commands)
        expect_same(
            f"orders lost in a power cut after {counted(commands, 'command')}",
            await trial.lost(orders, handled),
            [],
            "It was in no list when the power failed: LMOVE takes and puts in one step.",
        )


async def _cannot_handle_one(trial: Trial, work: Answer) -> None:
    await trial.afresh()
    await trial.others(OTHERS)
    orders = trial.texts("order", 3)
    await trial.push("orders", orders)
    ann = trial.client("ann")
    handle = trial.handler("ann", raises=2)
    await trial.settle(trial.start(work, ann, "ann", handle))
    expect_same(
        "orders lost when `handle` raised an error",
        await trial.lost(orders, handle.done),
        [],
        "`handle` has not returned, so the order is not done: it must stay in a list.",
    )


async def _shop_pushes_meanwhile(trial: Trial, work: Answer) -> None:
    for place in trial.gaps():
        await trial.afresh()
        await trial.others(OTHERS)
        *orders, late = trial.texts("order", 3)
        await trial.push("orders", orders)
        ann, handle = trial.client("ann", stops_after=place), trial.handler("ann")
        running = trial.start(work, ann, "ann", handle)
        if not await trial.in_gap(running, ann):
            await trial.finish(running)
            return
        is_at_work = bool(missing(orders, handle.done))
        await trial.push("orders", [late])
        trial.go_on(ann)
        await trial.finish(running)
        expect_same(
            "orders lost when the shop pushed one more in between",
            await trial.lost([*orders, late], handle.done),
            [],
            "Others use `orders` between any two of your commands: take out what you handle only.",
        )
        left = missing([late], handle.done) if is_at_work else []
        hint = "It came while others were still to be handled: return when `orders` is empty."
        expect_same("orders that were left in the queue", left, [], hint)


async def _two_work_at_once(trial: Trial, work: Answer) -> None:
    for place in trial.gaps():
        await trial.afresh()
        await trial.others(OTHERS)
        orders = trial.texts("order", 2)
        await trial.push("orders", orders)
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        handles = [trial.handler(name) for name in ("ann", "bob")]
        first = trial.start(work, ann, "ann", handles[0])
        stood, _ = await trial.overtake(first, ann, work, bob, "bob", handles[1], hints=FASTER)
        done = [order for handle in handles for order in handle.done]
        hint = "Others come in between your commands: move an order in a single command."
        lost = await trial.lost(orders, done)
        expect_same("orders lost when two workers were at work", lost, [], hint)
        expect_same("orders that two workers handled twice", repeated(done), [], hint)
        expect_same("lists left by two workers", await trial.keys(), [], "All should be empty.")
        if not stood:
            return


async def _works_through_many(trial: Trial, work: Answer) -> None:
    await trial.afresh()
    orders = trial.texts("order", trial.random.randint(*MORE_THAN_A_HUNDRED))
    left, waiting = orders[:5], orders[5:]
    await trial.push("orders:ann", left)
    await trial.push("orders", waiting)
    handled = await _life(trial, work, "ann", None)
    found = [order for order in handled if order not in left]
    expect_same("the orders handled, of many", found, waiting, "Handle all, the oldest first.")
    lost = await trial.lost(orders, handled)
    expect_same(f"orders lost of {len(left)} that an earlier life had left", lost, [])
    held = [order for key in await trial.keys() for order in await trial.elements(key)]
    again = [order for order in held if order in handled]
    hint = "Acknowledge: remove an order with LREM once it is handled."
    expect_same("orders that are done and still lie in a list", again, [], hint)


async def _after_an_earlier_life(trial: Trial, work: Answer) -> None:
    """Look at orders of other shapes, and at one that an earlier life left in the list."""
    await trial.afresh()
    left, order = trial.invent("order", 2)
    orders = [order, "", "주문 7", order]
    await trial.side.rpush("orders:ann", left)
    await trial.side.rpush("orders", *orders)
    handled = await _life(trial, work, "ann", None)
    held = [order for key in await trial.keys() for order in await trial.elements(key)]
    expect_same(
        f"what is handled or in a list, when an earlier life had left {left} in `orders:ann`",
        sorted([*map(str, handled), *held]),
        sorted([left, *orders]),
        (
            left not in [*handled, *held],
            "It is gone, and nobody handled it: LREM removes by value, so that all else stays.",
        ),
        "Handle each order once, and remove it once, whatever its text.",
    )
    hint = "An empty text is an order too: LMOVE returns None, not '', when nothing is left."
    expect_same("what stays in the queue", await trial.elements("orders"), [], hint)


async def _nothing_is_lost(
    trial: Trial, orders: list[str], handled: list[object], at_hand: list[str], name: str
) -> None:
    expect_same(
        f"orders lost{' in a power cut' if at_hand else ''}, neither handled nor in any list",
        await trial.lost(orders, handled),
        [],
        f"{at_hand[0]} must lie in `orders:{name}` until handle has returned." if at_hand else "",
    )


def _were_handled(handled: list[object], expected: list[str]) -> None:
    expect_same(
        "the orders handled",
        handled,
        expected,
        (handled == expected[::-1], "The oldest order leaves first: move from the LEFT."),
        (not handled, "Move an order, call handle with it, go on until the queue is empty."),
        (handled == expected[: len(handled)], "Go on until the queue is empty."),
        (
            any(order in held for held in OTHERS.values() for order in handled),
            "Somebody else has some of these in hand: leave the lists of others alone.",
        ),
        "Handle each order once, the oldest first.",
    )


async def _life(
    trial: Trial,
    work: Answer,
    name: str,
    death: tuple[int, str] | None,
    dies_after: int | None = None,
) -> list[object]:
    worker = trial.client(name, dies_after=dies_after)
    handle = trial.handler(name, death)
    await trial.run(work, worker, name, handle, hints=ENDLESS)
    await trial.bury(name)
    return handle.done
