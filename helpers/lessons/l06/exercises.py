"""Lesson 6: share a stream among consumers."""

from dataclasses import dataclass
from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated
from ...sandbox.plain import NotYet

ACCIDENTS = {1: None, 2: "before", 3: "after"}  # in which trial the power fails, and when
STREAM, GROUP, DEAD = "orders", "packing", "orders:dead"
PAGE_AND_A_HALF = 150  # entries, where XPENDING is usually asked for a hundred
COLLEAGUES = ("bob", "dave")
FORGOTTEN = "To delete a consumer is to forget what is pending for it: delete none that has work."
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
    """Return who has which entry at hand, by the ids. Raises NotYet when the group is gone."""
    groups = [each["name"] for each in await trial.groups(STREAM)]
    hint = "Others need them too: acknowledge entries, and delete nothing."
    expect_same(f"the groups of `{STREAM}`", groups, [GROUP], hint)
    listed: Any = await trial.side.xpending_range(STREAM, GROUP, "-", "+", 10_000)
    return {entry["message_id"]: entry["consumer"] for entry in listed}


async def _write(trial: Trial, orders: list[str]) -> list[str]:
    """Add orders at once, whose entries have other fields as well; return their ids."""
    entries = [{"order": order, "for": f"somebody, {order}", "pieces": "1"} for order in orders]
    return await trial.add(STREAM, [trial.shuffled(fields) for fields in entries])


def _some_name(trial: Trial) -> str:
    """Invent a name for a worker."""
    shape = trial.random.choice(("packer-{}", "host:{}", "w{}", "bob-{}"))
    return shape.format(trial.random.randrange(1, 1000))


async def _only_as(trial: Trial, *names: str) -> None:
    """Raise NotYet when somebody has worked as a consumer of another name."""
    listed: Any = await trial.side.xinfo_consumers(STREAM, GROUP)
    extra = missing([each["name"] for each in listed], [*names, *COLLEAGUES])
    hint = f"The consumer's name is what the function is given as `name`, here {names[0]!r}."
    expect_same(f"consumers of {GROUP} that nobody has started", extra, [], hint)


async def _not_lost(
    trial: Trial, orders: dict[str, str], handled: list[Any], when: str
) -> dict[str, str]:
    """Return what is pending. Raises NotYet when an order is neither handled nor pending."""
    pending = await _pending(trial)
    [group] = await trial.side.xinfo_groups(STREAM)
    taken = [i for i in orders if _place(i) <= _place(group["last-delivered-id"])]
    lost = [orders[i] for i in taken if i not in pending and orders[i] not in handled]
    expect_same(
        f"orders that are neither handled nor pending {when}",
        lost,
        [],
        (trial.sent("XGROUP DELCONSUMER") > 0, FORGOTTEN),
        "They are lost: XACK comes after handle, never before. To read with NOACK is to "
        "acknowledge at once.",
    )
    return pending


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))


def _deaths(trial: Trial, jobs: int) -> list[tuple[int | None, tuple[int, str] | None]]:
    """List moments at which the power fails; other trials try what this one leaves out.

    They are after so many commands, or at the n-th call of handle, before its work. The last
    trial, of other data, tries none.
    """
    calls = [(None, (number, "before")) for number in range(1, jobs + 1)]
    all_of_them = [*calls, *((number, None) for number in range(1, 11))]
    return all_of_them[trial.number - 1 :: 3] if trial.gaps() else []


def _told(commands: int | None, call: tuple[int, str] | None) -> str:
    if commands:
        return f"after the power failed behind {counted(commands, 'command')}"
    number, when = call or (0, "")
    return f"after the power failed {when} the work of call {number} of handle"


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
    await _joins_among_others(trial, join)
    await _cannot_join(trial, join)
    return "the group began at the first entry, and a second call changed nothing."


