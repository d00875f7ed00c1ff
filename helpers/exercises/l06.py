"""Lesson 6: share a stream among consumers."""

from collections import Counter
from typing import Any

from .exercise import exercise
from .judging import same
from .question import Question, right, wrong
from .trial import Answer, Trial

ACCIDENTS = {1: None, 2: "before", 3: "after"}  # in which trial the power fails, and when
STREAM, GROUP, DEAD = "orders", "packing", "orders:dead"


async def _fill(trial: Trial, count: int, group: bool = True) -> list[str]:
    orders = trial.some("order", count)
    for order in orders:
        await trial.side.xadd(STREAM, {"order": order})
    if group:
        await trial.side.xgroup_create(STREAM, GROUP, id="0")
    return orders


async def _take(
    trial: Trial, name: str, count: int, stream: str = STREAM, group: str = GROUP
) -> Any:
    reply = await trial.side.xreadgroup(group, name, {stream: ">"}, count=count)
    return reply[0][1] if reply else []


async def _pending(trial: Trial) -> dict[str, str]:
    listed = await trial.side.xpending_range(STREAM, GROUP, "-", "+", 1000)
    return {entry["message_id"]: entry["consumer"] for entry in listed}


@exercise(
    "6.1",
    "join",
    hints=(
        "Every program calls this when it starts. What does the second call meet?",
        "Create from `0`, with `mkstream=True`, for a stream that may not be there yet.",
        "Catch the error whose text begins with BUSYGROUP, and do nothing about it.",
    ),
)
async def makes_sure_of_a_group(trial: Trial, join: Answer) -> str:
    stream, group = trial.random.choice(["orders", "returns"]), f"team-{trial.number}"
    hints = {
        "BUSYGROUP": "The group is there already, and that is all you wanted: catch this error.",
        "requires the key to exist": "Let XGROUP CREATE make the stream: mkstream.",
    }
    for has_entries in (False, True):
        orders = trial.some("order", 5)
        for order in orders if has_entries else []:
            await trial.side.xadd(stream, {"order": order})
        await trial.run(join, trial.client("ann"), stream, group, hints=hints)
        there = await trial.side.type(stream) == "stream"
        names = [g["name"] for g in await trial.side.xinfo_groups(stream)] if there else []
        same(
            f"the groups of `{stream}`", names, [group], "Create the group, and the stream with it."
        )
        for order in orders if not has_entries else []:
            await trial.side.xadd(stream, {"order": order})
        first = [fields["order"] for _, fields in await _take(trial, "ann", 3, stream, group)]
        hint = "It should begin with the very first entry: position 0, not $."
        same("the first three that the group hands out", first, orders[:3], hint)
        await trial.run(join, trial.client("bob"), stream, group, hints=hints)
        summary = await trial.side.xpending(stream, group)
        hint = "The second call forgot what was pending: leave a group that exists alone."
        same("what is pending after a second call", summary["pending"], 3, hint)
        rest = [fields["order"] for _, fields in await _take(trial, "bob", 9, stream, group)]
        same(
            "what the group hands out after it",
            rest,
            orders[3:],
            "The second call moved the group.",
        )
        await trial.afresh()
    return "the group began at the first entry, and a second call changed nothing."


@exercise(
    "6.2",
    "work",
    hints=(
        "Two questions: what is mine and unfinished (`0`), and what is new (`>`)?",
        "Acknowledge each entry with XACK, after handle has returned.",
        'For start in ("0", ">"): read with count=1 until nothing comes; handle, then XACK.',
    ),
)
async def finishes_what_it_began(trial: Trial, work: Answer) -> str:
    orders = await _fill(trial, 6)
    await _take(trial, "ann", 1)  # an earlier life of hers took one and died
    moment = ACCIDENTS[trial.number]
    death = (trial.random.randrange(2, 6), moment) if moment else None
    handled = await _life(trial, work, death)
    pending = list(await _pending(trial))
    entries = await trial.entries(STREAM)
    waiting = [fields["order"] for entry_id, fields in entries if entry_id in pending]
    if death:
        at_hand = orders[death[0] - 1]
        same(
            f"whether {at_hand} is pending, when the power failed {moment} its work was done",
            at_hand in waiting,
            True,
            (moment == "before", "It is lost: XACK comes after handle, never before."),
            "Acknowledge only after handle has returned.",
        )
        handled += await _life(trial, work, None)
    same(
        "orders never handled",
        [order for order in orders if order not in handled],
        [],
        (orders[0] not in handled, "The first was pending from an earlier life: begin with `0`."),
        "Go on until nothing new comes.",
    )
    left = list(await _pending(trial))
    same("entries pending in the end", left, [], "Acknowledge each entry once it is handled.")
    twice = [order for order, times in Counter(handled).items() if times > 1]
    expected = [orders[death[0] - 1]] if moment == "after" else []
    same("orders handled twice", twice, expected, "Only what was under way may come twice.")
    again = f"{twice[0]} twice" if twice else "none twice"
    return f"6 orders handled, {again}, and nothing is pending."


