"""Lesson 5: keep history in a stream."""

from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same
from ...sandbox.plain import plain

NINE = 1772442000000  # a Monday, nine o'clock
MINUTE = 60_000
HOUR = 60 * MINUTE


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
    before = await trial.entries("sales")
    found = await trial.run(sold_between, trial.client("ann"), start, end)
    await _unchanged(trial, before)
    texts = list(map(str, found)) if isinstance(found, list) else []
    _found(found, texts, sold)
    return f"{len(texts)} items, from `start` up to, and not including, `end`."


async def _unchanged(trial: Trial, before: Any) -> None:
    hint = "Others read this stream too: read it, and change nothing."
    expect_same("the stream afterwards", await trial.entries("sales"), plain(before), hint)


def _found(found: Any, texts: Any, sold: list[str]) -> None:
    at_end, later = sold[-3:-1]
    expect_same(
        "the items that sold_between returned",
        found,
        sold[1:-3],
        (texts != found and bool(texts), "Return the field `item`, not the entry."),
        (
            later in texts,
            "What was sold at `end` does not belong to the answer: stop at `end - 1`.",
        ),
        (at_end in texts, "Exclude the whole millisecond `end`, not one id of it."),
        (sold[0] in texts, "What was sold before `start` does not belong to the answer."),
        (
            sold[1] not in texts and sold[-5] in texts,
            "What was sold at `start` belongs to the answer.",
        ),
        (sorted(texts) == sorted(sold[1:-3]), "The oldest comes first."),
        (bool(texts), "Some are missing: several may share a millisecond."),
        "Return the field `item` of each entry, the oldest first.",
    )


async def _sell(trial: Trial, start: int, end: int) -> list[str]:
    """Sell one item before `start`, three from `end` on, and the others between."""
    middle = sorted(trial.random.sample(range(start + 1, end - 1), 12))
    ids = [f"{start - 1}-0", f"{start}-0", f"{start}-1", *(f"{each}-0" for each in middle)]
    ids += [f"{end - 1}-0", f"{end - 1}-1", f"{end}-0", f"{end}-1", f"{end + MINUTE}-0"]
    items = trial.invent("item", len(ids))
    for entry_id, item in zip(ids, items, strict=True):
        await trial.side.xadd("sales", {"item": item}, id=entry_id)
    return items


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
        before, stream = len(seen), await trial.entries("sales")
        found = await trial.run(
            catch_up,
            trial.client("ann"),
            cursor,
            lambda item: seen.append(plain(item)),
            hints={"waits in": "Do not block: with nothing new, return at once."},
        )
        await _unchanged(trial, stream)
        _handled_the_new(seen[before:], new)
        cursor = str(ids[-1]) if ids else cursor
        _moved_the_cursor(found, cursor, count)
    return f"{len(seen)} items in five calls, none missed and none twice."


def _handled_the_new(seen: list[object], new: list[str]) -> None:
    expect_same(
        f"what was handled when {len(new)} entries were new",
        seen,
        new,
        (len(seen) > len(new), "Old entries came again: begin after the cursor."),
        (not seen, "Entries after the cursor were missed: give XREAD the cursor, not `$`."),
        (len(seen) < len(new), "Handle all that is new, not only the first."),
        "Call handle with the field `item`, the oldest first.",
    )


def _moved_the_cursor(found: object, expected: str, count: int) -> None:
    expect_same(
        f"the cursor returned when {count} entries were new",
        found,
        expected,
        (not count, "Nothing is new, so return the cursor that you were given."),
        "Return the id of the last entry handled.",
    )


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
    expected: list[list[Any]] = []
    gaps = [5, 20, 40, 61, 3, *(trial.random.randrange(1, 50) for _ in range(8))]
    for item, gap in zip(trial.invent("item", len(gaps)), gaps, strict=True):
        now += gap * MINUTE
        await trial.run(record, shop, item, now)
        expected = [entry for entry in expected if _time(entry) >= now - HOUR]
        expected.append([f"{now}-0", {"item": item}])
        _keeps(await trial.entries("sales"), expected)
    return f"{len(gaps)} sales recorded; the last hour, {len(expected)} of them, is in the stream."


def _is_an_hour(entries: list[Any]) -> bool:
    return _time(entries[-1]) - _time(entries[0]) == HOUR


def _time(entry: list[Any]) -> int:
    return int(entry[0].split("-")[0])


def _keeps(found: Any, expected: list[Any]) -> None:
    ids = [entry_id for entry_id, _ in found] if isinstance(found, list) else []
    wanted = [entry_id for entry_id, _ in expected]
    expect_same(
        "the ids in the stream `sales`",
        ids,
        wanted,
        (wanted[-1] not in ids, "The new entry should be there, under the id `now`."),
        (
            len(ids) > len(wanted),
            "Entries that are too old are still there: trim exactly, and by age.",
        ),
        (ids == wanted[1:] and _is_an_hour(expected), "What is exactly an hour old stays."),
        (len(ids) < len(wanted), "Entries of the last hour are gone: keep by age, not number."),
    )
    expect_same("the entries in the stream `sales`", found, expected, "The field is called `item`.")


EXERCISES = (finds_what_was_sold, follows_without_a_gap, keeps_one_hour)
