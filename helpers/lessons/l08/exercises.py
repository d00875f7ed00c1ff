"""Lesson 8: decide, and defend it."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, counted, expect_same, listed, missing, repeated
from ...sandbox.plain import NotYet
from ...waiting import read

TRIMMED = "An entry without fields was trimmed: acknowledge it, and go on."
FASTER = {"WatchError": "The other was faster: begin again."}
LONG = 3600  # seconds that a mark must last: a payment is delivered again for less
MORE_THAN_A_HUNDRED = 101, 106  # each of them takes commands
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
    await _in_every_sequence(trial, charge)
    await _two_workers(trial, charge)
    for commands in trial.cuts():
        await trial.afresh()
        [payment], amount = trial.invent("payment", 1), trial.random.randrange(10, 90)
        await trial.run(charge, trial.client("bob", dies_after=commands), payment, amount)
        for _ in range(2):
            await trial.run(charge, trial.client("emil"), payment, amount)
        await _counted_once(trial, commands, amount)
    await _another_payment_meanwhile(trial, charge)
    await _remembers_many(trial, charge)
    return "each payment counted once, with two workers at once, wherever the power failed."


async def _in_every_sequence(trial: Trial, charge: Answer) -> None:
    """Try all sequences of the steps of two workers, if the answer is right for one alone."""
    if trial.number > 1:
        return
    for _ in range(2):
        await trial.run(charge, trial.client("bob"), "payment-7", 30)
    # An exploration lets an hour pass, which would take a mark away that may be forgotten then.
    expires = [key for key in await trial.keys() if await trial.side.ttl(key) >= 0]
    is_right_alone = await _paid(trial) == "30" and not expires
    await trial.afresh()
    if is_right_alone:
        await trial.explored(
            "Two workers get `payment-7` over 30 at the same time, and `paid` is wrong in the end",
            _charges_seven,
            charge,
            _is_thirty,
            "It counted twice, as the other came in between: WATCH the mark before you look.",
        )


async def _charges_seven(charge: Answer, client: Redis, name: str) -> None:
    await charge.function(client, "payment-7", 30)


async def _is_thirty(client: Redis) -> bool:
    return await client.type("paid") == "string" and await client.get("paid") == "30"


async def _two_workers(trial: Trial, charge: Answer) -> None:
    payments, amounts = trial.invent("payment", 3), trial.random.sample(range(10, 90), 3)
    amounts[2] = amounts[0]  # two payments of one amount are two
    workers = trial.client("bob"), trial.client("emil")
    for each in zip(payments, amounts, strict=True):
        both = [trial.start(charge, worker, *each) for worker in workers]
        for running in both:
            await trial.finish(running, FASTER)
    found, total = await _paid(trial), str(sum(amounts))
    is_marked = await trial.keys() != ["paid"]
    expect_same(
        "the key `paid` after three payments, each delivered to two workers at once",
        found,
        total,
        (
            found == str(sum(amounts[:2])),
            "Two payments of the same amount are still two: mark them by name.",
        ),
        (found is None, "This key holds the sum: add to it with INCRBY."),
        (found in ("3", "6"), "Each payment adds its amount, and not 1: INCRBY."),
        (
            found == str(2 * sum(amounts)) and not is_marked,
            "Each counted twice: nothing in Redis marks a payment that has been counted.",
        ),
        (found == str(2 * sum(amounts)), "Each counted twice: WATCH the mark before you look."),
        "Each payment adds its amount to the sum, once, whichever worker is faster.",
    )
    await _is_kept(trial)


async def _is_kept(trial: Trial) -> None:
    await trial.lasting(LONG)
    hint = "The sum is needed for good."
    expect_same("seconds until `paid` is forgotten", max(0, await trial.side.ttl("paid")), 0, hint)


async def _counted_once(trial: Trial, commands: int, amount: int) -> None:
    found = await _paid(trial)
    left = listed([key for key in await trial.keys() if key != "paid"])
    is_more = isinstance(found, str) and found.isdecimal() and int(found) > amount
    expect_same(
        f"the key `paid`, with a power cut after {counted(commands, 'command')} "
        "and two more deliveries",
        found,
        str(amount),
        (is_more, "It counted again: mark and money must be written together, or not at all."),
        (
            not trial.sent("MULTI"),
            "The power failed between the mark and the money: put both into one transaction.",
        ),
        (
            found is None and bool(left),
            f"What was written before the power failed keeps the others away: {left}.",
        ),
        "Mark and money must be written together, or not at all.",
    )


async def _another_payment_meanwhile(trial: Trial, charge: Answer) -> None:
    """Let one worker stop before each command, while another one charges another payment."""
    for place in trial.gaps():
        await trial.afresh()
        early, one, other = trial.texts("payment", 3)
        bob, emil = trial.client("bob", stops_after=place), trial.client("emil")
        await trial.run(charge, emil, early, 500)
        first = trial.start(charge, bob, one, 30)
        stood, _ = await trial.overtake(first, bob, charge, emil, other, 50, hints=FASTER)
        expect_same(
            f"the key `paid`, which held 500, when one worker stops after "
            f"{counted(place, 'command')} of a payment over 30, and another one charges 50",
            await _paid(trial),
            "580",
            "The sum is changed by others, too: both payments must count.",
        )
        if not stood:
            return


async def _remembers_many(trial: Trial, charge: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    payments = trial.texts("payment", trial.random.randint(*MORE_THAN_A_HUNDRED))
    trial.budget.allow(len(payments))
    bob, emil = trial.client("bob"), trial.client("emil")
    await trial.run_each(charge, [(bob, payment, 10) for payment in payments])
    await trial.run_each(charge, [(emil, payment, 10) for payment in payments[:3]])
    hint = "A payment stays known, however many come after it."
    what = f"the key `paid` after {len(payments)} payments over 10, of which three came again later"
    expect_same(what, await _paid(trial), str(10 * len(payments)), hint)


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
            trial, inbox, f"when the shop dies after {counted(commands, 'command')}", order
        )
    await _is_refused(trial, place, inbox)
    await _others_place_meanwhile(trial, place, inbox)
    await _stands_behind_others(trial, place)
    return "no order without its mail and no mail without its order, wherever the shop died."


async def _is_refused(trial: Trial, place: Answer, inbox: PubSub) -> None:
    """Let the broker refuse to write, as when its memory is full."""
    await trial.afresh()
    [order] = trial.texts("order", 1)
    await trial.settle(trial.start(place, trial.client("shop", refused_after=0), order))
    await _whole_or_nothing(trial, inbox, "when the broker's memory is full", order)


async def _others_place_meanwhile(trial: Trial, place: Answer, inbox: PubSub) -> None:
    """Between any two commands another shop places an order, and a mail is taken."""
    for commands in trial.gaps():
        await trial.afresh()
        await read(inbox)
        first, mine, theirs = trial.texts("order", 3)
        await trial.run(place, trial.client("web"), first)
        shop = trial.client("shop", stops_after=commands)
        running = trial.start(place, shop, mine)
        if not await trial.in_gap(running, shop):
            await trial.finish(running)
            return
        when = f"when the shop has sent {counted(commands, 'command')}"
        heard = await _whole_or_nothing(trial, inbox, when, mine)
        await trial.run(place, trial.client("web"), theirs)
        taken = [await trial.side.lpop("mails")]
        trial.go_on(shop)
        await trial.finish(running, FASTER)
        hint = "Others use the stream and the list between any two of your commands."
        orders = sorted([first, mine, theirs])
        placed, mails = await _placed(trial), await trial.elements("mails")
        expect_same("the orders that two shops placed at once", sorted(placed), orders, hint)
        mails = sorted([*filter(None, taken), *mails])
        expect_same(
            "the mails that two shops wrote at once, and one was taken", mails, orders, hint
        )
        heard = sorted(heard + await _heard(inbox))
        expect_same("what the dashboard heard of two shops at once", heard, orders, hint)


async def _stands_behind_others(trial: Trial, place: Answer) -> None:
    """Place an order where hundreds wait already: in one of the trials."""
    if trial.number < 3:
        return
    await trial.afresh()
    waiting, [order] = trial.many("order"), trial.texts("order", 1)
    await trial.add("orders", [{"order": each} for each in waiting])
    await trial.push("mails", waiting)
    await trial.run(place, trial.client("shop"), order)
    await trial.lasting()
    hint = f"{len(waiting)} orders and mails were there before: all stay, and the new one is last."
    expect_same("the stream `orders`", await _placed(trial), [*waiting, order], hint)
    expect_same("the list `mails`", await trial.elements("mails"), [*waiting, order], hint)


async def _whole_or_nothing(trial: Trial, inbox: PubSub, when: str, order: str) -> list[str]:
    """Return what the dashboard heard. Raises NotYet for an order, or a mail, without the other."""
    placed, mails = await _placed(trial), await trial.elements("mails")
    hint = "One was written and the other was not: put both into one transaction."
    expect_same(f"orders and mails {when}", [placed, mails], [mails, mails], hint)
    heard = await _heard(inbox)
    unplaced = [order for order in heard if order not in placed]
    expect_same(
        f"what else the dashboard heard {when}",
        unplaced,
        [],
        (unplaced == [order], "The dashboard heard of an order that does not exist: publish last."),
        f"The order was {order!r}: publish it as it is, once it is placed.",
    )
    return heard


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
    await trial.lasting()
    await _cannot_handle_one(trial, work, send_mails, placed)
    await _stands_behind_others(trial, place)
    twice = sum(len(repeated(each)) for each in handled)
    return f"{len(placed)} orders, three deaths in each of three teams: none lost, {twice} twice."


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
            "`handle` had not returned, so it was not done: acknowledge last.",
        )


async def _left(trial: Trial, placed: list[str]) -> list[str]:
    there = await _placed(trial)
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
        *await _where_they_are(trial, team, lost, bool(given)),
        "They were in no list and pending for nobody when the power failed: acknowledge last, and "
        "finish what an earlier life began.",
    )
    hint = "Only what was done and not yet acknowledged may come again."
    if (again := len(handled) - len(orders)) > 1:
        raise NotYet(f"{team} handled orders {again} times too often; one may come twice. {hint}")
    return handled


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


EXERCISES = (charges_once_whatever_happens, places_orders_whole, keeps_its_promises)
