"""Lesson 2: publish to whoever is listening."""

import json
from typing import Any

from redis.asyncio.client import PubSub

from ..waiting import read
from .exercise import exercise
from .judging import same
from .question import Question, right, wrong
from .trial import Answer, Trial


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
    channel, text = trial.some("sale", 2)
    text += " for 5 €"
    shop = trial.client("shop")
    for listeners in trial.random.sample(range(4), 4):
        inboxes = [await _listener(trial, channel, listeners) for _ in range(listeners)]
        answer = await trial.run(announce, shop, channel, text)
        for inbox in inboxes:
            await _heard_once(inbox, text)
        same(
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
    same(
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
    same("how often the shop was opened", len(openings), 1, "Call and await open_shop once.")
    texts = heard if isinstance(heard, list) else []
    late = "She came too late: subscribe before the shop opens."
    extra = "A confirmation is not a price: leave it out."
    whole = any(isinstance(text, dict) for text in texts)
    reasons = (
        (whole, 'Return what each message says: `message["data"]`.'),
        (prices[0] not in texts, late),
        (any(text not in prices for text in texts), extra),
    )
    same(
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
    same(
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

PREDICTIONS = (
    Question(
        "Ann and Bob listen to event1, only Ann to event2. The shop publishes once to each. "
        "What are the two replies?",
        wrong("1 and 1", "That would be a queue, where one of the two takes the message."),
        right("2 and 1", "Every subscription gets a copy of its own, and each one is counted."),
        wrong("3 and 3", "A reply counts the subscriptions to that channel, not all of them."),
    ),
    Question(
        "Bob subscribes again, and the shop publishes 35. Which prices does he find?",
        wrong("20 and 35", "20 was published to nobody and kept nowhere."),
        wrong("None, he has to register again", "A new subscription works at once."),
        right(
            "Only 35",
            "To the broker, the Bob who came back is somebody new. Nothing waited for him.",
        ),
    ),
    Question(
        "Ann has two inboxes on event1, and nobody else listens to it. What does PUBLISH return?",
        wrong("1, she is one person", "The server knows connections, not people."),
        right("2", "It counts matching subscriptions, and Ann holds two."),
        wrong("0, until she has read it", "The server does not know whether anybody reads."),
    ),
)

QUIZ = (
    Question(
        "PUBLISH returned 0 on a single server. What do you know?",
        right("Nobody was subscribed to the channel", "And the message is gone: nothing keeps it."),
        wrong("The message waits for the first subscriber", "A channel stores nothing."),
        wrong("The publish failed", "It succeeded. Publishing to nobody is not an error."),
    ),
    Question(
        "A program subscribes to three channels with one SUBSCRIBE. How many confirmations come?",
        wrong("One", "Each channel is confirmed on its own."),
        wrong("None until a message comes", "The confirmation comes at once."),
        right("Three", "Each with the number of subscriptions that the connection then has."),
    ),
    Question(
        "A subscriber loses its connection for a second, and redis-py reconnects by itself. "
        "What about the messages of that second?",
        wrong(
            "They come late, after the new ones",
            "The server kept nothing for it, so nothing can come.",
        ),
        right("They are lost, and no error says so", "It subscribes again and goes on with a gap."),
        wrong("They come twice", "The broker sends nothing again; only a publisher can."),
    ),
    Question(
        "What does an envelope with a running number give you?",
        wrong("Delivery is guaranteed", "It shows a loss; it does not repair one."),
        right("The receiver notices a gap", "It can then ask for what is missing by other means."),
        wrong("Redis drops duplicates", "Redis does not look into messages."),
    ),
    Question(
        "Production uses database 0 and the test system database 1 of one server. "
        "Both use the channel orders. What happens?",
        right(
            "Each hears the other",
            "Channels ignore database numbers: put the system's name into theirs.",
        ),
        wrong("They are separate", "Keys are. Channels are not."),
        wrong("SUBSCRIBE fails in database 1", "It works in every database, and hears all."),
    ),
)