async def _life(trial: Trial, work: Answer, death: tuple[int, str] | None) -> list[Any]:
    worker = trial.client("ann")
    handle = trial.handler("ann", death)
    endless = "Does it read the same entries again and again? Acknowledge them."
    hints = {
        "commands": endless,
        "on and on": endless,
        "waits in": "Do not block: return at the end.",
    }
    await trial.run(work, worker, "ann", handle, hints=hints)
    await trial.bury("ann")
    return handle.done


@exercise(
    "6.3",
    "rescue",
    hints=(
        "XAUTOCLAIM hands over what has been idle for long enough.",
        "Pass `min_idle` on, handle what you get, and acknowledge it.",
        "It returns at most 100 entries at a time: go on until a call brings none.",
    ),
)
async def rescues_the_old_only(trial: Trial, rescue: Answer) -> str:
    count = 8 if trial.number < 3 else 85
    orders = await _fill(trial, count)
    if trial.number == 3:
        for number in range(40):
            await trial.side.xadd(STREAM, {"order": f"more-{number}"})
        orders += [f"more-{number}" for number in range(40)]
    taken = [entry_id for entry_id, _ in await _take(trial, "bob", len(orders))]
    young = sorted(trial.random.sample(range(len(orders)), 3))
    old_ids = [entry_id for place, entry_id in enumerate(taken) if place not in young]
    old = [order for place, order in enumerate(orders) if place not in young]
    await trial.side.xclaim(STREAM, GROUP, "bob", 0, old_ids, idle=60_000, justid=True)
    ann = trial.client("ann")
    handle = trial.handler("ann")
    await trial.run(rescue, ann, "ann", 30_000, handle)
    robbed = [
        order for place, order in enumerate(orders) if place in young and order in handle.done
    ]
    same(
        "orders taken from a worker who is only slow",
        robbed,
        [],
        "Ask for entries idle for `min_idle`.",
    )
    same(
        "the orders rescued",
        sorted(map(str, handle.done)),
        sorted(old),
        (not handle.done, "Claim what Bob left, and call handle with the field `order`."),
        (len(handle.done) < len(old), "Some are left: XAUTOCLAIM brings at most 100 at a time."),
        "Handle each of them once.",
    )
    expected = {taken[place]: "bob" for place in young}
    same(
        "what is pending in the end",
        await _pending(trial),
        expected,
        "Acknowledge what you have handled, and leave the rest with Bob.",
    )
    return (
        f"{len(old)} abandoned orders were rescued, and Bob kept the {len(young)} he is working on."
    )


