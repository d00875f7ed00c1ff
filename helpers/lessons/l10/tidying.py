"""Exercise 10.3: a janitor that deletes consumers and loses no entry."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from embedded_redis import Clock

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing
from ...sandbox.plain import plain

ORDERS, GROUP, OTHER = "orders", "packing", "shipping"
FIRST = "billing"  # a group that is listed before `packing`

WATCHED = (
    "It was added after your look, and given at once. WATCH `orders` first, and delete in a MULTI, "
    "which fails when something was added."
)
UNREAD = (
    "It was there, unread, when you looked: it can be given at any moment, and WATCH does not "
    "see that. Ask first whether anything is unread, and then delete nobody."
)
ASKED_BEFORE = (
    "It was added before your WATCH, and given after it. WATCH `orders` first, and then ask "
    "whether anything is unread."
)
DELETED = (
    "Entries were deleted here: XLEN does not count them, and `lag` and `entries-read` may be "
    "None. Compare `last-delivered-id` with `last-generated-id`."
)
AHEAD = "Other groups had read it: take what XINFO GROUPS tells of `packing`, by its name."
FORGOTTEN = "What is pending for a consumer goes with it: leave it alone while it has any."


@exercise(
    "10.3",
    "tidy",
    hints=(
        "Which steps are between your look and your deletion, and who may read there?",
        "WATCH sees what is added to a stream, and not what is given to a consumer. So when is an "
        "entry that is given sure to be one that was added after your look?",
        "WATCH `orders`; return if the group's `last-delivered-id` is not the stream's "
        "`last-generated-id`; XINFO CONSUMERS; then MULTI with XGROUP DELCONSUMER.",
    ),
)
async def tidies_and_loses_nothing(trial: Trial, tidy: Answer) -> str:
    trial.server.go_by(clock := Clock(1_893_456_000.0))  # whole seconds, to the millisecond
    count = await _tidies_in_peace(trial, clock, tidy)
    await (_tidies_many, _finds_nobody, _tidies_twice)[trial.number - 1](trial, clock, tidy)
    if trial.number == 2:
        await _tidies_beside_deleted(trial, clock, tidy)
    for arrival in ARRIVALS:
        await _meets_a_reader(trial, clock, tidy, arrival)
    await _in_every_sequence(trial, tidy)
    await _meets_a_shop_before(trial, clock, tidy)
    return f"{count} consumers were deleted, and no entry with them."


class House:
    """A group with consumers: long gone, gone with work at hand, and alive."""

    def __init__(self, trial: Trial, gone: int) -> None:
        names = trial.texts("pod", gone + 3)
        self.gone, (self.slow, self.alive, self.young) = names[:gone], names[gone:]
        self.min_idle = 1000 * trial.random.randrange(60, 900)
        self.jobs = trial.texts("order", gone + 3)
        self.has_deleted = False

    async def lay(self, trial: Trial, clock: Clock) -> None:
        """Let all read, and time pass: some have read again a little while ago."""
        await trial.afresh()
        trial.budget.allow(len(self.gone))
        await trial.add(ORDERS, [{"job": job} for job in self.jobs])
        for group in (GROUP, OTHER):
            await trial.side.xgroup_create(ORDERS, group, id="0")
            async with trial.side.pipeline(transaction=False) as reading:
                for name in [*self.gone, self.slow, self.alive, self.young]:
                    reading.xreadgroup(group, name, {ORDERS: ">"}, count=1)
                await reading.execute()
            await self._acknowledge(trial, group)
        clock.turn_on(self.min_idle / 1000 - 1)
        await trial.side.xreadgroup(GROUP, self.alive, {ORDERS: ">"})
        clock.turn_on(1)
        await trial.side.xreadgroup(GROUP, self.young, {ORDERS: ">"})

    async def delete(self, trial: Trial) -> None:
        """Delete the entries that those who are gone have acknowledged."""
        self.has_deleted = True
        entries = await trial.entries(ORDERS)
        ids = [entry_id for entry_id, _ in entries[: len(self.gone)]]
        await trial.side.xdel(ORDERS, *ids)

    async def _acknowledge(self, trial: Trial, group: str) -> None:
        listed: Any = await trial.side.xpending_range(ORDERS, group, "-", "+", 1000)
        kept = (self.slow, self.young)
        ids = [each["message_id"] for each in listed if each["consumer"] not in kept]
        await trial.side.xack(ORDERS, group, *ids)


async def _names(trial: Trial, group: str) -> list[str]:
    if group not in [each["name"] for each in await trial.groups(ORDERS)]:
        return []
    return sorted(each["name"] for each in await trial.side.xinfo_consumers(ORDERS, group))


async def _pending(trial: Trial, group: str) -> dict[str, str]:
    if group not in [each["name"] for each in await trial.groups(ORDERS)]:
        return {}
    listed: Any = await trial.side.xpending_range(ORDERS, group, "-", "+", 1000)
    return {each["message_id"]: each["consumer"] for each in listed}


async def _rest(trial: Trial) -> dict[str, Any]:
    """Return what a janitor leaves as it is."""
    groups = {each["name"]: each["last-delivered-id"] for each in await trial.groups(ORDERS)}
    pending = {group: await _pending(trial, group) for group in (GROUP, OTHER)}
    return {"read up to": groups, "pending": pending, "consumers": await _names(trial, OTHER)}


async def _is_tidy(trial: Trial, house: House, before: dict[str, Any], stream: Any) -> None:
    names, kept = await _names(trial, GROUP), [house.slow, house.alive, house.young]
    rest = await _rest(trial)
    expect_same(
        "what is pending, and for whom",
        rest["pending"][GROUP],
        before["pending"][GROUP],
        (bool(missing([*before["pending"][GROUP]], [*rest["pending"][GROUP]])), FORGOTTEN),
        "Leave what is pending as it is: to rescue it is another task.",
    )
    expect_same(
        "the consumers of `packing` that are left",
        names,
        sorted(kept),
        (
            house.slow not in names,
            "The one with something pending stays, whoever has it then.",
        ),
        (
            bool(missing(kept, names)),
            f"Who has been idle for less than `min_idle`, here {house.min_idle:,} ms, is alive.",
        ),
        (house.has_deleted and len(missing(names, kept)) == len(house.gone), DELETED),
        (
            len(missing(names, kept)) == len(house.gone),
            f"Delete those that have nothing pending and were idle for `min_idle`, here "
            f"{house.min_idle:,} ms, or longer.",
        ),
        "Some are left that were idle for `min_idle` or longer, and have nothing pending.",
    )
    hint = "Delete consumers of the group `packing` only, and leave the rest as it is."
    expect_same("the groups, and what belongs to `shipping`", rest, before, hint)
    expect_same("the entries of `orders`", await trial.entries(ORDERS), stream, hint)


async def _tidies(trial: Trial, house: House, tidy: Answer) -> None:
    before, stream = await _rest(trial), plain(await trial.entries(ORDERS))
    await trial.run(tidy, trial.client("janitor"), house.min_idle)
    await _is_tidy(trial, house, before, stream)
    await trial.only([ORDERS])
    await trial.lasting()


async def _tidies_in_peace(trial: Trial, clock: Clock, tidy: Answer) -> int:
    house = House(trial, 3)
    await house.lay(trial, clock)
    await _tidies(trial, house, tidy)
    return len(house.gone)


async def _tidies_many(trial: Trial, clock: Clock, tidy: Answer) -> None:
    house = House(trial, trial.random.randint(22, 30))
    await house.lay(trial, clock)
    await _tidies(trial, house, tidy)


async def _finds_nobody(trial: Trial, clock: Clock, tidy: Answer) -> None:
    house = House(trial, 0)
    await house.lay(trial, clock)
    await _tidies(trial, house, tidy)


async def _tidies_twice(trial: Trial, clock: Clock, tidy: Answer) -> None:
    house = House(trial, 2)
    await house.lay(trial, clock)
    await _tidies(trial, house, tidy)
    await _tidies(trial, house, tidy)


async def _tidies_beside_deleted(trial: Trial, clock: Clock, tidy: Answer) -> None:
    house = House(trial, 2)
    await house.lay(trial, clock)
    await house.delete(trial)
    await _tidies(trial, house, tidy)


@dataclass(frozen=True)
class Arrival:
    """How the entry came that is given between two commands, and what to say when it is lost."""

    told: str
    advice: str
    is_there: bool = True  # unread, from the beginning; otherwise it is added only then
    beside_deleted: bool = False
    behind_others: bool = False

    @property
    def hints(self) -> dict[str, str]:
        """What an error means here."""
        return {"'NoneType'": DELETED} if self.beside_deleted else {}

    async def prepare(self, trial: Trial, house: House, job: str) -> None:
        """Do what has happened before the janitor comes."""
        if self.is_there:
            await trial.add(ORDERS, [{"job": job}])
        if self.beside_deleted:
            await house.delete(trial)
            await trial.side.xdel(ORDERS, *await trial.add(ORDERS, [{"job": job}]))
        if self.behind_others:
            await trial.side.xgroup_create(ORDERS, FIRST, id="$")
            await trial.side.xgroup_setid(ORDERS, OTHER, "$")

    async def come(self, trial: Trial, house: House, job: str) -> None:
        """Let one that was idle for long be given it."""
        if not self.is_there:
            await trial.add(ORDERS, [{"job": job}])
        await trial.side.xreadgroup(GROUP, house.gone[0], {ORDERS: ">"}, count=1)


ARRIVALS = (
    Arrival("was added", WATCHED, is_there=False),
    Arrival("had been there, unread,", UNREAD),
    Arrival("had been there, unread, beside deleted ones,", DELETED, beside_deleted=True),
    Arrival("had been there, unread in `packing` alone,", AHEAD, behind_others=True),
)
"""What each shows besides the ones before it is what its advice names."""


async def _meets_a_reader(trial: Trial, clock: Clock, tidy: Answer, arrival: Arrival) -> None:
    """Let one that was idle for long be given an entry between any two commands."""
    for place in trial.gaps():
        house = House(trial, 2)
        await house.lay(trial, clock)
        [job] = trial.texts("order", 1)
        await arrival.prepare(trial, house, job)
        client = trial.client("janitor", stops_after=place)
        running = trial.start(tidy, client, house.min_idle)
        if not await trial.in_gap(running, client):
            await trial.finish(running, arrival.hints)
            return
        await arrival.come(trial, house, job)
        before = await _rest(trial)
        trial.go_on(client)
        await trial.finish(running, arrival.hints)
        when = f"where one {arrival.told} and given between two commands"
        await _nothing_is_lost(trial, before, when, arrival.advice)


async def _meets_a_shop_before(trial: Trial, clock: Clock, tidy: Answer) -> None:
    """Let an entry be added between two commands, and given between two later ones.

    Not before it is known that none is lost which is given as soon as it is added.
    """
    places = range(1, 12) if trial.number == 3 and trial.gaps() else ()
    for added in places:
        for given in (added + 2, added + 3):  # WATCH and a look or two are between
            house = House(trial, 2)
            await house.lay(trial, clock)
            client = trial.client("janitor", stops_after=added)
            running = trial.start(tidy, client, house.min_idle)
            if not await trial.in_gap(running, client):
                await trial.finish(running)
                return
            await trial.add(ORDERS, [{"job": "order-1"}])
            trial.go_on(client, until=given)
            await trial.in_gap(running, client)
            await trial.side.xreadgroup(GROUP, house.gone[0], {ORDERS: ">"}, count=1)
            before = await _rest(trial)
            trial.go_on(client)
            await trial.finish(running)
            when = "where one was added between two commands, and given between two later ones"
            await _nothing_is_lost(trial, before, when, ASKED_BEFORE)


async def _nothing_is_lost(trial: Trial, before: dict[str, Any], when: str, advice: str) -> None:
    rest = await _rest(trial)
    lost = missing([*before["pending"][GROUP]], [*rest["pending"][GROUP]])
    expect_same(f"entries that are pending for nobody, {when}", lost, [], advice)
    hint = "Delete consumers, and leave the rest as it is: what was read must not come again."
    expect_same("the groups, and what is pending", rest, before, hint)


MOST = 40  # runs that an exploration tries
OURS = {r"^bob +(dies before )?XLEN .*": ""}
GOES = "An entry is lost: it was given to a consumer that was then deleted"


async def _in_every_sequence(trial: Trial, tidy: Answer) -> None:
    """Try all sequences of a janitor and a worker that waits, or reads what is there."""
    if not trial.gaps():
        return
    given = _one_is_unread if trial.number == 2 else _all_is_read
    says = {"broken": (GOES, UNREAD if trial.number == 2 else WATCHED)}
    crashes = int(trial.number == 3)
    bounds = {"crashes": crashes, "holds": _is_kept, "limit": MOST}
    await trial.explored(tidy, _acts, says, given, OURS, **bounds)


async def _acts(tidy: Answer, client: Redis, name: str, handle: Handling) -> None:
    if name == "ann":
        await tidy.function(client, 0)
        return
    is_there = await client.xlen(ORDERS) > 1
    async with client.pipeline(transaction=True) as one_step:  # it waits, and is given it at once
        if not is_there:
            one_step.xadd(ORDERS, {"job": "job-1"}, id="2-0")
        one_step.xreadgroup(GROUP, "bob", {ORDERS: ">"}, count=1)
        await one_step.execute()


def _all_is_read(first: Any) -> None:
    first.xadd(ORDERS, {"job": "job-0"}, id="1-0")
    first.xgroup_create(ORDERS, GROUP, id="$")
    first.xgroup_createconsumer(ORDERS, GROUP, "bob")


def _one_is_unread(first: Any) -> None:
    _all_is_read(first)
    first.xadd(ORDERS, {"job": "job-1"}, id="2-0")


async def _is_kept(client: Redis) -> bool:
    """Say whether what was added is pending, or still to be read."""
    [group] = await client.xinfo_groups(ORDERS)
    return group["pending"] == 1 or group["last-delivered-id"] == "1-0"
