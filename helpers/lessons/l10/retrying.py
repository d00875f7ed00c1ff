"""Exercise 10.2: a worker that tries again later, and gives up after three failures."""

from collections.abc import Collection
from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.lifetime import JobLog
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated
from ...sandbox.plain import plain

ORDERS, GROUP, LATER, DEAD, FAILURES = "orders", "packing", "later", "orders:dead", "failures"
DELAYS = {0: 10, 1: 20}  # seconds, by how often a job has failed before
ENOUGH = 3

RAISED = "An error of `handle` has ended the worker: catch it, whatever its kind is."
AGAIN = "Does it read the same entry again and again? Acknowledge it."
WORKING = {
    "cannot be handled": RAISED,
    "commands": AGAIN,
    "on and on": AGAIN,
    "waits in": "Do not block: return when nothing is left.",
    "never awaited": "Write `await handle()`.",
    "KeyError: 'job'": "A pending entry that was deleted has no fields: acknowledge, and no XDEL.",
    "'is_set'": "Here it is given the time, `now`: is this the `work` of 10.4?",
}
EARLY = "It was acknowledged before it was handled: XACK comes after `handle`."
GONE = "It was acknowledged, and its next place not written: both must be one step, a MULTI."
FORGOTTEN = "It waits in `later`, and `failures` does not count it: write both in one MULTI."
TWO_PLACES = "Its next place was written, and XACK did not follow: both must be one step, a MULTI."


class OutOfStock(Exception):
    """What a handler of a shop may raise."""


class NoAnswer(ConnectionError):
    """What a handler raises when another service does not answer."""


class NoSuchOrder(LookupError):
    """What a handler raises when it does not find what it needs."""


ERRORS = (OutOfStock, NoAnswer, NoSuchOrder)


class Handler:
    """A handler that raises for some jobs, as often as it is asked to do them."""

    def __init__(self, log: JobLog, fails: Collection[str], error: type[Exception]) -> None:
        self.tried: list[Any] = []
        self._log, self._fails, self._error = log, fails, error

    @property
    def done(self) -> list[Any]:
        """The jobs that were done."""
        return self._log.done

    async def __call__(self, job: Any) -> None:
        self.tried.append(plain(job))
        if plain(job) in self._fails:
            raise self._error("this one cannot be handled")
        self._log(job)


class Work:
    """Entries of `orders`: those of an earlier life, a colleague's, those that fail, new ones."""

    def __init__(
        self, trial: Trial, began: int, theirs: int, new: int, dead_letters: int = 0
    ) -> None:
        self.name = trial.random.choice(["ann", "erin", "frank"])
        self.now = trial.random.randrange(1000, 9000)
        self.jobs = trial.texts("order", began + theirs + new)
        self.dead_letters = [f"given-up-{number}" for number in range(dead_letters)]
        self.theirs = self.jobs[began : began + theirs]
        self.mine = missing(self.jobs, self.theirs)
        self.failed: dict[str, int] = {}  # those that fail, and how often they have failed before
        self._began = began

    def fails(self, jobs: list[str], *before: int) -> None:
        """Let the first of these jobs fail, which have failed so often before."""
        self.failed = dict(zip(jobs, before, strict=False))

    async def lay(self, trial: Trial) -> None:
        """Write it down."""
        await trial.afresh()
        await trial.add(ORDERS, [{"job": job} for job in self.jobs])
        await trial.add(DEAD, [{"job": job} for job in self.dead_letters])
        await trial.side.xgroup_create(ORDERS, GROUP, id="0")
        for who, count in ((self.name, self._began), ("bob", len(self.theirs))):
            if count:
                await trial.side.xreadgroup(GROUP, who, {ORDERS: ">"}, count=count)
        for job, times in self.failed.items():
            if times:
                await trial.side.hset(FAILURES, job, times)

    def good(self) -> list[str]:
        """List those that do not fail."""
        return [job for job in self.mine if job not in self.failed]


