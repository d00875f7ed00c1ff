"""Lesson 1: choose between a queue and a stream."""

from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, expect_same, missing, repeated

QUEUES = ("for-mail", "for-stock")


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
    for queue in QUEUES:
        found = await trial.elements(queue)
        expect_same(f"the list `{queue}`", found, orders, *_why_not(found, orders))
    _are_accepted(answers, orders)
    await trial.only(QUEUES)
    await trial.lasting()
    await _adds_to_what_waits(trial, place_order)
    await _others_use_the_queues_meanwhile(trial, place_order)
    return f"both queues hold {', '.join(orders)}."


def _why_not(found: Any, orders: list[str]) -> list[Reason | str]:
    lost = missing(orders, found)
    return [
        (not found, "Nothing waits there: each service needs its own copy, kept until taken."),
        (isinstance(found, str), "It should be a list: RPUSH makes one."),
        (
            bool(found) and found == orders[-len(found) :] and bool(lost),
            "What waited there is gone: what waits there already must stay.",
        ),
        (
            bool(lost) and found == orders[: len(found)],
            f"{lost and lost[0]} did not come: each call pushes its order, whatever waits there.",
        ),
        (bool(lost), "Push the order that you are given."),
        (found == orders[::-1], "LPOP takes from the left, so the newest leaves first: RPUSH."),
        (bool(repeated(found)), "Push each order once."),
        "Push each order once, as it is, at the right end.",
    ]


def _are_accepted(answers: list[Any], orders: list[str]) -> None:
    accepted = [f"{order} accepted" for order in orders]
    expect_same("the answers", answers, accepted, 'Return the text "… accepted" as in the lesson.')


async def _adds_to_what_waits(trial: Trial, place_order: Answer) -> None:
    """Place orders of other shapes behind others: hundreds in one of the trials.

    Mail is slower than stock. One order is there already, as a customer has placed it twice.
    """
    await trial.afresh()
    waiting = trial.many("order") if trial.number == 3 else trial.texts("order", 3)
    behind = dict(zip(QUEUES, (waiting, waiting[1:]), strict=True))
    orders = [*trial.texts("order", 2), waiting[-1]]
    for queue, before in behind.items():
        await trial.push(queue, before)
    web = trial.client("web")
    answers = [await trial.run(place_order, web, order) for order in orders]
    for queue, before in behind.items():
        found = await trial.elements(queue)
        lost = missing(orders, found)
        twice = len(before) + 2 == len(found) and found == [*before, *orders[:2]]
        expect_same(
            f"the list `{queue}`",
            found,
            [*before, *orders],
            (bool(lost), f"The order is {_first(lost)!r}: push it as it is."),
            (twice, f"{orders[-1]!r} waited there, and was placed again: push it again."),
            f"{len(before)} orders waited there before: they stay, and the new ones come last.",
        )
    _are_accepted(answers, orders)


async def _others_use_the_queues_meanwhile(trial: Trial, place_order: Answer) -> None:
    """Between any two commands a service takes an order, and another shop places one."""
    for place in trial.gaps():
        await trial.afresh()
        first, second, mine, theirs = trial.texts("order", 4)
        for queue in QUEUES:
            await trial.push(queue, [first, second])
        shop = trial.client("shop", stops_after=place)
        running = trial.start(place_order, shop, mine)
        if not await trial.in_gap(running, shop):
            await trial.finish(running)
            return
        taken = {queue: await trial.side.lpop(queue) for queue in QUEUES}
        for queue in QUEUES:
            await trial.side.rpush(queue, theirs)
        trial.go_on(shop)
        await trial.finish(running)
        for queue in QUEUES:
            found = [*filter(None, [taken[queue]]), *await trial.elements(queue)]
            _is_whole(queue, found, mine, [first, second, theirs])


