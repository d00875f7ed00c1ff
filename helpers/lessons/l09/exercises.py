"""Lesson 9: prove your worker."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, cast

from redis.asyncio import Redis

from ...errors import CourseError
from ...exercises.exercise import exercise
from ...exercises.exploring import CHECK, Ours, to_be_seen
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Schedule, expect_same, missing
from ...explore import Verdict, explore
from ...explore.program import Handle, Send, Work
from ...sandbox.plain import NotYet, plain


class WentWrong(Schedule):
    """The shortest schedule that goes wrong in this way, a line each step."""

    def __init__(
        self, verdict: Verdict, kind: str, what: str, advice: str, ours: Ours | None = None
    ) -> None:
        found = getattr(verdict, kind)
        told = f"in {found.count:,} of {verdict.schedules:,} schedules {what}. The shortest of them"
        super().__init__(told, to_be_seen(kind, found.steps, ours), advice)
        self.what = f"{told}:"


async def _explored(send: Any, work: Any, **bounds: Any) -> Verdict:
    """Explore a program. Raises NotYet where it cannot be explored, or has no end."""
    counting = sys.gettrace()
    sys.settrace(None)  # its steps are not counted here, and to look at each takes as long again
    try:
        verdict = await explore(send, work, **bounds)
    except CourseError as error:
        raise NotYet(str(error)) from None
    finally:
        sys.settrace(counting)
    if verdict.stuck:
        hint = "Does it ask the same again and again? It should return when nothing is left."
        raise WentWrong(verdict, "stuck", "a worker gets stuck", hint)
    if not verdict.complete:
        raise NotYet("its schedules have no end: it should return when nothing is left.")
    return verdict


async def _push(client: Redis, job: str) -> None:
    await client.rpush("orders", job)


async def _add(client: Redis, job: str) -> None:
    await client.xadd("orders", {"job": job})


def _join(client: Redis) -> Any:
    return client.xgroup_create("orders", "packing", id="0", mkstream=True)


ENDLESS = "Does it get the same job again and again? Acknowledge what is handled."
ALONE = {
    "commands": ENDLESS,
    "on and on": ENDLESS,
    "waits in": "Do not wait for more: return when nothing is left.",
    "never awaited": "Write `await handle()`.",
    "KeyError": "An entry has one field, `job`.",
}


async def _runs_alone(trial: Trial, send: Send, work: Answer) -> None:
    """Let one worker do five jobs in peace, and start it again, under the eyes of the sandbox."""
    orders, done = trial.invent("order", 5), []

    async def handle(job: Any) -> None:
        done.append(plain(job))

    for order in orders:
        await send(trial.side, order)
    for _ in range(2):
        await trial.run(work, trial.client("ann"), "ann", handle, hints=ALONE)
    expect_same(
        "what one worker that lives has handled, started twice, sorted",
        sorted(done, key=str),  # from which end it takes is its own affair
        sorted(orders),
        (len(done) > len(orders), "Let a job go once it is handled: acknowledge or remove it."),
        "Handle each of the orders, and return when nothing is left.",
    )


ACCIDENTS: tuple[dict[str, Any], ...] = (
    {"workers": 2, "jobs": 1, "crashes": 1},
    {"workers": 2, "jobs": 2, "crashes": 0, "once": True},
    {"workers": 1, "jobs": 2, "crashes": 1, "lost_replies": 1},
)
"""What is explored in which trial."""


async def _survives(
    trial: Trial, send: Send, work: Work, lost: str, twice: str, **given: Any
) -> str:
    bounds = ACCIDENTS[trial.number - 1]
    verdict = await _explored(send, work, **bounds, **given)
    if verdict.lost:
        raise WentWrong(verdict, "lost", "a job is lost", lost)
    if bounds.get("once") and verdict.repeated:
        what = "a job is handled twice, though nobody dies"
        raise WentWrong(verdict, "repeated", what, twice)
    told = f"no job is lost in {verdict.schedules:,} schedules"
    return f"{told}, and none comes twice while nobody dies."


@exercise(
    "9.1",
    "work",
    hints=(
        "Read the shortest schedule from its end: what was acknowledged when the worker died?",
        "Acknowledge after the work. And who reads what a dead worker left pending?",
        'For start in ("0", ">"): read until nothing comes; for each entry, handle, then XACK.',
    ),
)
async def loses_nothing(trial: Trial, work: Answer) -> str:
    await _join(trial.side)
    await _runs_alone(trial, _add, work)

    return await _survives(
        trial,
        _add,
        work.function,
        "XACK comes after handle, and what is pending for a name is read with `0`.",
        "Each worker reads under its own name: what is pending for another is not abandoned.",
        given=_join,
    )


@exercise(
    "9.2",
    "work",
    hints=(
        "Which lists does a worker empty when it starts, and whose jobs are in them?",
        "A worker that died comes back under its name, sooner or later, and finds its own list.",
        "Sweep only `taken:` and the worker's own name, and leave the other lists alone.",
    ),
)
async def leaves_the_living_alone(trial: Trial, work: Answer) -> str:
    await _runs_alone(trial, _push, work)
    return await _survives(
        trial,
        _push,
        work.function,
        "Somebody must put back what the dead worker had taken: its next life can.",
        "The sweep took it from a worker who is alive: put back only what is the worker's own.",
    )


@exercise(
    "9.3",
    "replay",
    hints=(
        "Two steps, and between them the other one looks, or one dies.",
        "MULTI makes the two writes one step. WATCH makes it fail if somebody was faster.",
        '`client.transaction(function, "orders:dead")`: the function reads with XRANGE, calls '
        "`multi()`, and then queues XADD and XDEL for each entry.",
    ),
)
async def replays_once(trial: Trial, replay: Answer) -> str:
    await _replays_in_peace(trial, replay)
    bounds = ({"crashes": 0, "jobs": 1}, {"crashes": 1, "jobs": 1}, {"crashes": 0, "jobs": 2})
    wanted = bounds[trial.number - 1]
    jobs = [f"job-{number}" for number in range(1, wanted["jobs"] + 1)]

    async def bury(client: Redis, job: str) -> None:
        await client.xadd("orders:dead", {"job": job})

    async def work(client: Redis, name: str, handle: Handle) -> None:
        await replay.function(client)

    async def holds(client: Redis) -> bool:
        return await _jobs(client, "orders") == jobs and not await client.xlen("orders:dead")

    verdict = await _explored(bury, work, workers=2, holds=holds, **wanted)
    if verdict.broken:
        raise WentWrong(
            verdict,
            "broken",
            "a job is in `orders` twice or not at all, or is left in `orders:dead`",
            "Both writes must be one step, and fail if the other was faster: WATCH and MULTI.",
        )
    return f"each job came back once, in {verdict.schedules:,} schedules."


DEAD = (12, 12, 120)
"""How many dead letters wait, in which trial: more than a reader with a `count` takes at once."""


async def _replays_in_peace(trial: Trial, replay: Answer) -> None:
    waiting = [{"job": job} for job in trial.texts("waiting", 3)]
    jobs = trial.texts("order", DEAD[trial.number - 1])
    dead = [{"job": job, "customer": f"for {job}", "error": "no address"} for job in jobs]
    await trial.add("orders", waiting)
    await trial.add("orders:dead", dead)
    newer = {"equal or smaller": "What waits in `orders` may be newer: let Redis choose the id."}
    await trial.run(replay, trial.client("ann"), hints=newer)
    await _has_them_whole(trial, waiting, dead)
    left = await _jobs(trial.side, "orders:dead")
    expect_same("what is left in `orders:dead`", left, [], "Remove what was added to `orders`.")
    trial.trims_nothing("orders", "orders:dead")


async def _has_them_whole(
    trial: Trial, waiting: list[dict[str, str]], dead: list[dict[str, str]]
) -> None:
    """Raise NotYet unless `orders` has what waited there, and the dead letters with all fields."""
    expected = sorted([*waiting, *dead], key=_job_of)
    found = await _jobs(trial.side, "orders")
    expect_same(
        "the stream `orders`, after one replay that nothing disturbs",
        found,
        [*map(_job_of, expected)],
        (bool(missing([*map(_job_of, waiting)], found)), "What waited in `orders` before is gone."),
        "Add each entry of `orders:dead` to `orders`, with its field `job`.",
    )
    fields = sorted((fields for _, fields in await trial.entries("orders")), key=_job_of)
    short = [job for job, each in zip(found, fields, strict=True) if each not in expected]
    expect_same(
        "in `orders` with other fields than in `orders:dead`",
        short,
        [],
        "Add each entry as it was buried, with all its fields.",
    )


def _job_of(fields: dict[str, str]) -> str:
    return fields.get("job", "")


async def _jobs(client: Redis, stream: str) -> Any:
    entries: Any = await client.xrange(stream)
    return sorted(_job_of(fields) for _, fields in entries)


@exercise(
    "9.4",
    "holds",
    hints=(
        "What must be true of the two keys, whatever happened, for the shop to be whole?",
        "Equal lengths are not enough: a mail may be for somebody else.",
        "Read `orders` with XRANGE and `mails` with LRANGE, and compare the sorted orders of both.",
    ),
)
async def sees_a_broken_pair(trial: Trial, holds: Answer) -> str:
    found = await trial.run(holds, trial.client("observer"))
    hint = "Return whether the orders of both are the same, with `return`."
    expect_same("what it returns while neither key is there", found, True, hint)
    await trial.add("orders", [{"order": "order-1"}])
    await trial.push("mails", ["order-1"])
    fields = {"KeyError": "An entry of `orders` has one field, `order`."}
    await trial.run(holds, trial.client("observer"), hints=fields)  # what it raises is told here
    whole = await _explored(_push_new, _in_one, jobs=1, holds=holds.function)
    if whole.broken:
        raise WentWrong(
            whole,
            "broken",
            "it says that a whole order is broken",
            "This program writes both in one transaction: compare what is in the two keys.",
            {rf"^{re.escape(CHECK)}": "holds"},
        )
    for what, work in PAIRS[trial.number - 1]:
        seen = await _explored(_push_new, work, jobs=1, holds=holds.function)
        if not seen.broken:
            ours = await _explored(_push_new, work, jobs=1, holds=_same_orders)
            raise WentWrong(ours, "broken", what, "Your function says that all is well there.")
    if trial.number == len(PAIRS):  # after the explorations, which say more
        await _looks_at_all(trial, holds)
    return "a whole order holds, and every kind of broken one is seen."


async def _looks_at_all(trial: Trial, holds: Answer) -> None:
    """Ask about a dozen orders and their mails: all there, or one of them broken, at any place."""
    observer = trial.client("observer")
    raising = {"AssertionError": "Return False instead of raising an error."}
    for what, orders, mails, advice in _dozens(trial):
        await trial.afresh()
        await trial.add("orders", [{"order": order} for order in orders])
        await trial.push("mails", mails)
        before = await trial.state()
        found = await trial.run(holds, observer, hints=raising)
        expect_same(f"what it returns where {what}", found, {*orders} == {*mails}, advice)
        after = await trial.state()
        changed = [key for key in before if after.get(key) != before[key]]
        expect_same("keys that it has changed", changed, [], "Whoever asks may only look.")


def _dozens(trial: Trial) -> Iterator[tuple[str, list[str], list[str], str]]:
    """Yield what is there in words, the orders, the mails, and what to do if it is misjudged."""
    *orders, stranger = trial.invent("order", 13)
    mails = trial.random.sample(orders, len(orders))
    free = "Nothing is missing: read all of both, and compare them whatever their sequence."
    yield "every order has its mail, in another sequence", orders, mails[::-1], free
    yield "every order has its mail, in another sequence", orders[:2], orders[1::-1], free
    every = "Compare the names of every order and every mail, wherever they stand."
    for place in (0, 5, 10, 11):
        name, others = mails[place], mails[:place] + mails[place + 1 :]
        without = [order for order in orders if order != name]
        yield f"{name} is one of 12 orders, and has no mail", orders, others, every
        yield f"{name} has a mail beside 11 others, and no order", without, mails, every
        foreign = [*mails[:place], stranger, *mails[place + 1 :]]
        yield f"the mail of {name} is for {stranger}, who has no order", orders, foreign, every


async def _push_new(client: Redis, job: str) -> None:
    await client.rpush("new", job)


def _placing(place: Send) -> Work:
    """Make a worker that places each new order in this way."""

    async def work(client: Redis, name: str, handle: Handle) -> None:
        while job := cast(str, await client.lpop("new")):
            await place(client, job)

    return work


@_placing
async def _in_one(client: Redis, job: str) -> None:
    async with client.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": job})
        both.rpush("mails", job)
        await both.execute()


@_placing
async def _order_first(client: Redis, job: str) -> None:
    await client.xadd("orders", {"order": job})
    await client.rpush("mails", job)


@_placing
async def _mail_first(client: Redis, job: str) -> None:
    await client.rpush("mails", job)
    await client.xadd("orders", {"order": job})


@_placing
async def _to_somebody_else(client: Redis, job: str) -> None:
    async with client.pipeline(transaction=True) as both:
        both.xadd("orders", {"order": job})
        both.rpush("mails", "job-99")
        await both.execute()


async def _same_orders(client: Redis) -> bool:
    entries: Any = await client.xrange("orders")
    mails: Any = await client.lrange("mails", 0, -1)
    orders = [fields["order"] for _, fields in entries]
    return not missing(orders, mails) and not missing(mails, orders)


PAIRS = (
    [("an order has no mail", _order_first)],
    [("a mail has no order", _mail_first), ("an order has no mail", _order_first)],
    [("a mail is for another order", _to_somebody_else)],
)
"""Programs that break the pair, in which trial, and how."""

EXERCISES = (loses_nothing, leaves_the_living_alone, replays_once, sees_a_broken_pair)
