"""Lab 2: a channel whose listeners come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from redis.asyncio.client import PubSub

from ...labs.controls import Button, Choice, Control
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible
from ...waiting import read

LISTENERS = ("ann", "bob", "carol")


@dataclass
class State:
    """What was published, with the replies, and what each listener has received."""

    replies: dict[str, int] = field(default_factory=dict)
    subscriptions: int = 0
    listening: tuple[str, ...] = ()
    received: dict[str, list[str]] = field(default_factory=lambda: {n: [] for n in LISTENERS})

    def missed(self, listener: str) -> list[str]:
        """List the messages that were published and did not reach this listener."""
        received = set(self.received[listener])
        return [message for message in self.replies if message not in received]


class Channel(Lab):
    """A lab: publish to whoever is subscribed at that moment.

    Follows https://redis.io/docs/latest/develop/pubsub/
    """

    number = 2
    title = "A channel and whoever listens"
    listener = LISTENERS[0]
    state: State

    def begin(self) -> None:
        self.state = State()
        self._inboxes: dict[str, PubSub] = {}

    def actions(self) -> list[Control]:
        return [
            Button("Publish", self.publish),
            Choice("Listener", "listener", LISTENERS),
            Button("Subscribe", self.subscribe),
            Button("Leave", self.leave),
        ]

    async def publish(self) -> None:
        """Publish the next message."""
        message = f"news-{len(self.state.replies) + 1}"
        reply = await self.client("shop").publish(self.key("news"), message)
        self.state.replies[message] = reply

    async def subscribe(self) -> None:
        """Let the chosen listener subscribe."""
        if self.listener in self._inboxes:
            raise NotPossible(f"{self.listener} listens already.")
        inbox = self._inboxes[self.listener] = self.client(self.listener).pubsub()
        await inbox.subscribe(self.key("news"))
        await read(inbox)

    async def leave(self) -> None:
        """Let the chosen listener give up the subscription."""
        if self.listener not in self._inboxes:
            raise NotPossible(f"{self.listener} does not listen.")
        inbox = self._inboxes.pop(self.listener)
        await inbox.unsubscribe()
        await read(inbox)
        await inbox.aclose()

    async def look(self) -> None:
        for name, inbox in self._inboxes.items():
            self.state.received[name] += [m["data"] for m in await read(inbox)]
        self.state.listening = tuple(self._inboxes)
        async with self.asker() as asker:
            [(_, self.state.subscriptions)] = await asker.pubsub_numsub(self.key("news"))

    def picture(self) -> Drawing:
        sent = [Box(f"{m}, reply {reply}", "sent") for m, reply in self.state.replies.items()]
        listening = f"{self.state.subscriptions} subscribed now"
        return shelves(self.title, [Shelf("shop", sent, listening), *self._listeners()])

    def _listeners(self) -> Iterator[Shelf]:
        for name, received in self.state.received.items():
            got = set(received)
            boxes = [Box(m, "done" if m in got else "lost") for m in self.state.replies]
            yield Shelf(name, boxes, "listens" if name in self.state.listening else "is away")

    def summary(self) -> str:
        state = self.state
        told = [
            f"{name} received {len(received)} and missed {len(state.missed(name))}"
            for name, received in state.received.items()
        ]
        return (
            f"Published {len(state.replies)}; PUBLISH counted {sum(state.replies.values())} "
            f"deliveries; subscribed now: {state.subscriptions}. {'; '.join(told)}."
        )


LAB = Channel
