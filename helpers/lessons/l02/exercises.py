"""Lesson 2: publish to whoever is listening."""

import json
from collections import Counter
from itertools import pairwise
from typing import Any

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import Reason, expect_same, missing, repeated
from ...waiting import read

MESSAGES = ("message", "pmessage")
SUBSCRIBING = ("SUBSCRIBE", "PSUBSCRIBE")
NEARBY = ("prices-old", "price", "offers", "prices:shop 2")  # channels with traffic of their own

LETTER = {"id": 0, "time": "09:00", "sender": "shop", "type": "price", "body": ""}
KINDS = ("price", "sale", "note")
CONFIRMED = {said: "The confirmation is not a letter." for said in ("not int", "'int' object")}

SHARDED = "SPUBLISH reaches those who have called SSUBSCRIBE; these have called SUBSCRIBE."


@exercise(
    "2.1",
    "announce",
    hints=(
        "PUBLISH has a reply. What does it count?",
        "`await shop.publish(channel, text)` returns the number of subscriptions that matched.",
        "Publish once, keep the reply, and return whether it is greater than 0.",
    ),
)
async def knows_whether_anybody_listened(trial: Trial, announce: Answer) -> str:
    channel, text = trial.invent("sale", 2)
    text += " for 5 €"
    shop = trial.client("shop")
    for listeners in trial.random.sample(range(4), 4):
        inboxes = [await _listener(trial, channel, listeners) for _ in range(listeners)]
        await _announced(trial, announce, shop, channel, text, inboxes)
    await _on_a_busy_broker(trial, announce)
    return "one message each for 0, 1, 2 and 3 subscribers, and the right answer every time."


async def _listener(trial: Trial, channel: str, listeners: int) -> PubSub:
    """Listen to the channel; whoever is alone listens by a pattern."""
    inbox = await trial.inbox(*[channel] * (listeners > 1))
    if listeners == 1:
        await inbox.psubscribe(f"{channel}*")
    return inbox


async def _announced(
    trial: Trial, announce: Answer, shop: Any, channel: str, text: str, inboxes: list[PubSub]
) -> None:
    """Let a text be announced once, and ask everybody what they heard."""
    listeners, before = len(inboxes), trial.sent("PUBLISH")
    answer = await trial.run(announce, shop, channel, text)
    for inbox in inboxes:
        await _heard_once(inbox, text, trial.sent("SPUBLISH") > 0)
    sent = trial.sent("PUBLISH") - before
    expect_same(
        f"the answer with {listeners} listening",
        answer,
        listeners > 0,
        (answer is not None and not sent, "Publish first: PUBLISH says how many were there."),
        (type(answer) is int, "Return True or False, not how many."),
        (answer is not None and type(answer) is not bool, "Return True or False."),
        (
            not listeners and trial.sent(*SUBSCRIBING) > 0,
            "Nobody else was there: it has heard itself.",
        ),
        (not listeners, "Nobody was there: the reply of PUBLISH was 0."),
        (listeners == 1, "One listened, by a pattern, and the reply of PUBLISH was 1."),
        "Return what the reply of PUBLISH says: was it greater than 0?",
    )
    expect_same(
        "how often the text was published",
        sent,
        1,
        (trial.sent("SPUBLISH") > 0, SHARDED),
        (not sent, "Nothing was published: only the reply of PUBLISH says who was there."),
        "Each call of publish is a message: publish once, whether somebody listens or not.",
    )


async def _heard_once(inbox: PubSub, text: str, is_sharded: bool) -> None:
    arrived = [m["data"] for m in await read(inbox) if m["type"] in MESSAGES]
    hint = f"They arrived, and each should be the text {text!r}: it must arrive as it is."
    expect_same(
        "what a subscriber received",
        arrived,
        [text],
        (not arrived and is_sharded, SHARDED),
        (not arrived, "Nothing was published to that channel."),
        (len(set(arrived)) < len(arrived), "Each call of publish is a message: publish once."),
        (len(arrived) > 1, hint),
        "The text must arrive as it is.",
    )
    await inbox.aclose()


