"""Lesson 6: share a stream among consumers."""

from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated

ACCIDENTS = {1: None, 2: "before", 3: "after"}  # in which trial the power fails, and when
STREAM, GROUP, DEAD = "orders", "packing", "orders:dead"
PAGE_AND_A_HALF = 150  # entries, where XPENDING is usually asked for a hundred
TRIMMED = "An entry without fields was trimmed: acknowledge it, and go on."


async def _fill(trial: Trial, count: int, stream: str = STREAM) -> list[str]:
    orders = trial.invent("order", count)
    for order in orders:
        await trial.side.xadd(stream, {"order": order})
    return orders


async def _take(
    trial: Trial, name: str, count: int, stream: str = STREAM, group: str = GROUP
) -> list[tuple[str, dict[str, str]]]:
    reply: Any = await trial.side.xreadgroup(group, name, {stream: ">"}, count=count)
    return reply[0][1] if reply else []


async def _pending(trial: Trial) -> dict[str, str]:
    groups = [each["name"] for each in await trial.groups(STREAM)]
    hint = "Others need them too: acknowledge entries, and delete nothing."
    expect_same(f"the groups of `{STREAM}`", groups, [GROUP], hint)
    listed: Any = await trial.side.xpending_range(STREAM, GROUP, "-", "+", 10_000)
    return {entry["message_id"]: entry["consumer"] for entry in listed}


@exercise(
    "6.1",
    "join",
    hints=(
        "Every program calls this when it starts. What does the second call find?",
        "Create from `0`, with `mkstream=True`, for a stream that may not be there yet.",
        "Catch the error whose text begins with BUSYGROUP, and ignore it.",
    ),
)
async def makes_sure_of_a_group(trial: Trial, join: Answer) -> str:
    stream, group = ("orders", "returns", "parcels")[trial.number - 1], f"team-{trial.number}"
    for is_there in (False, True):
        orders = await _fill(trial, 5, stream) if is_there else []
        await _join(trial, join, "ann", stream, group)
        orders = orders or await _fill(trial, 5, stream)
        hint = "It should begin with the very first entry: position 0, not $."
        await _hands_out(trial, "the first three orders", stream, group, orders[:3], hint)
        await _join(trial, join, "bob", stream, group)
        pending = (await trial.side.xpending(stream, group))["pending"]
        expect_same(
            "how many are pending after a second call",
            pending,
            3,
            (pending > 3, "It took an entry itself: create the group, and read nothing."),
            "The second call forgot what was pending: leave an existing group alone.",
        )
        hint = "The second call moved the group's cursor: leave an existing group alone."
        await _hands_out(
            trial, "the other orders, after a second call", stream, group, orders[3:], hint
        )
        await trial.afresh()
    return "the group began at the first entry, and a second call changed nothing."


async def _join(trial: Trial, join: Answer, name: str, stream: str, group: str) -> None:
    hints = {
        "BUSYGROUP": "The group is there already, and that is all you wanted: catch this error.",
        "requires the key to exist": "Let XGROUP CREATE create the stream, too: mkstream.",
    }
    await trial.run(join, trial.client(name), stream, group, hints=hints)
    groups = [each["name"] for each in await trial.groups(stream)]
    expect_same(
        f"the groups of `{stream}`",
        groups,
        [group],
        (group in groups, "One group is enough."),
        "Create the group, and the stream with it.",
    )


async def _hands_out(
    trial: Trial, what: str, stream: str, group: str, expected: list[str], hint: str
) -> None:
    taken = await _take(trial, "ann", len(expected), stream, group)
    found = [fields.get("order") for _, fields in taken]
    expect_same(
        f"{what}, as the group handed them out",
        found,
        expected,
        (
            await trial.side.xlen(stream) > 5,
            "Add no entry of your own: mkstream creates the stream.",
        ),
        hint,
    )


