"""Exercise 10.1: two movers, and each job that is due is moved once."""

from collections import Counter
from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated

LATER, ORDERS = "later", "orders"

LOST = "Whoever dies between the two writes loses it: put XADD and ZREM into one MULTI."
TWICE = (
    "Both movers saw it in `later`, and both moved it: WATCH `later` before you look, so that "
    "MULTI fails if another one was faster."
)
DIED = "It was written, and not removed before the power failed: put both into one MULTI."
LEFT = "Somebody changed `later` in the meantime. Look again, and move what is due then."
STUCK = "A mover never returns"
ENDLESS = "Does it look again and again? It should return once it has moved what is due."


@exercise(
    "10.1",
    "move",
    hints=(
        "Two steps, and between them another mover looks, or one dies.",
        "MULTI makes XADD and ZREM one step, and WATCH makes it fail if somebody was faster.",
        '`client.transaction(function, "later")`: the function reads with ZRANGEBYSCORE from 0 to '
        "`now`, calls `multi()`, and then queues XADD and ZREM for each job.",
    ),
)
async def moves_each_once(trial: Trial, move: Answer) -> str:
    count = await _moves_in_peace(trial, move)
    await (_moves_many, _finds_nothing, _moves_one)[trial.number - 1](trial, move)
    await _in_every_sequence(trial, move)
    await _dies_anywhere(trial, move)
    await _is_overtaken(trial, move)
    await _meets_the_shop(trial, move)
    return f"{count} jobs were moved when they were due, each once, with two movers at once."


class Plan:
    """What lies in `later`: jobs that are due, the longest first, and others that are not."""

    def __init__(self, trial: Trial, due: int, others: int) -> None:
        self.now = trial.random.randrange(1000, 9000)
        jobs = trial.texts("order", due + others)
        ages = sorted(trial.random.sample(range(1, 900), due - 1), reverse=True) if due else []
        times = [self.now - age for age in ages] + [self.now] * (due > 0)
        self.due = dict(zip(jobs, times, strict=False))
        coming = [self.now + 0.5, *trial.random.sample(range(self.now + 1, 99_999), others)]
        self.others = dict(zip(jobs[due:], coming, strict=False))

    async def lay(self, trial: Trial) -> None:
        """Write it down, in no order."""
        await trial.afresh()
        jobs = trial.shuffled(self.due | self.others)
        trial.budget.allow(len(jobs))
        if jobs:
            await trial.side.zadd(LATER, jobs)


async def _moved(trial: Trial) -> Any:
    entries = await trial.entries(ORDERS)
    return [fields for _, fields in entries] if isinstance(entries, list) else entries


async def _is_moved(trial: Trial, plan: Plan, first: int, most: int, when: str = "") -> None:
    """See whether so many of the due ones are in `orders`, and all others still in `later`."""
    found = await _moved(trial)
    jobs = list(plan.due)
    names = [f.get("job") for f in found] if isinstance(found, list) else []
    expect_same(
        f"the fields of the entries in `orders`{when}",
        found,
        [{"job": job} for job in jobs[:first]],
        (not isinstance(found, list), "Add to it with XADD: `orders` is a stream."),
        (not found, "Add each job that is due to the stream `orders`, with its field `job`."),
        (any(f.keys() != {"job"} for f in found if names), "An entry has one field, `job`."),
        (bool(missing(names, jobs)), "Not all of that is due: ask for times up to `now`."),
        (len(names) > first, f"At most `most` go in one call, here {most}."),
        (
            plan.now in [plan.due[job] for job in missing(jobs[:first], names)],
            "What is due at `now` itself is due, too.",
        ),
        (Counter(names) == Counter(jobs[:first]), "Those that have been due for longest go first."),
        (bool(missing(names, jobs[:first])), "Those that have been due for longest go first."),
        f"Up to `most` go in one call, here {most}: more were due.",
    )
    left = {job: plan.due[job] for job in jobs[first:]} | plan.others
    waiting = await trial.scores(LATER)
    expect_same(
        f"what is left in `later`{when}",
        waiting,
        left,
        (any(job in waiting for job in jobs[:first]), "Remove what was moved, with ZREM."),
        "What is not moved stays there, with the time at which it is due.",
    )


async def _moves_in_peace(trial: Trial, move: Answer) -> int:
    plan, most = Plan(trial, 5, 3), trial.random.randint(3, 4)
    await plan.lay(trial)
    await trial.run(move, trial.client("ann"), plan.now, most)
    await _is_moved(trial, plan, most, most)
    for when in (", after a second call", ", after a third call"):
        await trial.run(move, trial.client("bob"), plan.now, most)
        await _is_moved(trial, plan, 5, most, when)
    trial.trims_nothing(ORDERS)
    await trial.only([LATER, ORDERS])
    await trial.lasting()
    return 5


async def _moves_many(trial: Trial, move: Answer) -> None:
    if not trial.gaps():
        return
    count = trial.random.randint(105, 125)
    plan = Plan(trial, count, 40)
    await plan.lay(trial)
    await trial.run(move, trial.client("ann"), plan.now, count + 10)
    await _is_moved(trial, plan, count, count + 10)


