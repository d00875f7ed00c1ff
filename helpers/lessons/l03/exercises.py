"""Lesson 3: subscribe by pattern, and meet your own duplicates."""

import json
from collections.abc import Mapping

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same
from ...sandbox.plain import NotYet
from ...waiting import Messages, read

LONG = 3600  # seconds that a mark must last; publishers try again for less


@exercise(
    "3.1",
    "listen",
    hints=(
        "One form of pattern stands for exactly one digit out of a range.",
        "Square brackets with a hyphen: `[a-c]`.",
        "One pattern: the prefix, a hyphen, and a range of digits.",
    ),
)
async def hears_five_channels(trial: Trial, listen: Answer) -> str:
    prefix = ("parcel", "order", "mail")[trial.number - 1] + str(trial.secret(100) or "")
    inbox = await trial.inbox(name="ann")
    await trial.run(listen, inbox, prefix)
    wanted = [f"{prefix}-{number}" for number in range(1, 6)]
    others = [f"{prefix}-{end}" for end in ("0", "6", "9", "12", "5-eu", "a", "")]
    others += [f"{prefix}-{end}" for end in ("7", "8", "b", "-", "가")]
    others += [f"e{prefix}-3", prefix, f"{prefix}.3", f"{prefix}3", f"{prefix[:-1]}X-3"]
    channels = trial.random.sample(wanted + others, len(wanted + others))
    heard = await _heard(trial, inbox, channels)
    too_many = [channel for channel in heard if channel in others]
    expect_same(
        "channels that should not have been heard", too_many, [], "The pattern catches too much."
    )
    expect_same(
        "the channels heard",
        heard,
        [channel for channel in channels if channel in wanted],
        (not heard, f"Subscribe the given inbox to {prefix}-1 and so on."),
        (len(heard) > len(set(heard)), "One message came twice: two subscriptions match it."),
        "All five should be heard.",
    )
    return f"{prefix}-1 to {prefix}-5 were heard, once each, and {len(others)} others were not."


async def _heard(trial: Trial, inbox: PubSub, channels: list[str]) -> list[str]:
    for channel in channels:
        await trial.side.publish(channel, "ping")
    kinds = ("message", "pmessage")
    return [message["channel"] for message in await read(inbox) if message["type"] in kinds]


@exercise(
    "3.2",
    "charge",
    hints=(
        "How do you know that two deliveries are one payment? Not by the amount.",
        "Remember the id of each payment in the set `handled`.",
        "If the id is in `handled`, return; else add it, and take the amount off.",
    ),
)
async def charges_each_payment_once(trial: Trial, charge: Answer) -> str:
    more = trial.secret(100)
    accounts, handled = {"carol": 200 + more, "dave": 200 + more}, set[str]()
    payments = _payments(trial, [("carol", 30), ("dave", 20), ("carol", 30), ("dave", 50)])
    for message in await _delivered(trial, payments):
        await trial.run(charge, message, accounts, handled)
    charged = 400 + 2 * more - sum(accounts.values()) if _are_numbers(accounts) else 0
    expect_same(
        "the accounts after four payments, delivered twelve times",
        accounts,
        {"carol": 140 + more, "dave": 130 + more},
        (charged == 0, "Nobody was charged."),
        (charged < 0, "Take the amount off."),
        (charged > 130, "A payment was charged again: remember its id, not only the last one."),
        (
            charged < 130,
            "Two payments of the same amount are still two: tell them apart by their ids.",
        ),
        "Change the account of the customer who paid, and no other.",
    )
    return f"four payments, delivered twelve times, were charged once each: {accounts}."


async def _delivered(trial: Trial, payments: list[dict[str, object]]) -> Messages:
    """Deliver each payment twice, and some of them four times."""
    inbox = await trial.inbox("pay")
    await inbox.psubscribe("pa*")
    await read(inbox)
    for payment in [*payments, *payments[:2]]:  # a publisher that tries again, later
        await trial.side.publish("pay", json.dumps(payment))
    return await read(inbox)


def _payments(trial: Trial, bought: list[tuple[str, int]]) -> list[dict[str, object]]:
    ids = trial.never_seen("payment", len(bought))
    return [
        {"id": number, "customer": customer, "amount": amount}
        for number, (customer, amount) in zip(ids, bought, strict=True)
    ]


def _are_numbers(accounts: Mapping[str, object]) -> bool:
    return all(type(amount) is int for amount in accounts.values())


@exercise(
    "3.3",
    "charge_once",
    hints=(
        "Both cashiers can ask Redis, and only one of them may be told that he is first.",
        "Looking and then writing takes two commands, and the other cashier can come in between.",
        "SET with `nx=True` writes only if the key is not there yet, and its reply says whether "
        "it did.",
    ),
)
async def lets_one_cashier_charge(trial: Trial, charge_once: Answer) -> str:
    accounts = {"carol": 300 + trial.secret(100)}
    before = accounts["carol"]
    payments = _payments(trial, [("carol", 30), ("carol", 30), ("carol", 25)])
    bob, emil = trial.client("bob"), trial.client("emil")
    for payment in payments:
        both = [trial.start(charge_once, cashier, payment, accounts) for cashier in (bob, emil)]
        await trial.together(*both)
    await trial.run(charge_once, emil, payments[0], accounts)  # delivered once more, later
    _charged_three_times(accounts, before)
    if not await trial.keys():
        raise NotYet("the broker remembers nothing, so a cashier on another machine cannot know.")
    await _will_be_remembered(trial)
    await trial.afresh()
    await trial.run(charge_once, emil, payments[0], accounts)
    hint = "Something outside Redis remembers: let the reply to one command decide."
    expect_same(
        "Carol's account after Redis has forgotten everything",
        accounts,
        {"carol": before - 115},
        hint,
    )
    return "three payments, seven deliveries, three charges, with two cashiers at once."


async def _will_be_remembered(trial: Trial) -> None:
    for key in await trial.keys():
        if 0 <= (seconds := await trial.side.ttl(key)) < LONG:
            raise NotYet(f"`{key}` is forgotten after {seconds} seconds; a payment may come later.")


def _charged_three_times(accounts: dict[str, int], before: int) -> None:
    found = accounts.get("carol")
    left = found if type(found) is int else before
    expect_same(
        "Carol's account after three payments, each delivered to both cashiers",
        accounts,
        {"carol": before - 85},
        (set(accounts) != {"carol"}, "Nothing but Carol's account should change here."),
        (type(found) is not int, "An account is a number: take the amount off."),
        (left == before, "Nobody charged her."),
        (left > before - 85, "A payment is missing: each has an id of its own."),
        (
            left == before - 85 - 30,
            "A payment delivered later was charged again: do not forget it.",
        ),
        (left == before - 200, "Each delivery was charged: let Redis say who is first."),
        "Both looked before one of them wrote: look and write in a single command.",
    )


EXERCISES = (hears_five_channels, charges_each_payment_once, lets_one_cashier_charge)
