"""Lesson 4: queue work on a list."""

from collections import Counter

from .exercise import exercise
from .judging import same
from .question import Question, right, wrong
from .trial import Answer, Trial

ACCIDENTS = {1: None, 2: "before", 3: "after"}  # in which trial the power fails, and when


@exercise(
    "4.1",
    "next_order",
    hints=(
        "A blocking pop accepts more than one key.",
        '`await worker.blpop(["urgent", "normal"])` looks at the keys in this order.',
        "Its reply is a pair, the key and the element: return the second.",
    ),
)
async def takes_the_urgent_first(trial: Trial, next_order: Answer) -> str:
    orders = trial.some("order", 6)
    await trial.side.rpush("normal", *orders[:2])
    await trial.side.rpush("urgent", *orders[2:4])
    ann = trial.client("ann")
    taken = [await trial.run(next_order, ann) for _ in range(4)]
    same(
        "four orders, two of each queue",
        taken,
        orders[2:4] + orders[:2],
        (taken == orders[:4], "`normal` came first: the key that is named first is served first."),
        (
            any(isinstance(each, tuple | list) for each in taken),
            "Return the order without its key.",
        ),
        (taken[0] in orders[2:4], "Within a queue, the oldest order leaves first."),
        "Take one order at each call, from `urgent` as long as it has any.",
    )
    for queue, order in zip(trial.random.sample(["urgent", "normal"], 2), orders[4:], strict=True):
        waiting = trial.start(next_order, ann)
        await trial.until_blocked(waiting, "ann", "When both queues are empty, wait: BLPOP does.")
        await trial.side.rpush(queue, order)
        hint = f"It must wait for both queues; this one came to `{queue}`."
        same("the order it waited for", await trial.finish(waiting), order, hint)
    return "urgent before normal, and it waited for both."


@exercise(
    "4.2",
    "work",
    hints=(
        "LPOP removes before the work is done. Which command moves instead?",
        "`LMOVE` from `orders` to `orders:<name>` keeps the order written down while you work.",
        "Move, handle, then `LREM` from the list of the worker; stop when LMOVE returns None.",
    ),
)
async def loses_no_order(trial: Trial, work: Answer) -> str:
    orders = trial.some("order", 5)
    await trial.side.rpush("orders", *orders)
    moment = ACCIDENTS[trial.number]
    death = (trial.random.randrange(2, 5), moment) if moment else None
    handled = await _life(trial, work, "ann", death)
    left = await trial.elements("orders"), await trial.elements("orders:ann")
    at_hand = orders[death[0] - 1] if death else None
    known = [*handled, *left[0], *left[1]]
    same(
        "orders that are handled nowhere and lie in no list after a power cut",
        [order for order in orders if order not in known],
        [],
        (moment == "before", f"{at_hand} must lie in `orders:ann` until handle has returned."),
    )
    last = len(orders) if not death else death[0] - (moment == "before")
    same(
        "the orders handled",
        handled,
        orders[:last],
        (handled == orders[::-1], "The oldest order leaves first: move from the LEFT."),
        (not handled, "Move an order, call handle with it, go on until the queue is empty."),
        "Handle each order once, the oldest first.",
    )
    same(
        "what lies in `orders:ann`",
        left[1],
        [at_hand] if death else [],
        (not death, "Acknowledge: remove an order with LREM once it is handled."),
        "What was in Ann's hands, and nothing else, should be there.",
    )
    while await trial.side.lmove("orders:ann", "orders", "RIGHT", "LEFT"):
        pass
    handled += await _life(trial, work, "bob", None)
    same("orders never handled, in the end", [o for o in orders if o not in handled], [])
    same("keys left in the end", await trial.keys(), [], "All lists should be empty.")
    twice = [order for order, times in Counter(handled).items() if times > 1]
    return f"5 orders, none lost; handled twice after the power cut: {', '.join(twice) or 'none'}."


async def _life(
    trial: Trial, work: Answer, name: str, death: tuple[int, str] | None
) -> list[object]:
    worker = trial.client(name)
    handle = trial.handler(name, death)
    await trial.run(work, worker, name, handle)
    await trial.bury(name)
    return handle.done


@exercise(
    "4.3",
    "sweep",
    hints=(
        "Ask `EXISTS alive:<worker>` first: the living keep what they have.",
        "Between a pop and a push an order is in no list at all. LMOVE has no between.",
        "`LMOVE orders:<worker> orders RIGHT LEFT` until it returns None, and count.",
    ),
)
async def brings_back_what_the_dead_held(trial: Trial, sweep: Answer) -> str:
    for commands in (None, *trial.cuts()):
        workers, dead, held, waiting = await _scene(trial)
        if commands is None:
            await _sweep_in_peace(trial, sweep, workers, dead, held, waiting)
        else:
            await trial.run(sweep, trial.client("keeper", dies_after=commands), workers)
            await trial.run(sweep, trial.client("keeper"), workers)
            queue = await trial.elements("orders")
            back = [order for worker in dead for order in held[worker]]
            same(
                f"orders lost when the sweep itself dies after {commands} commands",
                [order for order in back + waiting if order not in queue],
                [],
                "It was in no list when the power failed: LMOVE takes and puts in one step.",
            )
        await trial.afresh()
    return "the dead gave back all they held, in front and in order, wherever it died."