async def _joins_among_others(trial: Trial, join: Answer) -> None:
    """Let two workers start at once, where the stream has another group, and then a third one."""
    stream, group, other = trial.texts("orders", 3)
    for place in trial.gaps():
        await trial.afresh()
        await trial.add(stream, [{"order": order} for order in trial.texts("order", 5)])
        await trial.add(f"{stream} 2", [{"order": "order-1"}])
        await trial.side.xgroup_create(f"{stream} 2", group, id="$")
        await trial.side.xgroup_create(stream, other, id="0")
        await _take(trial, "dave", 2, stream, other)
        before = await _all_groups(trial, stream)
        kept = await trial.state()
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        first = trial.start(join, ann, stream, group)
        stood, _ = await trial.overtake(first, ann, join, bob, stream, group, hints=REFUSALS)
        new = stream, group
        wanted = {**before, new: ["0-0", 0, []]}
        await _are_groups(trial, wanted, new, "after two workers started at once")
        _same_entries(kept, await trial.state())
        taken = [entry_id for entry_id, _ in await _take(trial, "ann", 3, stream, group)]
        await trial.side.xack(stream, group, *taken)
        wanted[new] = [taken[-1], 0, ["ann"]]
        await trial.run(join, trial.client("carol"), stream, group, hints=REFUSALS)
        await _are_groups(trial, wanted, new, "after another call, when nothing was pending")
        _same_entries(kept, await trial.state())
        if not stood:
            return


async def _all_groups(trial: Trial, stream: str) -> dict[tuple[str, str], list[Any]]:
    """Return where each group of the two streams stands, what is pending, and its consumers."""
    found = {}
    for key in (stream, f"{stream} 2"):
        for each in await trial.groups(key):
            listed: Any = await trial.side.xinfo_consumers(key, each["name"])
            consumers = [consumer["name"] for consumer in listed]
            place = [each["last-delivered-id"], each["pending"], consumers]
            found[key, each["name"]] = place
    return found


async def _are_groups(
    trial: Trial, wanted: dict[tuple[str, str], list[Any]], new: tuple[str, str], when: str
) -> None:
    found = await _all_groups(trial, new[0])
    for key in sorted({*wanted, *found}):
        what = f"the group {key[1]!r} of the stream {key[0]!r} {when}: place, pending, consumers"
        expect_same(
            what,
            found.get(key),
            wanted.get(key),
            (key not in wanted, "Nobody asked for it: one group is enough."),
            (new not in found, "Make sure that this group is there, whatever others there are."),
            (key not in found, "Others need it: leave their groups alone."),
            "Leave an existing group alone, with its place; create a new one from the first entry.",
        )


def _same_entries(before: dict[str, Any], now: dict[str, Any]) -> None:
    extra = missing(list(now), list(before))
    expect_same("keys that nobody asked for", extra, [], "Create the group, and nothing else.")
    for key, held in before.items():
        entries, left = held[0], (now.get(key) or [[]])[0]
        hint = "Others read them too: create a group, and add or delete no entry."
        expect_same(f"the entries of the stream {key!r}", left, entries, hint)


async def _cannot_join(trial: Trial, join: Answer) -> None:
    """Where the key is a list there can be no group, and whoever calls must hear of it."""
    await trial.afresh()
    [stream, group] = trial.texts("orders", 2)
    await trial.push(stream, ["order-1"])
    error = await trial.settle(trial.start(join, trial.client("ann"), stream, group))
    hint = "Others need it: leave it alone."
    expect_same(f"what the list {stream!r} holds", await trial.elements(stream), ["order-1"], hint)
    if error is None:
        raise NotYet(
            f"{stream!r} was a list, which can have no group, and join returned as if it had one: "
            "catch only the error whose text begins with BUSYGROUP."
        )


REFUSALS = {
    "BUSYGROUP": "The group is there already, and that is all you wanted: catch this error.",
    "requires the key to exist": "Let XGROUP CREATE create the stream, too: mkstream.",
}


async def _join(trial: Trial, join: Answer, name: str, stream: str, group: str) -> None:
    length = await trial.side.xlen(stream)
    await trial.run(join, trial.client(name), stream, group, hints=REFUSALS)
    hint = "Others need them: create a group, and delete no entry."
    gone = length - await trial.side.xlen(stream)
    expect_same(f"entries of `{stream}` that join deleted", max(0, gone), 0, hint)
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
    listed = await _fill(trial, 7)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    await _take(trial, "ann", 2)  # an earlier life of hers took two and died
    await _trim_the_first(trial)
    orders = {i: fields["order"] for i, fields in await trial.entries(STREAM)}
    moment = ACCIDENTS[trial.number]
    call = (trial.random.randrange(2, 6), moment) if moment else None
    again = await _is_worked(trial, work, "ann", orders, listed[:2], {}, call=call)
    await _dies_anywhere(trial, work)
    await _shares_with_a_colleague(trial, work)
    await (_works_long, _finds_nothing, _meets_an_error)[trial.number - 1](trial, work)
    told = f"{again[0]} twice" if again else "none twice"
    return f"{len(orders)} orders handled, {told}, and nothing is pending."


