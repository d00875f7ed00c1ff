"""Exercise 6.4: set poison aside."""

from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing
from .group import COLLEAGUES, DEAD, GROUP, STREAM, TRIMMED, take, what_is_pending

PAGE_AND_A_HALF = 150  # entries, where XPENDING is usually asked for a hundred


@exercise(
    "6.4",
    "set_aside",
    hints=(
        "XPENDING with a range tells how often each entry was delivered. Ask for page after page "
        "until one is empty.",
        "Write the entry to `orders:dead` before, or together with, its acknowledgement.",
        "The next page of XPENDING begins at `(` and the last id. For each entry: MULTI, XADD "
        "with the fields, XACK, EXEC; where XRANGE finds nothing, only XACK.",
    ),
)
async def sets_poison_aside(trial: Trial, set_aside: Answer) -> str:
    limit = 2 + trial.number
    for commands in (None, *trial.cuts()):
        poison, healthy = await _poisoned(trial, limit, in_peace=not commands)
        if commands:
            dying = trial.client("ann", dies_after=commands)
            await trial.run(set_aside, dying, limit, hints=SETTING_ASIDE)
        await trial.run(set_aside, trial.client("ann"), limit, hints=SETTING_ASIDE)
        when = f", with a power cut after {counted(commands, 'command')}" if commands else ""
        await _is_set_aside(trial, poison, limit, when)
        if not commands:
            count = len(await trial.entries(DEAD))
            expect_same(
                f"entries in `{DEAD}`", count, len(poison), "Set each of them aside only once."
            )
        pending = list(await what_is_pending(trial))
        there = [entry_id for entry_id, _ in await trial.entries(STREAM)]
        gone = f"pending entries that are no longer in the stream{when}"
        expect_same(gone, missing(pending, there), [], TRIMMED)
        is_new = bool(missing(pending, [*healthy, *poison])) and trial.sent("XREADGROUP") > 0
        expect_same(
            f"what is pending in the end{when}",
            pending,
            healthy,
            (is_new, "Read nothing new: ask XPENDING."),
            "Acknowledge what you set aside, and nothing else.",
        )
        await trial.afresh()
    await _sets_aside_again(trial, set_aside)
    trial.trims_nothing(STREAM, DEAD)
    if trial.number == 1 and trial.gaps():
        await _sets_many_aside(trial, set_aside)
    return f"poison is in `{DEAD}` after {limit} deliveries, wherever the power failed."


async def _poisoned(trial: Trial, limit: int, in_peace: bool) -> tuple[dict[str, str], list[str]]:
    """Let Bob take five orders; return those delivered too often, and the ids of the others.

    In peace, the second trial has many healthy ones in front, and in the third one that is poison
    has been deleted.
    """
    await trial.side.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    in_front = PAGE_AND_A_HALF if in_peace and trial.number == 2 else 0
    early_ones = [f"early-{number}" for number in range(in_front)]
    await trial.add(STREAM, [{"order": each, "for": "somebody"} for each in early_ones])
    early = [entry_id for entry_id, _ in await take(trial, "bob", in_front)] if in_front else []
    for order in trial.invent("order", 6):
        await trial.side.xadd(STREAM, {"order": order, "for": f"the customer of {order}"})
    taken = dict(await take(trial, "bob", 5))
    times = trial.random.sample([limit + 3, limit, limit - 1, 1, 1], 5)
    counts = dict(zip(taken, times, strict=True))
    for entry_id, count in counts.items():
        await trial.side.xclaim(STREAM, GROUP, "bob", 0, [entry_id], None, None, count, justid=True)
    poison = {i: fields["order"] for i, fields in taken.items() if counts[i] >= limit}
    healthy = early + [entry_id for entry_id in taken if entry_id not in poison]
    if in_peace and trial.number == 3:
        gone = trial.random.choice(list(poison))
        await trial.side.xdel(STREAM, gone)
        del poison[gone]
    return poison, healthy


async def _is_set_aside(trial: Trial, poison: dict[str, str], limit: int, when: str) -> None:
    entries, pending = await trial.entries(DEAD), await what_is_pending(trial)
    kind = "a stream" if isinstance(entries, list) else entries
    expect_same(f"what `{DEAD}` is{when}", kind, "a stream", "XADD makes one.")
    found = [fields["order"] for _, fields in entries if {"order", "for"} <= set(fields)]
    still = [order for entry_id, order in poison.items() if entry_id in pending]
    expect_same(
        f"poisoned orders that are neither pending nor in `{DEAD}`{when}",
        missing(list(poison.values()), found, still),
        [],
        (
            bool(when),
            "It was acknowledged before it was written down: XADD first, or both in MULTI.",
        ),
        "Keep the fields of the entry.",
    )
    expect_same(
        f"the orders in `{DEAD}`{when}",
        sorted(set(found)),
        sorted(poison.values()),
        (set(found) < set(poison.values()), _every_one(limit)),
        (trial.sent("XCLAIM", "XAUTOCLAIM") > 0, COUNTED),
        f"Only what was delivered {limit} times or more belongs there, but all of that.",
    )


def _every_one(limit: int) -> str:
    return (
        f"Everything delivered {limit} times or more belongs there: ask XPENDING for the next page "
        "until one is empty."
    )


