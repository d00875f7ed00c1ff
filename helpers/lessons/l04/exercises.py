"""Lesson 4: queue work on a list."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated

WAITS = 6  # how often the time limit of a blocking command passes, if it has one
OTHERS = {"orders:dora": ["dora-1", "dora-2"], "orders:dead": ["dead-1"]}
MORE_THAN_A_HUNDRED = 107, 125  # each of them takes commands
ACCIDENTS = {1: None, 2: "before", 3: "after"}  # in which trial the power fails, and when


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
    await _others_take_and_push(trial, next_order)
    await _takes_from_long_queues(trial, next_order)
    return "urgent before normal, and it waited for both."


async def _waits(trial: Trial, next_order: Answer, queue: str, order: str) -> None:
    waiting = trial.start(next_order, trial.client("ann"))
    hint = "When both queues are empty, wait: BLPOP does."
    await trial.until_blocked(waiting, "ann", hint)
    for _ in range(WAITS):
        await trial.until_waited_long(waiting, "ann", hint)
    await trial.side.rpush(queue, order)
    hint = f"It must wait for both queues; this one came to `{queue}`."
    found = await trial.finish(waiting, {"waits in": hint})
    expect_same("the order it waited for", found, order, hint)


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


async def _takes_from_long_queues(trial: Trial, next_order: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    orders = trial.many("order")
    urgent, normal = orders[:120], orders[120:]
    await trial.push("normal", normal)
    await trial.push("urgent", urgent)
    found = [await trial.run(next_order, trial.client("ann")) for _ in range(2)]
    expect_same("two orders, when a hundred are urgent", found, urgent[:2])
    left = await trial.elements("urgent"), await trial.elements("normal")
    hint = "Take one order at each call, and leave the others where they are."
    expect_same("what is left in `urgent` and `normal`", list(left), [urgent[2:], normal], hint)


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
    moment = ACCIDENTS[trial.number]
    number = trial.random.randrange(2, 5) if moment else len(orders)
    handled = await _life(trial, work, name, (number, moment) if moment else None)
    at_hand = [orders[number - 1]] if moment else []
    await _nothing_is_lost(trial, orders, handled, at_hand, name)
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
            await _lost(trial, orders, handled),
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
        await _lost(trial, orders, handle.done),
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
            await _lost(trial, [*orders, late], handle.done),
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
        stood, _ = await trial.overtake(first, ann, work, bob, "bob", handles[1])
        done = [order for handle in handles for order in handle.done]
        hint = "Others come in between your commands: move an order in a single command."
        lost = await _lost(trial, orders, done)
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
    lost = await _lost(trial, orders, handled)
    expect_same(f"orders lost of {len(left)} that an earlier life had left", lost, [])
    held = [order for key in await trial.keys() for order in await trial.elements(key)]
    again = [order for order in held if order in handled]
    hint = "Acknowledge: remove an order with LREM once it is handled."
    expect_same("orders that are done and still lie in a list", again, [], hint)


async def _lost(trial: Trial, orders: list[str], handled: list[Any]) -> list[str]:
    """List what is neither handled nor in any list."""
    return missing(orders, handled, *[await trial.elements(key) for key in await trial.keys()])


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
        await _lost(trial, orders, handled),
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
        (
            any(order in held for held in OTHERS.values() for order in handled),
            "Somebody else has some of these at hand: leave the lists of others alone.",
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
    await trial.run(work, worker, name, handle)
    await trial.bury(name)
    return handle.done


@exercise(
    "4.3",
    "sweep",
    hints=(
        "Ask `EXISTS alive:<worker>` first: the living keep what they have.",
        "Between a pop and a push an order is in no list at all. LMOVE is a single step.",
        "`LMOVE orders:<worker> orders RIGHT LEFT` until it returns None, and count.",
    ),
)
async def brings_back_what_the_dead_held(trial: Trial, sweep: Answer) -> str:
    await _sweep_in_peace(trial, sweep, await _scene(trial))
    for commands in trial.cuts():
        await trial.afresh()
        await _dies_while_it_sweeps(trial, sweep, await _scene(trial), commands)
    await _others_use_the_queue(trial, sweep)
    await _brings_back_many(trial, sweep)
    return (
        "the dead gave back all they held, at the front and in sequence, wherever the sweep died."
    )


async def _dies_while_it_sweeps(trial: Trial, sweep: Answer, scene: _Scene, commands: int) -> None:
    await trial.run(sweep, trial.client("keeper", dies_after=commands), scene.workers)
    await trial.run(sweep, trial.client("keeper"), scene.workers)
    when = f"when the sweep itself dies after {counted(commands, 'command')}"
    orders = scene.to_bring_back + scene.waiting
    hint = "It was in no list when the power failed: LMOVE takes and puts in one step."
    expect_same(f"orders that are lost {when}", await _lost(trial, orders, []), [], hint)
    apart = missing(orders, await trial.elements("orders"))
    hint = "Another sweep came after it, and should have brought back all that the dead hold."
    expect_same(f"orders that are not in `orders` {when}", apart, [], hint)


async def _others_use_the_queue(trial: Trial, sweep: Answer) -> None:
    """Between any two commands the shop pushes an order, and a living worker takes one."""
    for place in trial.gaps():
        await trial.afresh()
        scene, [late] = await _scene(trial, dying=2), trial.texts("order", 1)
        keeper = trial.client("keeper", stops_after=place)
        running = trial.start(sweep, keeper, scene.workers)
        if not await trial.in_gap(running, keeper):
            await trial.finish(running)
            return
        await trial.push("orders", [late])
        taken = [await trial.side.lpop("orders")]
        trial.go_on(keeper)
        await trial.finish(running)
        found = [
            *taken,
            *[each for key in await _lists(trial) for each in await trial.elements(key)],
        ]
        orders = [*scene.to_bring_back, *scene.waiting, late]
        hint = "Others use `orders` between any two of your commands: only put orders in front."
        when = "when the shop pushed an order in between, and a worker took one"
        expect_same(f"orders lost {when}", missing(orders, found), [], hint)
        again = [order for order in repeated(found) if order in orders]
        expect_same(f"orders that are there twice {when}", again, [], hint)


async def _lists(trial: Trial) -> list[str]:
    return [key for key in await trial.keys() if await trial.side.type(key) == "list"]


async def _brings_back_many(trial: Trial, sweep: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    held = trial.texts("order", trial.random.randint(*MORE_THAN_A_HUNDRED))
    await trial.push("orders:ann", held)
    count = await trial.run(sweep, trial.client("keeper"), ["ann"])
    hint = f"Ann held {len(held)} orders: all come back, in their sequence."
    expect_same("what came back from Ann", await trial.elements("orders"), held, hint)
    expect_same("the answer", count, len(held), "Return how many orders were brought back.")


class _Scene(NamedTuple):
    """Workers that hold orders, the dead among them, and the orders that wait in the queue."""

    held: dict[str, list[str]]
    dead: list[str]
    waiting: list[str]

    @property
    def workers(self) -> list[str]:
        return sorted(self.held)

    @property
    def alive(self) -> list[str]:
        return [worker for worker in self.workers if worker not in self.dead]

    @property
    def to_bring_back(self) -> list[str]:
        return [order for worker in self.dead for order in self.held[worker]]


async def _scene(trial: Trial, dying: int = 0) -> _Scene:
    workers = trial.random.sample(["ann", "bob", "carol", "dora"], 4)
    dying = dying or trial.number
    dead, alive = workers[:dying], workers[dying:]
    orders = trial.invent("order", 8)
    if trial.number == 3:
        orders[-3] = ""  # the last one of a dead worker who holds two
    held = {worker: [orders.pop() for _ in range(1 + n % 2)] for n, worker in enumerate(workers)}
    for worker, theirs in held.items():
        await trial.side.rpush(f"orders:{worker}", *theirs)
    for worker in alive:
        mark = trial.random.choice(("yes", "1", "0", "on shift"))
        await trial.side.set(f"alive:{worker}", mark, ex=trial.random.choice((20, 30)))
    await trial.side.rpush("orders", *orders)
    await trial.others({"orders:gus": ["gus-1"], "orders:dead": ["dead-1"]})
    held["zoe"], dead = [], [*dead, "zoe"]  # she had nothing at hand
    return _Scene(held, dead, orders)


async def _sweep_in_peace(trial: Trial, sweep: Answer, scene: _Scene) -> None:
    lasts = {mark: await trial.side.ttl(mark) for mark in await trial.side.keys("alive:*")}
    count = await trial.run(sweep, trial.client("keeper"), scene.workers)
    queue = await trial.elements("orders")
    for worker in scene.workers:
        await _gave_back(trial, scene, worker, queue)
    last = queue[-len(scene.waiting) :]
    hint = "What comes back belongs in front of what waits."
    expect_same("the end of the queue", last, scene.waiting, hint)
    hint = "Return how many orders were brought back."
    expect_same("the answer", count, len(scene.to_bring_back), hint)
    marks = sorted(await trial.side.keys("alive:*"))
    hint = "These marks belong to the workers: look at them, and change nothing."
    expect_same("the marks of the living", marks, [f"alive:{name}" for name in scene.alive], hint)
    renewed = [mark for mark in marks if not 0 < await trial.side.ttl(mark) <= lasts[mark]]
    expect_same("marks that last longer than before", renewed, [], hint)


async def _gave_back(trial: Trial, scene: _Scene, worker: str, queue: list[str]) -> None:
    name, held, is_dead = worker.title(), scene.held[worker], worker in scene.dead
    expect_same(
        f"what lies in `orders:{worker}`",
        await trial.elements(f"orders:{worker}"),
        [] if is_dead else held,
        (is_dead and "" in held, "An empty text is an order too: LMOVE ends with None, not ''."),
        (is_dead, f"{name} is dead: all that lies there goes back to `orders`."),
        f"`alive:{worker}` exists: {name} is at work and needs it.",
    )
    expect_same(
        f"what came back from {name}",
        [order for order in queue if order in held],
        held if is_dead else [],
        "Keep their sequence: take from the RIGHT, put to the LEFT.",
    )


EXERCISES = (takes_the_urgent_first, loses_no_order, brings_back_what_the_dead_held)
