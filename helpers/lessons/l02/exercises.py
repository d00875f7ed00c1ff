"""Lesson 2: publish to whoever is listening."""

import json
from typing import Any

from redis.asyncio.client import PubSub

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same
from ...waiting import read


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
        answer = await trial.run(announce, shop, channel, text)
        for inbox in inboxes:
            await _heard_once(inbox, text)
        expect_same(
            f"the answer with {listeners} listening",
            answer,
            listeners > 0,
            (not listeners, "Nobody was there: the reply of PUBLISH was 0."),
            (type(answer) is int, "Return True or False, not how many."),
            (listeners == 1, "A pattern listens as well: only the reply of PUBLISH counts it."),
            "Return what the reply of PUBLISH says: was it greater than 0?",
        )
    return "one message each for 0, 1, 2 and 3 subscribers, and the right answer every time."


async def _listener(trial: Trial, channel: str, listeners: int) -> PubSub:
    """Listen to the channel; whoever is alone listens by a pattern."""
    inbox = await trial.inbox(*[channel] * (listeners > 1))
    if listeners == 1:
        await inbox.psubscribe(f"{channel}*")
    return inbox


async def _heard_once(inbox: PubSub, text: str) -> None:
    heard = [m["data"] for m in await read(inbox) if m["type"] in ("message", "pmessage")]
    expect_same(
        "what a subscriber received",
        heard,
        [text],
        (not heard, "Nothing was published to that channel."),
        (len(heard) > 1, "Each call of publish is a message: publish once."),
        "The text must arrive as it is.",
    )
    await inbox.aclose()


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
    openings: list[int] = []

    async def open_shop() -> None:
        openings.append(1)
        for price in prices:
            await trial.side.publish("prices", price)

    endless = {"not done": "Does she wait for one more? `read` returns what has arrived."}
    heard = await trial.run(prices_of_the_day, trial.client("ann"), open_shop, hints=endless)
    expect_same("how often the shop was opened", len(openings), 1, "Call and await open_shop once.")
    texts = heard if isinstance(heard, list) else []
    late = "She came too late: subscribe before the shop opens."
    extra = "A confirmation is not a price: leave it out."
    whole = any(isinstance(text, dict) for text in texts)
    reasons = (
        (whole, 'Return what each message says: `message["data"]`.'),
        (prices[0] not in texts, late),
        (any(text not in prices for text in texts), extra),
    )
    expect_same(
        "what Ann heard",
        heard,
        prices,
        *reasons,
        "Return a list of the texts, in the sequence in which they came.",
    )
    return f"Ann heard all {len(prices)} prices, the first one too."


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
    inbox = await trial.inbox("prices", name="ann")
    for number in (number for number in ids if number not in lost):
        letter = {"id": number, "sender": "shop", "body": f"book {number % 7}"}
        await trial.side.publish("prices", json.dumps(letter))
    found = await trial.run(missed, inbox, hints={"int": "The confirmation is not a letter."})
    numbers = sorted(found) if _are_numbers(found) else []
    expect_same(
        f"the ids missing between {ids[0]} and {ids[-1]}",
        numbers or found,
        lost,
        (bool(numbers and not lost), "Nothing is missing: begin at the first id that arrived."),
        (not lost, "None is missing this time: return an empty list."),
        (0 < len(numbers) < len(lost), "There is more than one gap: look at every id."),
        "Return a list of the numbers between the first and the last id that arrived.",
    )
    return f"ids {lost} are missing."


def _are_numbers(found: Any) -> bool:
    return isinstance(found, list) and all(type(each) is int for each in found)


EXERCISES = (knows_whether_anybody_listened, hears_the_first_price_too, names_the_lost_letters)