COUNTED = "A claim counts as a delivery, and changes the worker: ask XPENDING, and claim nothing."
SETTING_ASIDE = {
    "equal or smaller": "They turn bad in any sequence: let Redis choose the id in `orders:dead`.",
    **dict.fromkeys(("unpack", "index", "'order'", "DataError"), TRIMMED),
}
Details = dict[str, tuple[str, int]]  # who has an entry at hand, and how often it was delivered


async def _details(trial: Trial) -> Details:
    await what_is_pending(trial)
    listed: Any = await trial.side.xpending_range(STREAM, GROUP, "-", "+", 10_000)
    return {each["message_id"]: (each["consumer"], each["times_delivered"]) for each in listed}


async def _deliver(trial: Trial, before: Details, times: int, ids: list[str]) -> None:
    """Let entries have been delivered so often, to the worker who has them."""
    for owner in COLLEAGUES:
        if his := [i for i in ids if before[i][0] == owner]:
            await trial.side.xclaim(STREAM, GROUP, owner, 0, [*his], None, None, times, justid=True)


async def _two_at_work(trial: Trial, count: int) -> dict[str, dict[str, str]]:
    """Let two workers take orders, whose fields are of every shape; return these by their ids."""
    await trial.afresh()
    orders = [
        trial.shuffled(
            {"order": order, "for": f"the customer of {order}", f"note {place % 3}": "?"}
        )
        for place, order in enumerate(trial.texts("order", count + 1))
    ]
    ids = await trial.add(STREAM, orders)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    await take(trial, "bob", count // 2)
    await take(trial, "dave", count - count // 2)
    return dict(zip(ids, orders, strict=True))


async def _sets_aside_again(trial: Trial, set_aside: Answer) -> None:
    """Set aside what turns bad one after the other, the newest first."""
    fields = await _two_at_work(trial, 16)
    limit, ids = trial.random.randrange(3, 12), list(fields)
    there: list[dict[str, str]] = []
    for bad, times in (([ids[9], ids[15]], limit), ([ids[0], *ids[3:9], *ids[10:14]], limit + 7)):
        before = await _details(trial)
        await _deliver(trial, before, times, bad)
        healthy = [i for i in before if i not in bad]
        await _deliver(trial, before, limit - 1, healthy[:2])
        there = await _sets_aside(trial, set_aside, limit, bad, fields, there)


async def _sets_many_aside(trial: Trial, set_aside: Answer) -> None:
    """Set aside more than a hundred, among others."""
    fields = await _two_at_work(trial, 150)
    bad = trial.random.sample(list(fields)[:-1], 108)
    await _deliver(trial, await _details(trial), 5, bad)
    await _sets_aside(trial, set_aside, 5, sorted(bad, key=list(fields).index), fields, [])


async def _sets_aside(
    trial: Trial,
    set_aside: Answer,
    limit: int,
    bad: list[str],
    fields: dict[str, dict[str, str]],
    there: list[dict[str, str]],
) -> list[dict[str, str]]:
    """Let poison be set aside, and judge; `there` is what was set aside before. Return all."""
    before = await _details(trial)
    await trial.run(set_aside, trial.client("ann"), limit, hints=SETTING_ASIDE)
    entries, now = await trial.entries(DEAD), await _details(trial)
    expect_same(
        f"what `{DEAD}` is",
        "a stream" if isinstance(entries, list) else entries,
        "a stream",
        "XADD makes one.",
    )
    held = [found for _, found in entries]
    gone = [each["order"] for each in there if each not in held]
    hint = f"What is in `{DEAD}` stays, however much there is: add to it, and trim nothing."
    expect_same(f"what was set aside before and is no longer in `{DEAD}`", gone, [], hint)
    new = held[len(there) :]
    lost = [fields[i]["order"] for i in bad if i not in now and not _is_in(fields[i], new)]
    hint = f"Nor are they in `{DEAD}`, with all their fields: write them there, then XACK."
    expect_same("poisoned orders that are no longer pending", lost, [], hint)
    left = [fields[i]["order"] for i in bad if i in now]
    what = f"orders delivered {limit} times or more that are still pending"
    expect_same(what, left, [], _every_one(limit))
    healthy = {i: list(found) for i, found in before.items() if i not in bad}
    extra = [i for i in healthy if _is_in(fields[i], new)]
    expect_same(
        f"orders in `{DEAD}` that were delivered less than {limit} times",
        [fields[i]["order"] for i in extra],
        [],
        (trial.sent("XCLAIM", "XAUTOCLAIM") > 0, COUNTED),
        "They may still be handled: leave them with their worker.",
    )
    expect_same(
        "the others, who has them and how often they were delivered",
        {i: list(found) for i, found in now.items()},
        healthy,
        (trial.sent("XCLAIM", "XAUTOCLAIM") > 0, COUNTED),
        (trial.sent("XREADGROUP") > 0, "Read nothing new: ask XPENDING."),
        "Acknowledge what you set aside, and nothing else.",
    )
    hint = "Set each of them aside only once."
    expect_same(f"new entries in `{DEAD}`", len(new), len(bad), hint)
    return held


def _is_in(fields: dict[str, str], entries: list[dict[str, str]]) -> bool:
    """Say whether one of the entries has all these fields; it may have more."""
    return any(fields.items() <= found.items() for found in entries)
