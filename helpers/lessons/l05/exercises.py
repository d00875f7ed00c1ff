"""Lesson 5: keep history in a stream."""

from collections import Counter
from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, expect_same, missing
from ...sandbox.plain import plain

NINE = 1772442000000  # a Monday, nine o'clock
MINUTE = 60_000
HOUR = 60 * MINUTE
MANY = 310  # sales in one hour, in one of the trials
OTHERS = "Others read this stream too: read it, and change nothing."


@exercise(
    "5.1",
    "sold_between",
    hints=(
        "A range of ids is a range of time, and both its ends belong to it.",
        "The last millisecond that you want is the one before `end`.",
        "XRANGE takes both ends as numbers: make one call, then return the field `item` of each "
        "entry.",
    ),
)
async def finds_what_was_sold(trial: Trial, sold_between: Answer) -> str:
    start = NINE + trial.random.randrange(60) * MINUTE
    end = start + trial.random.randrange(60, 120) * MINUTE
    sold = await _sell(trial, start, end)
    before = await trial.state()
    found = await _asked(trial, sold_between, sold, start, end)
    await _unchanged(trial, before)
    await _in_a_busy_hour(trial, sold_between)
    return f"{len(found)} items, from `start` up to, and not including, `end`."


async def _asked(
    trial: Trial, sold_between: Answer, sold: dict[str, str], start: int, end: int
) -> list[Any]:
    """Ask for the items of a time, and judge what is returned."""
    found = await trial.run(sold_between, trial.client("ann"), start, end)
    expected = [item for entry_id, item in sold.items() if start <= _time(entry_id) < end]
    expect_same(
        "the items that sold_between returned",
        found,
        expected,
        *_why_not(found, expected, sold, start, end),
        "Return the field `item` of each entry, the oldest first.",
    )
    return expected


async def _unchanged(trial: Trial, before: dict[str, Any]) -> None:
    now = await trial.state()
    for key in sorted({*before, *now}):
        what = f"the key `{key}` afterwards, with its groups"
        expect_same(what, now.get(key), before.get(key), OTHERS)


def _why_not(
    found: Any, expected: list[str], sold: dict[str, str], start: int, end: int
) -> list[Reason]:
    """Say what was seen of each end, and of what lies between."""
    texts = list(map(str, found)) if isinstance(found, list) else []
    beyond, lost = Counter(texts) - Counter(expected), Counter(expected) - Counter(texts)
    is_all_texts = texts == found
    named = {item: entry_id for entry_id, item in sold.items() if item in beyond}
    times = [_time(entry_id) for entry_id in named.values()]
    gone = {_time(i) for i, item in sold.items() if item in lost and start <= _time(i) < end}
    is_last = gone == {end - 1}
    return [
        (not is_all_texts and bool(texts), "Return the field `item`, not the entry."),
        (times == [end] and len(_ids_at(end, sold)) > 1, NOT_ONE_ID),
        (end in times, AT_END),
        (any(time > end for time in times), AT_END),
        (any(time < start for time in times), "What was sold before `start` does not belong."),
        (gone == {start}, "What was sold at `start` belongs to the answer, all of it."),
        (is_last, "What was sold in the last millisecond before `end` belongs to it, all of it."),
        (
            bool(lost) and set(expected) <= set(texts),
            "Some was sold more than once: name it each time.",
        ),
        (bool(beyond and lost), f"{_first(beyond)!r} is not the `item` of such an entry."),
        (not lost and not beyond, "The oldest comes first."),
        (
            bool(lost) and (bool(texts) or found == []),
            f"Some are missing, such as {_first(lost)!r}: many may be sold in one hour, and "
            "several may share a millisecond.",
        ),
    ]


def _ids_at(time: int, sold: dict[str, str]) -> list[str]:
    return [entry_id for entry_id in sold if _time(entry_id) == time]


NOT_ONE_ID = "Exclude the whole millisecond `end`, not one id of it."
AT_END = "What was sold at `end` does not belong to the answer: stop at `end - 1`."


def _first(counts: Counter[str]) -> str:
    return next(iter(counts), "")


def _time(entry_id: str) -> int:
    return int(entry_id.partition("-")[0])


async def _sell(trial: Trial, start: int, end: int) -> dict[str, str]:
    """Sell one item before `start`, three from `end` on, and the others between."""
    middle = sorted(trial.random.sample(range(start + 1, end - 1), 12))
    ids = [f"{start - 1}-0", f"{start}-0", f"{start}-1", *(f"{each}-0" for each in middle)]
    ids += [f"{end - 1}-0", f"{end - 1}-1", f"{end}-0", f"{end}-1", f"{end + MINUTE}-0"]
    return await _write(trial, ids, trial.invent("item", len(ids)))


