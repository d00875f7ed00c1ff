"""Exercise 10.4: a worker that stops between two jobs."""

import asyncio
from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.lifetime import JobLog
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated
from ...sandbox.plain import NotYet
from ...sandbox.runner import Running

ORDERS = "orders"
LONGEST = 2  # seconds from the signal to the end
TURNS = 40  # of the loop, in which whoever has something to do does it

DEAF = (
    "So it never looks at `stop`: give the command a timeout of a second, and look between two "
    "waits."
)
STOPPING = {
    "waits in": DEAF,
    "never awaited": "Write `await handle()`.",
    "commands": "Does it ask again and again? Let the command wait, with a timeout.",
}
MORE = "It should wait for more jobs until `stop` is set."
RETURNED = f"`work` has returned before the signal. {MORE}"
CUT_SHORT = (
    "What comes at that moment is taken for nobody: never cancel a command that takes. Give it a "
    "timeout, and let it end by itself."
)
HALF_DONE = "What it has taken it must finish: handle it and remove it, and only then return."
NO_MORE = "Look at `stop` before each job, and take none once it is set."
BOTH = "Look at `stop` between two waits of a second, and finish what is taken."
KEPT = "It stays in `taken:` and the name until `handle` has returned: LREM comes after."


@exercise(
    "10.4",
    "work",
    hints=(
        "Where does your worker stand when the signal comes while nothing is in the list?",
        "Let BLMOVE wait for a second, not for ever, and look at `stop` before each wait.",
        "While not stop.is_set(): BLMOVE with timeout=1; if a job came, handle it, then LREM.",
    ),
)
async def stops_between_two(trial: Trial, work: Answer) -> str:
    await _stops_while_it_waits(trial, work)
    await _stops_anywhere(trial, work)
    await _takes_none(trial, work)
    await _stops_when_a_job_comes(trial, work)
    await _dies_anywhere(trial, work)
    await _in_every_sequence(trial, work)
    return "it stopped soon, wherever the signal came, and every job was whole."