async def _trim_the_first(trial: Trial) -> None:
    """In the third trial, let a trim take the first entry, which is pending."""
    if trial.number == 3:
        length = await trial.side.xlen(STREAM)
        await trial.side.xtrim(STREAM, maxlen=length - 1, approximate=False)


async def _is_worked(
    trial: Trial,
    work: Answer,
    name: str,
    orders: dict[str, str],
    began: list[str],
    kept: dict[str, str],
    commands: int | None = None,
    call: tuple[int, str] | None = None,
) -> list[str]:
    """Let a worker handle these orders, some of them begun; it may die, and is started again.

    `kept` is what colleagues have at hand. Returns what was handled twice.
    """
    mine = {i: order for i, order in orders.items() if i not in kept}
    handled, again, when = await _life(trial, work, name, commands, call), [], ""
    if commands or call:
        when = f", {_told(commands, call)}"
        pending = await _not_lost(trial, mine, handled, _told(commands, call))
        again = [order for i, order in mine.items() if i in pending]
        handled += await _life(trial, work, name)
    pending = await _pending(trial)
    await _only_as(trial, name)
    _is_all_handled(trial, mine, handled, began, when)
    _is_all_acknowledged(pending, orders, kept, when)
    twice = repeated(handled)
    hint = "Handled once and acknowledged, an order must not come again."
    expect_same(f"orders handled twice{when}", missing(twice, again), [], hint)
    return twice


def _is_all_handled(
    trial: Trial, orders: dict[str, str], handled: list[Any], began: list[str], when: str
) -> None:
    wanted = list(orders.values())
    extra = missing(handled, wanted)
    expect_same(
        f"what was handled, though it is not in the stream{when}"
        if None in extra
        else f"what was handled, though it is nobody's order or a colleague's{when}",
        extra,
        [],
        (None in extra, TRIMMED),
        "Call handle with the field `order` of what is yours or new, and leave colleagues theirs.",
    )
    never = missing(wanted, handled)
    own = missing(began, missing(wanted, never))
    first = "The first was pending from an earlier life: begin with `0`."
    part = f"{len(began)} were pending from an earlier life: go on with `0` until none is left."
    expect_same(
        f"orders never handled{when}",
        never,
        [],
        (trial.sent("XGROUP DELCONSUMER") > 0, FORGOTTEN),
        (wanted[0] in never and began[:1] != [], first),
        (bool(missing(own, missing(own, never))), part),
        "Go on until none is new.",
    )


def _is_all_acknowledged(
    pending: dict[str, str], orders: dict[str, str], kept: dict[str, str], when: str
) -> None:
    hint = "A colleague is at work on them: take only what is pending for `name`, and what is new."
    taken = {entry_id: pending.get(entry_id) for entry_id in kept}
    expect_same(f"what a colleague has at hand{when}", taken, kept, hint)
    left = missing(list(pending), list(kept))
    gone = missing(left, list(orders))
    hint = "Acknowledge each entry once it is handled."
    what = f"entries pending in the end{when}"
    expect_same(what, left, [], (bool(gone) and gone == left, TRIMMED), hint)


async def _life(
    trial: Trial,
    work: Answer,
    name: str,
    commands: int | None = None,
    call: tuple[int, str] | None = None,
) -> list[Any]:
    worker = trial.client("ann", dies_after=commands)
    handle = trial.handler("ann", call)
    await trial.run(work, worker, name, handle, hints=WORKING)
    await trial.bury("ann")
    return handle.done


AGAIN = "Does it read the same entries again and again? Acknowledge them."
WORKING = {
    "commands": AGAIN,
    "on and on": AGAIN,
    "waits in": "Do not block: return when nothing is left.",
    "'order'": TRIMMED,
}


