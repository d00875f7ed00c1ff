"""Lab 3: channels and patterns that the learner types, and the duplicates that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from redis.asyncio.client import PubSub

from ...labs.acts import Act, Control, Entry, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...stage.model import Link, Place, Stage, Token
from ...waiting import read

SUBSCRIBERS = ("ann", "bob")
TO_CHANNEL, BY_PATTERN = "Subscribe to channel", "Subscribe to pattern"
ALL = "Unsubscribe from all"
INTRODUCTION = (
    "A client subscribes to a channel by name, or by pattern: mail-* fits mail-1. "
    "What if it does both?"
)
LONGEST = 30  # characters of a name that is typed


class Subscription(NamedTuple):
    """Who subscribed, whether to a `channel` or by `pattern`, and to what."""

    client: str
    kind: str
    name: str

    @property
    def place(self) -> str:
        """Name what was subscribed to, as it stands in the broker."""
        return f"{self.kind} {self.name}"


class Copy(NamedTuple):
    """One delivery of a message, and the subscription that brought it."""

    message: str
    by: Subscription


@dataclass
class State:
    """What was published, with the replies, and what each subscription brought."""

    published: dict[str, tuple[str, int]] = field(default_factory=dict)  # channel and reply
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUBSCRIBERS, 0))
    brought: dict[Subscription, list[str]] = field(default_factory=dict)  # by those there are
    repeated: dict[Subscription, int] = field(default_factory=dict)  # what it had brought before
    copies: dict[str, list[Copy]] = field(default_factory=lambda: {n: [] for n in SUBSCRIBERS})
    still: set[str] = field(default_factory=set)  # whose last subscription was no new one

    def of(self, name: str) -> list[Subscription]:
        """List the subscriptions of one client."""
        return [subscription for subscription in self.brought if subscription.client == name]

    def in_sequence(self, name: str) -> list[Copy]:
        """List the copies that a client got, message by message.

        Those by several patterns come in no sequence that Redis defines: here, as in the log of
        commands, the one by the channel is the first, and patterns follow by name.
        """
        first: dict[str, int] = {}
        for copy in self.copies[name]:
            first.setdefault(copy.message, len(first))
        return sorted(self.copies[name], key=lambda copy: (first[copy.message], copy.by))

    def messages(self, name: str) -> Counter[str]:
        """Count the copies of each message that came to a client from the shop of this lab."""
        return Counter(c.message for c in self.copies[name] if c.message in self.published)

    def most(self) -> tuple[int, str]:
        """Say how many copies of one message a client got at most, and which client."""
        each = [(max(self.messages(name).values(), default=0), name) for name in SUBSCRIBERS]
        return max(each, key=itemgetter(0))

    def to_all(self) -> int:
        """Count the deliveries of a message that came to everybody, at most; 0 if none did."""
        each = [self.messages(name) for name in SUBSCRIBERS]
        common = set.intersection(*(set(counted) for counted in each))
        return max((sum(counted[m] for counted in each) for m in common), default=0)

    def give_up(self, name: str) -> None:
        """Forget the subscriptions of a client; it keeps what they have brought."""
        for subscription in self.of(name):
            self.repeated.pop(subscription, None)
            del self.brought[subscription]
        self.still.discard(name)


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
            *(act for name in SUBSCRIBERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> list[Act]:
        has_none = f"{name} has no subscription." * (not self.state.counts[name])
        return [
            Act(TO_CHANNEL, partial(self.subscribe, name), name),
            Act(BY_PATTERN, partial(self.psubscribe, name), name),
            Act(ALL, partial(self.unsubscribe, name), name, why_not=has_none),
        ]

    async def subscribe(self, name: str) -> None:
        """Let a client subscribe to the channel of exactly this name."""
        await self._add(Subscription(name, "channel", _typed(self.channel)))

    async def psubscribe(self, name: str) -> None:
        """Let a client subscribe to every channel that the pattern fits."""
        await self._add(Subscription(name, "pattern", _typed(self.pattern)))

    async def _add(self, wanted: Subscription) -> None:
        state, inbox = self.state, self._inbox(wanted.client)
        subscribe = inbox.psubscribe if wanted.kind == "pattern" else inbox.subscribe
        await subscribe(self.key(wanted.name))
        count = state.counts[wanted.client] = (await read(inbox))[-1]["data"]
        command = "PSUBSCRIBE" if wanted.kind == "pattern" else "SUBSCRIBE"
        self.headline = f"{command} returned {count}{self._counted(wanted, count)}."

    def _counted(self, wanted: Subscription, count: int) -> str:
        """Note a subscription, and say what the server has made of it."""
        state = self.state
        if wanted in state.brought:
            state.repeated.setdefault(wanted, len(state.brought[wanted]))
            state.still.add(wanted.client)
            return f": still {count}, the same subscription does not count twice"
        state.brought[wanted] = []
        state.still.discard(wanted.client)
        return f": {wanted.client} has {_many(count, 'subscription')}"

    def _inbox(self, name: str) -> PubSub:
        if name not in self._inboxes:
            self._inboxes[name] = self.client(name).pubsub()
        return self._inboxes[name]

    async def unsubscribe(self, name: str) -> None:
        """Let a client give up every subscription."""
        inbox = self._inboxes[name]
        await inbox.unsubscribe()
        await inbox.punsubscribe()
        self.state.counts[name] = (await read(inbox))[-1]["data"]
        self.state.give_up(name)
        self.headline = f"{name} has given up every subscription."

    async def publish(self) -> None:
        """Publish the next message to the channel that was typed."""
        channel, message = _typed(self.channel), f"hello {len(self.state.published) + 1}"
        reply = await self.client("shop").publish(self.key(channel), message)
        self.state.published[message] = channel, reply
        await self.look()
        each = {name: self.state.messages(name)[message] for name in SUBSCRIBERS}
        told = _delivered(each, reply)
        self.headline = f"PUBLISH returned {reply}: one message to {channel}, {told}."

    async def look(self) -> None:
        for name, inbox in self._inboxes.items():
            for message in await read(inbox):
                kind = "pattern" if message["type"] == "pmessage" else "channel"
                of = (message["pattern"] or message["channel"]).removeprefix(self.key(""))
                by = Subscription(name, kind, of)
                self.state.brought[by].append(message["data"])
                self.state.copies[name].append(Copy(message["data"], by))

    def stage(self) -> Stage:
        published = self.state.published.items()
        sent = [Token(m, f"{m}: {_many(n, 'delivery')}", "sent") for m, (_, n) in published]
        lost = [Token(f"{m}→nobody", f"{m} to {to}", "lost") for m, (to, n) in published if not n]
        places = [
            Place("shop", "client", "sends", sent, f"{len(sent)} published" if sent else ""),
            *self._subscribed(),
            *map(self._subscriber, SUBSCRIBERS),
            *([Place("reached nobody", "outcome", "after", lost)] if lost else []),
        ]
        return Stage(self.title, places, list(self._links()))

    def _subscribed(self) -> Iterator[Place]:
        names = [subscription.place for subscription in self.state.brought]
        for name in dict.fromkeys(names):
            yield Place(name, "channel", "broker", note=f"{names.count(name)} subscribed")
        if not names:
            yield Place("channels and patterns", "channel", "broker", note="nobody subscribed")

    def _subscriber(self, name: str) -> Place:
        """Show each copy; from the second on, a message came again."""
        tokens, times = [], Counter[str]()
        for message, by in self.state.in_sequence(name):
            identity, words = f"{message}→{name}, {times[message]}", f"{message} via {by.name}"
            tokens.append(Token(identity, words, "again" if times[message] else "done"))
            times[message] += 1
        still = "still " * (name in self.state.still)
        state = f"{still}{_many(self.state.counts[name], 'subscription')}"
        return Place(name, "client", "receives", tokens, state)

    def _links(self) -> Iterator[Link]:
        through: dict[str, set[str]] = {}
        for subscription, messages in self.state.brought.items():
            yield Link(subscription.place, subscription.client, len(messages), is_open=True)
            through.setdefault(subscription.place, set()).update(messages)
        for place, passed in through.items():
            if passed:  # one PUBLISH, however many subscriptions it fits
                words = "fits" if place.startswith("pattern ") else "named"
                yield Link("shop", place, len(passed), words)

    def goals(self) -> list[Goal]:
        state, (most, _) = self.state, self.state.most()
        has_both = any(_kinds(state.of(name)) == {"channel", "pattern"} for name in SUBSCRIBERS)
        once_more = any(len(state.brought[s]) > before for s, before in state.repeated.items())
        again = "Subscribe ann to the channel again, publish: more copies?"
        return [
            Goal("Subscribe ann to the channel and to the pattern", has_both, self._to_bring(2)),
            Goal("Publish once: how many copies does ann get?", most > 1, self._to_bring(2)),
            Goal(again, once_more, self._to_repeat()),
            Goal(
                "Type m* as pattern, subscribe ann, publish: how many?", most > 2, self._to_bring(3)
            ),
            Goal(
                "Let bob subscribe too, and publish: what is counted?",
                bool(state.to_all()),
                self._to_reach_all(),
            ),
        ]

    def _to_repeat(self) -> str:
        """Name what shows that a repeated subscription brings nothing more."""
        by_name = Subscription(SUBSCRIBERS[0], "channel", self.channel.strip())
        return "Publish" if by_name in self.state.repeated else f"{TO_CHANNEL} {SUBSCRIBERS[0]}"

    def _to_reach_all(self) -> str:
        """Name what lets one message come to everybody."""
        heard = {s.client for s in self.state.brought if s.name == self.channel.strip()}
        missing = [name for name in SUBSCRIBERS if name not in heard]
        return f"{TO_CHANNEL} {missing[0]}" if missing else "Publish"

    def _to_bring(self, times: int) -> str:
        """Name what leads to a message that comes to ann so often: an act, or another pattern."""
        ann = SUBSCRIBERS[0]
        mine = self.state.of(ann)
        if "channel" not in _kinds(mine):
            return f"{TO_CHANNEL} {ann}"
        if "pattern" in _kinds(mine) and len(mine) >= times:
            return "Publish"
        has_typed = Subscription(ann, "pattern", self.pattern.strip()) not in mine
        return f"{BY_PATTERN} {ann}" if has_typed else "Pattern"

    def finding(self) -> Finding:
        most, name = self.state.most()
        return Finding(
            f"1 message, {self.state.to_all()} deliveries to {len(SUBSCRIBERS)} clients",
            "Another shop's log says only: PUBLISH returned 3. How many clients received the "
            "message?",
            {
                "Cannot be told: one, two or three": "The reply counts deliveries. Each "
                "subscription that fits brings one, also to the same client.",
                "Three: it counts each client once": f"Here {name} alone was counted {most} times "
                "for one message: once for each subscription that fits.",
                "One: Redis removes the duplicates": "It ignores a subscription that is repeated, "
                f"and never a delivery: {name} got all {most} copies.",
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.published and not state.brought:
            return "Nothing published yet; nobody is subscribed."
        told = "; ".join(map(self._told_of, SUBSCRIBERS))
        return f"{self._told_of_all()}. {told}."

    def _told_of_all(self) -> str:
        published = self.state.published
        if not published:
            return "Nothing published yet"
        replies = sum(reply for _, reply in published.values())
        each = {name: self.state.messages(name).total() for name in SUBSCRIBERS}
        return f"In all: {len(published)} published, {_delivered(each, replies)}"

    def _told_of(self, name: str) -> str:
        copies, count = self.state.messages(name), self.state.counts[name]
        duplicates = copies.total() - len(copies)
        again = f" and got {_many(duplicates, 'duplicate')}" if duplicates else ""
        return f"{name} has {_many(count, 'subscription')}{again}"


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


def _delivered(each: dict[str, int], replies: int) -> str:
    """Say how many deliveries PUBLISH has counted, and who got them."""
    counts = {f"to {name}": count for name, count in each.items()}
    counts["outside this lab"] = replies - sum(each.values())
    shares = {where: count for where, count in counts.items() if count}
    told = _many(replies, "delivery")
    if len(shares) > 1:
        return f"{told} ({', '.join(f'{count} {where}' for where, count in shares.items())})"
    return "".join([told, *(f", {'all ' * (replies > 1)}{where}" for where in shares)])


LAB = Patterns