def _is_whole(queue: str, found: list[str], mine: str, others: list[str]) -> None:
    when = f"while others used `{queue}`, too"
    hint = "Others use the queue between any two of your commands: only add your order to it."
    expect_same(f"orders lost {when}", missing([mine, *others], found), [], hint)
    expect_same(f"orders that came twice {when}", repeated(found), [], hint)
    rest = [order for order in found if order != mine]
    expect_same(f"what others had in the queue, {when}", rest, others, hint)


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
    await _all_lie_there(trial, "four", parcels[:4])
    await trial.lasting()
    taken = [await trial.run(take, worker) for worker in workers]
    for parcel in parcels[4:]:
        await trial.run(put, shop, parcel)
    taken += [await trial.run(take, workers[turn % 2]) for turn in range(5)]
    expect_same(
        "seven calls of `take`, after six parcels were put in",
        taken,
        [*parcels, None],
        (taken[0] == [parcels[0]], "Return the parcel itself, without a list around it."),
        (taken[0] == taken[1], "The same parcel came twice: `take` must remove what it returns."),
        (taken[0] == parcels[3], "The newest came first: take from the other end."),
        (
            None in taken[:6],
            "Two workers on two machines take in turn: neither has what the other keeps in Python.",
        ),
        "`take` removes and returns the oldest parcel, or None when there is none.",
    )
    await trial.only(())
    trial.returned_at_once("take")
    await _two_at_once(trial, put, take)
    await _in_any_gap(trial, put, take)
    await _holds_many(trial, put, take)
    trial.returned_at_once("take")
    return (
        "six parcels came out in the sequence in which they went in, each to one worker, then None."
    )


async def _two_at_once(trial: Trial, put: Answer, take: Answer) -> None:
    shop, workers = trial.client("shop"), (trial.client("ann"), trial.client("bob"))
    parcels = trial.invent("parcel", 3)
    for parcel in parcels:
        await trial.run(put, shop, parcel)
    taken = await trial.together(*(trial.start(take, worker) for worker in workers))
    _took_two(taken, parcels)
    await trial.side.delete("parcels")
    hint = "The list was emptied by somebody else: ask the broker, not the memory of Python."
    expect_same("what is left", await trial.run(take, workers[0]), None, hint)


def _took_two(taken: list[Any], parcels: list[str]) -> None:
    expect_same(
        "what two workers take at once",
        sorted(map(str, taken)),
        sorted(parcels[:2]),
        (taken[0] == taken[1], "Both got the same parcel: look and take in a single command."),
        (None in taken, "One was told that there is nothing, while a parcel waited for it."),
        "Each takes one of the two oldest.",
    )


async def _in_any_gap(trial: Trial, put: Answer, take: Answer) -> None:
    """Run another `put`, and another `take`, between any two commands of one."""
    for place in trial.gaps():
        await trial.afresh()
        parcels = trial.texts("parcel", 5)
        shop, web = trial.client("shop"), trial.client("web", stops_after=place)
        await trial.run_each(put, [(shop, parcel) for parcel in parcels[:3]])
        first = trial.start(put, web, parcels[3])
        put_between, _ = await trial.overtake(first, web, put, shop, parcels[4])
        await _all_lie_there(trial, "five", parcels)
        ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
        first = trial.start(take, ann)
        took_between, taken = await trial.overtake(first, ann, take, bob)
        _took_two(taken, parcels)
        stood = await _two_want_the_last(trial, take, place)
        if not (put_between or took_between or stood):
            return


async def _two_want_the_last(trial: Trial, take: Answer, place: int) -> bool:
    """Leave one parcel, which another takes while a worker stops; return whether it stopped."""
    await trial.afresh()
    [parcel] = trial.texts("parcel", 1)
    await trial.push("parcels", [parcel])
    ann, bob = trial.client("ann", stops_after=place), trial.client("bob")
    first = trial.start(take, ann)
    hints = {"waits in": "Another worker took the last parcel in between: return None at once."}
    stood, taken = await trial.overtake(first, ann, take, bob, hints=hints)
    expect_same(
        "what two workers take when one parcel is left",
        sorted(map(str, taken)),
        sorted([parcel, "None"]),
        (taken[0] == taken[1], "Both got the same parcel: look and take in a single command."),
        "One takes it, and the other is told None.",
    )
    return stood


async def _holds_many(trial: Trial, put: Answer, take: Answer) -> None:
    if trial.number < 3:
        return
    await trial.afresh()
    parcels, shop = trial.many("parcel"), trial.client("shop")
    parcels.append(parcels[0])  # one of the same name, as a customer may have sent two
    trial.budget.allow(len(parcels))
    await trial.run_each(put, [(shop, parcel) for parcel in parcels])
    await _all_lie_there(trial, str(len(parcels)), parcels)
    taken = [await trial.run(take, trial.client("ann")) for _ in range(2)]
    hint = f"{len(parcels)} parcels lie there: the oldest two come first."
    expect_same("two calls of `take`", taken, parcels[:2], hint)
    left = len(await trial.elements("parcels"))
    hint = "Each call removes the parcel that it returns, and no other, even one of the same text."
    expect_same("how many parcels are left", left, len(parcels) - 2, hint)


