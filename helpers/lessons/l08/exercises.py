"""Lesson 8: decide, and defend it."""

from typing import Any

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, missing, repeated
from ...sandbox.plain import NotYet
from ...waiting import read

TRIMMED = "An entry without fields was trimmed: acknowledge it, and go on."
LIVES = ((2, "before"), (3, "after"), (4, "before"), None)  # three deaths, then a life in peace


@exercise(
    "8.1",
    "charge",
    hints=(
        "Two writes that belong together, and a power cut that fits between any two commands.",
        "MULTI makes them one unit. WATCH makes it fail if the mark appears in the meantime.",
        "Watch the mark. If it exists, return; otherwise MULTI, SET the mark, INCRBY, EXEC.",
    ),
)
async def charges_once_whatever_happens(trial: Trial, charge: Answer) -> str:
    await _two_workers(trial, charge)
    for commands in trial.cuts():
        await trial.afresh()
        [payment], amount = trial.invent("payment", 1), trial.random.randrange(10, 90)
        await trial.run(charge, trial.client("bob", dies_after=commands), payment, amount)
        for _ in range(2):
            await trial.run(charge, trial.client("emil"), payment, amount)
        expect_same(
            f"the key `paid`, with a power cut after {counted(commands, 'command')} "
            "and two more deliveries",
            await _paid(trial),
            str(amount),
            "The power failed between the mark and the money: put both into one transaction.",
        )
    return "each payment counted once, with two workers at once, wherever the power failed."


async def _two_workers(trial: Trial, charge: Answer) -> None:
    payments, amounts = trial.invent("payment", 3), trial.random.sample(range(10, 90), 3)
    amounts[2] = amounts[0]  # two payments of one amount are two
    workers = trial.client("bob"), trial.client("emil")
    for each in zip(payments, amounts, strict=True):
        both = [trial.start(charge, worker, *each) for worker in workers]
        for running in both:
            await trial.finish(running, {"WatchError": "The other was faster: begin again."})
    found, total = await _paid(trial), str(sum(amounts))
    expect_same(
        "the key `paid` after three payments, each delivered to two workers at once",
        found,
        total,
        (
            found == str(sum(amounts[:2])),
            "Two payments of the same amount are still two: mark them by name.",
        ),
        (found is None, "This key holds the sum: add to it with INCRBY."),
        (found == str(2 * sum(amounts)), "Each counted twice: WATCH the mark before you look."),
        "Mark each payment with a key of its own.",
    )


async def _paid(trial: Trial) -> Any:
    kind: Any = await trial.side.type("paid")
    return await trial.side.get("paid") if kind in ("string", "none") else f"a {kind}"


@exercise(
    "8.2",
    "place",
    hints=(
        "Two writes that must both happen, or neither.",
        "XADD and RPUSH in one transaction; the dashboard hears of it afterwards.",
        "A pipeline with `transaction=True`: xadd, rpush, execute. Then publish.",
    ),
)
async def places_orders_whole(trial: Trial, place: Answer) -> str:
    inbox = await trial.inbox("dashboard")
    await read(inbox)
    orders = trial.invent("order", 4)
    for order in orders:
        await trial.run(place, trial.client("shop"), order)
    hint = "Add one entry per order, with the field `order`."
    expect_same("the stream `orders`", await _placed(trial), orders, hint)
    hint = "Add one mail per order, in the same sequence."
    expect_same("the list `mails`", await trial.elements("mails"), orders, hint)
    hint = "Publish each order once, to `dashboard`."
    expect_same("what the dashboard heard", await _heard(inbox), orders, hint)
    for commands in trial.cuts():
        await trial.afresh()
        [order] = trial.invent("order", 1)
        await trial.run(place, trial.client("shop", dies_after=commands), order)
        await _whole_or_nothing(
            trial, inbox, f"when the shop dies after {counted(commands, 'command')}"
        )
    return "no order without its mail and no mail without its order, wherever the shop died."


async def _whole_or_nothing(trial: Trial, inbox: PubSub, when: str) -> None:
    placed, mails = await _placed(trial), await trial.elements("mails")
    hint = "One was written and the other was not: put both into one transaction."
    expect_same(f"orders and mails {when}", [placed, mails], [mails, mails], hint)
    unplaced = [order for order in await _heard(inbox) if order not in placed]
    hint = "The dashboard heard of an order that does not exist: publish last."
    expect_same(f"what else the dashboard heard {when}", unplaced, [], hint)


async def _placed(trial: Trial) -> Any:
    entries = await trial.entries("orders")
    return [fields.get("order") for _, fields in entries] if isinstance(entries, list) else entries


async def _heard(inbox: PubSub) -> list[str]:
    return [message["data"] for message in await read(inbox)]


@exercise(
    "8.3",
    "place",
    "work",
    "send_mails",
    hints=(
        "`place` is exercise 8.2. `work` is the worker of exercise 6.2, and creates its own group.",
        "`send_mails` is `Move` of this lesson: first finish what an earlier life had in hand, "
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
        expect_same(f"the stream after {team}", await _placed(trial), placed, hint)
    handled.append(await _lives(trial, send_mails, "mail", (), placed))
    await _nothing_is_left(trial)
    await _a_team_joins_late(trial, work, placed)
    twice = sum(len(repeated(each)) for each in handled)
    return f"{len(placed)} orders, three deaths in each of three teams: none lost, {twice} twice."


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
        "A new group begins at 0.",
    )
    pending = {group["name"]: group["pending"] for group in await trial.groups("orders")}
    expect_same("entries pending for the team `audit`", pending.get("audit"), 0, TRIMMED)


async def _place_all(trial: Trial, place: Answer) -> list[str]:
    """Place nine orders; the shop dies during the last one."""
    *orders, last = trial.invent("order", 9)
    for order in orders:
        await trial.run(place, trial.client("shop"), order)
    await trial.run(place, trial.client("shop", dies_after=trial.number), last)
    placed, mails = await _placed(trial), await trial.elements("mails")
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
    for death in LIVES:
        handled += await _one_life(trial, answer, team, given, death)
    lost = missing(orders, handled)
    expect_same(
        f"orders that {team} never handled, after three deaths",
        lost,
        [],
        (
            lost == orders,
            "Nothing reached this team: give it a group that begins at the first entry.",
        ),
        "They were in no list and pending for nobody when the power failed: acknowledge last, and "
        "finish what an earlier life began.",
    )
    hint = "Only what was done and not yet acknowledged may come again."
    if (again := len(handled) - len(orders)) > 1:
        raise NotYet(f"{team} handled orders {again} times too often; one may come twice. {hint}")
    return handled


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


EXERCISES = (charges_once_whatever_happens, places_orders_whole, keeps_its_promises)