@exercise(
    "6.2",
    "work",
    hints=(
        "Ask twice: what is mine and unfinished (`0`), and what is new (`>`)?",
        "Acknowledge each entry with XACK, after handle has returned; one without fields at once.",
        'For start in ("0", ">"): read with count=1 until nothing comes; handle, then XACK.',
    ),
)
async def finishes_what_it_began(trial: Trial, work: Answer) -> str:
    orders = await _fill(trial, 7)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    await _take(trial, "ann", 2)  # an earlier life of hers took two and died
    orders = orders[await _trim_the_first(trial) :]
    moment = ACCIDENTS[trial.number]
    number = trial.random.randrange(2, 6)
    handled = await _life(trial, work, (number, moment) if moment else None)
    if moment:
        await _is_pending(trial, orders[number - 1], moment)
        handled += await _life(trial, work, None)
    expect_same(
        "what was handled, though it is not in the stream", missing(handled, orders), [], TRIMMED
    )
    never = missing(orders, handled)
    first = "The first was pending from an earlier life: begin with `0`."
    expect_same(
        "orders never handled", never, [], (orders[0] in never, first), "Go on until none is new."
    )
    left = list(await _pending(trial))
    gone = trial.number == 3 and missing(left, [i for i, _ in await trial.entries(STREAM)])
    hint = "Acknowledge each entry once it is handled."
    expect_same("entries pending in the end", left, [], (bool(gone), TRIMMED), hint)
    expected = [orders[number - 1]] if moment == "after" else []
    hint = "Only the order at hand when the power failed may come twice."
    expect_same("orders handled twice", repeated(handled), expected, hint)
    again = f"{expected[0]} twice" if expected else "none twice"
    return f"{len(orders)} orders handled, {again}, and nothing is pending."


async def _trim_the_first(trial: Trial) -> int:
    """In the third trial, let a trim take the first entry, which is pending; return how many."""
    if trial.number < 3:
        return 0
    length = await trial.side.xlen(STREAM)
    return int(await trial.side.xtrim(STREAM, maxlen=length - 1, approximate=False))


async def _is_pending(trial: Trial, order: str, moment: str) -> None:
    pending = await _pending(trial)
    entries = await trial.entries(STREAM)
    kept = [fields["order"] for entry_id, fields in entries if entry_id in pending]
    expect_same(
        f"orders that are no longer pending, although the power failed {moment} their work",
        missing([order], kept),
        [],
        "XACK comes after handle, never before: a power cut in between loses the order.",
    )


async def _life(trial: Trial, work: Answer, death: tuple[int, str] | None) -> list[Any]:
    worker = trial.client("ann")
    handle = trial.handler("ann", death)
    endless = "Does it read the same entries again and again? Acknowledge them."
    hints = {
        "commands": endless,
        "on and on": endless,
        "waits in": "Do not block: return when nothing is left.",
        "'order'": TRIMMED,
    }
    await trial.run(work, worker, "ann", handle, hints=hints)
    await trial.bury("ann")
    return handle.done


@exercise(
    "6.3",
    "rescue",
    hints=(
        "XAUTOCLAIM hands over what has been idle for long enough.",
        "Give it `min_idle`, handle what you get, and acknowledge it.",
        "A call looks at 1,000 pending entries and may return none although old ones follow: "
        "call again with the cursor that it returned, until that is `0-0`.",
    ),
)
async def rescues_the_old_only(trial: Trial, rescue: Answer) -> str:
    count, in_front = ((8, 0), (20, 0), (130, 1000))[trial.number - 1]
    min_idle = 30_000 + 1000 * trial.number
    old, young = await _abandoned(trial, count, in_front, min_idle)
    handled = await _rescued(trial, rescue, min_idle, old)
    robbed = [order for order in young.values() if order in handled]
    hint = "Ask for what has been idle for `min_idle`."
    expect_same("orders taken from a worker who is only slow", robbed, [], hint)
    expect_same(
        "the orders rescued, in any sequence",
        sorted(map(str, handled)),
        sorted(old.values()),
        (
            not handled and not in_front,
            "Claim what Bob left, and call handle with the field `order`.",
        ),
        (
            len(handled) < len(old),
            "Some are left: XAUTOCLAIM returns at most 100 at a time, and may return none although "
            "old ones follow: call again with the cursor that it returned, until that is `0-0`.",
        ),
        (bool(missing(handled, list(old.values()))), "Call handle with the field `order`."),
        "Handle each of them once: an entry just claimed is no longer idle, and safe from "
        "another claim.",
    )
    pending = await _pending(trial)
    gone = missing(list(pending), [*old, *young])
    expect_same("pending entries that are no longer in the stream", gone, [], TRIMMED)
    hint = "Acknowledge what you have handled, and leave the rest with Bob."
    expect_same("what is pending in the end", pending, dict.fromkeys(young, "bob"), hint)
    return f"{len(old)} abandoned orders were rescued, and Bob kept his {len(young):,} recent ones."


