"""Lab 2: a channel whose listeners come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from redis.asyncio.client import PubSub

from ...labs.acts import Act, Control, Finding, Goal
from ...labs.model import Lab
from ...stage.model import Link, Place, Stage, Token
from ...waiting import read

LISTENERS = ("ann", "bob")
INTRODUCTION = "The shop publishes to a channel. Whoever listens at that moment gets it."
ENOUGH = 15  # messages that the lab publishes by itself
KEEPS = "keeps nothing"


@dataclass
class State:
    """What was published, with the replies, and what each listener has received."""

    replies: dict[str, int] = field(default_factory=dict)
    subscriptions: int = 0
    listening: tuple[str, ...] = ()
    received: dict[str, list[str]] = field(default_factory=lambda: {n: [] for n in LISTENERS})
    had: dict[str, int] = field(default_factory=dict)  # received before the last SUBSCRIBE

    def missed(self, listener: str) -> list[str]:
        """List the messages that were published and did not reach this listener."""
        received = set(self.received[listener])
        return [message for message in self.replies if message not in received]

    def heard(self, listener: str) -> str:
        """Write a 1 for each message that reached this listener, and a 0 for each other."""
        received = set(self.received[listener])
        return "".join("01"[message in received] for message in self.replies)

    def any_heard(self, run: str) -> str:
        """Name the first listener to whom this run of 1 and 0 has happened, or nobody."""
        return next((name for name in LISTENERS if run in self.heard(name).lstrip("0")), "")


class Channel(Lab):
    """A lab: publish to whoever is subscribed at that moment.

    Follows https://redis.io/docs/latest/develop/pubsub/
    """

    number = 2
    title = "A channel and whoever listens"
    state: State

    def begin(self) -> None:
        self.state = State()
        self._inboxes: dict[str, PubSub] = {}
        self.headline = INTRODUCTION

    def acts(self) -> list[Control]:
        return [
            Act("Publish", self.publish, "shop", spoken="Publish"),
            *(act for name in LISTENERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> list[Act]:
        listens = name in self.state.listening
        here, away = (
            f"{name} listens already." * listens,
            f"{name} does not listen." * (not listens),
        )
        return [
            Act("Subscribe", partial(self.subscribe, name), name, why_not=here),
            Act("Leave", partial(self.leave, name), name, why_not=away),
        ]

    async def publish(self) -> None:
        """Publish the next message."""
        message = f"news-{len(self.state.replies) + 1}"
        reply = await self.client("shop").publish(self.key("news"), message)
        self.state.replies[message] = reply
        reached = f"{reply} subscriber{'s' * (reply != 1)}" if reply else "nobody, and is gone"
        self.headline = f"PUBLISH returned {reply}: {message} reached {reached}."

    async def subscribe(self, listener: str) -> None:
        """Let a listener subscribe."""
        inbox = self._inboxes[listener] = self.client(listener).pubsub()
        self.state.had[listener] = len(self.state.received[listener])
        await inbox.subscribe(self.key("news"))
        await read(inbox)
        before = " Nothing from before comes." if self.state.replies else ""
        self.headline = f"{listener} listens from now on.{before}"

    async def leave(self, listener: str) -> None:
        """Let a listener give up the subscription."""
        inbox = self._inboxes.pop(listener)
        await inbox.unsubscribe()
        await read(inbox)
        await inbox.aclose()
        self.headline = f"{listener} is away, and misses what is published now."

    async def look(self) -> None:
        for name, inbox in self._inboxes.items():
            self.state.received[name] += [m["data"] for m in await read(inbox)]
        self.state.listening = tuple(self._inboxes)
        async with self.asker() as asker:
            [(_, self.state.subscriptions)] = await asker.pubsub_numsub(self.key("news"))

    def stage(self) -> Stage:
        state = self.state
        sent = [Token(m, f"{m} reached {reply}", "sent") for m, reply in state.replies.items()]
        subscribed = f"channel, {state.subscriptions} subscribed"
        places = [
            Place("shop", "client", "sends", sent),
            Place("news", "channel", "broker", (), subscribed, KEEPS),
            *map(self._listener, LISTENERS),
            *(self._missed(name) for name in LISTENERS if state.missed(name)),
        ]
        return Stage(self.title, places, list(self._links()))

    def _listener(self, name: str) -> Place:
        received = [Token(f"{m}→{name}", m, "done") for m in self.state.received[name]]
        listens = "listens" if name in self.state.listening else "away"
        return Place(name, "client", "receives", received, listens)

    def _missed(self, name: str) -> Place:
        missed = [Token(f"{m}→{name}", m, "lost") for m in self.state.missed(name)]
        return Place(f"while {name} was away", "outcome", "after", missed)

    def _links(self) -> Iterator[Link]:
        """Join who subscribed: what an earlier subscription brought is no delivery of this one."""
        if sent := len(self.state.replies):
            yield Link("shop", "news", sent)
        for name in self.state.listening:
            yield Link("news", name, len(self.state.received[name]) - self.state.had[name])

    def goals(self) -> list[Goal]:
        state = self.state
        silence = f"Leave {state.listening[0]}" if state.listening else "Publish"
        return [
            Goal("Publish while nobody listens", 0 in state.replies.values(), silence),
            Goal("Let ann subscribe, and publish", bool(state.any_heard("1")), self._to_reach("")),
            Goal("Let her leave, and publish", bool(state.any_heard("10")), self._to_miss()),
            Goal(
                "Let her come back, and publish", bool(state.any_heard("01")), self._to_reach("10")
            ),
        ]

    def _to_reach(self, run: str) -> str:
        """Name the act that lets a message reach somebody to whom this has happened."""
        name = self.state.any_heard(run) or LISTENERS[0]
        return "Publish" if name in self.state.listening else f"Subscribe {name}"

    def _to_miss(self) -> str:
        """Name the act that lets somebody miss a message who has heard one."""
        name = self.state.any_heard("1") or LISTENERS[0]
        return f"Leave {name}" if name in self.state.listening else "Publish"

    def next_act(self) -> str:
        return "Publish" if len(self.state.replies) < ENOUGH else ""

    def finding(self) -> Finding:
        name = self.state.any_heard("01") or LISTENERS[0]
        published, missed = len(self.state.replies), self.state.missed(name)
        return Finding(
            f"{name} missed {len(missed)} of {published}",
            f"Who can still give {name} {_few(missed)}?",
            {
                "Nobody, unless the shop kept it elsewhere": "A channel hands a message to whoever "
                "is there, and forgets it.",
                "Redis, after the next SUBSCRIBE": f"{name} did subscribe again, and only what "
                "was published later came.",
                "The shop: PUBLISH waits for a reply": "PUBLISH returned at once, with the number "
                "of subscribers that it had reached.",
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.replies:
            return f"Published 0; subscribed now: {state.subscriptions}."
        told = [
            f"{name} received {len(received)} and was away for {len(state.missed(name))}"
            for name, received in state.received.items()
        ]
        count = sum(state.replies.values())
        return (
            f"Published {len(state.replies)}; PUBLISH counted {count} "
            f"{'delivery' if count == 1 else 'deliveries'}; subscribed now: {state.subscriptions}. "
            f"{'; '.join(told)}."
        )


def _few(messages: list[str]) -> str:
    """Name the messages, unless they are many."""
    if len(messages) > 3:
        return f"these {len(messages)} messages"
    return " and ".join(filter(None, [", ".join(messages[:-1]), *messages[-1:]]))


LAB = Channel