async def _write(trial: Trial, ids: list[str], items: list[str]) -> dict[str, str]:
    """Sell items under these ids, at once; their entries have other fields as well."""
    trial.budget.allow(len(ids))
    async with trial.side.pipeline(transaction=False) as selling:
        for place, (entry_id, item) in enumerate(zip(ids, items, strict=True)):
            fields: dict[Any, Any] = {"item": item, "to": f"customer {place % 7}", "pieces": 1}
            selling.xadd("sales", trial.shuffled(fields), id=entry_id)
        await selling.execute()
    return dict(zip(ids, items, strict=True))


async def _in_a_busy_hour(trial: Trial, sold_between: Answer) -> None:
    """Ask where ids get longer, where an hour begins or ends in a crowd, and where none was."""
    await trial.afresh()
    start = trial.random.choice((94, 995, 9_991))
    end = start + trial.random.randrange(8, 20)
    times = [start - 1, *range(start, end), end, end + 1]
    crowd = MANY if trial.number == 2 and trial.gaps() else 3
    middle = trial.random.randrange(start + 1, end - 1)
    crowds = {start - 1: 2, start: 11, end - 1: 12, middle: crowd}
    ids = [f"{time}-{place}" for time in times for place in range(crowds.get(time, 1))]
    items = trial.texts("item", len(ids) - 9)
    items += trial.random.choices(items, k=9)
    sold = await _write(trial, ids, trial.random.sample(items, len(items)))
    await _others_read(trial)
    before = await trial.state()
    for first, last in ((start, end), (start - 1, start), (end + 10, end + 20)):
        await _asked(trial, sold_between, sold, first, last)
    await _unchanged(trial, before)


async def _others_read(trial: Trial) -> None:
    """Let a group read the stream, and finish nothing: it stays as it is."""
    await trial.side.xgroup_create("sales", "statistics", id="0")
    await trial.side.xreadgroup("statistics", "dave", {"sales": ">"}, count=3)


@exercise(
    "5.2",
    "catch_up",
    hints=(
        "The cursor is the last id that was seen. `$` skips what came while nobody was reading.",
        '`await reader.xread({"sales": cursor})` returns what came after it, or nothing at all.',
        "Handle each entry, and return the last id; with nothing new, return the cursor you got.",
    ),
)
async def follows_without_a_gap(trial: Trial, catch_up: Answer) -> str:
    items, cursor = trial.invent("item", 60), "0"
    seen: list[object] = []
    for count in (0, trial.random.randrange(2, 5), 0, 25, trial.random.randrange(2, 9)):
        new, items = items[:count], items[count:]
        ids = [await trial.side.xadd("sales", {"item": item}) for item in new]
        sold = dict(zip(map(str, ids), new, strict=True))
        cursor = await _caught_up(trial, catch_up, cursor, sold, seen)
    await _after_a_long_absence(trial, catch_up)
    await _while_the_shop_sells(trial, catch_up)
    return f"{len(seen)} items in five calls, none missed and none twice."


async def _caught_up(
    trial: Trial,
    catch_up: Answer,
    cursor: str,
    sold: dict[str, str],
    seen: list[object],
) -> str:
    """Let a reader catch up with what was sold after its cursor; return the new cursor."""
    before, stream = len(seen), await _shape(trial)
    found = await trial.run(
        catch_up,
        trial.client("ann"),
        cursor,
        lambda item: seen.append(plain(item)),
        hints={"waits in": "Do not block: with nothing new, return at once."},
    )
    trial.returned_at_once("catch_up")
    what = "the length of `sales` afterwards, and its groups"
    expect_same(what, await _shape(trial), stream, OTHERS)
    _handled_the_new(seen[before:], [*sold.values()])
    cursor = [cursor, *sold][-1]
    _moved_the_cursor(found, cursor, len(sold))
    return cursor


def _handled_the_new(seen: list[object], new: list[str]) -> None:
    is_part = 0 < len(seen) < len(new) and seen == new[: len(seen)]
    expect_same(
        f"what was handled when {len(new)} entries were new",
        seen,
        new,
        (not seen, "Entries after the cursor were missed: give XREAD the cursor, not `$`."),
        (is_part, f"Handle all that is new: the first {len(seen)} of {len(new)} were handled."),
        (sorted(map(str, seen)) == sorted(new), "The oldest comes first."),
        (
            len(seen) > len(new) and seen[-len(new) or len(seen) :] == new,
            "Old entries came again: begin after the cursor that you are given.",
        ),
        (
            not set(map(str, seen)) <= set(new),
            "Call handle with the field `item` of what is new, and with nothing else.",
        ),
        "Handle each new entry once, the oldest first.",
    )