async def _on_a_busy_broker(trial: Trial, announce: Answer) -> None:
    """Announce while others listen to channels nearby, by patterns, and to nothing any more."""
    [channel, text], count = trial.texts("sale", 2), trial.random.randrange(4, 12)
    text = f"{text}, and more of it\n" * 40
    nearby = await trial.inbox(f"{channel} ", channel[:-1], f"{channel}{channel}")
    await nearby.psubscribe(f"{channel}?*", "news.*")
    gone = await trial.inbox(channel)
    await gone.unsubscribe(channel)
    for listeners in trial.random.sample((0, count, 0), 3):
        inboxes = [await trial.inbox(channel) for _ in range(listeners)]
        if inboxes:
            inboxes.append(await trial.inbox())
            await inboxes[-1].psubscribe("*")
        await _announced(trial, announce, trial.client("shop"), channel, text, inboxes)
    await trial.only(())
    heard = [m["channel"] for m in await read(nearby) if m["type"] in MESSAGES]
    hint = "Publish to the channel that you are given."
    expect_same("other channels that were published to", heard, [], hint)
    await nearby.aclose()
    await gone.aclose()


@exercise(
    "2.2",
    "prices_of_the_day",
    hints=(
        "A channel keeps nothing. When must Ann be there?",
        "Subscribe before `open_shop` is called.",
        'A confirmation is not a price: keep what has the type "message".',
    ),
)
async def hears_the_first_price_too(trial: Trial, prices_of_the_day: Answer) -> str:
    prices = [f"book {price}" for price in trial.random.sample(range(10, 60), 3 + trial.number)]
    if trial.number != 2:  # in which there are hundreds
        await _hears(trial, prices_of_the_day, prices)
    await _hears(trial, prices_of_the_day, [] if trial.number == 1 else _many_prices(trial))
    return f"Ann heard all {len(prices)} prices, the first one too."


def _many_prices(trial: Trial) -> list[str]:
    """Invent prices of every shape, some of them numbers and some of them twice."""
    prices = trial.many("price", 200) if trial.number == 2 else trial.texts("price", 12)
    prices += ["1", "prices", "subscribe", "message", *trial.random.choices(prices, k=9)]
    return trial.random.sample(prices, len(prices))


async def _hears(trial: Trial, prices_of_the_day: Answer, prices: list[str]) -> None:
    """Let Ann hear a day, while other channels have traffic."""
    openings: list[int] = []
    before = trial.sent(*SUBSCRIBING)

    async def open_shop() -> None:
        openings.append(trial.sent(*SUBSCRIBING) - before)
        async with trial.side.pipeline(transaction=False) as day:
            for place, price in enumerate(prices):
                day.publish("prices", price)
                if place < len(NEARBY):
                    day.publish(NEARBY[place], f"{price} elsewhere")
            await day.execute()

    endless = {"not done": "Does she wait for one more? `read` returns what has arrived."}
    heard = await trial.run(prices_of_the_day, trial.client("ann"), open_shop, hints=endless)
    expect_same("how often the shop was opened", len(openings), 1, "Call and await open_shop once.")
    _heard_all(heard, prices, is_late=not openings[0])
    published = trial.sent("PUBLISH", "SPUBLISH")
    expect_same("how often she published", published, 0, "Listen, and publish nothing.")
    await trial.only(())


def _heard_all(heard: Any, prices: list[str], is_late: bool) -> None:
    """Judge what Ann returned: all prices and nothing else; their sequence is not asked for."""
    texts = heard if isinstance(heard, list) else []
    whole = any(isinstance(text, dict) for text in texts)
    found = Counter(str(text) if isinstance(text, dict) else text for text in map(_flat, texts))
    lost, extra = Counter(prices) - found, found - Counter(prices)
    if isinstance(heard, list) and not lost and not extra:
        return
    twice, others = repeated(prices), [text for text in extra if text not in prices]
    stay = "" if texts else " Stay subscribed, and read until all of them have come."
    expect_same(
        "what Ann heard",
        heard,
        prices,
        (is_late, "She came too late: subscribe before the shop opens."),
        (not isinstance(heard, list), "Return a list of the texts."),
        (whole, 'Return what each message says: `message["data"]`.'),
        (
            any(str(text).endswith("elsewhere") for text in extra),
            "Some were published to other channels: listen to `prices` alone.",
        ),
        (any(type(text) is int for text in extra), "A confirmation is not a price: leave it out."),
        (
            bool(others),
            f"{others and others[0]!r} was not published this time: return the texts as they came.",
        ),
        (bool(extra), f"{_first(extra)!r} is there more often than it was published."),
        (
            not extra and set(lost) <= set(twice) and set(prices) <= set(texts),
            f"{_first(lost)!r} was published twice: return each price that came.",
        ),
        (
            bool(lost),
            f"{sum(lost.values())} of {len(prices)} are missing: {_first(lost)!r} is one.{stay}",
        ),
    )