async def _finds_nothing(trial: Trial, move: Answer) -> None:
    for others in (0, 2):
        plan = Plan(trial, 0, others)
        await plan.lay(trial)
        before = await trial.state()
        await trial.run(move, trial.client("ann"), plan.now, 5)
        hint = "Nothing is due yet: leave all as it is."
        expect_same("the keys, though nothing is due", await trial.state(), before, hint)


async def _moves_one(trial: Trial, move: Answer) -> None:
    plan = Plan(trial, 3, 1)
    await plan.lay(trial)
    for first in (1, 2, 3):
        await trial.run(move, trial.client("ann"), plan.now, 1)
        await _is_moved(trial, plan, first, 1, f", after call {first}")


async def _each_once(trial: Trial, plan: Plan, when: str, twice: str, is_all_moved: bool) -> None:
    """See whether each due job is in one place, and in `orders` if all should be moved."""
    found, waiting = await _moved(trial), await trial.scores(LATER)
    moved = [fields.get("job") for fields in found]
    jobs = [*plan.due, *plan.others]
    lost = missing(jobs, moved, [*waiting])
    expect_same(f"jobs that are neither in `orders` nor in `later`{when}", lost, [], LOST)
    expect_same(f"jobs that are in `orders` twice{when}", repeated(moved), [], twice)
    both = [job for job in moved if job in waiting]
    expect_same(f"jobs that are in both `orders` and `later`{when}", both, [], DIED)
    early = [job for job in moved if job in plan.others]
    hint = "Ask for times up to `now`."
    expect_same(f"jobs that were moved before they were due{when}", early, [], hint)
    if is_all_moved:
        left = missing([*plan.due], moved)
        expect_same(f"due jobs that are left in `later`{when}", left, [], LEFT)


async def _dies_anywhere(trial: Trial, move: Answer) -> None:
    """Let the power of one fail after each number of commands; another one goes on."""
    for commands in range(trial.number, 16, 3):
        plan = Plan(trial, 3, 1)
        await plan.lay(trial)
        ann = trial.client("ann", dies_after=commands)
        await trial.run(move, ann, plan.now, 5)
        life = trial.lifetime(ann)
        when = f" after a power cut after command {commands}"
        await _each_once(trial, plan, when, TWICE, is_all_moved=False)
        if not (life and life.dead):
            return
        await trial.run(move, trial.client("bob"), plan.now, 5)
        await _each_once(trial, plan, f"{when}, and another mover", DIED, is_all_moved=True)


async def _is_overtaken(trial: Trial, move: Answer) -> None:
    """Let another mover do all it can between two commands of one."""
    for place in trial.gaps():
        plan = Plan(trial, 4, 1)
        await plan.lay(trial)
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        first = trial.start(move, ann, plan.now, 2)
        stood, _ = await trial.overtake(first, ann, move, bob, plan.now, 2)
        await _each_once(trial, plan, ", when two moved at once", TWICE, is_all_moved=True)
        if not stood:
            return


async def _meets_the_shop(trial: Trial, move: Answer) -> None:
    """Let the shop put another job into `later` between two commands of a mover."""
    for place in trial.gaps():
        plan = Plan(trial, 2, 2)
        late, time = plan.others.popitem()
        await plan.lay(trial)
        ann = trial.client("ann", stops_after=place)
        first = trial.start(move, ann, plan.now, 5)
        if not await trial.in_gap(first, ann):
            await trial.finish(first)
            return
        await trial.side.zadd(LATER, {late: time})
        plan.others[late] = time
        trial.go_on(ann)
        await trial.finish(first)
        when = ", when the shop added another one meanwhile"
        await _each_once(trial, plan, when, TWICE, is_all_moved=True)


MOST = 40  # runs that an exploration tries
WHOLE = "A job is in `orders` twice or not at all, or is left in `later`"
ONE_STEP = (
    "Both writes must be one step that fails if the other was faster: WATCH `later`, then look, "
    "then MULTI."
)


async def _in_every_sequence(trial: Trial, move: Answer) -> None:
    """Try all sequences of two movers, one of which may die."""
    if trial.gaps() and trial.number < 3:
        says = {"broken": (WHOLE, ONE_STEP), "stuck": (STUCK, ENDLESS)}
        crashes = int(trial.number == 1)
        await trial.explored(
            move, _moves, says, _one_is_due, crashes=crashes, holds=_is_moved_once, limit=MOST
        )


async def _moves(move: Answer, client: Redis, name: str, handle: Handling) -> None:
    await move.function(client, 10, 2)


def _one_is_due(first: Any) -> None:
    first.zadd(LATER, {"job-1": 5, "job-2": 20})


async def _is_moved_once(client: Redis) -> bool:
    entries: Any = await client.xrange(ORDERS)
    left: Any = await client.zrange(LATER, 0, -1)
    return [fields for _, fields in entries] == [{"job": "job-1"}] and left == ["job-2"]
