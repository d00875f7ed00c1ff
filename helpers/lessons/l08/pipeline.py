"""Exercise 8.3: the whole pipeline."""

from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, expect_same, missing, repeated
from .placing import stand_behind_others, what_is_placed

TRIMMED = "An entry without fields was trimmed: acknowledge it, and go on."
MOST = 100  # runs that an exploration tries
LOST = "An order is lost: nobody has handled it, and nobody will"
DONE_FIRST = "Let go of an order once handle has returned, and finish first what was begun."
LET_GO = (
    "They were still there when the power failed, and a later life let go of them without "
    "handling them."
)
ENDLESS = "A worker never returns"
WHEN_NOTHING_IS_LEFT = "Return when nothing is left."
LIVES = ((2, "before"), (3, "after"), (4, "before"), None)  # three deaths, then a life in peace


@exercise(
    "8.3",
    "place",
    "work",
    "send_mails",
    hints=(
        "`place` is exercise 8.2. `work` is the worker of exercise 6.2, and creates its own group.",
        "`send_mails` is this lesson's `Move`: first finish what an earlier life had in hand, "
        "then take more.",
        "Group from `0` with mkstream, BUSYGROUP caught; read `0`, then `>`; XACK after handle; "
        "an entry without fields only needs XACK.",
    ),
)
async def keeps_its_promises(trial: Trial, place: Answer, work: Answer, send_mails: Answer) -> str:
    await trial.run(work, trial.client("payment"), "payment", trial.handler("payment"))
    placed = await _place_all(trial, place)
    handled = []
    for team in ("payment", "shipping"):
        handled.append(await _lives(trial, work, team, (team,), placed))
        hint = "Other teams need the entries too: acknowledge, and delete nothing."
        expect_same(f"the stream after {team}", await what_is_placed(trial), placed, hint)
    handled.append(await _lives(trial, send_mails, "mail", (), placed))
    await _nothing_is_left(trial)
    await _a_team_joins_late(trial, work, placed)
    await _in_every_sequence(trial, work, send_mails)
    await trial.lasting()
    await _mails_come_meanwhile(trial, send_mails)
    await _cannot_handle_one(trial, work, send_mails, placed)
    await stand_behind_others(trial, place)
    twice = sum(len(repeated(each)) for each in handled)
    return f"{len(placed)} orders, three deaths in each of three teams: none lost, {twice} twice."


async def _in_every_sequence(trial: Trial, work: Answer, send_mails: Answer) -> None:
    """Try all sequences of a worker, and of a mailer, that die anywhere."""
    if trial.number != 1 or not trial.gaps():
        return
    dies = {"lost": (LOST, DONE_FIRST), "stuck": (ENDLESS, WHEN_NOTHING_IS_LEFT)}
    alone: dict[str, Any] = {"workers": 1, "jobs": 2, "crashes": 1, "limit": MOST}
    await trial.explored(work, _works, dies, _two_are_placed, **alone)
    await trial.explored(send_mails, _sends, dies, _two_are_placed, **alone)


async def _works(work: Answer, client: Redis, name: str, handle: Handling) -> None:
    await work.function(client, "stock", handle)


async def _sends(send_mails: Answer, client: Redis, name: str, handle: Handling) -> None:
    await send_mails.function(client, handle)


def _two_are_placed(first: Any) -> None:
    """Place two orders, each with its mail."""
    for number in (1, 2):
        first.xadd("orders", {"order": f"job-{number}"}, id=f"{number}-0")
        first.rpush("mails", f"job-{number}")


async def _cannot_handle_one(
    trial: Trial, work: Answer, send_mails: Answer, placed: list[str]
) -> None:
    """Let `handle` raise an error in one life; the next one handles what was left."""
    if trial.number < 2:
        return
    await trial.side.rpush("mails", *placed)
    for answer, team, given in ((work, "returns", ("returns",)), (send_mails, "mail", ())):
        worker, handle = trial.client(team), trial.handler(team, raises=3)
        await trial.settle(trial.start(answer, worker, *given, handle))
        handled = handle.done + await _one_life(trial, answer, team, given, None)
        lost = [order for order in await _left(trial, placed) if order not in handled]
        expect_same(
            f"orders that {team} never handled, after `handle` had raised an error",
            lost,
            [],
            "`handle` raised an error, so the order was not done: keep it for the next life.",
        )


async def _mails_come_meanwhile(trial: Trial, send_mails: Answer) -> None:
    """Let two more orders be placed between two commands of the mailer."""
    for place in trial.gaps():
        mails = trial.texts("order", 5)
        await trial.push("mails", mails[:3])
        worker = trial.client("mail", stops_after=place)
        handle = trial.handler("mail")
        running = trial.start(send_mails, worker, handle)
        stood = await trial.in_gap(running, worker)
        await trial.push("mails", mails[3:])
        trial.go_on(worker)
        await trial.finish(running)
        handled = handle.done + await _one_life(trial, send_mails, "mail", (), None)
        what = "the mails sent, in any sequence, of which two were written while it was at work"
        hint = "Remove what you have handled, and nothing else: more may have come meanwhile."
        expect_same(what, sorted(map(str, handled)), sorted(mails), hint)
        if not stood:
            return


async def _left(trial: Trial, placed: list[str]) -> list[str]:
    there = await what_is_placed(trial)
    return [order for order in placed if order in there]