def _flat(text: Any) -> Any:
    return str(text) if isinstance(text, (list, dict)) else text


def _first(counts: Counter[Any]) -> Any:
    return next(iter(counts), "")


@exercise(
    "2.3",
    "missed",
    hints=(
        "Collect the ids that did arrive; the envelope is JSON.",
        '`json.loads(message["data"])["id"]`, for messages of the type "message".',
        "Every number between the smallest and the largest id that is not among them.",
    ),
)
async def names_the_lost_letters(trial: Trial, missed: Answer) -> str:
    first = trial.random.randrange(3, 30)
    ids = list(range(first, first + (12, 40, 150)[trial.number - 1]))
    lost = sorted(trial.random.sample(ids[1:-1], 2 * trial.number - 2))
    await _names_them(trial, missed, ids, lost)
    await _names_many(trial, missed)
    return f"ids {lost} are missing."


async def _names_many(trial: Trial, missed: Answer) -> None:
    """Lose letters in a row, the second and the last but one, where ids get longer."""
    first = trial.random.choice((1, 7, 93, 991, 9_990))
    ids = list(range(first, first + trial.random.randrange(150, 351)))
    gap = trial.random.randrange(20, 100)
    lost = {*ids[1:3], *ids[gap : gap + 5], *trial.random.sample(ids[100:-1], 9), ids[-2]}
    await _names_them(trial, missed, ids, sorted(lost))


async def _names_them(trial: Trial, missed: Answer, ids: list[int], lost: list[int]) -> None:
    inbox = await trial.inbox("prices", name="ann")
    async with trial.side.pipeline(transaction=False) as sending:
        for number in (number for number in ids if number not in lost):
            body = f'"id": {number + 3}, book {number % 7} à 5 €'
            letter = LETTER | {"id": number, "type": KINDS[number % 3], "body": body}
            sending.publish(
                "prices", json.dumps(trial.shuffled(letter), ensure_ascii=number % 2 == 0)
            )
        await sending.execute()
    found = await trial.run(missed, inbox, hints=CONFIRMED)
    numbers = sorted(found) if _are_numbers(found) else []
    expect_same(
        f"the ids missing between {ids[0]} and {ids[-1]}",
        numbers or found,
        lost,
        *_why(numbers, ids, lost),
        (found == [], f"{len(lost)} are missing, such as {(lost or [0])[0]}: look at every id."),
        "Return a list of the numbers between the first and the last id that arrived.",
    )


def _why(numbers: list[int], ids: list[int], lost: list[int]) -> list[Reason]:
    """Say what is wrong with the numbers found, as far as it can be seen."""
    arrived = [number for number in numbers if number in ids and number not in lost]
    outside = [number for number in numbers if number not in ids]
    left = missing([*map(str, lost)], [*map(str, numbers)])
    begins = [after for before, after in pairwise([-1, *lost]) if after != before + 1]
    return [
        (bool(outside) and set(outside) == set(range(1, ids[0])), FROM_THE_FIRST),
        (bool(outside), f"{outside and outside[0]} is not between {ids[0]} and {ids[-1]}."),
        (bool(arrived) and arrived == numbers, "These did arrive: name those that did not."),
        (not lost, "None is missing this time: return an empty list."),
        (bool(arrived), f"{arrived and arrived[0]} has arrived, and it is named as missing."),
        (
            bool(left) and numbers == begins,
            "Of several that are missing in a row only the first is named: name each.",
        ),
        (
            bool(numbers and left),
            f"{len(left)} of {len(lost)} are not named, such as {left and left[0]}: look at every "
            "id.",
        ),
    ]


FROM_THE_FIRST = (
    "What came before the inbox was there is not lost: begin at the first id that arrived."
)


def _are_numbers(found: Any) -> bool:
    return isinstance(found, list) and all(type(each) is int for each in found)


EXERCISES = (knows_whether_anybody_listened, hears_the_first_price_too, names_the_lost_letters)
