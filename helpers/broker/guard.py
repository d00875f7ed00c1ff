"""On a server that is not the course's, touch only what the course created.

Before a command leaves, the guard asks the server which keys the command names. A key that was
there before is refused; a new one is written to the ledger, and removed at the end.
"""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import redis
from redis.asyncio.connection import AbstractConnection, Connection
from redis.connection import Encoder, PythonRespSerializer
from redis.typing import EncodableT

from ..errors import CourseError
from .address import Address
from .admission import ELSEWHERE, translated
from .clients import blocking_client
from .ledger import GUARDS, Ledger

ANSWER_LIMIT = 4.0  # seconds
CHANNELS_OWNER = "redis-course-channels-of-"  # a client's name begins so, and then names its guard
CHANNELS = frozenset(["PUBLISH", "SPUBLISH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"])

# It changes nothing, or this connection only, although it names no key.
HARMLESS_COMMANDS = """
ACL|WHOAMI AUTH CLIENT|GETNAME CLIENT|HELP CLIENT|ID CLIENT|INFO CLIENT|LIST CLIENT|NO-EVICT
CLIENT|REPLY CLIENT|SETINFO CLIENT|SETNAME COMMAND DBSIZE DISCARD ECHO EXEC HELLO INFO KEYS LASTSAVE
MULTI OBJECT|HELP PING PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY ROLE SCAN SPUBLISH
SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE TIME UNSUBSCRIBE UNWATCH WAIT WAITAOF XGROUP|HELP XINFO|HELP
"""
HARMLESS = frozenset(HARMLESS_COMMANDS.split())
# It may touch more than the keys that it names.
FAR_REACHING_COMMANDS = "COPY EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO MIGRATE MOVE"
FAR_REACHING = frozenset(FAR_REACHING_COMMANDS.split())
REFUSED_BY_THE_SERVER = ("Invalid command specified", "Invalid number of arguments")
CREATING = {b"insert", b"update"}
# What these write into a string or a hash is among their words; what others write is made up.
WORDS_KEPT = "SET SETEX PSETEX SETNX GETSET MSET MSETNX HSET HSETNX HMSET"
WRITES_ITS_WORDS = frozenset(WORDS_KEPT.split())