async def _all_lie_there(trial: Trial, count: str, parcels: list[str]) -> None:
    held = await trial.elements("parcels")
    expect_same(
        f"the list `parcels` after {count} parcels were put in, whatever their sequence",
        sorted(held) if isinstance(held, list) else held,
        sorted(parcels),
        (not held, "`put` must push to a list of this name."),
        (isinstance(held, str), "It should be a list: RPUSH and LPUSH make one."),
        (bool(missing(parcels, held)), _not_there(missing(parcels, held))),
        (
            isinstance(held, list) and len(held) < len(parcels),
            f"{_first(repeated(parcels))!r} was put in twice: both are parcels.",
        ),
        f"`put` was called {count} times, and pushes one parcel each time.",
    )


def _not_there(lost: list[str]) -> str:
    return f"{_first(lost)!r} is not there: push each parcel as it is, and keep the others."


def _first(things: list[str]) -> str:
    return things[0] if things else ""


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
    await trial.add("orders", [{"order": order, "paid": "yes"} for order in orders])
    for name in ("stats", "audit"):
        await _replays(trial, replay, name, orders)
    await _more_come(trial, replay, orders)
    await _a_long_history(trial, replay)
    return f"two latecomers found all {len(orders)} orders, and the stream still has them."


async def _replays(trial: Trial, replay: Answer, name: str, orders: list[str]) -> None:
    before = await trial.state()
    _found_all(name, await trial.run(replay, trial.client(name)), orders)
    hint = "Others will come later still: look, and change nothing."
    expect_same(
        "the stream afterwards", (await trial.state()).get("orders"), before["orders"], hint
    )
    await trial.only({"orders"})


async def _more_come(trial: Trial, replay: Answer, orders: list[str]) -> None:
    """Add an order after a first call, and another between any two commands of the next."""
    reader, more = trial.client("late"), trial.texts("order", 1)
    await trial.run(replay, reader)
    await trial.add("orders", [{"order": more[0]}])
    found = await trial.run(replay, reader)
    hint = "One more had come since the last call: ask the broker each time."
    kept = found == [*orders, *orders, *more]
    expect_same(
        "what a second call found",
        found,
        [*orders, *more],
        (found == orders, hint),
        (
            kept,
            "What the first call returned is in it as well: begin each call with an empty list.",
        ),
    )
    for place in trial.gaps():
        known, [new] = [*orders, *more], trial.texts("order", 1)
        reader = trial.client("late", stops_after=place)
        running = trial.start(replay, reader)
        stood = await trial.in_gap(running, reader)
        await trial.add("orders", [{"order": new}])
        trial.go_on(reader)
        found = await trial.finish(running)
        more.append(new)
        if found != [*known, new]:
            _found_all("a reader, while another order came,", found, known)
        if not stood:
            return


async def _a_long_history(trial: Trial, replay: Answer) -> None:
    """Read hundreds of entries, whose fields come in another sequence, and beside others.

    The first has the smallest id that there is, and one order has two entries.
    """
    if trial.number < 3:
        return
    await trial.afresh()
    orders = trial.many("order")
    orders.insert(-2, orders[1])
    entries = [trial.shuffled({"order": order, "paid": "yes", "by": "web"}) for order in orders]
    await trial.side.xadd("orders", entries[0], id="0-1")
    await trial.add("orders", entries[1:])
    await _replays(trial, replay, "report", orders)


def _found_all(name: str, found: Any, orders: list[str]) -> None:
    names = found if isinstance(found, list) else []
    came = f"There are {len(orders)}, and {len(names)} came"
    lost = missing(orders, names)
    is_short = 0 < len(names) < len(orders)
    expect_same(
        f"what {name} found",
        found,
        orders,
        (not found, "A latecomer wants what is there already: begin at the first entry."),
        (is_short and names == orders[: len(names)], f"{came}: ask for all, to the last."),
        (is_short and names == orders[-len(names) :], f"{came}: begin at the very first."),
        (is_short and bool(lost), f"{came}: {_first(lost)!r} is missing, for one."),
        (is_short, f"{came}: return one name for each entry, also where an order has two."),
        (len(names) > len(orders), f"{came}: return one name for each entry."),
        (
            sorted(map(str, names)) == sorted(orders),
            "All came, and in another sequence: return the oldest first.",
        ),
        "Return the names of the orders, oldest first.",
    )


EXERCISES = (serves_both_services, makes_a_queue, replays_history)
