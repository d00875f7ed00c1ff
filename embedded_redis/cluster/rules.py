"""The rules by which a node of a cluster differs from a single server.

They stand in front of those of embedded_redis.rules.
"""

from typing import Any

from redis.crc import key_slot

from ..assembly import Rules
from ..engine._fakeredis import OK, CommandItem, Key, SimpleError
from ..engine.arguments import fail, follows, integer, is_integer, is_word
from ..engine.commands import Command, Handler, command
from ..rules.scripts import CROSSES_SLOTS, AScriptIsOneCommand, Script
from . import introspection
from .keys import SORT_OPTIONS, keys_of, slot_of_pattern
from .model import NodeSocket

CROSSSLOT_IN_SCRIPT = (
    "ERR Command '{}' in script attempted to access keys that don't hash to the same slot"
)
CROSSSLOT = "CROSSSLOT Keys in request don't hash to the same slot"
ELSEWHERE = (
    "ERR {} option of SORT denied in Cluster mode when keys formed by the pattern may be in "
    "different slots."
)


class KeysLiveOnTheNodeOfTheirSlot(NodeSocket, AScriptIsOneCommand):
    """A command runs where its keys or sharded channels live, and all of them in one slot.

    Otherwise the node answers MOVED, with the slot and the right node, or CROSSSLOT.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
    """

    def _check(self, handler: Handler, arguments: list[bytes]) -> None:
        if self._script:
            self._check_in_script(self._script, handler.command, arguments)
            return super()._check(handler, arguments)
        if handler.command.name == "exec":
            self._check_transaction()
        self._check_slots(keys_of(handler.command, arguments))
        super()._check(handler, arguments)

    def _check_script(self, script: Script) -> None:
        if b"no-cluster" in (script.flags or ()):
            fail("ERR Can not run script on cluster, 'no-cluster' flag is set.")
        super()._check_script(script)

    def _check_in_script(self, script: Script, command: Command, arguments: list[bytes]) -> None:
        """Refuse what a script asks of another node: it is told so, and not where to go."""
        keys = keys_of(command, arguments)
        slots = {key_slot(key) for key in keys}
        if len(slots) > 1:
            fail(CROSSSLOT_IN_SCRIPT.format(command.name))
        if any(self._server.bus.owner(slot) is not self._server for slot in slots):
            fail("ERR Script attempted to access a non local key in a cluster node")
        if script.flags is not None and CROSSES_SLOTS not in script.flags:
            script.keys.extend(keys)  # those of all its commands are in one slot
            if len({key_slot(key) for key in script.keys}) > 1:
                fail("ERR Script attempted to access keys that do not hash to the same slot")

    def _check_transaction(self) -> None:
        queued = self._transaction or ()
        try:
            self._check_slots(
                [key for _, what, how in queued for key in keys_of(what.command, how)]
            )
        except SimpleError:
            self.discard()
            raise

    def _check_slots(self, keys: list[bytes]) -> None:
        slots = {key_slot(key) for key in keys}
        if len(slots) > 1:
            fail(CROSSSLOT)
        for slot in slots:
            owner = self._server.bus.owner(slot)
            if owner is not self._server:
                fail(f"MOVED {slot} {owner.address}")


class SortStaysInOneSlot(NodeSocket):
    """SORT reads other keys by a pattern only if all that it matches live in the slot of its key.

    Follows https://redis.io/docs/latest/commands/sort/
    """

    def _sort(self, key: CommandItem, options: tuple[bytes, ...], allow_store: bool) -> Any:
        at, slot = 0, key_slot(key.key)
        while size := _size(options, at, allow_store):
            reads = options[at].upper()
            if reads in (b"BY", b"GET") and not _is_within(slot, *options[at : at + 2]):
                fail(ELSEWHERE.format(reads.decode()))
            at += size
        return super()._sort(key, options, allow_store)


def _size(options: tuple[bytes, ...], at: int, allow_store: bool) -> int:
    """Count the words of an option of SORT; none where it is wrong, which is told later."""
    option = options[at].lower() if at < len(options) else b""
    if option not in SORT_OPTIONS or (option == b"store" and not allow_store):
        return 0
    size = SORT_OPTIONS[option]
    if not follows(options, at, size):
        return 0
    if option == b"limit" and not all(map(is_integer, options[at + 1 : at + 3])):
        return 0
    return size + 1


def _is_within(slot: int, option: bytes, pattern: bytes) -> bool:
    reads_nothing = pattern == b"#" if is_word(option, b"get") else b"*" not in pattern
    return reads_nothing or slot_of_pattern(pattern) == slot


class PublishGoesToEveryNode(NodeSocket):
    """PUBLISH reaches the subscribers of every node, and counts only those of its own.

    SPUBLISH stays on the node of its slot.
    Follows https://redis.io/docs/latest/commands/publish/
    """

    @command("publish")
    def publish(self, channel: bytes, message: bytes) -> int:
        receivers = super().publish(channel, message)
        self._server.bus.carry(self._server, channel, message)
        return receivers


class ClusterHasOneDatabase(NodeSocket):
    """A node has database 0 only.

    Follows https://redis.io/docs/latest/commands/select/
    """

    @command("select")
    def select(self, index: bytes) -> Any:
        if integer(index):
            fail("ERR SELECT is not allowed in cluster mode")
        return OK

    @command("move", (Key(), bytes))
    def move(self, key: CommandItem, index: bytes) -> Any:
        fail("ERR MOVE is not allowed in cluster mode")

    @command("swapdb")
    def swapdb(self, first: bytes, second: bytes) -> Any:
        fail("ERR SWAPDB is not allowed in cluster mode")


CLUSTER_RULES: Rules = (
    KeysLiveOnTheNodeOfTheirSlot,
    SortStaysInOneSlot,
    PublishGoesToEveryNode,
    ClusterHasOneDatabase,
    *introspection.RULES,
)