Held = dict[str, list[str]]


async def _scene(trial: Trial) -> tuple[list[str], list[str], Held, list[str]]:
    """Let workers hold orders, some of them alive, while others wait in the queue."""
    workers = trial.random.sample(["ann", "bob", "carol", "dora"], 4)
    dead = workers[: trial.number]
    orders = trial.some("order", 8)
    held = {worker: [orders.pop() for _ in range(1 + n % 2)] for n, worker in enumerate(workers)}
    for worker, theirs in held.items():
        await trial.side.rpush(f"orders:{worker}", *theirs)
    for worker in workers[trial.number :]:
        await trial.side.set(f"alive:{worker}", "yes")
    await trial.side.rpush("orders", *orders)
    return sorted(workers), dead, held, orders


async def _sweep_in_peace(
    trial: Trial, sweep: Answer, workers: list[str], dead: list[str], held: Held, waiting: list[str]
) -> None:
    count = await trial.run(sweep, trial.client("keeper"), workers)
    queue = await trial.elements("orders")
    for worker in workers:
        lives = worker not in dead
        same(
            f"what lies in `orders:{worker}`",
            await trial.elements(f"orders:{worker}"),
            held[worker] if lives else [],
            (lives, f"`alive:{worker}` exists: {worker.title()} is at work and needs it."),
            f"{worker.title()} is dead: all that lies there goes back to `orders`.",
        )
        back = [order for order in queue if order in held[worker]]
        reversed_ = back == held[worker][::-1]
        same(
            f"what came back from {worker.title()}",
            back,
            [] if lives else held[worker],
            (reversed_, "Keep their order: take from the RIGHT, put to the LEFT."),
        )
    last = queue[-len(waiting) :]
    same("the end of the queue", last, waiting, "What comes back belongs in front of what waits.")
    number = len(queue) - len(waiting)
    same("the answer", count, number, "Return how many orders were brought back.")


EXERCISES = (takes_the_urgent_first, loses_no_order, brings_back_what_the_dead_held)

PREDICTIONS = (
    Question(
        "Ann, Bob and Carol wait, in this order. Three orders arrive in one push. "
        "Who gets order-6, the last?",
        wrong("Ann", "She has waited longest, so she gets the first."),
        wrong("Nobody can know", "Redis serves waiting clients in the order in which they came."),
        right("Carol", "First come, first served: order-4, order-5 and order-6 in turn."),
    ),
    Question(
        "Bob is dead, nothing is packed. Where is order-7?",
        right("Nowhere", "BLPOP removed it when it handed it over. Only Bob's memory had it."),
        wrong("Back in the queue", "Redis does not know that Bob is dead, nor what he held."),
        wrong("In a list of Bob's", "A pop keeps no record. BLMOVE would have made one."),
    ),
    Question(
        "One call of rpush, one order, one reply lost on the way. What does the queue hold?",
        wrong("The order, once", "The first push had worked; only its reply was lost."),
        right("The order, twice", "The client could not know, and pushed again."),
        wrong("Nothing", "The command had reached the broker before the reply was lost."),
    ),
)

QUIZ = (
    Question(
        "The last element of a list is popped. What does EXISTS answer for its key?",
        wrong("1, the list is empty", "There are no empty lists in Redis."),
        right("0", "A list is deleted with its last element, and made anew by the next push."),
        wrong("An error", "EXISTS never fails for a missing key: it counts."),
    ),
    Question(
        "Three clients wait in BLPOP on one key, and one element is pushed. Who gets it?",
        wrong("All three", "That would be pub/sub, or readers of a stream."),
        wrong("Whoever is fastest", "Speed decides nothing: they are served in turn."),
        right("Who has waited longest", "And the two others go on waiting."),
    ),
    Question(
        "A worker takes jobs with BLPOP and dies now and then. Which guarantee do you have?",
        right("At most once", "What it held when it died is gone, and nothing comes twice."),
        wrong("At least once", "For that a job must stay written down until it is done."),
        wrong("Exactly once", "A crash between taking and doing loses the job."),
    ),
    Question(
        "BLMOVE and a sweep: when is a job handled twice?",
        wrong("Never", "The sweep cannot tell the slow from the dead."),
        right("When it was done and not yet removed", "Or when the sweep came too early."),
        wrong("When two workers wait", "Each element goes to one of them."),
    ),
    Question(
        "A client with `socket_timeout=5` calls BLPOP with a timeout of 60. The queue is empty.",
        right("It fails after 5 seconds", "And with retries it asks again, several times."),
        wrong("It waits for 60 seconds", "The server would; the client gives up earlier."),
        wrong("The longer time holds", "The shorter one wins: the socket is read in vain."),
    ),
)
