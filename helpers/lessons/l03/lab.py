"""Lab 3: channels and patterns that the learner types, and the duplicates that they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from redis.asyncio.client import PubSub

from ...labs.acts import Act, Control, Entry, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...stage.model import Link, Place, Stage, Token
from ...waiting import read

LISTENERS = ("ann", "bob")
TO_CHANNEL, BY_PATTERN = "Subscribe to channel", "Subscribe to pattern"
INTRODUCTION = "The shop publishes to one channel. A pattern subscribes to many at once."
LONGEST = 30  # characters of a name that is typed


class Subscription(NamedTuple):
    """Who subscribed, whether to a `channel` or by `pattern`, and to what."""

    listener: str
    kind: str
    name: str

    @property
    def place(self) -> str:
        """Name what was subscribed to, as it stands in the broker."""
        return f"{self.kind} {self.name}"


@dataclass
class State:
    """What was published, with the replies, and what each subscription brought."""

    published: dict[str, tuple[str, int]] = field(default_factory=dict)  # channel and reply
    brought: dict[Subscription, list[str]] = field(default_factory=dict)
    delivered: int = 0  # of what this lab published, to this lab
    repeated: int = 0  # subscriptions that the server had already, and counted once
    most_often: int = 0  # times that one message came to one listener, `got_most`
    got_most: str = LISTENERS[0]
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LISTENERS, 0))
    arrived: dict[str, int] = field(default_factory=dict)  # which message was the first, the second

    def of(self, listener: str) -> list[Subscription]:
        """List a listener's subscriptions: channels first, for their messages come first."""
        mine = [s for s in self.brought if s.listener == listener]
        return sorted(mine, key=lambda subscription: subscription.kind)

    def arrivals(self, listener: str) -> dict[str, list[Subscription]]:
        """Say by which subscriptions each message came to a listener, the earliest first."""
        found: dict[str, list[Subscription]] = {}
        for subscription in self.of(listener):
            for message in self.brought[subscription]:
                found.setdefault(message, []).append(subscription)
        return {message: found[message] for message in sorted(found, key=self.arrived.__getitem__)}

    def often(self, listener: str) -> list[int]:
        """Count for each message how often it came to a listener."""
        return [len(ways) for ways in self.arrivals(listener).values()]

    def came(self, message: str) -> int:
        """Count the deliveries of a message to all listeners."""
        return sum(messages.count(message) for messages in self.brought.values())

    def note_most(self) -> None:
        """Remember who got the same message most often, also after a subscription is given up."""
        for name in LISTENERS:
            if (most := max(self.often(name), default=0)) > self.most_often:
                self.most_often, self.got_most = most, name