def _moved_the_cursor(found: object, expected: str, count: int) -> None:
    expect_same(
        f"the cursor returned when {count} entries were new",
        found,
        expected,
        (not count, "Nothing is new, so return the cursor that you were given."),
        "Return the id of the last entry handled.",
    )


async def _after_a_long_absence(trial: Trial, catch_up: Answer) -> None:
    """Let two readers follow from places of their own, where ids get longer, through hundreds."""
    await trial.afresh()
    first = trial.random.choice((5, 93, 992, 9_995))
    count = trial.random.randrange(150, 200) if trial.number == 1 else 24
    ids = [f"{first + place // 13}-{place % 13}" for place in range(count)]
    items = trial.texts("item", count - 9)
    items += trial.random.choices(items, k=9)
    sold = await _write(trial, ids, trial.random.sample(items, count))
    await _others_read(trial)
    at = trial.random.randrange(8, 13)  # in the middle of a millisecond
    await trial.side.xdel("sales", ids[at])  # the entry that the cursor names is gone
    del sold[ids[at]]
    before = await trial.state()
    for cursor in trial.random.sample((ids[at], ids[-1], "0"), 3):
        place = ids.index(cursor) if cursor in ids else -1
        new = {each: sold[each] for each in ids[place + 1 :] if each in sold}
        await _caught_up(trial, catch_up, cursor, new, [])
    await _unchanged(trial, before)


async def _while_the_shop_sells(trial: Trial, catch_up: Answer) -> None:
    """Sell two more between any two commands of a call; the next call finds what it left.

    The call finds some that are new, or none.
    """
    for new in (5, 0):
        for place in trial.gaps():
            if not await _while_it_sells_two(trial, catch_up, new, place):
                break


async def _while_it_sells_two(trial: Trial, catch_up: Answer, new: int, place: int) -> bool:
    """Return whether the call has sent more than so many commands."""
    await trial.afresh()
    items, seen = trial.texts("item", 7), []
    ids = await trial.add("sales", [{"item": item} for item in items[:5]])
    items, start = (items, "0") if new else (items[5:], ids[-1])
    reader = trial.client("ann", stops_after=place)
    running = trial.start(catch_up, reader, start, lambda item: seen.append(plain(item)))
    stood = await trial.in_gap(running, reader)
    await trial.add("sales", [{"item": item} for item in items[-2:]])
    trial.go_on(reader)
    cursor = await trial.finish(running)
    if type(cursor) is not str:
        _moved_the_cursor(cursor, start, new)
    hints = {"Invalid stream ID": "Return the id of the last entry handled."}
    handle = lambda item: seen.append(plain(item))  # noqa: E731
    await trial.run(catch_up, trial.client("ann"), cursor, handle, hints=hints)
    expect_same(
        f"what two calls handled, while the shop sold two more during the first, which found {new}",
        seen,
        items,
        (
            bool(missing(items, seen)),
            "What was sold during a call is missed: its cursor is the last entry that it has "
            "handled, not the newest that there is.",
        ),
        "What was sold during a call comes once, in it or in the next.",
    )
    return stood


@exercise(
    "5.3",
    "record",
    hints=(
        "Which option of XADD keeps entries by age, not by number?",
        "`minid` names the oldest id that may stay: an hour before `now`.",
        "redis-py trims only roughly unless you say `approximate=False`.",
    ),
)
async def keeps_one_hour(trial: Trial, record: Answer) -> str:
    shop, now = trial.client("shop"), NINE
    expected: dict[str, str] = {}
    gaps = [5, 20, 40, 61, 3, *(trial.random.randrange(1, 50) for _ in range(8))]
    for item, gap in zip(trial.invent("item", len(gaps)), gaps, strict=True):
        now += gap * MINUTE
        expected = await _recorded(trial, record, shop, item, now, expected)
    await _after_a_busy_hour(trial, record)
    await _while_another_sells(trial, record)
    return f"{len(gaps)} sales recorded; the last hour, {len(expected)} of them, is in the stream."