@exercise(
    "10.2",
    "work",
    hints=(
        "Who reads what a dead worker left pending? And where is a job between two commands?",
        "Catch every Exception of `handle`. XACK and the write of the next place are one MULTI.",
        "Read HGET failures first. Then, in one pipeline: XACK, and either HSET failures and ZADD "
        "later, or HDEL failures and XADD orders:dead.",
    ),
)
async def tries_three_times(trial: Trial, work: Answer) -> str:
    await _works_in_peace(trial, work)
    await _dies_anywhere(trial, work)
    await _comes_back(trial, work)
    await _in_every_sequence(trial, work)
    if trial.number == 2:
        await _works_long(trial, work)
    return "what fails comes back later, and is given up after three times; no job is lost."


def _mixed(trial: Trial, jobs: list[str]) -> list[str]:
    return trial.random.sample(jobs, len(jobs))


async def _life(trial: Trial, work: Answer, at: Work, **accident: Any) -> Handler:
    client = trial.client(at.name, **accident)
    log = trial.handler(at.name)
    handler = Handler(log, at.failed, ERRORS[trial.number - 1])
    await trial.run(work, client, at.name, handler, at.now, hints=WORKING)
    await trial.bury(at.name)
    return handler


async def _pending(trial: Trial) -> dict[str, str]:
    """Return who has which job at hand."""
    entries = await trial.entries(ORDERS)
    if not await trial.groups(ORDERS):
        return {}
    jobs = {entry_id: fields.get("job", "") for entry_id, fields in entries}
    listed: Any = await trial.side.xpending_range(ORDERS, GROUP, "-", "+", 1000)
    return {jobs.get(each["message_id"], ""): each["consumer"] for each in listed}


async def _dead(trial: Trial) -> Any:
    entries = await trial.entries(DEAD)
    return [fields for _, fields in entries] if isinstance(entries, list) else entries


async def _failures(trial: Trial) -> Any:
    is_hash = await trial.side.type(FAILURES) == "hash"
    return dict(await trial.side.hgetall(FAILURES)) if is_hash else {}


async def _works_in_peace(trial: Trial, work: Answer) -> None:
    at = Work(trial, began=3, theirs=1, new=5, dead_letters=2)
    at.fails(_mixed(trial, at.mine), 0, 1, 2)
    await at.lay(trial)
    handler = await _life(trial, work, at)
    await _is_worked(trial, at, handler)
    trial.trims_nothing(ORDERS, DEAD)
    await trial.only([ORDERS, LATER, DEAD, FAILURES])
    await trial.lasting()


async def _is_worked(trial: Trial, at: Work, handler: Handler) -> None:
    never = missing(at.mine, handler.tried)
    hint = "First what is pending for `name`, with `0`, then what is new: until nothing is left."
    expect_same("jobs that were never handled", never, [], hint)
    hint = "What is pending for another one is at work: read `0` and `>` under your own name."
    extra = missing(handler.tried, at.mine)
    expect_same("what was handled, though it is no job of this worker", extra, [], hint)
    hint = "Acknowledge what is handled; what has failed is tried again later, not at once."
    expect_same("jobs that were handled twice in one run", repeated(handler.tried), [], hint)
    await _is_put_off(trial, at)
    await _is_given_up(trial, at)
    pending = await _pending(trial)
    mine = [job for job, who in pending.items() if who != "bob"]
    hint = "Acknowledge each entry: what has failed is in `later` or in `orders:dead`."
    expect_same("jobs that are pending in the end", mine, [], hint)
    hint = "A colleague is at work on it: leave it pending for bob."
    expect_same("what bob has in hand", missing(at.theirs, [*pending]), [], hint)


