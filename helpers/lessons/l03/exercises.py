"""Lesson 3: subscribe by pattern, and meet your own duplicates."""

import json
import string
from typing import Any

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, counted, expect_same, listed, missing, show
from ...sandbox.plain import NotYet, plain
from ...waiting import Messages, read

SUBSCRIBING = ("SUBSCRIBE", "PSUBSCRIBE")
LONG = 3600  # seconds that a mark must last; publishers try again for less
LOOKS = ("EXISTS", "GET", "SISMEMBER", "HEXISTS", "HGET", "ZSCORE", "TTL", "LPOS", "LRANGE")
FASTER = {"WatchError": "The other cashier was faster: look again."}
NAMES = ("carol", "dave", "erin", "fay", "gus", "hal", "이나", "o'neill")


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
    others = await _hears_its_five(trial, listen, "ann", prefix)
    await _hears_its_five(trial, listen, "bob", _prefix(trial), strange=True)
    await trial.only(())
    return f"{prefix}-1 to {prefix}-5 were heard, once each, and {len(others)} others were not."


async def _hears_its_five(
    trial: Trial, listen: Answer, name: str, prefix: str, strange: bool = False
) -> list[str]:
    inbox = await trial.inbox(name=name)
    await trial.run(listen, inbox, prefix)
    wanted = [f"{prefix}-{number}" for number in range(1, 6)]
    others = _strangers(trial, prefix) if strange else _neighbours(prefix)
    channels = trial.random.sample(wanted + others, len(wanted + others))
    heard = await _heard(trial, inbox, channels)
    elsewhere = [channel for channel in wanted if await _is_heard_elsewhere(trial, channel, heard)]
    too_many = [channel for channel in heard if channel in others]
    hint = f"The subscription catches too much: {prefix}-1 to {prefix}-5 were asked for."
    expect_same("channels that should not have been heard", too_many, [], hint)
    expect_same(
        "the channels heard",
        heard,
        [channel for channel in channels if channel in wanted],
        (not heard, f"Subscribe the given inbox to {prefix}-1 and so on."),
        (len(heard) > len(set(heard)), "One message came twice: two subscriptions match it."),
        (
            bool(elsewhere) and trial.sent(*SUBSCRIBING) > 1,
            f"{elsewhere and elsewhere[0]} has a subscription, and the inbox does not hear it: "
            "calls of subscribe at the same time may each open a connection. Await one by one.",
        ),
        f"All five should be heard, {listed(missing(wanted, heard))} too.",
    )
    return others


async def _is_heard_elsewhere(trial: Trial, channel: str, heard: list[str]) -> bool:
    """Return whether somebody subscribed to the channel, on a connection that is not read."""
    [(_, subscribers)] = await trial.side.pubsub_numsub(channel)
    return channel not in heard and subscribers > 0


def _prefix(trial: Trial) -> str:
    """Invent a prefix with capitals, a hyphen, and other signs within."""
    words = trial.random.sample(("Crate", "Box", "Eu:Mail", "Tea 2", "Order", "소포 Case"), 2)
    return f"{words[0]}{trial.random.choice('._: ')}{words[1].lower()}-{trial.secret(9) or 'x'}"


def _neighbours(prefix: str) -> list[str]:
    others = [f"{prefix}-{end}" for end in ("0", "6", "9", "12", "5-eu", "a", "")]
    others += [f"{prefix}-{end}" for end in ("7", "8", "b", "-", "가")]
    return [*others, f"e{prefix}-3", prefix, f"{prefix}.3", f"{prefix}3", f"{prefix[:-1]}X-3"]


def _strangers(trial: Trial, prefix: str) -> list[str]:
    """Name channels that differ in one place, whichever it is."""
    signs = sorted(({*string.printable} - {*"12345", *string.whitespace}) | {" "})
    ends = trial.random.sample(signs, 20)
    others = [f"{prefix}-{end}" for end in (*ends, "03", "3 ", "33", "-3", "[1-5]", "*")]
    others += [f"{prefix}{between}3" for between in trial.random.sample(signs, 5) if between != "-"]
    others += [f"{prefix[:at]}~{prefix[at + 1 :]}-3" for at in range(len(prefix))]
    others += [f"{word}-3" for word in ("parcel", "order", "mail", prefix.upper(), prefix * 2, "")]
    return list(dict.fromkeys(others))


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
    messages = await _delivered(trial, payments)
    seen = await _charged(trial, charge, messages, accounts, handled)
    expect_same(
        "the accounts after four payments, delivered twelve times",
        accounts,
        {"carol": 140 + more, "dave": 130 + more},
        (set(accounts) != {"carol", "dave"}, "Two people pay here: there are two accounts."),
        (all(accounts == each for each in seen), "Nobody was charged."),
        _first_wrong(messages, seen, handled),
        "Take each payment off the account of its customer, once.",
    )
    accounts |= {"carol": 140 + more, "dave": 130 + more}  # as plain numbers
    told = f"four payments, delivered twelve times, were charged once each: {accounts}."
    await _charges_everybody(trial, charge, accounts, handled)
    return told


