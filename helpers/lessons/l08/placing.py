"""Exercise 8.2: place an order whole."""

from typing import Any

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same
from ...waiting import read

FASTER = {"WatchError": "The other was faster: begin again."}


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
    inbox = await _dashboard(trial)
    orders = trial.invent("order", 4)
    for order in orders:
        await trial.run(place, trial.client("shop"), order)
    hint = "Add one entry per order, with the field `order`."
    expect_same("the stream `orders`", await what_is_placed(trial), orders, hint)
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
    await stand_behind_others(trial, place)
    return "no order without its mail and no mail without its order, wherever the shop died."


async def _dashboard(trial: Trial) -> PubSub:
    """Listen to the dashboard's channel: by its name, or by a pattern in the third trial."""
    inbox = await trial.inbox()
    await (inbox.psubscribe("dash*") if trial.number == 3 else inbox.subscribe("dashboard"))
    await read(inbox)
    return inbox


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
        placed, mails = await what_is_placed(trial), await trial.elements("mails")
        expect_same("the orders that two shops placed at once", sorted(placed), orders, hint)
        mails = sorted([*filter(None, taken), *mails])
        expect_same(
            "the mails that two shops wrote at once, and one was taken", mails, orders, hint
        )
        heard = sorted(heard + await _heard(inbox))
        expect_same("what the dashboard heard of two shops at once", heard, orders, hint)


async def stand_behind_others(trial: Trial, place: Answer) -> None:
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
    expect_same("the stream `orders`", await what_is_placed(trial), [*waiting, order], hint)
    expect_same("the list `mails`", await trial.elements("mails"), [*waiting, order], hint)


async def _whole_or_nothing(trial: Trial, inbox: PubSub, when: str, order: str) -> list[str]:
    """Return what the dashboard heard. Raises NotYet for an order, or a mail, without the other."""
    placed, mails = await what_is_placed(trial), await trial.elements("mails")
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


async def what_is_placed(trial: Trial) -> Any:
    entries = await trial.entries("orders")
    return [fields.get("order") for _, fields in entries] if isinstance(entries, list) else entries


async def _heard(inbox: PubSub) -> list[str]:
    return [message["data"] for message in await read(inbox)]