async def _is_put_off(trial: Trial, at: Work) -> None:
    later, failures = await trial.scores(LATER), await _failures(trial)
    due = [job for job, before in at.failed.items() if before in DELAYS]
    expect_same(
        "the jobs in `later`",
        sorted(later) if isinstance(later, dict) else later,
        sorted(due),
        (
            any(before not in DELAYS for job, before in at.failed.items() if job in later),
            "One has failed three times now, as `failures` knows: it goes to `orders:dead`.",
        ),
        (
            bool(missing(due, [*later], await _given_up(trial))),
            "What has failed for the first or second time goes to `later`; its member is the job.",
        ),
        "Only what has failed once or twice waits there, under the name of the job.",
    )
    for job in due:
        before = at.failed[job]
        delay, waits = DELAYS[before], later[job] - at.now
        count = before + 1
        expect_same(
            f"the seconds from `now` until a job with {count} failures is due",
            float(delay) if delay / 2 < waits <= delay * 1.5 else waits,
            float(delay),
            (later[job] < at.now, "Its score is a time: `now` and the delay together."),
            "10 after the first failure, 20 after the second; jitter may change it by a half.",
        )
        hint = "Write there how often it has failed, by its name, so that the next worker knows."
        expect_same(
            f"what `failures` has of a job with {count}", failures.get(job), f"{count}", hint
        )


async def _given_up(trial: Trial) -> list[Any]:
    dead = await _dead(trial)
    return [fields.get("job") for fields in dead] if isinstance(dead, list) else []


async def _is_given_up(trial: Trial, at: Work) -> None:
    wanted = [job for job, before in at.failed.items() if before not in DELAYS]
    given_up = await _given_up(trial)
    hint = "What is there waits for somebody: add without MAXLEN, and trim nothing."
    gone = missing(at.dead_letters, given_up)
    expect_same("earlier entries of `orders:dead` that are gone", gone, [], hint)
    dead = await _dead(trial)
    if isinstance(dead, list):
        dead = [fields for fields in dead if fields.get("job") not in at.dead_letters]
    expect_same(
        "the fields of the entries in `orders:dead`, in any sequence",
        sorted(dead, key=str) if isinstance(dead, list) else dead,
        sorted(({"job": job} for job in wanted), key=str),
        (any(job in given_up for job in at.good()), "One of them has not failed."),
        (any(job in given_up for job in missing([*at.failed], wanted)), "One has failed less."),
        "What has failed for the third time goes there once, with its field `job`.",
    )


async def _places(trial: Trial) -> dict[str, list[Any]]:
    """Return which jobs are where; a job may be in none, or in several."""
    groups = await trial.groups(ORDERS)
    last = groups[0]["last-delivered-id"] if groups else "0"
    unread: Any = await trial.side.xrange(ORDERS, f"({last}")
    return {
        "new": [fields.get("job") for _, fields in unread],
        "pending": [*await _pending(trial)],
        LATER: [*await trial.scores(LATER)],
        DEAD: await _given_up(trial),
    }


async def _dies_anywhere(trial: Trial, work: Answer) -> None:
    """Let the power fail after each number of commands, and start the worker again."""
    for commands in range(trial.number, 25, 3):
        at = Work(trial, began=1, theirs=1, new=2)
        at.fails(at.mine, 0, 2)
        await at.lay(trial)
        client = trial.client(at.name, dies_after=commands)
        handler = Handler(trial.handler(at.name), at.failed, ERRORS[trial.number - 1])
        await trial.run(work, client, at.name, handler, at.now, hints=WORKING)
        life = trial.lifetime(client)
        await trial.bury(at.name)
        if not (life and life.dead):
            return
        when = f"after a power cut after command {commands}"
        await _is_in_one_place(trial, at, handler.done, when)
        again = await _life(trial, work, at)
        when = f"{when}, and another life"
        await _is_in_one_place(trial, at, handler.done + again.done, when)
        mine = [job for job, who in (await _pending(trial)).items() if who != "bob"]
        hint = "Begin with `0`: it brings what is pending for `name` from an earlier life."
        expect_same(f"jobs that are still pending {when}", mine, [], hint)


async def _is_in_one_place(trial: Trial, at: Work, done: list[Any], when: str) -> None:
    listed = await _places(trial)
    for job in missing(at.mine, done):
        places = [place for place, jobs in listed.items() for each in jobs if each == job]
        hint = GONE if job in at.failed else EARLY
        expect_same(f"jobs that are nowhere {when}", [] if places else [job], [], hint)
        if len(places) > 1:
            what = f"the places of a job that has failed, {when}"
            expect_same(what, places, places[-1:], TWO_PLACES)
    await _is_counted(trial, at, listed[LATER], when)