async def _recorded(
    trial: Trial, record: Answer, shop: Any, item: str, now: int, sold: dict[str, str]
) -> dict[str, str]:
    """Record one more sale; return what should be left, and judge what is."""
    await trial.run(record, shop, item, now)
    left = {each: name for each, name in sold.items() if _time(each) >= now - HOUR}
    left |= {f"{now}-0": item}
    _keeps(await trial.entries("sales"), left, sold, now)
    await trial.lasting()
    return left


def _keeps(found: Any, expected: dict[str, str], sold: dict[str, str], now: int) -> None:
    ids = [entry_id for entry_id, _ in found] if isinstance(found, list) else []
    wanted, new = list(expected), f"{now}-0"
    gone, old = missing(wanted, ids), missing(ids, wanted)
    ages = [now - _time(entry_id) for entry_id in old]
    expect_same(
        "the ids in the stream `sales`",
        ids,
        wanted,
        (new not in ids, "The new entry should be there, under the id `now`."),
        (bool(missing(old, list(sold))), "Add one entry for each sale, under the id `now`."),
        (
            bool(old) and not gone,
            f"{len(old)} of them are too old, by "
            f"{min(ages, default=0) - HOUR:,} ms and more: trim exactly, and by age.",
        ),
        (
            bool(gone) and all(now - _time(each) == HOUR for each in gone),
            "What is exactly an hour old stays.",
        ),
        (
            bool(gone),
            f"One that was sold {(now - _time((gone or [new])[-1])) // MINUTE} minutes ago is "
            "gone: keep by age, in milliseconds.",
        ),
    )
    for entry_id, fields in found:
        same = {"item": fields.get("item")}
        hint = f"It is the entry {entry_id}. The field is called `item`."
        expect_same("an entry in the stream `sales`", same, {"item": expected[entry_id]}, hint)


async def _after_a_busy_hour(trial: Trial, record: Answer) -> None:
    """Record sales after hundreds, to the millisecond; a group still works on the old ones."""
    await trial.afresh()
    now = trial.random.choice((2 * HOUR, NINE)) + trial.random.randrange(MINUTE)
    ages = [HOUR + each for each in (60_000, 59_000, 30_000, 5_000, 1_000, 500, 2, 1)]
    many = trial.random.randrange(150, 250) if trial.number == 2 else 20
    ids = [f"{now - ages[0] - 900 + place // 4}-{place % 4}" for place in range(many)]
    ids += [f"{now - age}-{place}" for age in ages for place in range(2)]
    ids += [f"{now - HOUR + more}-{place}" for more in (0, 1, 999) for place in range(2)]
    ids += [f"{now - HOUR + 10_000 * place}-0" for place in range(1, 130 if many > 20 else 9)]
    sold = await _write(trial, ids, trial.texts("item", len(ids)))
    await _others_read(trial)
    groups = await _groups(trial)
    for item in trial.texts("item", 2):
        sold = await _recorded(trial, record, trial.client("shop"), item, now, sold)
        hint = "A group reads this stream: add to it, and trim it, and leave its groups alone."
        expect_same("the groups of `sales`", await _groups(trial), groups, hint)
        now += trial.random.randrange(1, 1_000)
    item = trial.texts("item", 1)[0]
    await _recorded(trial, record, trial.client("shop"), item, now + 3 * HOUR, sold)


async def _while_another_sells(trial: Trial, record: Answer) -> None:
    """Let another shop sell between two commands, a moment later than this one did."""
    for place in trial.gaps():
        await trial.afresh()
        now, [old, young, mine, theirs] = NINE + 2 * HOUR, trial.texts("item", 4)
        ids = [f"{now - HOUR - 1}-0", f"{now - HOUR}-0"]
        sold = await _write(trial, ids, [old, young])
        shop = trial.client("shop", stops_after=place)
        running = trial.start(record, shop, mine, now)
        if not await trial.in_gap(running, shop):
            await trial.finish(running)
            return
        left = {ids[1]: young, f"{now}-0": mine}
        if f"{now}-0" in [entry_id for entry_id, _ in await trial.entries("sales")]:
            await trial.side.xadd("sales", {"item": theirs}, id=now + 1)
            left[f"{now + 1}-0"] = theirs
        trial.go_on(shop)
        await trial.finish(running)
        _keeps(await trial.entries("sales"), left, sold | left, now)


async def _shape(trial: Trial) -> list[Any]:
    return [await trial.side.xlen("sales"), *await _groups(trial)]


async def _groups(trial: Trial) -> list[Any]:
    groups = await trial.groups("sales")
    return [[each["name"], each["pending"], each["last-delivered-id"]] for each in groups]


EXERCISES = (finds_what_was_sold, follows_without_a_gap, keeps_one_hour)