@exercise(
    "6.4",
    "set_aside",
    hints=(
        "XPENDING with a range tells how often each entry was delivered.",
        "Write the entry to `orders:dead` before, or together with, its acknowledgement.",
        "One transaction: XADD to `orders:dead` with the fields, then XACK.",
    ),
)
async def puts_poison_aside(trial: Trial, set_aside: Answer) -> str:
    limit = 2 + trial.number
    for commands in (None, *trial.cuts()):
        orders = await _fill(trial, 6)
        taken = [entry_id for entry_id, _ in await _take(trial, "bob", 5)]
        counts = [limit + 3, limit, limit - 1, 1, 1]
        trial.random.shuffle(counts)
        for entry_id, times in zip(taken, counts, strict=True):
            await trial.side.xclaim(
                STREAM, GROUP, "bob", 0, [entry_id], retrycount=times, justid=True
            )
        poison = [order for order, times in zip(orders, counts, strict=False) if times >= limit]
        if commands:
            await trial.run(set_aside, trial.client("ann", dies_after=commands), limit)
        await trial.run(set_aside, trial.client("ann"), limit)
        dead = await trial.entries(DEAD)
        found = [fields.get("order") for _, fields in dead] if isinstance(dead, list) else []
        pending = list(await _pending(trial))
        same(
            "poisoned orders that are neither pending nor in `orders:dead`"
            + (f", after a power cut behind {commands} commands" if commands else ""),
            [
                o
                for o, i in zip(orders, taken, strict=False)
                if o in poison and o not in found and i not in pending
            ],
            [],
            (
                bool(commands),
                "Acknowledged and not yet written down: XADD first, or both in MULTI.",
            ),
            "Keep the fields of the entry.",
        )
        same(
            "the orders in `orders:dead`",
            sorted(set(found)),
            sorted(poison),
            (
                len(found) > len(poison),
                f"Only what was delivered {limit} times or more belongs there.",
            ),
            f"Put aside what was delivered {limit} times or more.",
        )
        healthy = [i for i, times in zip(taken, counts, strict=True) if times < limit]
        same(
            "what is pending in the end",
            pending,
            healthy,
            "Acknowledge what you put aside, no more.",
        )
        await trial.afresh()
    return f"poison lies in `{DEAD}` after {limit} deliveries, wherever the power failed."


EXERCISES = (makes_sure_of_a_group, finishes_what_it_began, rescues_the_old_only, puts_poison_aside)

PREDICTIONS = (
    Question(
        "After her restart Ann reads with the id 0 instead of >. Which entries does she get?",
        wrong("All four", "With an id, XREADGROUP reads only what is pending for this name."),
        right("Only 2-0", "It was given to her and is not acknowledged yet."),
        wrong("None", "Her pending entries are kept for her name."),
    ),
    Question(
        "Ann, too, dies of 4-0. Carol claims it with a limit of 3. Is it hers to handle?",
        right("No, it is put aside", "Her claim is the third delivery, and three is the limit."),
        wrong("Yes, it is new to her", "What counts is how often anybody was given it."),
        wrong("No, it is still Ann's", "It is old enough to be claimed."),
    ),
    Question(
        "Hasty acknowledges first, careful works first. Each crashes after its first step. "
        "What happens to the parcel?",
        wrong("Both lose it", "Careful has packed it."),
        right("Hasty loses it, careful packs it twice", "Lost, or twice: there is no third."),
        wrong("Hasty packs it twice, careful loses it", "It is the other way round."),
    ),
)

QUIZ = (
    Question(
        "Two groups read one stream, three workers in each. Who gets an entry?",
        wrong("All six workers", "Within a group the work is split."),
        right("One worker of each group", "Split within a group, shared between groups."),
        wrong("One of the six", "Each group has a cursor of its own."),
    ),
    Question(
        "XACK has returned 1. Is the entry still in the stream?",
        right("Yes", "It left one group's list. Only trimming or deleting removes it."),
        wrong("No", "Acknowledging is not deleting."),
        wrong("Only if other groups need it", "The stream does not look at groups."),
    ),
    Question(
        "With which id does a worker begin after a restart?",
        wrong(">", "It would forget what it had begun."),
        wrong("$", "That is for the creation of a group, and for XREAD."),
        right("0, and then >", "First its own unfinished entries, then new ones."),
    ),
    Question(
        "Pending grows, lag stays at 0. What is wrong?",
        wrong("There are too few workers", "Then the lag would grow."),
        right("Workers take and do not finish", "They are slow, or dead, or never acknowledge."),
        wrong("Nothing", "What is pending is not done."),
    ),
    Question(
        "How do you get exactly one effect, with deliveries at least once?",
        wrong("Acknowledge before the work", "Then a crash loses it."),
        wrong("NOACK", "That is fire and forget."),
        right("A handler that remembers", "The second delivery then changes nothing."),
    ),
)