async def _rescued(trial: Trial, rescue: Answer, min_idle: int, old: dict[str, str]) -> list[Any]:
    """Let rescuers work: two at once, one that dies and one after it, or one alone."""
    ann, carol = trial.client("ann"), trial.client("carol")
    moment = (None, (3, "before"), None)[trial.number - 1]
    first, second = trial.handler("ann", moment), trial.handler("carol")
    running = trial.start(rescue, ann, "ann", min_idle, first)
    if moment:
        await trial.finish(running)
        pending = await _pending(trial)
        lost = [order for i, order in old.items() if i not in pending and order not in first.done]
        hint = "It is lost: XACK comes after handle, never before."
        expect_same("orders that are neither handled nor pending after a power cut", lost, [], hint)
        await _grow_old(trial, [i for i in pending if i in old], "ann", min_idle)
    if trial.number < 3:
        await trial.run(rescue, carol, "carol", min_idle, second)
    await trial.finish(running)
    again = first.done if moment else []  # what was done and not acknowledged may come again
    return first.done + [order for order in second.done if order not in again]


async def _grow_old(trial: Trial, ids: list[str], name: str, idle: int) -> None:
    await trial.side.xclaim(STREAM, GROUP, name, 0, [*ids], idle=idle, justid=True)


async def _abandoned(
    trial: Trial, count: int, in_front: int, min_idle: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Let Bob take orders, most of them long ago; return the old and the young by their ids.

    So many young ones stand in front. In the second trial one that is old has been deleted.
    """
    numbers = trial.random.sample(range(10 * (in_front + count)), in_front + count)
    async with trial.side.pipeline(transaction=False) as adding:
        for place, number in enumerate(numbers, start=1):
            adding.xadd(STREAM, {"order": f"order-{number}"}, id=f"{place}-0")
        await adding.execute()
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    taken = {i: fields["order"] for i, fields in await _take(trial, "bob", len(numbers))}
    ids = list(taken)
    chosen = ids[:in_front] + sorted(trial.random.sample(ids[in_front:], 3), key=ids.index)
    young = {entry_id: taken.pop(entry_id) for entry_id in chosen}
    await _grow_old(trial, list(taken), "bob", min_idle)
    await _grow_old(trial, list(young), "bob", min_idle - 20_000)
    if trial.number == 2:
        gone = trial.random.choice(list(taken))
        await trial.side.xdel(STREAM, gone)
        del taken[gone]
    return taken, young


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
    hints = dict.fromkeys(("unpack", "index", "'order'", "DataError"), TRIMMED)
    for commands in (None, *trial.cuts()):
        poison, healthy = await _poisoned(trial, limit, in_peace=not commands)
        if commands:
            await trial.run(set_aside, trial.client("ann", dies_after=commands), limit, hints=hints)
        await trial.run(set_aside, trial.client("ann"), limit, hints=hints)
        when = f", with a power cut after {counted(commands, 'command')}" if commands else ""
        await _is_set_aside(trial, poison, limit, when)
        if not commands:
            count = len(await trial.entries(DEAD))
            expect_same(
                f"entries in `{DEAD}`", count, len(poison), "Set each of them aside only once."
            )
        pending = list(await _pending(trial))
        there = [entry_id for entry_id, _ in await trial.entries(STREAM)]
        gone = f"pending entries that are no longer in the stream{when}"
        expect_same(gone, missing(pending, there), [], TRIMMED)
        hint = "Acknowledge what you set aside, and nothing else."
        expect_same(f"what is pending in the end{when}", pending, healthy, hint)
        await trial.afresh()
    return f"poison is in `{DEAD}` after {limit} deliveries, wherever the power failed."


async def _poisoned(trial: Trial, limit: int, in_peace: bool) -> tuple[dict[str, str], list[str]]:
    """Let Bob take five orders; return those delivered too often, and the ids of the others.

    In peace, the second trial has many healthy ones in front, and in the third one that is poison
    has been deleted.
    """
    await trial.side.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    in_front = PAGE_AND_A_HALF if in_peace and trial.number == 2 else 0
    for number in range(in_front):
        await trial.side.xadd(STREAM, {"order": f"early-{number}", "for": "somebody"})
    early = [entry_id for entry_id, _ in await _take(trial, "bob", in_front)] if in_front else []
    for order in trial.invent("order", 6):
        await trial.side.xadd(STREAM, {"order": order, "for": f"the customer of {order}"})
    taken = dict(await _take(trial, "bob", 5))
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
    entries, pending = await trial.entries(DEAD), await _pending(trial)
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
        (
            set(found) < set(poison.values()),
            f"Everything delivered {limit} times or more belongs there: ask XPENDING for the "
            "next page until one is empty.",
        ),
        f"Only what was delivered {limit} times or more belongs there, but all of that.",
    )


EXERCISES = (makes_sure_of_a_group, finishes_what_it_began, rescues_the_old_only, sets_poison_aside)
