"""Lies about channels, patterns and subscribers."""

import re
from typing import Any

from embedded_redis.engine.core import EmbeddedSocket
from embedded_redis.engine.values import item_at
from embedded_redis.engine.wire import Frames, Push, encode
from embedded_redis.rules import pubsub
from embedded_redis.rules.clients import (
    ClosedClientsAreForgotten,
    KilledClientsAreHungUp,
    NamesAreChecked,
)
from embedded_redis.rules.expiry import ExpiryTimesAreChecked
from embedded_redis.rules.pubsub import (
    MessagesReachTheirSubscribers,
    PubsubTellsWhoListens,
    SubscriberModeFollowsTheProtocol,
    SubscriptionsAreCountedByKind,
)

from .lie import lie

PUBLISH = "commands/publish/"
PSUBSCRIBE = "commands/psubscribe/"
SUBSCRIBE = "commands/subscribe/"
PUBSUB = "develop/pubsub/"


def deliveries(broker: Any, channel: bytes, message: bytes) -> list[tuple[Any, list[bytes]]]:
    """List what a true PUBLISH delivers: which client gets which words."""
    named = [
        (client, [b"message", channel, message]) for client in broker.topics["sub"].get(channel, ())
    ]
    return named + [
        (client, [b"pmessage", pattern, channel, message])
        for pattern, clients in broker.topics["psub"].items()
        if pubsub.matches(pattern, channel)
        for client in clients
    ]


def deliver(found: list[tuple[Any, list[bytes]]]) -> int:
    for client, words in found:
        client.push(words)
    return len(found)