class Shift:
    """A worker at work, the signal that it is given, and what it has handled."""

    def __init__(
        self,
        trial: Trial,
        work: Answer,
        name: str,
        dies: tuple[int, str] | None = None,
        **accident: Any,
    ) -> None:
        self.trial, self.name = trial, name
        self.client = trial.client(name, **accident)
        self.log: JobLog = trial.handler(name, dies)
        self.stop = asyncio.Event()
        self.running: Running = trial.start(work, self.client, name, self._handle, self.stop)

    async def _handle(self, job: Any) -> None:
        self.log(job)

    async def turn(self, count: int = TURNS) -> None:
        """Let it do what it can."""
        for _ in range(count):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Wait for its end."""
        await self.trial.finish(self.running, STOPPING)


async def _fresh(trial: Trial, count: int) -> tuple[str, list[str], str]:
    """Push orders, and lay a colleague's beside them.

    Returns a name for the worker, the orders, and another one to push later.
    """
    await trial.afresh()
    name = trial.random.choice(["ann", "erin", "frank"])
    theirs, later, *orders = trial.texts("order", count + 2)
    await trial.others({"taken:bob": [theirs]})
    if count:
        await trial.push(ORDERS, orders)
    return name, orders, later


async def _is_whole(
    trial: Trial, shift: Shift, orders: list[str], when: str, advice: str = HALF_DONE
) -> None:
    """See whether each order was handled once, or is where it was, and none is in between."""
    done, mine = shift.log.done, f"taken:{shift.name}"
    rest, taken = await trial.elements(ORDERS), await trial.elements(mine)
    lost = missing(orders, done, rest, taken)
    expect_same(f"orders that are gone, and were not handled{when}", lost, [], advice)
    extra = missing(done, orders)
    hint = "Call handle with what BLMOVE returned."
    expect_same(f"what was handled, though it is no order{when}", extra, [], hint)
    hint = "Remove it from its list once it is handled, and leave it there before."
    expect_same(f"orders that were handled twice{when}", repeated(done), [], hint)
    left = [order for order in taken if order not in done]
    expect_same(f"orders that were taken, and never handled{when}", left, [], advice)
    hint = "Remove each with LREM when it is handled, before you return."
    expect_same(f"orders that were handled, and are still in `{mine}`{when}", taken, [], hint)
    both = [order for order in done if order in rest]
    hint = "It would come again: what was begun is not given back."
    expect_same(f"orders that were handled, and are in `orders` again{when}", both, [], hint)
    hint = "Take from the left, and leave the rest as it is."
    expect_same(f"the orders that were handled, and then the rest{when}", done + rest, orders, hint)
    await trial.only([ORDERS, mine])


async def _stops_while_it_waits(trial: Trial, work: Answer) -> None:
    """Let it handle what there is, and wait for more, and hear the signal then."""
    count = (3, 0, 60)[trial.number - 1]
    name, orders, later = await _fresh(trial, count)
    shift = Shift(trial, work, name)
    await _handles_all(shift, orders)
    if await _waits_patiently(trial, shift):
        orders.append(later)
        await trial.push(ORDERS, [later])
        await _handles_all(shift, orders)
    shift.stop.set()
    await shift.turn()
    longest = 0.0 if shift.running.done else max(trial.waits[-1:], default=0.0)
    if LONGEST < longest < float("inf"):
        raise NotYet(
            f"a command of `work` waits {longest:g} seconds, so it may return as long after the "
            f"signal, and should within {LONGEST}. Give the command a timeout of one second."
        )
    await shift.end()
    await _is_whole(trial, shift, orders, " when the signal came while it waited")


async def _handles_all(shift: Shift, orders: list[str]) -> None:
    for _ in orders:
        await shift.turn()
        if shift.running.done or len(shift.log.done) >= len(orders):
            break
    await shift.turn()
    if shift.running.done:
        await shift.end()
        raise NotYet(RETURNED)
    hint = "Handle each job that is there, until `stop` is set."
    expect_same("orders not handled before the signal", missing(orders, shift.log.done), [], hint)


async def _waits_patiently(trial: Trial, shift: Shift) -> bool:
    """See that it neither returns nor asks without end; return whether a command waits."""
    before = trial.budget.commands
    await shift.turn(5 * TURNS)
    if before - trial.budget.commands > 20:
        raise NotYet(
            "`work` asks again and again while nothing comes, as fast as it can. Let BLMOVE wait, "
            "with a timeout."
        )
    if await trial.goes_on(shift.running, shift.name):
        return False
    trial.is_never_cut_short("`work`")
    await trial.until_waited_long(shift.running, shift.name, MORE)
    return True


async def _stops_anywhere(trial: Trial, work: Answer) -> None:
    """Let the signal come between any two commands: the job at hand is finished, and no more."""
    for place in trial.gaps():
        name, orders, _ = await _fresh(trial, 12)
        shift = Shift(trial, work, name, stops_after=place)
        stood = await trial.in_gap(shift.running, shift.client)
        if shift.running.done and not stood:
            await shift.end()
            raise NotYet(RETURNED)
        done = len(shift.log.done)
        shift.stop.set()
        trial.go_on(shift.client)
        await shift.end()
        when = f" when the signal came before command {place + 1}"
        await _is_whole(trial, shift, orders, when)
        more = shift.log.done[done:]
        what = f"orders handled after the signal, but for the one in hand{when}"
        expect_same(what, more[1:], [], NO_MORE)


async def _takes_none(trial: Trial, work: Answer) -> None:
    """Let the signal come before the worker has begun."""
    name, orders, _ = await _fresh(trial, 3)
    shift = Shift(trial, work, name)
    shift.stop.set()  # it has had no turn yet
    await shift.end()
    rest = await trial.elements(ORDERS)
    expect_same("what is left in `orders`, with `stop` set from the start", rest, orders, NO_MORE)


async def _stops_when_a_job_comes(trial: Trial, work: Answer) -> None:
    """Let a job and the signal come to a worker that waits, a few turns of the loop apart."""
    for turns in range(-6, 4):
        name, _, order = await _fresh(trial, 0)
        shift = Shift(trial, work, name)
        await shift.turn()
        if turns < 0:
            shift.stop.set()
            await shift.turn(-1 - turns)
        await trial.side.rpush(ORDERS, order)
        await shift.turn(max(turns, 0))
        shift.stop.set()
        await shift.end()
        when = " when a job and the signal came together"
        await _is_whole(trial, shift, [order], when, CUT_SHORT)


async def _dies_anywhere(trial: Trial, work: Answer) -> None:
    """Let the power fail after some commands, or in a call of handle."""
    for commands in (*trial.cuts(), None):
        name, orders, _ = await _fresh(trial, 8)
        dies = None if commands else (2, "before")
        shift = Shift(trial, work, name, dies, dies_after=commands)
        await shift.turn(4 * TURNS)
        shift.stop.set()
        await shift.end()
        rest, taken = await trial.elements(ORDERS), await trial.elements(f"taken:{name}")
        lost = missing(orders, shift.log.done, rest, taken)
        expect_same("orders that are gone after a power cut", lost, [], KEPT)


MOST = 60  # runs that an exploration tries
BROKEN = (
    "Two seconds after the signal the worker has not returned, or a job was not handled once, or "
    "is in between"
)
STUCK = "The worker never returns"
SIGNAL = "SIGTERM"
OURS = {
    r"^\S+ +SET (begun|pushed) .*": "",
    rf"^ann +ECHO {SIGNAL} .*": f"(system)  {SIGNAL} comes: `stop` is set",
    r"^ann +MULTI; RPUSH done .*": "ann  returns",
    r"^bob ": "shop ",
    r"^\(check\) +(LRANGE done|GET late) .*": "",
}


async def _in_every_sequence(trial: Trial, work: Answer) -> None:
    """Try all sequences of a worker, the signal, and the shop that pushes two orders."""
    if trial.gaps() and trial.number == 1:
        says = {"broken": (BROKEN, BOTH), "stuck": (STUCK, DEAF)}
        await trial.explored(work, _acts, says, _nothing, OURS, holds=_is_in_order, limit=MOST)


def _nothing(first: Any) -> None:
    first.set("day", "1")


async def _acts(work: Answer, client: Redis, name: str, handle: Handling) -> None:
    if name != "ann":
        if await client.set("pushed", "yes", nx=True):
            await client.rpush(ORDERS, "job-1")
            await client.rpush(ORDERS, "job-2")
    elif await client.set("begun", "yes", nx=True):
        await _shift(work, client, handle)


async def _shift(work: Answer, client: Redis, handle: Handling) -> None:
    """Let a worker work until the signal comes, and note what became of it."""
    loop, stop, done = asyncio.get_running_loop(), asyncio.Event(), []
    came = []

    async def signal() -> None:
        await client.echo(SIGNAL)
        came.append(loop.time())
        stop.set()

    async def do(job: Any) -> None:
        await handle.awaited(job)
        done.append(job)

    coming = asyncio.ensure_future(signal())
    await work.function(client, "ann", do, stop)
    late = loop.time() - came[0] > LONGEST if came else True
    await coming
    async with client.pipeline(transaction=True) as noting:
        noting.rpush("done", "", *done)
        noting.set("late", str(late))
        await noting.execute()


async def _is_in_order(client: Redis) -> bool:
    done, rest = await client.lrange("done", 1, -1), await client.lrange(ORDERS, 0, -1)
    taken, late = await client.llen("taken:ann"), await client.get("late")
    return [*done, *rest] == ["job-1", "job-2"] and not taken and late == "False"