Accounts = dict[str, int]


async def _charged(
    trial: Trial, charge: Answer, messages: list[Any], accounts: Accounts, handled: set[str]
) -> list[Accounts]:
    """Hand out messages; return what the accounts held before, and after each of them."""
    seen = [dict(accounts)]
    calls = [(message, accounts, handled) for message in messages]
    await trial.run_each(charge, calls, after=lambda: seen.append(dict(accounts)))
    return [plain(each) for each in seen]


def _first_wrong(messages: list[Any], seen: list[Accounts], handled: set[str]) -> Reason:
    """Say of the first delivery that was not charged as it should what happened instead."""
    known: list[dict[str, Any]] = []  # the payments that came so far
    for message, before, after in zip(messages, seen, seen[1:], strict=False):
        payment = json.loads(message["data"])
        is_new = payment not in known
        taken = _difference(before, after)
        if taken != ({payment["customer"]: payment["amount"]} if is_new else {}):
            said = _not_charged(message, payment, known, taken) if is_new else ""
            return True, said or _again(payment, known, handled)
        known.append(payment)
    return False, ""


def _not_charged(
    message: Any, payment: dict[str, Any], known: list[dict[str, Any]], taken: dict[str, Any]
) -> str:
    name, customer, amount = payment["id"], payment["customer"], payment["amount"]
    if taken:
        return f"{name} takes {amount} off {customer}, and what was taken off is {taken}."
    pattern = message["pattern"]
    came = f"by the pattern {pattern}" if pattern else f"over `{message['channel']}`"
    same = any((each["customer"], each["amount"]) == (customer, amount) for each in known)
    more = " Another payment of the same amount had come before." if same else ""
    return f"{name}, {amount} of {customer}, came {came} and was not charged.{more}"


def _again(payment: dict[str, Any], known: list[dict[str, Any]], handled: set[str]) -> str:
    times = known.count(payment) + 1
    th = {2: "second", 3: "third", 4: "fourth"}.get(times, f"{times}th")
    others = ", with others in between" if known[-1] != payment else ""
    empty = "" if handled else " `handled` is empty even now."
    return f"{payment['id']} was charged again when it came for the {th} time{others}.{empty}"