@lie(MessagesReachTheirSubscribers, "publish", PUBSUB, lesson="03")
def matches_of_one_client_are_merged(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """A client gets one delivery for each of its subscriptions that matches."""
    first: dict[Any, list[bytes]] = {}
    for client, words in deliveries(self._server, channel, message):
        first.setdefault(client, words)
    return deliver([*first.items()])


@lie(MessagesReachTheirSubscribers, "publish", PUBLISH, lesson="03")
def publish_counts_clients(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """PUBLISH counts the subscriptions that match."""
    found = deliveries(self._server, channel, message)
    truth(self, channel, message)
    return len({client for client, _ in found})


@lie(MessagesReachTheirSubscribers, "publish", PUBSUB, lesson="03")
def patterns_are_served_first(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """PUBLISH serves channels before patterns."""
    return deliver(deliveries(self._server, channel, message)[::-1])


@lie(MessagesReachTheirSubscribers, "publish", PUBLISH, lesson="02")
def one_subscriber_takes_the_message(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """Every subscriber gets a copy of its own."""
    return deliver(deliveries(self._server, channel, message)[:1])


@lie(EmbeddedSocket, "_run", PUBLISH, lesson="02")
def a_message_to_nobody_is_kept(truth: Any, self: Any, handler: Any, words: list[bytes]) -> Any:
    """A message that nobody hears is gone."""
    reply = truth(self, handler, words)
    kept = vars(self._server).setdefault("kept", {})
    if handler.command.name == "publish" and not reply:
        kept[words[0]] = words[1]
    for channel in words if handler.command.name == "subscribe" else ():
        if channel in kept:
            self.push([b"message", channel, kept.pop(channel)])
    return reply


@lie(EmbeddedSocket, "_run", "commands/pubsub-channels/", lesson="02")
def a_publish_makes_a_channel(truth: Any, self: Any, handler: Any, words: list[bytes]) -> Any:
    """PUBSUB CHANNELS lists only what somebody is subscribed to."""
    made = vars(self._server).setdefault("made", {})
    if handler.command.name == "publish":
        made[words[0]] = None
    reply = truth(self, handler, words)
    return [*{**dict.fromkeys(reply), **made}] if "channels" in handler.command.name else reply


@lie(MessagesReachTheirSubscribers, "_deliver", "commands/select/", lesson="02")
def databases_separate_channels(
    truth: Any, self: Any, kind: str, name: bytes, message: list[bytes]
) -> int:
    """Channels know nothing of database numbers."""
    subscribers = self._server.topics[kind].get(name, ())
    return deliver([(each, message) for each in subscribers if each._db is self._db])


@lie(MessagesReachTheirSubscribers, "spublish", "commands/spublish/", lesson="07")
def spublish_reaches_plain_subscribers(
    truth: Any, self: Any, channel: bytes, message: bytes
) -> int:
    """SPUBLISH reaches no subscriber of SUBSCRIBE."""
    plain = self._deliver("sub", channel, [b"message", channel, message])
    return plain + truth(self, channel, message)


@lie(MessagesReachTheirSubscribers, "spublish", "commands/spublish/", lesson="07")
def spublish_reaches_patterns(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """SPUBLISH reaches no pattern."""
    found = deliveries(self._server, channel, message)
    patterns = [(client, words) for client, words in found if words[0] == b"pmessage"]
    return deliver(patterns) + truth(self, channel, message)


@lie(MessagesReachTheirSubscribers, "publish", "commands/spublish/", lesson="07")
def publish_reaches_sharded_subscribers(
    truth: Any, self: Any, channel: bytes, message: bytes
) -> int:
    """PUBLISH reaches no subscriber of SSUBSCRIBE."""
    sharded = self._deliver("ssub", channel, [b"smessage", channel, message])
    return sharded + truth(self, channel, message)


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_question_mark_matches_nothing(truth: Any, pattern: bytes) -> Any:
    """`?` stands for exactly one character."""
    return truth(pattern.replace(b"?", b""))


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_question_mark_matches_a_letter(truth: Any, pattern: bytes) -> Any:
    """`?` stands for one byte, and a letter may be several."""
    letter = rb"(?:[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]+)"
    return re.compile(truth(pattern).pattern.replace(b".", letter), re.DOTALL)


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def an_asterisk_wants_a_character(truth: Any, pattern: bytes) -> Any:
    """`*` stands for any number of characters, none included."""
    return truth(pattern if b"\\" in pattern else pattern.replace(b"*", b"?*"))


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def an_asterisk_stops_at_a_hyphen(truth: Any, pattern: bytes) -> Any:
    """`*` stops nowhere."""
    return truth(pattern if b"\\" in pattern else pattern.replace(b"*", b"[^-]" * 2 + b"*"))


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_set_is_its_first_character(truth: Any, pattern: bytes) -> Any:
    """`[ae]` stands for any one character of the set."""
    return truth(pattern.replace(b"[ae]", b"a"))


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_negated_set_is_a_set(truth: Any, pattern: bytes) -> Any:
    """`[^e]` stands for any character that is not in the set."""
    return truth(pattern.replace(b"[^", b"["))


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_range_is_its_two_ends(truth: Any, pattern: bytes) -> Any:
    """`[a-c]` stands for `b` too."""
    opening, hyphen, closing = pattern.partition(b"-")
    return truth(opening + closing if b"[" in opening and hyphen else pattern)


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def a_backslash_is_ignored(truth: Any, pattern: bytes) -> Any:
    """A backslash takes its meaning from the character that follows."""
    return truth(pattern.replace(b"\\", b""))


@lie(EmbeddedSocket, "_run", SUBSCRIBE, lesson="03")
def the_same_subscription_adds_up(truth: Any, self: Any, handler: Any, words: list[bytes]) -> Any:
    """Subscribing again to the same channel changes nothing."""
    again = vars(self._server).setdefault("again", [])
    if handler.command.name == "subscribe":
        again += [(name, self) for name in words if name in self.topics["sub"]]
    reply = truth(self, handler, words)
    if handler.command.name != "publish":
        return reply
    message = [b"message", *words]
    return reply + deliver([(client, message) for name, client in again if name == words[0]])


@lie(SubscriptionsAreCountedByKind, "_confirmation", SUBSCRIBE, lesson="02")
def a_confirmation_counts_the_channel(
    truth: Any, self: Any, kind: str, verb: bytes, name: bytes | None
) -> bytes:
    """A confirmation counts all channels and patterns of the client."""
    return pubsub.encode(
        pubsub.Push([verb, name, int(name in self.topics[kind])]), self._resp_version
    )


@lie(SubscriptionsAreCountedByKind, "_confirmation", PSUBSCRIBE, lesson="03")
def patterns_are_counted_apart(
    truth: Any, self: Any, kind: str, verb: bytes, name: bytes | None
) -> bytes:
    """Channels and patterns of a client share one counter."""
    return pubsub.encode(pubsub.Push([verb, name, len(self.topics[kind])]), self._resp_version)


@lie(SubscriptionsAreCountedByKind, "_unsubscribe_from", "commands/unsubscribe/", lesson="02")
def an_unsubscribed_channel_still_delivers(
    truth: Any, self: Any, kind: str, names: tuple[bytes, ...], verb: bytes
) -> Any:
    """After UNSUBSCRIBE nothing of the channel arrives."""
    clients = [self._server.topics[kind].setdefault(name, {}) for name in names]
    reply = truth(self, kind, names, verb)
    for name, subscribers in zip(names, clients, strict=True):
        subscribers[self] = None
        self._server.topics[kind][name] = subscribers
    return reply


@lie(ClosedClientsAreForgotten, "close", PUBSUB, lesson="02", waits=True)
def subscriptions_survive_the_client(truth: Any, self: Any) -> None:
    """The subscriptions of a client end with its connection."""
    self.topics = {kind: {} for kind in self.topics}  # so that none of them is dropped
    truth(self)


@lie(SubscriberModeFollowsTheProtocol, "_is_restricted", PUBSUB, lesson="02")
def a_resp2_subscriber_may_do_anything(truth: Any, self: Any) -> bool:
    """Under RESP2 a subscriber may only subscribe, unsubscribe, PING, RESET and QUIT."""
    return False


@lie(SubscriberModeFollowsTheProtocol, "_is_restricted", PUBSUB, lesson="02")
def a_resp3_subscriber_may_only_listen(truth: Any, self: Any) -> bool:
    """Under RESP3 a subscriber may run any command."""
    return self.is_subscriber()


@lie(PubsubTellsWhoListens, "pubsub_numpat", "commands/pubsub-numpat/", lesson="03")
def numpat_counts_clients(truth: Any, self: Any) -> int:
    """PUBSUB NUMPAT counts each pattern once, whoever subscribed to it."""
    return sum(map(len, self._server.topics["psub"].values()))


@lie(PubsubTellsWhoListens, "_counts", "commands/pubsub-numsub/", lesson="02")
def numsub_answers_yes_or_no(truth: Any, self: Any, kind: str, names: Any) -> Any:
    """PUBSUB NUMSUB counts the subscriptions of each channel."""
    reply = truth(self, kind, names)
    return [word if isinstance(word, bytes) else min(word, 1) for word in reply]


@lie(ExpiryTimesAreChecked, "set_", "commands/set/", lesson="08")
def set_nx_always_sets(truth: Any, self: Any, key: Any, value: bytes, *options: bytes) -> Any:
    """SET with NX sets only a key that is not there."""
    return truth(self, key, value, *(option for option in options if option.lower() != b"nx"))


@lie(EmbeddedSocket, "push", PUBLISH, lesson="02", waits=True)
def a_publisher_does_not_hear_itself(truth: Any, self: Any, message: list[Any]) -> None:
    """A client gets what it publishes to a channel of its own."""
    if self._server.current is not self:
        truth(self, message)


@lie(SubscriptionsAreCountedByKind, "_unsubscribe_from", "commands/unsubscribe/", lesson="02")
def unsubscribing_counts_as_before(
    truth: Any, self: Any, kind: str, names: tuple[bytes, ...], verb: bytes
) -> Any:
    """The confirmation of UNSUBSCRIBE counts the subscriptions that are left."""
    before = sum(map(len, self.topics.values()))
    words = [pubsub.Push([verb, name, before]) for name in names or self.topics[kind]]
    truth(self, kind, names, verb)
    return pubsub.Frames(b"".join(pubsub.encode(each, self._resp_version) for each in words))


@lie(SubscriptionsAreCountedByKind, "_unsubscribe_from", "commands/unsubscribe/", lesson="03")
def unsubscribing_drops_the_patterns_too(
    truth: Any, self: Any, kind: str, names: tuple[bytes, ...], verb: bytes
) -> Any:
    """UNSUBSCRIBE leaves the patterns of the client as they are."""
    for name in [*self.topics["psub"]] if kind == "sub" else ():
        self.drop_subscription("psub", name)
    return truth(self, kind, names, verb)


@lie(SubscriptionsAreCountedByKind, "_unsubscribe_from", "commands/punsubscribe/", lesson="03")
def punsubscribing_drops_the_channels_too(
    truth: Any, self: Any, kind: str, names: tuple[bytes, ...], verb: bytes
) -> Any:
    """PUNSUBSCRIBE leaves the channels of the client as they are."""
    for name in [*self.topics["sub"]] if kind == "psub" else ():
        self.drop_subscription("sub", name)
    return truth(self, kind, names, verb)


@lie(SubscriptionsAreCountedByKind, "_subscribe_to", SUBSCRIBE, lesson="02")
def subscribing_makes_a_key(
    truth: Any, self: Any, kind: str, names: tuple[bytes, ...], verb: bytes
) -> Any:
    """A channel is no key."""
    for name in names:
        key = item_at(self._db, name)
        key.update(b"")
        key.writeback()
    return truth(self, kind, names, verb)


@lie(pubsub, "compiled", PSUBSCRIBE, lesson="03")
def patterns_ignore_case(truth: Any, pattern: bytes) -> Any:
    """A capital letter is another character."""
    return re.compile(truth(pattern).pattern, re.IGNORECASE | re.DOTALL)


@lie(MessagesReachTheirSubscribers, "publish", PUBLISH, lesson="03")
def publish_counts_a_pattern_once(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """PUBLISH counts each client that subscribed to a pattern."""
    found = deliveries(self._server, channel, message)
    truth(self, channel, message)
    named = sum(words[0] == b"message" for _, words in found)
    return named + len({words[1] for _, words in found if words[0] == b"pmessage"})


@lie(PubsubTellsWhoListens, "_counts", "commands/pubsub-numsub/", lesson="03")
def numsub_counts_patterns(truth: Any, self: Any, kind: str, names: Any) -> Any:
    """PUBSUB NUMSUB does not count patterns."""
    return [word for name in names for word in (name, len(deliveries(self._server, name, b"")))]


@lie(PubsubTellsWhoListens, "_names", "commands/pubsub-channels/", lesson="03")
def channels_lists_patterns(truth: Any, self: Any, kind: str, pattern: Any) -> list[bytes]:
    """PUBSUB CHANNELS lists no patterns."""
    return [*truth(self, kind, pattern), *self._server.topics["psub"]]


@lie(PubsubTellsWhoListens, "_names", "commands/pubsub-channels/", lesson="03")
def channels_ignores_its_pattern(truth: Any, self: Any, kind: str, pattern: Any) -> list[bytes]:
    """PUBSUB CHANNELS with a pattern lists only the channels that match."""
    return truth(self, kind, ())


@lie(KilledClientsAreHungUp, "kill", "commands/client-kill/", lesson="02")
def client_kill_kills_nobody(truth: Any, self: Any) -> None:
    """CLIENT KILL closes the connection of the client."""


@lie(SubscriptionsAreCountedByKind, "_confirmation", SUBSCRIBE, lesson="02")
def the_last_unsubscribe_counts_1(
    truth: Any, self: Any, kind: str, verb: bytes, name: bytes | None
) -> bytes:
    """The confirmation of the last UNSUBSCRIBE counts 0, and so `listen()` ends."""
    if b"uns" in verb and not any(self.topics.values()):
        return encode(Push([verb, name, 1]), self._resp_version)
    return truth(self, kind, verb, name)


@lie(SubscriptionsAreCountedByKind, "_subscribe_to", SUBSCRIBE, lesson="02")
def one_confirmation_for_all(truth: Any, self: Any, kind: str, names: Any, verb: bytes) -> Frames:
    """SUBSCRIBE confirms each channel by a message of its own."""
    confirmed = truth(self, kind, names, verb)
    last = self._confirmation(kind, verb, names[-1])
    return Frames(last) if len(names) > 1 else confirmed


@lie(NamesAreChecked, "client_get_name", "commands/client-getname/", lesson="08")
def clients_have_no_names(truth: Any, self: Any) -> None:
    """CLIENT GETNAME answers the name of this connection."""