async def _a_team_joins_late(trial: Trial, work: Answer, placed: list[str]) -> None:
    """Let another team read all; in the third trial what its first worker left is trimmed."""
    handled: list[Any] = []
    if trial.number == 3:
        handled = await _one_life(trial, work, "audit", ("audit",), (1, "before"))
        left = await trial.side.xlen("orders") - 1
        await trial.side.xtrim("orders", maxlen=left, approximate=False)
        placed = placed[1:]
    handled += await _one_life(trial, work, "audit", ("audit",), None)
    expect_same(
        "what a team that joins today handles",
        handled,
        placed,
        (trial.number == 3 and set(handled) > set(placed), TRIMMED),
        (
            "audit" not in [group["name"] for group in await trial.groups("orders")],
            "`orders` has no group `audit`: any team may join, as a group of its own name.",
        ),
        (not handled, "A new group begins at 0."),
        "A team that joins handles all that is there, each order once, the oldest first.",
    )
    pending = {group["name"]: group["pending"] for group in await trial.groups("orders")}
    expect_same("entries pending for the team `audit`", pending.get("audit"), 0, TRIMMED)


async def _place_all(trial: Trial, place: Answer) -> list[str]:
    """Place nine orders; the shop dies during the last one."""
    *orders, last = trial.invent("order", 9)
    for order in orders:
        await trial.run(place, trial.client("shop"), order)
    await trial.run(place, trial.client("shop", dies_after=trial.number), last)
    placed, mails = await what_is_placed(trial), await trial.elements("mails")
    hint = "`place` writes both in one transaction, one entry and one mail per order."
    expect_same("the orders and the mails", [placed, mails], [mails, mails], hint)
    expect_same("the first eight orders", placed[:8], orders, hint)
    return placed


async def _nothing_is_left(trial: Trial) -> None:
    pending = {group["name"]: group["pending"] for group in await trial.groups("orders")}
    expect_same(
        "entries pending in the end, by group",
        pending,
        {"payment": 0, "shipping": 0},
        (
            set(pending) != {"payment", "shipping"},
            "Each team is a group of its own name on `orders`.",
        ),
        "XACK after handle.",
    )
    left = [key for key in await trial.keys() if await trial.side.type(key) == "list"]
    expect_same("lists left in the end", left, [], "Remove each mail once it is handled.")


async def _lives(
    trial: Trial, answer: Answer, team: str, given: tuple[str, ...], orders: list[str]
) -> list[Any]:
    handled: list[Any] = []
    again: list[Any] = []
    unfinished: list[Any] = []
    left: list[Any] = []  # behind, at any death
    for death in LIVES:
        new = await _one_life(trial, answer, team, given, death)
        again += [order for order in new if order in handled and order not in unfinished]
        handled += new
        unfinished = await _unfinished(trial, team, bool(given), orders)
        left += unfinished if death else []
    lost = missing(orders, handled)
    expect_same(
        f"orders that {team} never handled, after three deaths",
        lost,
        [],
        *await _where_they_are(trial, team, lost, bool(given)),
        (bool(lost) and not missing(lost, left), LET_GO),
        "They were in no list and pending for nobody when the power failed: acknowledge last, and "
        "finish what an earlier life began.",
    )
    hint = "Only what was done and not yet acknowledged may come again."
    expect_same(f"orders that {team} had finished, and handled again", again, [], hint)
    return handled


async def _unfinished(trial: Trial, team: str, is_group: bool, orders: list[str]) -> list[Any]:
    """List what may come again: what is pending for a team, or lies in a list.

    Where the team has no group nobody knows: that is told later.
    """
    if not is_group:
        lists = [await trial.elements(key) for key in await trial.keys()]
        return [order for held in lists if isinstance(held, list) for order in held]
    groups = [group["name"] for group in await trial.groups("orders")]
    if team not in groups:
        return orders
    pending: Any = await trial.side.xpending_range("orders", team, "-", "+", 1000)
    ids = [entry["message_id"] for entry in pending]
    return [fields["order"] for i, fields in await trial.entries("orders") if i in ids]


async def _where_they_are(
    trial: Trial, team: str, lost: list[str], is_group: bool
) -> list[Reason | str]:
    """Say where lost orders are, for all that the broker knows."""
    for key in await trial.keys():
        held = [] if is_group else await trial.elements(key)
        if isinstance(held, list) and (there := [order for order in lost if order in held]):
            return [f"{there[0]} still lies in `{key}`: finish first what an earlier life began."]
    groups = [group["name"] for group in await trial.groups("orders")]
    if not is_group or not lost:
        return []
    if team not in groups:
        return [f"`orders` has no group `{team}`: each team is a group of its own name."]
    if len(lost) > 8:
        return ["Nothing reached this team: give it a group that begins at the first entry."]
    pending: Any = await trial.side.xpending_range("orders", team, "-", "+", 1000)
    for entry in pending:
        found: Any = await trial.side.xrange("orders", entry["message_id"], entry["message_id"])
        order: Any = found and found[0][1].get("order")
        if order in lost:
            return [
                f"{order} is pending for the consumer `{entry['consumer']}`: "
                "finish first what an earlier life began."
            ]
    return [
        (
            len(lost) > 1 and not await trial.side.xlen("orders"),
            "The stream is empty: acknowledge, and delete nothing.",
        )
    ]


async def _one_life(
    trial: Trial,
    answer: Answer,
    team: str,
    given: tuple[str, ...],
    death: tuple[int, str] | None,
) -> list[Any]:
    worker, hints = (
        trial.client(team),
        {"waits in": "Return when nothing is left.", "'order'": TRIMMED},
    )
    handle = trial.handler(team, death)
    await trial.run(answer, worker, *given, handle, hints=hints)
    await trial.bury(team)
    return handle.done
