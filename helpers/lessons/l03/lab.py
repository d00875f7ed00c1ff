"""Lab 3: channels and patterns that the learner types, and the duplicates that they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from redis.asyncio.client import PubSub

from ...labs.controls import Button, Choice, Control, Entry
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible
from ...waiting import read

LISTENERS = ("ann", "bob")
LONGEST = 30  # characters of a name that is typed


class Subscription(NamedTuple):
    """Who subscribed, whether to a `channel` or by `pattern`, and to what."""

    listener: str
    kind: str
    name: str


@dataclass
class State:
    """What was published, with the replies, and what each subscription brought."""

    published: dict[str, tuple[str, int]] = field(default_factory=dict)  # channel and reply
    brought: dict[Subscription, list[str]] = field(default_factory=dict)
    delivered: int = 0  # of what this lab published, to this lab
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LISTENERS, 0))

    def received(self, listener: str) -> list[str]:
        """List what a listener received, a message as often as it came."""
        return [
            m for s, messages in self.brought.items() if s.listener == listener for m in messages
        ]

    def twice(self, listener: str) -> int:
        """Count the deliveries that brought a listener what it had already."""
        received = self.received(listener)
        return len(received) - len(set(received))


class Patterns(Lab):
    """A lab: subscribe by name and by pattern, publish, and count what comes more than once.

    Follows https://redis.io/docs/latest/commands/psubscribe/
    """

    number = 3
    title = "Channels, patterns and duplicates"
    listener = LISTENERS[0]
    wanted = "mail-*"
    channel = "mail-1"
    state: State

    def begin(self) -> None:
        self.state = State()
        self._inboxes: dict[str, PubSub] = {}

    def actions(self) -> list[Control]:
        return [
            Choice("Listener", "listener", LISTENERS),
            Entry("Channel or pattern", "wanted"),
            Button("Subscribe to this channel", self.subscribe),
            Button("Subscribe by this pattern", self.psubscribe),
            Button("Unsubscribe from all", self.give_up),
            Entry("Publish to", "channel"),
            Button("Publish", self.publish),
        ]

    async def subscribe(self) -> None:
        """Let the listener subscribe to a channel of exactly this name."""
        await self._add("channel")

    async def psubscribe(self) -> None:
        """Let the listener subscribe to every channel that the pattern matches."""
        await self._add("pattern")

    async def _add(self, kind: str) -> None:
        wanted, inbox = _typed(self.wanted), self._inbox(self.listener)
        what = inbox.psubscribe if kind == "pattern" else inbox.subscribe
        await what(self.key(wanted))
        self.state.counts[self.listener] = (await read(inbox))[-1]["data"]
        subscription = Subscription(self.listener, kind, wanted)
        if subscription in self.state.brought:
            raise NotPossible(f"{self.listener} had that one already: the server counts it once.")
        self.state.brought[subscription] = []

    def _inbox(self, listener: str) -> PubSub:
        if listener not in self._inboxes:
            self._inboxes[listener] = self.client(listener).pubsub()
        return self._inboxes[listener]

    async def give_up(self) -> None:
        """Let the listener give up every subscription."""
        if not self.state.counts[self.listener]:
            raise NotPossible(f"{self.listener} has no subscription.")
        inbox = self._inboxes[self.listener]
        await inbox.unsubscribe()
        await inbox.punsubscribe()
        self.state.counts[self.listener] = (await read(inbox))[-1]["data"]
        kept = {s: m for s, m in self.state.brought.items() if s.listener != self.listener}
        self.state.brought = kept

    async def publish(self) -> None:
        """Publish the next message to the channel that was typed."""
        channel, message = _typed(self.channel), f"m{len(self.state.published) + 1}"
        reply = await self.client("shop").publish(self.key(channel), message)
        self.state.published[message] = channel, reply

    async def look(self) -> None:
        for listener, inbox in self._inboxes.items():
            for message in await read(inbox):
                kind = "pattern" if message["type"] == "pmessage" else "channel"
                name = (message["pattern"] or message["channel"]).removeprefix(self.key(""))
                self.state.brought[Subscription(listener, kind, name)].append(message["data"])
                self.state.delivered += message["data"] in self.state.published

    def picture(self) -> Drawing:
        published = [
            Box(f"{message} to {channel}, reply {reply}", "sent")
            for message, (channel, reply) in self.state.published.items()
        ]
        return shelves(self.title, [Shelf("shop", published), *self._listeners()])

    def _listeners(self) -> Iterator[Shelf]:
        for listener, count in self.state.counts.items():
            yield Shelf(listener, note=f"{count} subscribed")
            had: set[str] = set()
            for subscription in self._of(listener):
                messages = self.state.brought[subscription]
                boxes = [Box(m, "twice" if m in had else "done") for m in messages]
                had.update(messages)
                yield Shelf(f"  {subscription.name}", boxes, subscription.kind)

    def _of(self, listener: str) -> list[Subscription]:
        """List a listener's subscriptions: channels first, for their messages come first."""
        mine = [s for s in self.state.brought if s.listener == listener]
        return sorted(mine, key=lambda subscription: subscription.kind)

    def summary(self) -> str:
        state = self.state
        replies = sum(reply for _, reply in state.published.values())
        told = [
            f"{name} has {count} subscription{'s' * (count != 1)} "
            f"and received {len(state.received(name))}, {state.twice(name)} of them duplicates"
            for name, count in state.counts.items()
        ]
        return (
            f"Published {len(state.published)}; PUBLISH counted {replies} deliveries, "
            f"{replies - state.delivered} of them to clients of the lesson. "
            f"{'; '.join(told)}."
        )


def _typed(text: str) -> str:
    name = text.strip()
    if not name:
        raise NotPossible("Type a name first.")
    if len(name) > LONGEST:
        raise NotPossible(f"Take a name of at most {LONGEST} characters.")
    return name


LAB = Patterns
