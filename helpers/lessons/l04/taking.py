"""Exercise 4.1: take from two lists."""

from __future__ import annotations

from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing
from ...sandbox.plain import NotYet

WAITS = 6  # how often the time limit of a blocking command passes, if it has one


@exercise(
    "4.1",
    "next_order",
    hints=(
        "A blocking pop accepts more than one key.",
        '`await worker.blpop(["urgent", "normal"])` looks at the keys in this sequence.',
        "Its reply is a pair, the key and the element: return the second.",
    ),
)
async def takes_the_urgent_first(trial: Trial, next_order: Answer) -> str:
    orders = trial.invent("order", 6)
    normal, urgent, late = orders[:2], orders[2:4], orders[4:]
    await trial.side.rpush("normal", *normal)
    await trial.side.rpush("urgent", *urgent)
    ann = trial.client("ann")
    hints = {"waits in": "Name both queues in one command: BLPOP takes several keys."}
    taken: list[Any] = []
    for calls in range(1, 5):
        taken.append(await trial.run(next_order, ann, hints=hints))
        left = [await trial.elements(queue) for queue in ("urgent", "normal")]
        with_keys = [each for each in taken if isinstance(each, list)]
        gone = missing(orders[:4], *left, taken, *with_keys)
        what = f"orders that are gone, and were not returned, after {counted(calls, 'call')}"
        expect_same(what, gone, [], "Take one order at each call, and return it.")
    with_key = any(isinstance(each, list) for each in taken)
    expect_same(
        "four orders, two from each queue",
        taken,
        urgent + normal,
        (taken == normal + urgent, "`normal` came first: what is named first is served first."),
        (with_key, "Return the order without its key."),
        "Return one order from each call, the oldest, from `urgent` as long as it has any.",
    )
    for queue, order in zip(trial.random.sample(["urgent", "normal"], 2), late, strict=True):
        await _waits(trial, next_order, queue, order)
    await trial.only(())
    await _two_at_once(trial, next_order)
    await _takes_any_text(trial, next_order)
    await _others_take_and_push(trial, next_order)
    await _loses_the_urgent_one(trial, next_order)
    await _takes_from_long_queues(trial, next_order)
    return "urgent before normal, and it waited for both."


async def _waits(trial: Trial, next_order: Answer, queue: str, order: str) -> None:
    waiting = trial.start(next_order, trial.client("ann"))
    hint = "When both queues are empty, wait: BLPOP does."
    await trial.until_blocked(waiting, "ann", hint)
    trial.is_never_cut_short("next_order")
    hint = "Its command timed out before an order came: wait again."
    for _ in range(WAITS):
        await trial.until_waited_long(waiting, "ann", hint)
    await trial.side.rpush(queue, order)
    hint = f"It must wait for both queues; this one came to `{queue}`."
    if not await trial.goes_on(waiting, "ann"):
        raise NotYet(f"next_order waits on, in a blocking command, while {order} is there. {hint}")
    found = await trial.finish(waiting, {"waits in": hint})
    expect_same("the order it waited for", found, order, hint)


async def _takes_any_text(trial: Trial, next_order: Answer) -> None:
    await trial.afresh()
    urgent, normal = ["", *trial.texts("order", 2)], [""]
    await trial.push("urgent", urgent)
    await trial.push("normal", normal)
    ann, hint = trial.client("ann"), "An empty text is an order, too: only None is none."
    taken = [await trial.run(next_order, ann, hints={"waits in": hint}) for _ in range(4)]
    expect_same(
        "four orders, of any text",
        taken,
        urgent + normal,
        (taken.count("") < 2, hint),
        "Return each order as it is.",
    )


async def _two_at_once(trial: Trial, next_order: Answer) -> None:
    orders = trial.invent("order", 3)
    await trial.side.rpush("urgent", *orders)
    workers = [trial.client(name) for name in ("ann", "bob")]
    taken = await trial.together(*(trial.start(next_order, worker) for worker in workers))
    expect_same(
        "what two workers take at once",
        sorted(map(str, taken)),
        sorted(orders[:2]),
        (taken[0] == taken[1], "Both got the same order: look and take in a single command."),
        "Each should get one of the two oldest.",
    )


async def _others_take_and_push(trial: Trial, next_order: Answer) -> None:
    """Between any two commands the shop pushes an urgent order, and another worker takes one."""
    for place in trial.gaps():
        await trial.afresh()
        *normal, urgent = trial.texts("order", 4)
        await trial.push("normal", normal)
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        first = trial.start(next_order, ann)
        await trial.in_gap(first, ann)
        await trial.push("urgent", [urgent])
        stood, taken = await trial.overtake(first, ann, next_order, bob)
        left = {queue: await trial.elements(queue) for queue in ("normal", "urgent")}
        is_moved = bool(missing(left["urgent"], [urgent]))
        expect_same(
            "what two workers took, and what lies in `normal` and in `urgent`, when the shop "
            "pushed an urgent order in between",
            sorted([*map(str, taken), *left["normal"], *left["urgent"]]),
            sorted([*normal, urgent]),
            "Others come in between your commands: look and take in a single command.",
        )
        hint = "Each order stays in its own list until it is taken."
        expect_same("normal orders that lie in `urgent`", is_moved, False, hint)
        rest = [order for order in normal if order not in taken]
        hint = "Take the oldest, and leave the others in their sequence."
        expect_same("what is left in `normal`", left["normal"], rest, hint)
        if not stood:
            return


async def _loses_the_urgent_one(trial: Trial, next_order: Answer) -> None:
    """Between any two commands another worker takes the one urgent order, or the shop pushes one.

    Whoever has looked before must take a normal one, and leave the others in their sequence.
    """
    for place in trial.gaps():
        stands = []
        for is_taken in (True, False):
            await trial.afresh()
            *normal, urgent = trial.texts("order", 4)
            await trial.push("normal", normal)
            if is_taken:
                await trial.push("urgent", [urgent])
            ann = trial.client("ann", stops_after=place)
            first = trial.start(next_order, ann)
            stands.append(await trial.in_gap(first, ann))
            taken = [await trial.side.lpop("urgent")] if is_taken else []
            if not is_taken:
                await trial.push("urgent", [urgent])
            trial.go_on(ann)
            hint = "Another worker took the urgent order in between, and normal ones wait."
            taken.append(await trial.finish(first, {"waits in": hint}))
            rest = [each for each in normal if each not in taken]
            what = "what is left in `normal`, when an urgent order came or went in between"
            hint = "Take the oldest, and leave the others in their sequence."
            expect_same(what, await trial.elements("normal"), rest, hint)
        if not any(stands):
            return


async def _takes_from_long_queues(trial: Trial, next_order: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    orders = trial.many("order")
    urgent, normal = orders[:120], orders[120:]
    await trial.push("normal", normal)
    await trial.push("urgent", urgent)
    found = await trial.run_each(next_order, [(trial.client("ann"),)] * 20)
    hint = "As long as `urgent` has any, the oldest of these comes next, whatever came before."
    expect_same("20 orders, when a hundred are urgent", found, urgent[:20], hint)
    left = await trial.elements("urgent"), await trial.elements("normal")
    hint = "Take one order at each call, and leave the others where they are."
    expect_same("what is left in `urgent` and `normal`", list(left), [urgent[20:], normal], hint)