async def _is_counted(trial: Trial, at: Work, waiting: list[Any], when: str) -> None:
    failures = await _failures(trial)
    unknown = [job for job in waiting if int(failures.get(job, 0)) <= at.failed.get(job, 0)]
    what = f"jobs in `later` whose last failure is not in `failures`, {when}"
    expect_same(what, unknown, [], FORGOTTEN)


async def _comes_back(trial: Trial, work: Answer) -> None:
    """Let jobs fail for ever, and another process work each time that they are due."""
    at = Work(trial, began=0, theirs=0, new=5)
    at.fails(_mixed(trial, at.mine), 0, 0)
    await at.lay(trial)
    tried: list[Any] = []
    for name in ("ann", "carol", "dave"):
        at.name = name
        handler = await _life(trial, work, at)
        tried += handler.tried
        at.now += 100
        await _bring_back(trial, at.now)
    calls = {job: tried.count(job) for job in at.mine}
    expect_same(
        "how often each job was tried in the end, by three workers, one after another",
        calls,
        {job: ENOUGH if job in at.failed else 1 for job in at.mine},
        "Count failures in the hash `failures`: each worker is a process of its own.",
    )
    hint = "After its third failure it goes there, once."
    expect_same(
        "the jobs in `orders:dead`, in the end",
        sorted(await _given_up(trial)),
        sorted(at.failed),
        hint,
    )
    expect_same("what is pending in the end", await _pending(trial), {}, "Acknowledge it.")


async def _bring_back(trial: Trial, now: int) -> None:
    """Do what the mover of 10.1 does."""
    for job, _ in sorted((await trial.scores(LATER)).items()):
        await trial.side.xadd(ORDERS, {"job": job})
    await trial.side.delete(LATER)


NODE = 100  # entries: XADD with MAXLEN and ~ removes so many at once


async def _works_long(trial: Trial, work: Answer) -> None:
    at = Work(trial, began=12, theirs=1, new=105, dead_letters=3 * NODE)
    at.fails(_mixed(trial, at.mine), *[0] * 8, *[1] * 6, *[2] * 6)
    await at.lay(trial)
    await _is_worked(trial, at, await _life(trial, work, at))


MOST = 24  # runs that an exploration tries
WHOLE = "A job that has failed is in no place, or in two"
ONE_STEP = "XACK and the write of its next place: both must be one step, a MULTI."
NEVER = "A job is lost: nobody has handled it, and nobody will"
STUCK = "A worker never returns"


async def _in_every_sequence(trial: Trial, work: Answer) -> None:
    """Try all sequences of two workers, one of which may die."""
    if not trial.gaps():
        return
    if trial.number == 3:
        says = {"lost": (NEVER, EARLY), "stuck": (STUCK, AGAIN)}
        await trial.explored(work, _handles, says, _one_is_new, crashes=1, limit=MOST)
    else:
        says = {"broken": (WHOLE, ONE_STEP), "stuck": (STUCK, AGAIN)}
        given = _one_is_new if trial.number == 1 else _one_has_failed_twice
        await trial.explored(work, _fails, says, given, crashes=1, holds=_is_in_one, limit=MOST)


async def _handles(work: Answer, client: Redis, name: str, handle: Handling) -> None:
    await work.function(client, name, handle.awaited, 1000)


async def _fails(work: Answer, client: Redis, name: str, handle: Handling) -> None:
    async def fail(job: Any) -> None:
        await handle.awaited(job)
        raise OutOfStock

    await work.function(client, name, fail, 1000)


def _one_is_new(first: Any) -> None:
    first.xgroup_create(ORDERS, GROUP, id="0", mkstream=True)
    first.xadd(ORDERS, {"job": "job-1"}, id="1-0")


def _one_has_failed_twice(first: Any) -> None:
    _one_is_new(first)
    first.hset(FAILURES, "job-1", 2)


async def _is_in_one(client: Redis) -> bool:
    pending: Any = await client.xpending(ORDERS, GROUP)
    return pending["pending"] + await client.zcard(LATER) + await client.xlen(DEAD) == 1
