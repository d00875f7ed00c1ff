"""Exercise 4.3: bring back what the dead held."""

from __future__ import annotations

from typing import NamedTuple

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated

MORE_THAN_A_HUNDRED = 107, 125  # each of them takes commands


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
    expect_same(f"orders that are lost {when}", await trial.lost(orders, []), [], hint)
    apart = missing(orders, await trial.elements("orders"))
    hint = "Another sweep came after it, and should have brought back all that the dead hold."
    expect_same(f"orders that are not in `orders` {when}", apart, [], hint)


async def _others_use_the_queue(trial: Trial, sweep: Answer) -> None:
    """Between any two commands the shop pushes two orders, and a living worker takes one."""
    for place in trial.gaps():
        await trial.afresh()
        scene, late = await _scene(trial, dying=2), trial.texts("order", 2)
        keeper = trial.client("keeper", stops_after=place)
        running = trial.start(sweep, keeper, scene.workers)
        if not await trial.in_gap(running, keeper):
            await trial.finish(running)
            return
        for worker in scene.alive:
            hint = "Its worker is alive, and needs what it has in hand all the time."
            held = await trial.elements(f"orders:{worker}")
            expect_same(f"what lies in `orders:{worker}`", held, scene.held[worker], hint)
        await trial.push("orders", late)
        taken = [await trial.side.lpop("orders")]
        trial.go_on(keeper)
        count = await trial.finish(running)
        found = [
            *taken,
            *[each for key in await _lists(trial) for each in await trial.elements(key)],
        ]
        orders = [*scene.to_bring_back, *scene.waiting, *late]
        hint = "Others use `orders` between any two of your commands: only put orders in front."
        when = "when the shop pushed two orders in between, and a worker took one"
        expect_same(f"orders lost {when}", missing(orders, found), [], hint)
        again = [order for order in repeated(found) if order in orders]
        expect_same(f"orders that are there twice {when}", again, [], hint)
        hint = "Count what you bring back: the length of `orders` changes with others, too."
        expect_same(f"the answer {when}", count, len(scene.to_bring_back), hint)


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
    count = await trial.run(sweep, trial.client("keeper"), ["ann"])
    expect_same("the answer when nothing is to be brought back", count, 0, "Return 0, a number.")


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
    workers[-1] = f"{workers[0]}-2"  # alive, and its name begins with that of a dead one
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
    lists = ["orders", *(f"orders:{name}" for name in scene.workers)]
    await trial.only({*lists, *map(str, marks)})
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
