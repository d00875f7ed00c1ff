"""Exercise 6.2: a worker that loses nothing, whenever its power fails."""

from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated
from .group import (
    FORGOTTEN,
    GROUP,
    STREAM,
    TRIMMED,
    deaths,
    fill,
    not_lost,
    only_as,
    some_name,
    take,
    told,
    what_is_pending,
    write,
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
    listed = await fill(trial, 7)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    await take(trial, "ann", 2)  # an earlier life of hers took two and died
    await _trim_the_first(trial)
    orders = {i: fields["order"] for i, fields in await trial.entries(STREAM)}
    moment = trial.moment
    call = (trial.random.randrange(2, 6), moment) if moment else None
    again = await _is_worked(trial, work, "ann", orders, listed[:2], {}, call=call)
    await _dies_anywhere(trial, work)
    await _in_every_sequence(trial, work)
    await _shares_with_a_colleague(trial, work)
    await (_works_long, _finds_nothing, _meets_an_error)[trial.number - 1](trial, work)
    said = f"{again[0]} twice" if again else "none twice"
    return f"{len(orders)} orders handled, {said}, and nothing is pending."


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
        when = f", {told(commands, call)}"
        pending = await not_lost(trial, mine, handled, told(commands, call))
        again = [order for i, order in mine.items() if i in pending]
        handled += await _life(trial, work, name)
    pending = await what_is_pending(trial)
    await only_as(trial, name)
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
        (wanted[0] in never and began[:1] != [] and trial.number == 1, first),
        (bool(missing(own, missing(own, never))), part if trial.number == 1 else BEHIND),
        "Go on until none is new.",
    )


def _is_all_acknowledged(
    pending: dict[str, str], orders: dict[str, str], kept: dict[str, str], when: str
) -> None:
    hint = "A colleague is at work on them: take only what is pending for `name`, and what is new."
    taken = {entry_id: pending.get(entry_id) for entry_id in kept}
    expect_same(f"what a colleague has in hand{when}", taken, kept, hint)
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


MOST = 100  # runs that an exploration tries: all that there are, for a worker of a common kind
LOST = "An order is lost: nobody has handled it, and nobody will"
KEPT = (
    "XACK comes after handle, so that what was begun stays pending; `0` finds it in the next life."
)
TWICE = "Two workers were alive, and both handled one order"
THEIRS = "What another worker has in hand is not yours: take what is new, with `>`."
ENDLESS = "A worker never returns"
BEHIND = (
    "It was pending from an earlier life, perhaps behind an entry that was trimmed: go on with "
    "`0` until none is left."
)
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
    ids = await write(trial, listed)
    await trial.side.xgroup_create(STREAM, GROUP, id="0")
    first = trial.random.randrange(1, began)
    await take(trial, name, first)
    await take(trial, "bob", 2)
    await take(trial, name, began - first)
    orders = dict(zip(ids, listed, strict=True))
    mine = [*ids[:first], *ids[first + 2 : began + 2]]
    gone = trial.random.choice(mine)
    if trial.number > 1:
        await trial.side.xdel(STREAM, gone)
        del orders[gone]
    kept = dict.fromkeys(ids[first : first + 2], "bob")
    return orders, [orders[i] for i in mine if i in orders], kept


async def _dies_anywhere(trial: Trial, work: Answer) -> None:
    """Let the power fail in a call of handle, with work of an earlier life and a colleague's."""
    name = some_name(trial)
    for commands, call in deaths(trial, 3)[:1]:
        orders, began, kept = await _begun(trial, name, 3, 1)
        await _is_worked(trial, work, name, orders, began, kept, commands, call)


async def _in_every_sequence(trial: Trial, work: Answer) -> None:
    """Try all sequences: of one worker that dies anywhere, and of two that live."""
    if trial.number == 1 and trial.gaps():
        dies = {"lost": (LOST, KEPT), "stuck": (ENDLESS, AGAIN)}
        await trial.explored(
            work, _works, dies, _one_is_begun, workers=1, jobs=2, crashes=1, limit=MOST
        )
        both = {"lost": (LOST, KEPT), "repeated": (TWICE, THEIRS), "stuck": (ENDLESS, AGAIN)}
        await trial.explored(work, _works, both, _one_is_begun, jobs=2, limit=MOST)


async def _works(work: Answer, client: Redis, name: str, handle: Handling) -> None:
    await work.function(client, name, handle)


def _one_is_begun(first: Any) -> None:
    """Let ann have begun the first of two orders."""
    first.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    for number in (1, 2):
        first.xadd(STREAM, {"order": f"job-{number}"}, id=f"{number}-0")
    first.xreadgroup(GROUP, "ann", {STREAM: ">"}, count=1)


async def _shares_with_a_colleague(trial: Trial, work: Answer) -> None:
    """Let another worker do all it can between two commands of one, and the shop add more."""
    for place in trial.gaps()[:1]:
        orders, began, kept = await _begun(trial, "ann", 2, 2)
        ann, carol = trial.client("ann", stops_after=place), trial.client("carol")
        handle, other = trial.handler("ann"), trial.handler("carol")
        first = trial.start(work, ann, "ann", handle)
        await trial.in_gap(first, ann)
        more = trial.texts("order", 1)
        orders |= dict(zip(await write(trial, more), more, strict=True))
        await trial.run(work, carol, "carol", other, hints=WORKING)
        trial.go_on(ann)
        await trial.finish(first, WORKING)
        when, handled = ", when two worked at once", handle.done + other.done
        mine = {i: order for i, order in orders.items() if i not in kept}
        _is_all_handled(trial, mine, handled, began, when)
        _is_all_acknowledged(await what_is_pending(trial), orders, kept, when)
        hint = "What another worker has in hand is not yours: take what is new, with `>`."
        expect_same(f"orders handled twice{when}", repeated(handled), [], hint)


async def _works_long(trial: Trial, work: Answer) -> None:
    """Let a worker find hundreds of orders, many of which it had begun."""
    name = some_name(trial)
    if trial.gaps():
        await _is_worked(trial, work, name, *await _begun(trial, name, 52, 101))


async def _finds_nothing(trial: Trial, work: Answer) -> None:
    """Let a worker find nothing of its own, and nothing new: it returns, and harms nobody."""
    await _begun(trial, "ann", 2, 0)
    name = some_name(trial)
    kept = await what_is_pending(trial)
    handled = await _life(trial, work, name)
    hint = "Others have them in hand: take what is pending for `name`, and what is new."
    expect_same("orders taken from others", handled, [], hint)
    expect_same("what others have in hand", await what_is_pending(trial), kept, hint)


async def _meets_an_error(trial: Trial, work: Answer) -> None:
    """Let handle fail once: whatever the worker does then, the order must not be lost."""
    name = some_name(trial)
    for number in (1, 3):
        orders, began, kept = await _begun(trial, name, 3, 1)
        mine = {i: order for i, order in orders.items() if i not in kept}
        worker = trial.client("ann")
        handle = trial.handler("ann", raises=number)
        await trial.settle(trial.start(work, worker, name, handle))
        await not_lost(trial, mine, handle.done, f"after call {number} of handle raised an error")
        handled = handle.done + await _life(trial, work, name)
        when = ", after handle had raised an error once"
        _is_all_handled(trial, mine, handled, began, when)
        _is_all_acknowledged(await what_is_pending(trial), orders, kept, when)