class Patterns(Lab):
    """A lab: subscribe by name and by pattern, publish, and count what comes more than once.

    Follows https://redis.io/docs/latest/commands/psubscribe/
    """

    number = 3
    title = "Channels, patterns and duplicates"
    channel = "mail-1"
    pattern = "mail-*"
    state: State

    def begin(self) -> None:
        self.state = State()
        self._inboxes: dict[str, PubSub] = {}
        self.headline = INTRODUCTION

    def acts(self) -> list[Control]:
        return [
            Entry("Channel", "channel"),
            Entry("Pattern", "pattern"),
            Act("Publish", self.publish, "shop", spoken="Publish"),
            *(act for name in LISTENERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> list[Act]:
        has_none = f"{name} has no subscription." * (not self.state.counts[name])
        return [
            Act(TO_CHANNEL, partial(self.subscribe, name), name),
            Act(BY_PATTERN, partial(self.psubscribe, name), name),
            Act("Leave", partial(self.leave, name), name, why_not=has_none),
        ]

    async def subscribe(self, listener: str) -> None:
        """Let a listener subscribe to the channel of exactly this name."""
        await self._add(Subscription(listener, "channel", _typed(self.channel)))

    async def psubscribe(self, listener: str) -> None:
        """Let a listener subscribe to every channel that the pattern matches."""
        await self._add(Subscription(listener, "pattern", _typed(self.pattern)))

    async def _add(self, wanted: Subscription) -> None:
        state, inbox = self.state, self._inbox(wanted.listener)
        subscribe = inbox.psubscribe if wanted.kind == "pattern" else inbox.subscribe
        await subscribe(self.key(wanted.name))
        count = state.counts[wanted.listener] = (await read(inbox))[-1]["data"]
        is_new = wanted not in state.brought
        state.repeated += not is_new
        state.brought.setdefault(wanted, [])
        command = "PSUBSCRIBE" if wanted.kind == "pattern" else "SUBSCRIBE"
        self.headline = f"{command} returned {count}{_counted(wanted.listener, count, is_new)}."

    def _inbox(self, listener: str) -> PubSub:
        if listener not in self._inboxes:
            self._inboxes[listener] = self.client(listener).pubsub()
        return self._inboxes[listener]

    async def leave(self, listener: str) -> None:
        """Let a listener give up every subscription."""
        inbox = self._inboxes[listener]
        await inbox.unsubscribe()
        await inbox.punsubscribe()
        self.state.counts[listener] = (await read(inbox))[-1]["data"]
        kept = {s: m for s, m in self.state.brought.items() if s.listener != listener}
        self.state.brought = kept
        self.headline = f"{listener} has given up every subscription."

    async def publish(self) -> None:
        """Publish the next message to the channel that was typed."""
        channel, message = _typed(self.channel), f"hello-{len(self.state.published) + 1}"
        reply = await self.client("shop").publish(self.key(channel), message)
        self.state.published[message] = channel, reply
        await self.look()
        elsewhere = reply - self.state.came(message)
        self.headline = (
            f"PUBLISH returned {reply}: one message to {channel}, {_many(reply, 'delivery')}"
            f"{f', {elsewhere} of them outside this lab' if elsewhere else ''}."
        )

    async def look(self) -> None:
        for listener, inbox in self._inboxes.items():
            for message in await read(inbox):
                kind = "pattern" if message["type"] == "pmessage" else "channel"
                name = (message["pattern"] or message["channel"]).removeprefix(self.key(""))
                self.state.brought[Subscription(listener, kind, name)].append(message["data"])
                self.state.arrived.setdefault(message["data"], len(self.state.arrived))
                self.state.delivered += message["data"] in self.state.published
        self.state.note_most()

    def stage(self) -> Stage:
        published = self.state.published.items()
        sent = [Token(m, f"{m}: {_many(n, 'delivery')}", "sent") for m, (_, n) in published]
        lost = [Token(f"{m}→nobody", f"{m} to {to}", "lost") for m, (to, n) in published if not n]
        places = [
            Place("shop", "client", "sends", sent, "PUBLISH counted" if sent else ""),
            *self._subscribed(),
            *map(self._listener, LISTENERS),
            *([Place("reached nobody", "outcome", "after", lost)] if lost else []),
        ]
        return Stage(self.title, places, list(self._links()))

    def _subscribed(self) -> Iterator[Place]:
        names = [subscription.place for subscription in self.state.brought]
        for name in dict.fromkeys(names):
            yield Place(name, "channel", "broker", note=f"{names.count(name)} subscribed")
        if not names:
            yield Place("channels and patterns", "channel", "broker", note="nobody subscribed")

    def _listener(self, name: str) -> Place:
        state, tokens = _many(self.state.counts[name], "subscription"), []
        for message, ways in self.state.arrivals(name).items():
            for number, way in enumerate(ways):
                identity, words = f"{message}→{name}, {number}", f"{message} by {way.name}"
                tokens.append(Token(identity, words, "again" if number else "done"))
        return Place(name, "client", "receives", tokens, state)

    def _links(self) -> Iterator[Link]:
        through: dict[str, set[str]] = {}
        for subscription, messages in self.state.brought.items():
            yield Link(subscription.place, subscription.listener, len(messages))
            through.setdefault(subscription.place, set()).update(messages)
        for place, passed in through.items():
            if passed:  # one PUBLISH, however many subscriptions it matches
                yield Link("shop", place, len(passed), "matches")

    def goals(self) -> list[Goal]:
        state, ann = self.state, LISTENERS[0]
        has_both = any(_kinds(state.of(name)) == {"channel", "pattern"} for name in LISTENERS)
        again = "Subscribe ann to the same channel again: does it count?"
        thrice = "Type m* as the pattern, subscribe ann to it, publish: how often now?"
        return [
            Goal("Subscribe ann to the channel and to the pattern", has_both, self._to_bring(2)),
            Goal("Publish once: how often does it come?", state.most_often > 1, self._to_bring(2)),
            Goal(again, state.repeated > 0, f"{TO_CHANNEL} {ann}"),
            Goal(thrice, state.most_often > 2, self._to_bring(3)),
        ]

    def _to_bring(self, times: int) -> str:
        """Name what leads to a message that comes to ann so often: an act, or another pattern."""
        ann = LISTENERS[0]
        mine = self.state.of(ann)
        if "channel" not in _kinds(mine):
            return f"{TO_CHANNEL} {ann}"
        if "pattern" in _kinds(mine) and len(mine) >= times:
            return "Publish"
        has_typed = Subscription(ann, "pattern", self.pattern.strip()) not in mine
        return f"{BY_PATTERN} {ann}" if has_typed else "Pattern"

    def finding(self) -> Finding:
        name = self.state.got_most
        return Finding(
            f"1 message, {self.state.most_often} deliveries",
            "You see only that PUBLISH returned 3. How many clients got it?",
            {
                "One, two or three: it counts deliveries": "Each subscription that matches brings "
                "the message once more, also to the same client.",
                "Three": f"Not here: {name} got all of them. The reply counts deliveries.",
                "One: Redis removes the duplicates": "It ignores a subscription that is repeated, "
                f"and never a delivery: {name} got every one.",
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.published and not state.brought:
            return "Published 0: nobody is subscribed."
        told = [self._told_of(name) for name in LISTENERS]
        return f"{self._told_of_all()}. {'; '.join(told)}."

    def _told_of_all(self) -> str:
        published = self.state.published
        if not published:
            return "Nothing is published yet"
        replies = sum(reply for _, reply in published.values())
        others = replies - self.state.delivered
        elsewhere = f", {others} of them outside this lab" if others else ""
        return f"Published {len(published)}; PUBLISH counted {replies} deliveries{elsewhere}"

    def _told_of(self, name: str) -> str:
        count, often = self.state.counts[name], self.state.often(name)
        has, duplicates = f"{name} has {_many(count, 'subscription')}", sum(often) - len(often)
        received = f" and received {sum(often)}" if often else ""
        again = f" ({_many(duplicates, 'duplicate')})" if duplicates else ""
        return f"{has}{received}{again}"


def _typed(text: str) -> str:
    name = text.strip()
    if not name:
        raise NotPossible("Type a name first.")
    if len(name) > LONGEST:
        raise NotPossible(f"Take a name of at most {LONGEST} characters.")
    return name


def _many(count: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count} {what if count == 1 else plural}"


def _kinds(subscriptions: list[Subscription]) -> set[str]:
    return {subscription.kind for subscription in subscriptions}


def _counted(listener: str, count: int, is_new: bool) -> str:
    if is_new:
        return f": {listener} has {_many(count, 'subscription')}"
    return f": still {count}, the same subscription does not count twice"


LAB = Patterns
