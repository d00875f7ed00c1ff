"""Lesson 4: queue work on a list."""

from typing import NamedTuple

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated

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
    taken = [await trial.run(next_order, ann, hints=hints) for _ in range(4)]
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
    await _two_at_once(trial, next_order)
    return "urgent before normal, and it waited for both."


async def _waits(trial: Trial, next_order: Answer, queue: str, order: str) -> None:
    waiting = trial.start(next_order, trial.client("ann"))
    hint = "When both queues are empty, wait: BLPOP does."
    await trial.until_blocked(waiting, "ann", hint)
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
    hint = "Both got the same order: look and take in a single command."
    expect_same("what two workers take at once", sorted(map(str, taken)), sorted(orders[:2]), hint)


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
    if trial.number == 3:  # after the crashes of the others, which have hints of their own
        await _after_an_earlier_life(trial, work)
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
            f"orders lost in a power cut after {commands} commands",
            missing(orders, handled, *[await trial.elements(key) for key in await trial.keys()]),
            [],
            "It was in no list when the power failed: LMOVE takes and puts in one step.",
        )


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
        (left not in [*handled, *held], "It was first in the list: LREM removes by value."),
        "Handle each order once, and remove it once, whatever its text.",
    )
    hint = "An empty text is an order too: LMOVE returns None, not '', when nothing is left."
    expect_same("what stays in the queue", await trial.elements("orders"), [], hint)


async def _nothing_is_lost(
    trial: Trial, orders: list[str], handled: list[object], at_hand: list[str], name: str
) -> None:
    expect_same(
        f"orders lost{' in a power cut' if at_hand else ''}, neither handled nor in any list",
        missing(orders, handled, *[await trial.elements(key) for key in await trial.keys()]),
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
        scene = await _scene(trial)
        await trial.run(sweep, trial.client("keeper", dies_after=commands), scene.workers)
        await trial.run(sweep, trial.client("keeper"), scene.workers)
        expect_same(
            f"orders that are lost when the sweep itself dies after {commands} commands",
            missing(scene.to_bring_back + scene.waiting, await trial.elements("orders")),
            [],
            "It was in no list when the power failed: LMOVE takes and puts in one step.",
        )
    return (
        "the dead gave back all they held, at the front and in sequence, wherever the sweep died."
    )


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


async def _scene(trial: Trial) -> _Scene:
    workers = trial.random.sample(["ann", "bob", "carol", "dora"], 4)
    dead, alive = workers[: trial.number], workers[trial.number :]
    orders = trial.invent("order", 8)
    if trial.number == 3:
        orders[-3] = ""  # the last one of a dead worker who holds two
    held = {worker: [orders.pop() for _ in range(1 + n % 2)] for n, worker in enumerate(workers)}
    for worker, theirs in held.items():
        await trial.side.rpush(f"orders:{worker}", *theirs)
    for worker in alive:
        await trial.side.set(f"alive:{worker}", "yes")
    await trial.side.rpush("orders", *orders)
    return _Scene(held, dead, orders)


async def _sweep_in_peace(trial: Trial, sweep: Answer, scene: _Scene) -> None:
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