async def _begun(
    trial: Trial, name: str, began: int, fresh: int
) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """Let a worker take orders and die, and a colleague take two.

    From the second trial on one that she took has been trimmed.

    Returns all orders by their ids, those that she had begun, and who has the colleague's.
    """
    await trial.afresh()
    listed = trial.texts("order", began + fresh + 2)
    ids = await _write(trial, listed)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    first = trial.random.randrange(1, began)
    await _take(trial, name, first)
    await _take(trial, "bob", 2)
    await _take(trial, name, began - first)
    orders = dict(zip(ids, listed, strict=True))
    mine = [*ids[:first], *ids[first + 2 : began + 2]]
    gone = trial.random.choice(mine)
    if trial.number > 1:
        await trial.side.xdel(STREAM, gone)
        del orders[gone]
    kept = dict.fromkeys(ids[first : first + 2], "bob")
    return orders, [orders[i] for i in mine if i in orders], kept


async def _dies_anywhere(trial: Trial, work: Answer) -> None:
    """Let the power fail at every moment, with work of an earlier life and a colleague's."""
    name = _some_name(trial)
    for commands, call in _deaths(trial, 3):
        orders, began, kept = await _begun(trial, name, 3, 1)
        await _is_worked(trial, work, name, orders, began, kept, commands, call)


async def _shares_with_a_colleague(trial: Trial, work: Answer) -> None:
    """Let another worker do all it can between two commands of one, and the shop add more."""
    for place in trial.gaps()[:2]:
        orders, began, kept = await _begun(trial, "ann", 2, 2)
        ann, carol = trial.client("ann", stops_after=place), trial.client("carol")
        handle, other = trial.handler("ann"), trial.handler("carol")
        first = trial.start(work, ann, "ann", handle)
        await trial.in_gap(first, ann)
        more = trial.texts("order", 1)
        orders |= dict(zip(await _write(trial, more), more, strict=True))
        await trial.run(work, carol, "carol", other, hints=WORKING)
        trial.go_on(ann)
        await trial.finish(first, WORKING)
        when, handled = ", when two worked at once", handle.done + other.done
        mine = {i: order for i, order in orders.items() if i not in kept}
        _is_all_handled(trial, mine, handled, began, when)
        _is_all_acknowledged(await _pending(trial), orders, kept, when)
        hint = "What another worker has at hand is not yours: take what is new, with `>`."
        expect_same(f"orders handled twice{when}", repeated(handled), [], hint)


async def _works_long(trial: Trial, work: Answer) -> None:
    """Let a worker find hundreds of orders, many of which it had begun."""
    name = _some_name(trial)
    if trial.gaps():
        await _is_worked(trial, work, name, *await _begun(trial, name, 52, 101))


async def _finds_nothing(trial: Trial, work: Answer) -> None:
    """Let a worker find nothing of its own, and nothing new: it returns, and harms nobody."""
    await _begun(trial, "ann", 2, 0)
    name = _some_name(trial)
    kept = await _pending(trial)
    handled = await _life(trial, work, name)
    hint = "Others have them at hand: take what is pending for `name`, and what is new."
    expect_same("orders taken from others", handled, [], hint)
    expect_same("what others have at hand", await _pending(trial), kept, hint)


async def _meets_an_error(trial: Trial, work: Answer) -> None:
    """Let handle fail once: whatever the worker does then, the order must not be lost."""
    name = _some_name(trial)
    for number in (1, 3):
        orders, began, kept = await _begun(trial, name, 3, 1)
        mine = {i: order for i, order in orders.items() if i not in kept}
        worker = trial.client("ann")
        handle = trial.handler("ann", raises=number)
        await trial.settle(trial.start(work, worker, name, handle))
        await _not_lost(trial, mine, handle.done, f"after call {number} of handle raised an error")
        handled = handle.done + await _life(trial, work, name)
        when = ", after handle had raised an error once"
        _is_all_handled(trial, mine, handled, began, when)
        _is_all_acknowledged(await _pending(trial), orders, kept, when)


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
        (len(handled) < len(old) and count + in_front > 100, FURTHER),
        (bool(missing(handled, list(old.values()))), "Call handle with the field `order`."),
        (len(handled) < len(old), EVERY_ONE),
        "Handle each of them once: an entry just claimed is no longer idle, and safe from "
        "another claim.",
    )
    pending = await _pending(trial)
    gone = missing(list(pending), [*old, *young])
    expect_same("pending entries that are no longer in the stream", gone, [], TRIMMED)
    hint = "Acknowledge what you have handled, and leave the rest with Bob."
    expect_same("what is pending in the end", pending, dict.fromkeys(young, "bob"), hint)
    await _only_as(trial, "ann", "carol")
    await _dies_while_it_rescues(trial, rescue)
    await _rescues_beside_another(trial, rescue)
    await (_rescues_hundreds, _finds_only_the_young, _fails_to_handle)[trial.number - 1](
        trial, rescue
    )
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


