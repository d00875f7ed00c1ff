"""Lab 2: a channel whose subscribers come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from redis.asyncio.client import PubSub

from ...labs.acts import Act, Control, Finding, Goal
from ...labs.model import Lab
from ...labs.words import few
from ...stage.model import Link, Place, Stage, Token
from ...waiting import read

SUBSCRIBERS = ("ann", "bob")
INTRODUCTION = "The shop publishes to a channel. Whoever is subscribed at that moment gets it."
ENOUGH = 15  # messages that the lab publishes by itself
CHANNEL, KEEPS = "channel news", "keeps nothing"


@dataclass
class State:
    """What was published, with the replies, and what each subscriber has received."""

    replies: dict[str, int] = field(default_factory=dict)
    subscriptions: int = 0
    subscribed: tuple[str, ...] = ()
    received: dict[str, list[str]] = field(default_factory=lambda: {n: [] for n in SUBSCRIBERS})
    had: dict[str, int] = field(default_factory=dict)  # received before the last SUBSCRIBE

    def missed(self, name: str) -> list[str]:
        """List the messages that were published and did not reach this one."""
        received = set(self.received[name])
        return [message for message in self.replies if message not in received]

    def heard(self, name: str) -> str:
        """Write a 1 for each message that reached this one, and a 0 for each other."""
        received = set(self.received[name])
        return "".join("01"[message in received] for message in self.replies)

    def any_heard(self, run: str) -> str:
        """Name the first to whom this run of 1 and 0 has happened, or nobody."""
        return next((name for name in SUBSCRIBERS if run in self.heard(name).lstrip("0")), "")

    def reached_all(self) -> bool:
        """Tell whether one message has reached everybody."""
        return bool(set(self.replies).intersection(*self.received.values()))


class Channel(Lab):
    """A lab: publish to whoever is subscribed at that moment.

    Follows https://redis.io/docs/latest/develop/pubsub/
    """

    number = 2
    title = "A channel and its subscribers"
    state: State

    def begin(self) -> None:
        self.state = State()
        self._inboxes: dict[str, PubSub] = {}
        self.headline = INTRODUCTION

    def acts(self) -> list[Control]:
        return [
            Act("Publish", self.publish, "shop", spoken="Publish"),
            *(act for name in SUBSCRIBERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> list[Act]:
        is_subscribed = name in self.state.subscribed
        already = f"{name} is subscribed already." * is_subscribed
        not_yet = f"{name} is not subscribed." * (not is_subscribed)
        return [
            Act("Subscribe", partial(self.subscribe, name), name, why_not=already),
            Act("Unsubscribe", partial(self.unsubscribe, name), name, why_not=not_yet),
        ]

    async def publish(self) -> None:
        """Publish the next message."""
        message = f"news-{len(self.state.replies) + 1}"
        reply = await self.client("shop").publish(self.key("news"), message)
        self.state.replies[message] = reply
        reached = f"{reply} subscriber{'s' * (reply != 1)}" if reply else "nobody, and is gone"
        self.headline = f"PUBLISH returned {reply}: {message} reached {reached}."

    async def subscribe(self, name: str) -> None:
        """Let somebody subscribe."""
        is_back = name in self.state.had
        inbox = self._inboxes[name] = self.client(name).pubsub()
        self.state.had[name] = len(self.state.received[name])
        await inbox.subscribe(self.key("news"))
        await read(inbox)
        since = "again" if is_back else "from now on"
        self.headline = f"{name} is subscribed {since}.{_gone(self.state.missed(name))}"

    async def unsubscribe(self, name: str) -> None:
        """Let somebody give up the subscription."""
        inbox = self._inboxes.pop(name)
        await inbox.unsubscribe()
        await read(inbox)
        await inbox.aclose()
        self.headline = (
            f"{name} has unsubscribed, and will miss whatever is published before the next "
            "SUBSCRIBE."
        )

    async def look(self) -> None:
        for name, inbox in self._inboxes.items():
            self.state.received[name] += [m["data"] for m in await read(inbox)]
        self.state.subscribed = tuple(self._inboxes)
        async with self.asker() as asker:
            [(_, self.state.subscriptions)] = await asker.pubsub_numsub(self.key("news"))

    def stage(self) -> Stage:
        state = self.state
        sent = [Token(m, f"{m} to {reply}", "sent") for m, reply in state.replies.items()]
        subscribed = f"{state.subscriptions} subscribed"
        places = [
            Place("shop", "client", "sends", sent),
            Place(CHANNEL, "channel", "broker", (), subscribed, KEEPS),
            *map(self._subscriber, SUBSCRIBERS),
            *(self._missed(name) for name in SUBSCRIBERS if state.missed(name)),
        ]
        return Stage(self.title, places, list(self._links()))

    def _subscriber(self, name: str) -> Place:
        received = [Token(f"{m}→{name}", m, "done") for m in self.state.received[name]]
        is_subscribed = name in self.state.subscribed
        state = "subscribed" if is_subscribed else "not subscribed"
        return Place(name, "client", "receives", received, state)

    def _missed(self, name: str) -> Place:
        missed = [Token(f"{m}→{name}", m, "lost") for m in self.state.missed(name)]
        return Place(f"missed by {name}", "outcome", "after", missed)

    def _links(self) -> Iterator[Link]:
        """Join who subscribed: what an earlier subscription brought is no delivery of this one."""
        if sent := len(self.state.replies):
            yield Link("shop", CHANNEL, sent)
        for name in self.state.subscribed:
            received = len(self.state.received[name]) - self.state.had[name]
            yield Link(CHANNEL, name, received, is_open=True)

    def goals(self) -> list[Goal]:
        state = self.state
        silence = f"Unsubscribe {state.subscribed[0]}" if state.subscribed else "Publish"
        back = self._to_reach("10")
        return [
            Goal("Publish while nobody is subscribed", 0 in state.replies.values(), silence),
            Goal("Let ann subscribe, and publish", bool(state.any_heard("1")), self._to_reach("")),
            Goal("Let ann unsubscribe, and publish", bool(state.any_heard("10")), self._to_miss()),
            Goal("Let ann subscribe again, and publish", bool(state.any_heard("01")), back),
            Goal(
                "Let bob subscribe too, and publish: PUBLISH returns 2",
                state.reached_all(),
                self._to_reach_all(),
            ),
        ]

    def _to_reach(self, run: str) -> str:
        """Name the act that lets a message reach somebody to whom this has happened."""
        name = self.state.any_heard(run) or SUBSCRIBERS[0]
        return "Publish" if name in self.state.subscribed else f"Subscribe {name}"

    def _to_miss(self) -> str:
        """Name the act that lets somebody miss a message who has heard one."""
        name = self.state.any_heard("1") or SUBSCRIBERS[0]
        return f"Unsubscribe {name}" if name in self.state.subscribed else "Publish"

    def _to_reach_all(self) -> str:
        missing = [name for name in SUBSCRIBERS if name not in self.state.subscribed]
        return f"Subscribe {missing[0]}" if missing else "Publish"

    def next_act(self) -> str:
        return "Publish" if len(self.state.replies) < ENOUGH else ""

    def finding(self) -> Finding:
        name = self.state.any_heard("01") or SUBSCRIBERS[0]
        published, missed = len(self.state.replies), self.state.missed(name)
        them = "it" if len(missed) == 1 else "them"
        return Finding(
            f"{name} missed {len(missed)} of {published}",
            f"Who can still give {name} {few(missed)}?",
            {
                f"Nobody, unless the shop saved {them} elsewhere": "A channel hands a message to "
                "whoever is subscribed, and forgets it.",
                f"Redis, as soon as {name} subscribes once more": f"{name} did subscribe again, "
                "and only what was published later came.",
                f"The shop, as PUBLISH waits until {name} has {them}": "PUBLISH returned at once, "
                "with the number of subscribers that it had reached.",
            },
        )

    def summary(self) -> str:
        state = self.state
        now = f"Subscribed now: {state.subscriptions}."
        if not state.replies:
            return f"Nothing published yet. {now}"
        told = [
            f"{name} received {len(received)}, missed {len(state.missed(name))}"
            for name, received in state.received.items()
        ]
        return f"Published {len(state.replies)}. {'; '.join(told)}. {now}"


def _gone(missed: list[str]) -> str:
    """Say what was published before a SUBSCRIBE, and is not sent again."""
    do = "does" if len(missed) == 1 else "do"
    return f" {few(missed)} {do} not come." if missed else ""


LAB = Channel
