"""Exercise 6.1: make sure of a group, whoever else does."""

from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing
from ...sandbox.plain import NotYet
from .group import fill, take

OURS = {
    r'^\S+ +SET "(\w+) failed" .*': r"\1  fails",
    r"^\(check\) +(TYPE|DBSIZE) .*": "",
}


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
        orders = await fill(trial, 5, stream) if is_there else []
        await _join(trial, join, "ann", stream, group)
        orders = orders or await fill(trial, 5, stream)
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
    await _start_together(trial, join)
    await _joins_among_others(trial, join)
    await _cannot_join(trial, join)
    return "the group began at the first entry, and a second call changed nothing."


async def _start_together(trial: Trial, join: Answer) -> None:
    """Let two workers start where nothing is, in every sequence of their commands."""

    async def starts(answer: Answer, client: Redis, name: str, handle: Handling) -> None:
        try:
            await answer.function(client, "orders", "packing")
        except Exception:
            await client.set(f"{name} failed", "yes")

    async def both_have_it(client: Redis) -> bool:
        is_there = await client.type("orders") == "stream"
        groups = await client.xinfo_groups("orders") if is_there else []
        return [each["name"] for each in groups] == ["packing"] and await client.dbsize() == 1

    if trial.number == 1:
        what = "two workers that start together, one of which failed, or found no group"
        hint = "Each must come through: create the group, and catch the error if it is there."
        await trial.explored(join, starts, {"broken": (what, hint)}, None, OURS, holds=both_have_it)


async def _joins_among_others(trial: Trial, join: Answer) -> None:
    """Let two workers start at once, where the stream has another group, and then a third one."""
    stream, group, other = trial.texts("orders", 3)
    for place in trial.gaps():
        await trial.afresh()
        await trial.add(stream, [{"order": order} for order in trial.texts("order", 5)])
        await trial.add(f"{stream} 2", [{"order": "order-1"}])
        await trial.side.xgroup_create(f"{stream} 2", group, id="$")
        await trial.side.xgroup_create(stream, other, id="0")
        await take(trial, "dave", 2, stream, other)
        before = await _all_groups(trial, stream)
        kept = await trial.state()
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        first = trial.start(join, ann, stream, group)
        stood, _ = await trial.overtake(first, ann, join, bob, stream, group, hints=REFUSALS)
        new = stream, group
        wanted = {**before, new: ["0-0", 0, []]}
        await _are_groups(trial, wanted, new, "after two workers started at once")
        _same_entries(kept, await trial.state())
        taken = [entry_id for entry_id, _ in await take(trial, "ann", 3, stream, group)]
        await trial.side.xack(stream, group, *taken)
        await trial.side.xgroup_delconsumer(stream, group, "ann")
        wanted[new] = [taken[-1], 0, []]
        await trial.run(join, trial.client("carol"), stream, group, hints=REFUSALS)
        await _are_groups(
            trial, wanted, new, "after another call, when nothing was pending, for nobody"
        )
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
    taken = await take(trial, "ann", len(expected), stream, group)
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