FURTHER = (
    "Some are left: XAUTOCLAIM returns at most 100 at a time, and may return none although old "
    "ones follow: call again with the cursor that it returned, until that is `0-0`."
)
EVERY_ONE = "Some are left: take over every entry that has been idle for `min_idle` or longer."


@dataclass(frozen=True)
class Left:
    """What two workers have left behind: orders by their ids, and who has the young ones."""

    name: str  # of the rescuer
    min_idle: int
    old: dict[str, str]
    young: dict[str, str]
    fresh: dict[str, str]  # nobody has read them yet
    keepers: dict[str, str]
    daves: list[str]  # those of the old ones that Dave has left


async def _left(trial: Trial, count: int) -> Left:
    """Let two workers take orders and leave them, some only just; two more are new."""
    await trial.afresh()
    name, orders = _some_name(trial), trial.texts("order", count + 4)
    min_idle = trial.random.randrange(200, 900) * 1000
    ids = await _write(trial, orders)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    by_dave = trial.random.randrange(1, count)
    await _take(trial, "dave", by_dave)
    await _take(trial, "bob", count + 2 - by_dave)
    taken, listed = ids[:-2], dict(zip(ids, orders, strict=True))
    keepers = {i: "dave" if place < by_dave else "bob" for place, i in enumerate(taken)}
    young = [taken[-1], trial.random.choice(taken[by_dave:-1])]
    old = [i for i in taken if i not in young]
    for idle, chosen in ((min_idle, old), (min_idle - 20_000, young)):
        for owner in COLLEAGUES:
            if his := [i for i in chosen if keepers[i] == owner]:
                await _grow_old(trial, his, owner, idle)
    return Left(
        name,
        min_idle,
        {i: listed[i] for i in old},
        {i: listed[i] for i in young},
        {i: listed[i] for i in ids[-2:]},
        {i: keepers[i] for i in young},
        [listed[i] for i in old if keepers[i] == "dave"],
    )


async def _is_rescued(
    trial: Trial, left: Left, handled: list[Any], again: list[str], when: str
) -> None:
    wanted = list(left.old.values())
    pending = await _pending(trial)
    await _only_as(trial, left.name, "carol")
    robbed = [order for order in left.young.values() if order in handled]
    hint = f"Ask for what has been idle for `min_idle`, here {left.min_idle:,} milliseconds."
    expect_same(f"orders taken from a worker who is only slow{when}", robbed, [], hint)
    fresh = [order for order in left.fresh.values() if order in handled]
    hint = "Nobody has left them: claim what is pending, and read nothing new."
    expect_same(f"new orders that were handled{when}", fresh, [], hint)
    extra = missing(handled, wanted)
    hint = "Call handle with the field `order`."
    expect_same(f"what was handled, though it is no order{when}", extra, [], hint)
    lost = missing(wanted, handled)
    expect_same(
        f"abandoned orders that nobody handled{when}",
        lost,
        [],
        (len(wanted) > 100, FURTHER),
        (set(lost) <= set(left.daves) and len(lost) < len(wanted), "Dave has left entries, too."),
        EVERY_ONE,
    )
    twice = missing(repeated(handled), again)
    hint = "Handle each once: what another one has claimed since you looked is no longer idle."
    expect_same(f"orders handled twice{when}", twice, [], hint)
    hint = "Acknowledge what you have handled, and leave the rest with its worker."
    expect_same(f"what is pending in the end{when}", pending, left.keepers, hint)


