"""Lesson 1: choose between a queue and a stream."""

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing
from ...sandbox.plain import plain


@exercise(
    "1.1",
    "place_order",
    hints=(
        "With queues, each service that needs the order has a queue of its own.",
        "Push the order twice: to `for-mail` and to `for-stock`.",
        '`await shop.rpush("for-mail", order)`, the same for the other, then return the text.',
    ),
)
async def serves_both_services(trial: Trial, place_order: Answer) -> str:
    orders, shop = trial.invent("order", 4), trial.client("shop")
    answers = [await trial.run(place_order, shop, order) for order in orders]
    for queue in ("for-mail", "for-stock"):
        found = await trial.elements(queue)
        expect_same(
            f"the list `{queue}`",
            found,
            orders,
            (not found, "Nothing waits there: each service needs its own copy, kept until taken."),
            (isinstance(found, str), "It should be a list: RPUSH makes one."),
            (bool(missing(found, orders)), "Push the order that you are given."),
            (len(found) < len(orders), "Some are gone: what waits there already must stay."),
            (found == orders[::-1], "LPOP takes from the left, so the newest leaves first: RPUSH."),
            "Push each order once.",
        )
    accepted = [f"{order} accepted" for order in orders]
    expect_same("the answers", answers, accepted, 'Return the text "… accepted" as in the lesson.')
    await trial.only({"for-mail", "for-stock"})
    return f"both queues hold {', '.join(orders)}."


@exercise(
    "1.2",
    "put",
    "take",
    hints=(
        "What goes in at one end of a queue comes out at the other.",
        "RPUSH goes with LPOP, LPUSH with RPOP.",
        "LPOP never waits: with nothing left it returns None by itself.",
    ),
)
async def makes_a_queue(trial: Trial, put: Answer, take: Answer) -> str:
    parcels = trial.invent("parcel", 6)
    shop, workers = trial.client("shop"), [trial.client("ann"), trial.client("bob")]
    for parcel in parcels[:4]:
        await trial.run(put, shop, parcel)
    await _all_lie_there(trial, parcels[:4])
    taken = [await trial.run(take, worker) for worker in workers]
    for parcel in parcels[4:]:
        await trial.run(put, shop, parcel)
    taken += [await trial.run(take, workers[turn % 2]) for turn in range(5)]
    expect_same(
        "seven calls of `take`, after six parcels were put in",
        taken,
        [*parcels, None],
        (taken[0] == taken[1], "The same parcel came twice: `take` must remove what it returns."),
        (taken[0] == parcels[3], "The newest came first: take from the other end."),
        "`take` removes and returns the oldest parcel, or None when there is none.",
    )
    await trial.only(())
    await _two_at_once(trial, put, take)
    return (
        "six parcels came out in the sequence in which they went in, each to one worker, then None."
    )


async def _two_at_once(trial: Trial, put: Answer, take: Answer) -> None:
    shop, workers = trial.client("shop"), (trial.client("ann"), trial.client("bob"))
    parcels = trial.invent("parcel", 3)
    for parcel in parcels:
        await trial.run(put, shop, parcel)
    taken = await trial.together(*(trial.start(take, worker) for worker in workers))
    hint = "Both got the same parcel: look and take in a single command."
    expect_same("what two workers take at once", sorted(map(str, taken)), sorted(parcels[:2]), hint)
    await trial.side.delete("parcels")
    hint = "The list was emptied by somebody else: ask the broker, not the memory of Python."
    expect_same("what is left", await trial.run(take, workers[0]), None, hint)


async def _all_lie_there(trial: Trial, parcels: list[str]) -> None:
    held = await trial.elements("parcels")
    expect_same(
        "the list `parcels` after four parcels were put in, whatever their sequence",
        sorted(held) if isinstance(held, list) else held,
        sorted(parcels),
        (not held, "`put` must push to a list of this name."),
        "`put` pushes one parcel, once.",
    )


@exercise(
    "1.3",
    "replay",
    hints=(
        "Reading a stream takes nothing away. Where must a latecomer begin?",
        '`await reader.xrange("orders")` returns all entries, each an id and its fields.',
        'Collect `fields["order"]` of each entry.',
    ),
)
async def replays_history(trial: Trial, replay: Answer) -> str:
    orders = trial.invent("order", 10 + 5 * trial.number)
    for order in orders:
        await trial.side.xadd("orders", {"order": order, "paid": "yes"})
    before = await trial.entries("orders")
    for name in ("stats", "audit"):
        _found_all(name, await trial.run(replay, trial.client(name)), orders)
        hint = "Others will come later still: look, and change nothing."
        expect_same("the stream afterwards", await trial.entries("orders"), plain(before), hint)
    return f"two latecomers found all {len(orders)} orders, and the stream still has them."


def _found_all(name: str, found: object, orders: list[str]) -> None:
    count = len(found) if isinstance(found, list) else 0
    expect_same(
        f"what {name} found",
        found,
        orders,
        (not found, "A latecomer wants what is there already: begin at the first entry."),
        (0 < count < len(orders), "Some are missing: begin at the first, and ask for all."),
        "Return the names of the orders, oldest first.",
    )


EXERCISES = (serves_both_services, makes_a_queue, replays_history)