class Guard:
    """A guard that lets only commands leave that touch what the course created on this server."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._owner = f"{GUARDS}{uuid.uuid4().hex}"
        self._sides: dict[int, redis.Redis] = {}
        self._channels: redis.Redis | None = None
        self._channels_owner = f"{CHANNELS_OWNER}{self._owner}"
        self._ledgers: dict[int, Ledger] = {}
        self._clients: set[bytes] = set()
        self._is_closed = False

    def open(self) -> None:
        """Take the address's database; raises CourseError if the course would meet others there."""
        self._ledger(self._address.db)
        side = self.side(self._address.db)
        if side.pubsub_channels() or side.pubsub_numpat() or side.pubsub_shardchannels():
            raise CourseError(
                f"Somebody else subscribes at {self._address.place} and would hear the course, "
                f"because channels ignore database numbers: {ELSEWHERE}."
            )

    def close(self) -> None:
        """Remove what the course created on this server; nothing leaves from now on."""
        self._is_closed = True
        with ExitStack() as ending:  # one that fails keeps no other from its turn
            ending.callback(self._hang_up)
            ending.callback(self._remove_what_was_moved)
            for ledger in self._ledgers.values():
                ending.callback(ledger.close)

    def _remove_what_was_moved(self) -> None:
        """Remove what is ours from databases to which somebody's SWAPDB took it."""
        if not any(ledger.was_lost for ledger in self._ledgers.values()):
            return
        for name in self.side(self._address.db).info("keyspace"):
            db = int(name.removeprefix("db"))
            if db not in self._ledgers:
                Ledger(self.side(db), self._owner, self._address.in_database(db)).remove_ours()

    def _hang_up(self) -> None:
        """Close the guard's clients: one that stayed open would say that the owner lives."""
        with ExitStack() as ending:
            for side in filter(None, [*self._sides.values(), self._channels]):
                ending.callback(side.close)

    def side(self, db: int) -> redis.Redis:
        """Return the guard's own client of one database; its name says that the owner lives."""
        if db not in self._sides:
            self._sides[db] = self._client(db, self._owner, decode_responses=False)
        return self._sides[db]

    def _client(self, db: int, name: str, **options: Any) -> redis.Redis:
        where = self._address.blocking_options()
        limits = {"client_name": name, "db": db, "socket_timeout": ANSWER_LIMIT}
        return blocking_client(where, **limits, **options)

    def note_client(self, number: int) -> None:
        """Remember a client of the course's own: a lesson may kill or unblock it."""
        self._clients.add(b"%d" % number)

    def check(self, words: list[bytes], db: int) -> None:
        """Raise CourseError unless the command is harmless, or touches only what is ours."""
        if self._is_closed:
            raise CourseError("This client's broker was closed: connect again.")
        names = _names(words)
        if CHANNELS.intersection(names):
            self._take_channels()
        if HARMLESS.intersection(names) or self._is_for_ourselves(words, db):
            return
        if names[0] in FAR_REACHING:
            raise self._refusal(names[0])
        if not translated(lambda: self._touches_only_its_keys(words, db), self._address):
            raise self._refusal(names[-1])

    def _take_channels(self) -> None:
        """Raise CourseError if another notebook uses channels here: databases do not divide them.

        Who has them is told by a client's name, so that they are free again when it is gone. The
        name is looked at with each message: a connection that was lost comes back without it.
        """
        if self._channels is None:
            self._channels = self._client(self._address.db, self._owner)
        if translated(self._channels.client_getname, self._address) == self._channels_owner:
            return
        asked: Any = self._channels.pipeline()
        asked.client_setname(self._channels_owner).client_list()
        _, clients = translated(asked.execute, self._address)
        owners = {c["name"] for c in clients if c["name"].startswith(CHANNELS_OWNER)}
        if owners != {self._channels_owner}:
            self._channels.client_setname(self._owner)
            raise CourseError(
                f"Another notebook of this course uses the channels at {self._address.place}, and "
                f"channels ignore database numbers: stop it, or {ELSEWHERE}."
            )

    def _refusal(self, name: str) -> CourseError:
        return CourseError(
            f"{name.replace('|', ' ')} could reach what the course did not create at "
            f"{self._address.place}, so it is not sent: use COURSE_BROKER=server for it."
        )

    def _is_for_ourselves(self, words: list[bytes], db: int) -> bool:
        match [word.upper() for word in words]:
            case [b"SELECT", number]:
                return number == b"%d" % db
            case [b"RESET"]:
                return db == 0  # it goes back to database 0
            case [b"CLIENT", b"UNBLOCK", number, *_]:
                return number in self._clients
            case [b"CLIENT", b"KILL", *filters] if len(filters) % 2 == 0:
                chosen = dict(zip(filters[::2], filters[1::2], strict=True))
                return chosen.get(b"ID") in self._clients and len(filters) == 2 * len(chosen)
        return False

    def _touches_only_its_keys(self, words: list[bytes], db: int) -> bool:
        """Claim each key that the command names, and tell whether there is one."""
        try:
            side: Any = self.side(db)
            named = side.command_getkeysandflags(*words)
        except redis.ResponseError as error:
            return any(text in str(error) for text in REFUSED_BY_THE_SERVER)
        ledger = self._ledger(db)
        if named:
            ledger.renew()
        for key, flags in named:
            ledger.claim(key, creates=bool(CREATING.intersection(flags)))
        if created := [key for key, flags in named if CREATING.intersection(flags)]:
            own_words = _names(words)[0] in WRITES_ITS_WORDS
            ledger.note(words[1:], keys_made_up=[] if own_words else created)
        return bool(named)

    def _ledger(self, db: int) -> Ledger:
        if db not in self._ledgers:
            ledger = Ledger(self.side(db), self._owner, self._address.in_database(db))
            ledger.open()
            self._ledgers[db] = ledger
        return self._ledgers[db]


class _GuardedConnection(AbstractConnection):
    guard: Guard

    def pack_command(self, *args: EncodableT) -> list[bytes]:
        self.guard.check(_words(args, self.encoder), int(self.db))
        return super().pack_command(*args)

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        await super().on_connect_check_health(check_health)
        await self.send_command("CLIENT", "ID", check_health=False)
        self.guard.note_client(await self.read_response())


class _GuardedPacker(PythonRespSerializer):
    def __init__(self, guard: Guard, db: int) -> None:
        self._guard, self._db, self._encoder = guard, db, Encoder("utf-8", "strict", False)
        super().__init__(buffer_cutoff=6000, encode=self._encoder.encode)  # redis-py's own size

    def pack(self, *args: EncodableT) -> list[bytes]:
        self._guard.check(_words(args, self._encoder), self._db)
        return super().pack(*args)


def guarded(address: Address, guard: Guard) -> dict[str, Any]:
    """Return the options of a `redis.asyncio` pool that sends nothing without the guard."""
    options = address.options()
    base = options.get("connection_class", Connection)
    kind = type("GuardedConnection", (_GuardedConnection, base), {"guard": guard})
    return options | {"connection_class": kind}


def guarded_blocking(address: Address, guard: Guard) -> dict[str, Any]:
    """Return the same for a `redis` pool."""
    return address.blocking_options() | {"command_packer": _GuardedPacker(guard, address.db)}


def _words(args: Sequence[EncodableT], encoder: Encoder) -> list[bytes]:
    """Split a command as redis-py does: its name may be given as "CLIENT LIST"."""
    first, *rest = (bytes(encoder.encode(arg)) for arg in args)
    return [*first.split(), *rest]


def _names(words: list[bytes]) -> list[str]:
    """Name a command, alone and with its subcommand: CLIENT, CLIENT|KILL."""
    upper = [word.decode(errors="replace").upper() for word in words[:2]]
    return ["|".join(upper[:count]) for count in range(1, len(upper) + 1)]