async def _rescue(trial: Trial, rescue: Answer, left: Left, **accident: Any) -> list[Any]:
    """Let one rescuer work under the name that it is given; it may die."""
    call = accident.pop("call", None)
    client = trial.client("ann", **accident)
    handle = trial.handler("ann", call)
    await trial.run(rescue, client, left.name, left.min_idle, handle)
    return handle.done


async def _dies_while_it_rescues(trial: Trial, rescue: Answer) -> None:
    """Let the power fail at every moment; much later another one rescues what is left."""
    for commands, call in _deaths(trial, 2):
        left = await _left(trial, 3)
        handled = await _rescue(trial, rescue, left, dies_after=commands, call=call)
        when = _told(commands, call)
        pending = await _not_lost(trial, left.old, handled, when)
        await _only_as(trial, left.name)
        mine = [i for i, owner in pending.items() if owner == left.name]
        if mine:
            await _grow_old(trial, mine, left.name, left.min_idle)
        again = [order for i, order in left.old.items() if i in pending]
        carol, other = trial.client("carol"), trial.handler("carol")
        await trial.run(rescue, carol, "carol", left.min_idle, other)
        await _is_rescued(trial, left, handled + other.done, again, f", {when}")


async def _rescues_beside_another(trial: Trial, rescue: Answer) -> None:
    """Let another one rescue all it can between two commands of one."""
    for place in trial.gaps()[:2]:
        left = await _left(trial, 3)
        ann, carol = trial.client("ann", stops_after=place), trial.client("carol")
        one, two = trial.handler("ann"), trial.handler("carol")
        first = trial.start(rescue, ann, left.name, left.min_idle, one)
        await trial.overtake(first, ann, rescue, carol, "carol", left.min_idle, two)
        when = ", when two rescued at once"
        await _is_rescued(trial, left, one.done + two.done, [], when)


async def _rescues_hundreds(trial: Trial, rescue: Answer) -> None:
    if trial.gaps():
        left = await _left(trial, 205)
        await _is_rescued(trial, left, await _rescue(trial, rescue, left), [], "")


async def _finds_only_the_young(trial: Trial, rescue: Answer) -> None:
    left = await _left(trial, 2)
    pending = await _pending(trial)
    for i in left.old:
        await _grow_old(trial, [i], pending[i], left.min_idle - 20_000)
    handled = await _rescue(trial, rescue, left)
    hint = f"Ask for what has been idle for `min_idle`, here {left.min_idle:,} milliseconds."
    expect_same("orders taken from a worker who is only slow", handled, [], hint)
    hint = "Nothing has been idle for long enough: leave it with its worker."
    expect_same("what is pending in the end", await _pending(trial), pending, hint)


async def _fails_to_handle(trial: Trial, rescue: Answer) -> None:
    """Let handle fail once: whatever the rescuer does then, the order must not be lost."""
    for number in (1, 2):
        left = await _left(trial, 3)
        client, handle = trial.client("ann"), trial.handler("ann", raises=number)
        await trial.settle(trial.start(rescue, client, left.name, left.min_idle, handle))
        when = f"after call {number} of handle raised an error"
        await _not_lost(trial, left.old, handle.done, when)


async def _grow_old(trial: Trial, ids: list[str], name: str, idle: int) -> None:
    await trial.side.xclaim(STREAM, GROUP, name, 0, [*ids], idle=idle, justid=True)


async def _abandoned(
    trial: Trial, count: int, in_front: int, min_idle: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Let Bob take orders, most of them long ago; return the old and the young by their ids.

    So many young ones stand in front. In the second trial one that is old has been deleted.
    """
    numbers = trial.random.sample(range(10 * (in_front + count)), in_front + count)
    trial.budget.allow(len(numbers))
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
        pending = list(await _pending(trial))
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
    await _pending(trial)
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
    await _take(trial, "bob", count // 2)
    await _take(trial, "dave", count - count // 2)
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
    hint = f"They are in `{DEAD}` neither, with all their fields: write them there, then XACK."
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


EXERCISES = (makes_sure_of_a_group, finishes_what_it_began, rescues_the_old_only, sets_poison_aside)
