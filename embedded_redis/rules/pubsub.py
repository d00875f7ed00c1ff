"""Rules about pub/sub: who is subscribed, what is delivered, what a subscriber may do."""

from collections.abc import Sequence
from typing import Any

from ..engine._fakeredis import FLAG_NO_SCRIPT, SimpleError, SimpleString
from ..engine.arguments import fail
from ..engine.commands import Handler, command, wrong_arity, wrong_subcommand
from ..engine.core import EmbeddedSocket
from ..engine.globs import matches
from ..engine.wire import Frames, Push, encode

ALLOWED_WHILE_SUBSCRIBED = frozenset(
    ("subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ssubscribe", "sunsubscribe")
) | {"ping", "quit", "reset"}
PONG = SimpleString(b"PONG")


class SubscriptionsAreCountedByKind(EmbeddedSocket):
    """Channels and patterns share one counter, sharded channels have their own.

    Unsubscribing from nothing is confirmed too, with no name.
    Follows https://redis.io/docs/latest/commands/subscribe/
    """

    @command("subscribe", flags=(FLAG_NO_SCRIPT,))
    def subscribe(self, *channels: bytes) -> Frames:
        return self._subscribe_to("sub", channels, b"subscribe")

    @command("psubscribe", flags=(FLAG_NO_SCRIPT,))
    def psubscribe(self, *patterns: bytes) -> Frames:
        return self._subscribe_to("psub", patterns, b"psubscribe")

    @command("ssubscribe", flags=(FLAG_NO_SCRIPT,))
    def ssubscribe(self, *channels: bytes) -> Frames:
        if self._in_transaction:
            fail("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
        return self._subscribe_to("ssub", channels, b"ssubscribe")

    @command("unsubscribe", flags=(FLAG_NO_SCRIPT,))
    def unsubscribe(self, *channels: bytes) -> Frames:
        return self._unsubscribe_from("sub", channels, b"unsubscribe")

    @command("punsubscribe", flags=(FLAG_NO_SCRIPT,))
    def punsubscribe(self, *patterns: bytes) -> Frames:
        return self._unsubscribe_from("psub", patterns, b"punsubscribe")

    @command("sunsubscribe", flags=(FLAG_NO_SCRIPT,))
    def sunsubscribe(self, *channels: bytes) -> Frames:
        return self._unsubscribe_from("ssub", channels, b"sunsubscribe")

    def _subscribe_to(self, kind: str, names: Sequence[bytes], verb: bytes) -> Frames:
        frames = []
        for name in names:
            self.topics[kind][name] = None
            self._server.topics[kind].setdefault(name, {})[self] = None
            frames.append(self._confirmation(kind, verb, name))
        return Frames(b"".join(frames))

    def _unsubscribe_from(self, kind: str, names: Sequence[bytes], verb: bytes) -> Frames:
        frames = []
        chosen: Sequence[bytes | None] = names or list(self.topics[kind]) or [None]
        for name in chosen:
            if name is not None:
                self.drop_subscription(kind, name)
            frames.append(self._confirmation(kind, verb, name))
        return Frames(b"".join(frames))

    def _confirmation(self, kind: str, verb: bytes, name: bytes | None) -> bytes:
        counted = ("ssub",) if kind == "ssub" else ("sub", "psub")
        count = sum(len(self.topics[kind]) for kind in counted)
        return encode(Push([verb, name, count]), self._resp_version)


class MessagesReachTheirSubscribers(EmbeddedSocket):
    """PUBLISH reaches channels, then patterns; SPUBLISH only sharded channels. Both count matches.

    The channel without a name matches no pattern but the empty one, not even `*`.
    A client that publishes to itself reads the reply first, then the message.
    Follows https://redis.io/docs/latest/commands/publish/
    """

    @command("publish")
    def publish(self, channel: bytes, message: bytes) -> int:
        receivers = self._deliver("sub", channel, [b"message", channel, message])
        for pattern in self._server.topics["psub"]:
            if matches(pattern, channel):
                receivers += self._deliver(
                    "psub", pattern, [b"pmessage", pattern, channel, message]
                )
        return receivers

    @command("spublish")
    def spublish(self, channel: bytes, message: bytes) -> int:
        return self._deliver("ssub", channel, [b"smessage", channel, message])

    def _deliver(self, kind: str, name: bytes, message: list[bytes]) -> int:
        subscribers = self._server.topics[kind].get(name, ())
        for subscriber in subscribers:
            subscriber.push(message)
        return len(subscribers)


class PubsubTellsWhoListens(EmbeddedSocket):
    """PUBSUB lists channels, and counts subscribers and patterns, by kind.

    Follows https://redis.io/docs/latest/commands/pubsub-channels/
    """

    @command("pubsub channels")
    def pubsub_channels(self, *pattern: bytes) -> list[bytes]:
        return self._names("sub", pattern)

    @command("pubsub shardchannels")
    def pubsub_shardchannels(self, *pattern: bytes) -> list[bytes]:
        return self._names("ssub", pattern)

    @command("pubsub numsub")
    def pubsub_numsub(self, *channels: bytes) -> list[Any]:
        return self._counts("sub", channels)

    @command("pubsub shardnumsub")
    def pubsub_shardnumsub(self, *channels: bytes) -> list[Any]:
        return self._counts("ssub", channels)

    @command("pubsub numpat")
    def pubsub_numpat(self) -> int:
        return len(self._server.topics["psub"])

    def _names(self, kind: str, pattern: Sequence[bytes]) -> list[bytes]:
        if len(pattern) > 1:
            raise wrong_subcommand(self.typed)
        names = self._server.topics[kind]
        return [name for name in names if not pattern or matches(pattern[0], name)]

    def _counts(self, kind: str, names: Sequence[bytes]) -> list[Any]:
        topics = self._server.topics[kind]
        return [word for name in names for word in (name, len(topics.get(name, ())))]


class SubscriberModeFollowsTheProtocol(EmbeddedSocket):
    """Under RESP2 a subscriber may only subscribe, PING, RESET and QUIT; under RESP3, anything.

    Follows https://redis.io/docs/latest/develop/pubsub/
    """

    def _check(self, handler: Handler, arguments: list[bytes]) -> None:
        name = handler.command.name
        if self._is_restricted() and name not in ALLOWED_WHILE_SUBSCRIBED:
            raise SimpleError(
                f"ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / "
                "QUIT / RESET are allowed in this context"
            )
        super()._check(handler, arguments)

    @command("ping")
    def ping(self, *message: bytes) -> Any:
        if len(message) > 1:
            raise wrong_arity(self.resolve([b"ping"]).command)
        if self._is_restricted():
            return [b"pong", message[0] if message else b""]
        return message[0] if message else PONG

    def _is_restricted(self) -> bool:
        return self._client_info["resp"] == 2 and self.is_subscriber()


RULES = (
    SubscriptionsAreCountedByKind,
    MessagesReachTheirSubscribers,
    PubsubTellsWhoListens,
    SubscriberModeFollowsTheProtocol,
)