def _difference(before: Accounts, after: Accounts) -> dict[str, Any]:
    """Return what was taken off each account that changed."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: _taken(before.get(name), after.get(name)) for name in changed}


def _taken(before: Any, after: Any) -> Any:
    are_numbers = isinstance(before, int | float) and isinstance(after, int | float)
    return before - after if are_numbers else show(after)


async def _charges_everybody(
    trial: Trial, charge: Answer, accounts: Accounts, handled: set[str]
) -> None:
    """Deliver many payments of other customers, each twice in all, the second time much later."""
    customers = trial.random.sample(NAMES, 5)
    accounts |= {name: 100_000 for name in customers}
    expected = dict(accounts)
    count = len(trial.many("payment")) if trial.number == 3 else 25
    bought = [(trial.random.choice(customers), trial.random.randrange(1, 99)) for _ in range(count)]
    payments = _payments(trial, bought)
    for payment in payments:
        payment["id"] = trial.random.choice(("{}", "{}-b", "p {}/a")).format(payment["id"])
    messages = [_message(trial, payment) for payment in payments]
    messages += [dict(each) for each in trial.random.sample(messages, len(messages))]
    seen = await _charged(trial, charge, messages, accounts, handled)
    for customer, amount in bought:
        expected[customer] -= amount
    found = plain(dict(accounts))
    wrong = {name: found.get(name) for name in expected if found.get(name) != expected[name]}
    expect_same(
        f"accounts after {count} more payments of {len(customers)} customers, "
        "each delivered again later",
        wrong,
        {name: expected[name] for name in wrong},
        _first_wrong(messages, seen, handled),
        "Take each payment off the account of its customer, once.",
    )
    expect_same("accounts that nobody asked for", sorted(set(accounts) - set(expected)), [])


def _message(trial: Trial, payment: dict[str, object]) -> dict[str, Any]:
    data = json.dumps(trial.shuffled(payment), ensure_ascii=trial.random.random() < 0.5)
    found = {"type": "message", "pattern": None, "channel": "pay", "data": data}
    by_pattern = {"type": "pmessage", "pattern": "pa*"}
    return found | trial.random.choice(({}, by_pattern))


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
        for running in both:
            await trial.finish(running, FASTER)
    await _charged_three_times(trial, accounts, before)
    for name, cashier in (("Emil", emil), ("Bob", bob)):
        await trial.run(charge_once, cashier, payments[0], accounts)
        what = f"Carol's account after {name} met the first payment again, later"
        hint = f"{name} charged it again: once it is charged, nobody charges it any more."
        expect_same(what, accounts, {"carol": before - 85}, hint)
    if not await trial.keys():
        raise NotYet("the broker remembers nothing, so a cashier on another machine cannot know.")
    await trial.lasting(LONG)
    await trial.afresh()
    await trial.run(charge_once, emil, _payments(trial, [("carol", 30)])[0], accounts)
    expect_same(
        "Carol's account after Emil alone met a new payment",
        accounts,
        {"carol": before - 115},
        "That payment is new, so Emil is the first: let the reply of Redis decide.",
    )
    await _in_any_gap(trial, charge_once)
    await _is_refused(trial, charge_once)
    await _remembers_many(trial, charge_once)
    return "three payments, seven deliveries, three charges, with two cashiers at once."


async def _in_any_gap(trial: Trial, charge_once: Answer) -> None:
    """Let one cashier stop before each command, while the other charges this or another payment."""
    for place in trial.gaps():
        stood = []
        for is_same in (True, False):
            await trial.afresh()
            accounts = {"carol": 1000}
            one, other = _payments(trial, [("carol", 70), ("carol", 70)])
            bob, emil = trial.client("bob", stops_after=place), trial.client("emil")
            first = trial.start(charge_once, bob, one, accounts)
            second = one if is_same else other
            found, _ = await trial.overtake(
                first, bob, charge_once, emil, second, accounts, hints=FASTER
            )
            stood.append(found)
            _charged_in_the_gap(accounts, place, 1 if is_same else 2)
        if not any(stood):
            return


def _charged_in_the_gap(accounts: dict[str, int], place: int, payments: int) -> None:
    what = "the same payment" if payments == 1 else "another payment"
    found = accounts.get("carol")
    is_more = type(found) is int and found < 1000 - 70 * payments
    expect_same(
        f"Carol's account when Bob stops after {counted(place, 'command')}, "
        f"and Emil handles {what} meanwhile",
        accounts,
        {"carol": 1000 - 70 * payments},
        (is_more, "Both charged: others come in between your commands, so let one command decide."),
        "A payment was not charged at all: the reply must say who was first with this payment.",
    )


async def _is_refused(trial: Trial, charge_once: Answer) -> None:
    """Let the broker have no memory left for what one cashier writes; then the other comes."""
    await trial.afresh()
    accounts, [payment] = {"carol": 1000}, _payments(trial, [("carol", 70)])
    bob, emil = trial.client("bob", refused_after=0), trial.client("emil")
    await trial.settle(trial.start(charge_once, bob, payment, accounts))
    await trial.run(charge_once, emil, payment, accounts)
    expect_same(
        "Carol's account after Redis had no memory left for Bob's mark, and Emil came later",
        accounts,
        {"carol": 930},
        (accounts == {"carol": 860}, "Bob's mark was refused: who leaves none must not charge."),
        (accounts == {"carol": 1000}, "Bob's mark was refused, so Emil is the first."),
    )


async def _remembers_many(trial: Trial, charge_once: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    accounts, count = {"carol": 100_000}, trial.random.randrange(110, 130)
    payments = _payments(trial, [("carol", 10)] * count)
    trial.budget.allow(count)
    bob, emil = trial.client("bob"), trial.client("emil")
    await trial.run_each(charge_once, [(bob, payment, accounts) for payment in payments])
    expected = {"carol": 100_000 - 10 * count}
    hint = "Every payment counts: each has an id of its own."
    expect_same(f"Carol's account after {count} payments", accounts, expected, hint)
    later = [trial.shuffled(each) for each in (payments[0], *trial.random.sample(payments, 9))]
    await trial.run_each(charge_once, [(emil, payment, accounts) for payment in later])
    expect_same(
        f"Carol's account after {count} payments, of which ten are delivered again",
        accounts,
        expected,
        "Every payment stays known by its id, however many come after it.",
    )


async def _charged_three_times(trial: Trial, accounts: dict[str, int], before: int) -> None:
    marks = len(await trial.keys())
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
        (marks > 3, f"Redis holds {marks} keys for three payments: ask for the same one."),
        (
            trial.sent(*LOOKS) > 0,
            "Both looked before one of them wrote: look and write in a single command.",
        ),
        "Both cashiers charged: the reply of Redis must say who is first, and that alone decides.",
    )


EXERCISES = (hears_five_channels, charges_each_payment_once, lets_one_cashier_charge)
