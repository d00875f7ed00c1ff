"""Exercise 8.1: charge once, whatever happens."""

from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.exploring import Handling
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import counted, expect_same, listed

FASTER = {"WatchError": "The other was faster: begin again."}
TOGETHER = (
    "Two workers get `payment-7` of 30 at the same time, and `paid` is wrong in the end",
    "One came in between two steps of the other: WATCH the mark before you look at it.",
)
LONG = 3600  # seconds that a mark must last: a payment is delivered again for less
CROWD = 6
MANY = 31, 36  # payments; each takes five commands and more


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
        when = f"with a power cut after {counted(commands, 'command')} and two more deliveries"
        await _counted_once(trial, amount, when)
        await _dies_when_it_comes_again(trial, charge, commands)
    await _another_payment_meanwhile(trial, charge)
    await _in_a_crowd(trial, charge)
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
        await trial.explored(charge, _charges_seven, {"broken": TOGETHER}, holds=_is_thirty)


async def _charges_seven(charge: Answer, client: Redis, name: str, handle: Handling) -> None:
    await charge.function(client, "payment-7", 30)


async def _is_thirty(client: Redis) -> bool:
    return await client.type("paid") == "string" and await client.get("paid") == "30"


async def _two_workers(trial: Trial, charge: Answer) -> None:
    payments, amounts = trial.invent("payment", 3), trial.random.sample(range(10, 90), 3)
    amounts[2] = amounts[0]  # two payments of one amount are two
    payments[1] = f"{payments[0][0]}{payments[0]}"  # and so are two that begin and end alike
    workers = trial.client("bob"), trial.client("emil")
    for each in zip(payments, amounts, strict=True):
        both = [trial.start(charge, worker, *each) for worker in workers]
        for running in both:
            await trial.finish(running, FASTER)
    found, total = await _paid(trial), str(sum(amounts))
    is_marked, total_but_one = await trial.keys() != ["paid"], sum(amounts) - amounts[1]
    expect_same(
        "the key `paid` after three payments, each delivered to two workers at once",
        found,
        total,
        (
            found == str(sum(amounts[:2])),
            "Two payments of the same amount are still two: mark them by name.",
        ),
        (
            found == str(total_but_one),
            f"{payments[0]!r} and {payments[1]!r} are two: mark a payment by its whole name.",
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


async def _dies_when_it_comes_again(trial: Trial, charge: Answer, commands: int) -> None:
    """Let the power fail when a payment that counts already is delivered again."""
    await trial.afresh()
    [payment], amount = trial.texts("payment", 1), trial.random.randrange(10, 90)
    for worker in (trial.client("bob"), trial.client("emil", dies_after=commands)):
        await trial.run(charge, worker, payment, amount)
    when = f"with a power cut after {counted(commands, 'command')} of its second delivery"
    await _counted_once(trial, amount, when)


async def _counted_once(trial: Trial, amount: int, when: str) -> None:
    found = await _paid(trial)
    left = listed([key for key in await trial.keys() if key != "paid"])
    is_more = isinstance(found, str) and found.isdecimal() and int(found) > amount
    expect_same(
        f"the key `paid`, {when}",
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
            f"{counted(place, 'command')} of a payment of 30, and another one charges 50",
            await _paid(trial),
            "580",
            "The sum is changed by others, too: both payments must count.",
        )
        if not stood:
            return


async def _in_a_crowd(trial: Trial, charge: Answer) -> None:
    """Let many workers charge payments of their own at once: all but one meet another's sum."""
    if trial.number != 2:
        return
    await trial.afresh()
    payments = trial.texts("payment", CROWD)
    at_work = [
        trial.start(charge, trial.client(f"worker-{number}"), payment, 10)
        for number, payment in enumerate(payments)
    ]
    for running in at_work:
        await trial.finish(running, FASTER)
    what = f"the key `paid` after {CROWD} workers charged a payment of 10 each, all at once"
    hint = "Whoever finds that another was faster begins again, until its payment counts."
    expect_same(what, await _paid(trial), str(10 * CROWD), hint)


async def _remembers_many(trial: Trial, charge: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    payments = trial.texts("payment", trial.random.randint(*MANY))
    trial.budget.allow(len(payments))
    bob, emil = trial.client("bob"), trial.client("emil")
    await trial.run_each(charge, [(bob, payment, 10) for payment in payments])
    await trial.run_each(charge, [(emil, payment, 10) for payment in payments[:3]])
    hint = "A payment stays known, however many come after it."
    what = f"the key `paid` after {len(payments)} payments of 10, of which three came again later"
    expect_same(what, await _paid(trial), str(10 * len(payments)), hint)


async def _paid(trial: Trial) -> Any:
    kind: Any = await trial.side.type("paid")
    return await trial.side.get("paid") if kind in ("string", "none") else f"a {kind}"
