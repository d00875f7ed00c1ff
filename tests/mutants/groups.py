"""Lies about consumer groups."""

from typing import Any

from embedded_redis.engine import trimming
from embedded_redis.engine._fakeredis import StreamGroup, XStream
from embedded_redis.engine.entries import FIRST, LAST, before, delete_entry, groups_of, read_id
from embedded_redis.engine.waiting_room import WaitingRoom
from embedded_redis.rules import groups, pending, streams, xinfo
from embedded_redis.rules.claims import Claim, Scan
from embedded_redis.rules.groups import ConsumersReadWhatIsNew, GroupsAreMadeOnce, Place
from embedded_redis.rules.pending import AcknowledgedEntriesAreForgotten, PendingRequest
from embedded_redis.rules.waiting import WaitersAreServedFirstComeFirstServed

from .lie import lie

XACK = "commands/xack/"
XREADGROUP = "commands/xreadgroup/"
XGROUP_CREATE = "commands/xgroup-create/"
XAUTOCLAIM = "commands/xautoclaim/"
XPENDING = "commands/xpending/"


@lie(pending, "acknowledge", XACK, lesson="06")
def xack_is_ignored(truth: Any, group: Any, entry_id: Any) -> bool:
    """XACK takes the entry off the pending ones."""
    return entry_id in group.pel


@lie(pending, "acknowledge", XACK, lesson="06")
def xack_always_answers_1(truth: Any, group: Any, entry_id: Any) -> bool:
    """XACK answers 0 when the entry was not pending."""
    truth(group, entry_id)
    return True


@lie(AcknowledgedEntriesAreForgotten, "xack", XACK, lesson="06")
def xack_deletes_the_entry(truth: Any, self: Any, key: Any, name: bytes, *ids: bytes) -> int:
    """XACK leaves the entry in the stream."""
    for raw in ids:
        delete_entry(key.value, read_id(raw))
    return truth(self, key, name, *ids)


@lie(AcknowledgedEntriesAreForgotten, "xack", XACK, lesson="06")
def xack_acknowledges_for_every_group(
    truth: Any, self: Any, key: Any, name: bytes, *ids: bytes
) -> int:
    """XACK concerns one group."""
    reply = truth(self, key, name, *ids)
    for group in groups_of(key.value):
        truth(self, key, group.name, *ids)
    return reply


@lie(groups, "mark_delivered", XREADGROUP, lesson="06")
def new_entries_are_delivered_again(truth: Any, group: Any, entry_id: Any) -> None:
    """`>` delivers each entry once to a group."""


@lie(Place, "_read_new", XREADGROUP, lesson="08")
def groups_share_one_cursor(truth: Any, self: Any, consumer: Any, request: Any) -> Any:
    """Each group has a cursor of its own."""
    found = truth(self, consumer, request)
    for group in groups_of(self.stream):
        group.last_delivered_key = max(group.last_delivered_key, self.group.last_delivered_key)
    return found


@lie(Place, "_read_new", XREADGROUP, lesson="06")
def xreadgroup_ignores_count(truth: Any, self: Any, consumer: Any, request: Any) -> Any:
    """XREADGROUP delivers at most COUNT entries."""
    request.count = None
    return truth(self, consumer, request)


@lie(Place, "_read_new", XREADGROUP, lesson="06")
def noack_leaves_entries_pending(truth: Any, self: Any, consumer: Any, request: Any) -> Any:
    """NOACK delivers without a note of it."""
    request.noack = False
    return truth(self, consumer, request)


@lie(groups, "pending_of", XREADGROUP, lesson="06")
def history_is_everybodys(truth: Any, group: Any, consumer: bytes | None = None) -> Any:
    """With an id, XREADGROUP reads only what is pending for this consumer."""
    return truth(group)


@lie(Place, "_read_history", XREADGROUP, lesson="06")
def a_consumer_has_no_history(truth: Any, self: Any, consumer: Any, count: Any) -> Any:
    """With an id, XREADGROUP reads again what is pending for this consumer."""
    return []


@lie(groups, "read_group_start", XGROUP_CREATE, lesson="06")
def dollar_groups_start_at_the_beginning(truth: Any, stream: Any, raw: bytes) -> Any:
    """A group that starts at `$` gets only what comes later."""
    return FIRST


@lie(groups, "read_group_start", XGROUP_CREATE, lesson="00")
def every_group_starts_at_the_end(truth: Any, stream: Any, raw: bytes) -> Any:
    """A group that starts at 0 gets the whole stream."""
    return truth(stream, b"$")


@lie(GroupsAreMadeOnce, "xgroup_create", XGROUP_CREATE, lesson="06")
def a_group_can_be_made_twice(
    truth: Any, self: Any, key: Any, name: bytes, start: bytes, *options: bytes
) -> Any:
    """XGROUP CREATE answers BUSYGROUP when the group is there."""
    if key.value is not None:
        key.value.group_delete(name)
    return truth(self, key, name, start, *options)


@lie(StreamGroup, "set_id", "commands/xgroup-setid/", lesson="06")
def setid_is_ignored(truth: Any, self: Any, *arguments: Any) -> None:
    """XGROUP SETID moves the cursor of the group."""


@lie(StreamGroup, "del_consumer", "commands/xgroup-delconsumer/", lesson="06")
def a_deleted_consumer_leaves_its_entries(truth: Any, self: Any, name: bytes) -> int:
    """XGROUP DELCONSUMER forgets what was pending for the consumer."""
    kept = dict(self.pel)
    reply = truth(self, name)
    self.pel.update(kept)
    return reply


@lie(StreamGroup, "del_consumer", "commands/xgroup-delconsumer/", lesson="06")
def a_deleted_consumer_returns_its_entries(truth: Any, self: Any, name: bytes) -> int:
    """What was pending for a deleted consumer is not delivered again."""
    mine = groups.pending_of(self, name)
    if mine:
        self.last_delivered_key = before(mine[0])
    return truth(self, name)


@lie(Claim, "take", XAUTOCLAIM, lesson="06")
def claiming_ignores_the_idle_time(
    truth: Any, self: Any, stream: Any, group: Any, owner: Any, entry_id: Any, min_idle: int
) -> bool:
    """XAUTOCLAIM takes only what has been idle for long enough."""
    return truth(self, stream, group, owner, entry_id, 0)


@lie(Claim, "take", XAUTOCLAIM, lesson="06")
def a_claimed_entry_keeps_its_owner(
    truth: Any, self: Any, stream: Any, group: Any, owner: Any, entry_id: Any, min_idle: int
) -> bool:
    """A claimed entry is pending for its new owner."""
    held = group.pel.get(entry_id)
    taken = truth(self, stream, group, owner, entry_id, min_idle)
    if taken and held:
        group.pel[entry_id] = group.pel[entry_id]._replace(consumer_name=held.consumer_name)
    return taken


@lie(Claim, "_stamp", "commands/xclaim/", lesson="06")
def the_idle_option_is_ignored(truth: Any, self: Any, now: int) -> int:
    """XCLAIM with IDLE sets how long the entry has been idle."""
    return now


@lie(Claim, "_deliveries", XPENDING, lesson="06")
def a_claim_is_no_delivery(truth: Any, self: Any, count: int) -> int:
    """Each claim counts as a delivery."""
    return count


@lie(Claim, "_deliveries", "commands/xclaim/", lesson="06")
def justid_counts_as_a_delivery(truth: Any, self: Any, count: int) -> int:
    """JUSTID leaves the count of deliveries as it is."""
    return count + 1


@lie(Scan, "_look_at", XAUTOCLAIM, lesson="06")
def deleted_entries_are_not_reported(truth: Any, self: Any, entry_id: Any, min_idle: int) -> None:
    """XAUTOCLAIM reports pending entries that are gone from the stream."""
    truth(self, entry_id, min_idle)
    self.deleted.clear()


@lie(pending, "summary", XPENDING, lesson="06")
def xpending_counts_consumers(truth: Any, group: Any) -> Any:
    """XPENDING counts entries."""
    _, *others = truth(group)
    return [len(others[-1] or ()), *others]


@lie(XStream, "_is_referenced", "commands/xackdel/", lesson="06")
def xackdel_does_not_ask_other_groups(truth: Any, self: Any, entry_id: Any) -> bool:
    """XACKDEL with ACKED deletes an entry when every group is done with it."""
    return False


@lie(trimming, "forget_entry", "commands/xdelex/", lesson="06")
def delref_leaves_the_references(truth: Any, stream: Any, entry_id: Any) -> None:
    """DELREF takes the entry off the pending ones of every group."""


@lie(pending, "acknowledge", XACK, lesson="06")
def xack_acknowledges_all_before_it_too(truth: Any, group: Any, entry_id: Any) -> bool:
    """XACK concerns one entry."""
    for each in [each for each in group.pel if each < entry_id]:
        truth(group, each)
    return truth(group, entry_id)


@lie(Place, "_deliver_again", XREADGROUP, lesson="06")
def reading_again_is_no_delivery(truth: Any, self: Any, entry_id: Any) -> Any:
    """An entry that its consumer reads again is counted as delivered again."""
    before = self.group.pel[entry_id]
    record = truth(self, entry_id)
    self.group.pel[entry_id] = before
    return record


@lie(Place, "_read_history", XREADGROUP, lesson="06")
def reading_again_acknowledges(truth: Any, self: Any, consumer: Any, count: Any) -> Any:
    """An entry that its consumer reads again stays pending."""
    records = truth(self, consumer, count)
    for raw, _ in records:
        self.group.pel.pop(read_id(raw))
    return records


@lie(Place, "read", XREADGROUP, lesson="06")
def a_new_consumer_gets_what_is_pending(truth: Any, self: Any, request: Any) -> Any:
    """`>` delivers nothing that is pending for somebody else."""
    is_new = request.consumer not in self.group.consumers
    found = truth(self, request)
    taken = groups.pending_of(self.group) if is_new and self.start == LAST else []
    again = [self.stream.format_record(each) for each in taken if each in self.stream]
    return [*again, *(found or [])] or None


@lie(WaitingRoom, "_serve_queue", XREADGROUP, lesson="06")
def the_consumer_who_came_last_is_served_first(
    truth: Any, self: Any, place: Any, change: Any
) -> None:
    """Waiting consumers of a group are served in the order in which they came."""
    queue = self._queues.get(place, {})
    for waiter in [*queue][::-1] if isinstance(place[0].get(place[1]).value, XStream) else []:
        queue[waiter] = queue.pop(waiter)
    truth(self, place, change)


@lie(WaitersAreServedFirstComeFirstServed, "_blocking", XREADGROUP, lesson="06", waits=True)
def xreadgroup_does_not_wait(
    truth: Any, self: Any, timeout: Any, func: Any, shape: Any = None
) -> Any:
    """XREADGROUP with BLOCK waits for the next entry."""
    if self.running[0] != "xreadgroup":
        return truth(self, timeout, func, shape)
    return func(True)


@lie(Claim, "_stamp", XAUTOCLAIM, lesson="06")
def a_claimed_entry_stays_old(truth: Any, self: Any, now: int) -> int:
    """A claimed entry is idle from now on."""
    return truth(self, now) if self.delivered_at is not None else now - 3_600_000


@lie(Scan, "run", XAUTOCLAIM, lesson="06")
def the_cursor_never_ends(truth: Any, self: Any, start: Any, min_idle: int, count: int) -> Any:
    """XAUTOCLAIM answers 0-0 when it has seen all that is pending."""
    cursor = truth(self, start, min_idle, count)
    return self.claimed[-1] if cursor == FIRST and self.claimed else cursor


@lie(Scan, "run", XAUTOCLAIM, lesson="06")
def the_cursor_is_always_0(truth: Any, self: Any, start: Any, min_idle: int, count: int) -> Any:
    """XAUTOCLAIM answers where to go on."""
    truth(self, start, min_idle, count)
    return FIRST


@lie(Scan, "run", XAUTOCLAIM, lesson="06")
def xautoclaim_ignores_count(truth: Any, self: Any, start: Any, min_idle: int, count: int) -> Any:
    """XAUTOCLAIM claims at most COUNT entries."""
    return truth(self, start, min_idle, 100)


@lie(Scan, "_look_at", XAUTOCLAIM, lesson="06")
def deleted_entries_stay_pending(truth: Any, self: Any, entry_id: Any, min_idle: int) -> None:
    """XAUTOCLAIM takes entries that are gone from the stream off the pending ones."""
    held = self.group.pel[entry_id]
    truth(self, entry_id, min_idle)
    self.group.pel.setdefault(entry_id, held)


@lie(PendingRequest, "listing", XPENDING, lesson="06")
def xpending_ignores_the_consumer(truth: Any, self: Any, group: Any) -> Any:
    """XPENDING with a consumer lists only what is pending for this one."""
    self.consumer = None
    return truth(self, group)


@lie(XStream, "trim", "commands/xtrim/", lesson="06")
def trimming_forgets_what_was_pending(truth: Any, self: Any, *arguments: Any) -> int:
    """An entry that is trimmed away stays pending."""
    removed = truth(self, *arguments)
    for group in groups_of(self):
        for each in [each for each in group.pel if each not in self]:
            group.pel.pop(each)
    return removed


@lie(XStream, "trim", "commands/xtrim/", lesson="06")
def trimming_spares_what_is_pending(truth: Any, self: Any, *arguments: Any) -> int:
    """Trimming does not ask whether an entry is pending."""
    return 0 if any(group.pel for group in groups_of(self)) else truth(self, *arguments)


@lie(StreamGroup, "lag", "commands/xinfo-groups/", lesson="06")
def lag_counts_what_is_pending(truth: Any, self: Any, trim_aware: bool) -> int | None:
    """The lag of a group is what it has not yet delivered."""
    lag = truth(self, trim_aware)
    return lag and lag + len(self.pel)


@lie(StreamGroup, "del_consumer", "commands/xgroup-delconsumer/", lesson="06")
def delconsumer_always_answers_0(truth: Any, self: Any, name: bytes) -> int:
    """XGROUP DELCONSUMER answers how many entries were pending for the consumer."""
    truth(self, name)
    return 0


@lie(Scan, "run", XAUTOCLAIM, lesson="06")
def xautoclaim_begins_at_the_beginning(
    truth: Any, self: Any, start: Any, min_idle: int, count: int
) -> Any:
    """XAUTOCLAIM goes on from the id that it is given."""
    return truth(self, FIRST, min_idle, count)


@lie(Scan, "run", XAUTOCLAIM, lesson="06")
def xautoclaim_looks_at_everything(
    truth: Any, self: Any, start: Any, min_idle: int, count: int
) -> Any:
    """XAUTOCLAIM looks at ten times COUNT pending entries, and no more."""
    self.ATTEMPTS_PER_ENTRY = 1000
    return truth(self, start, min_idle, count)


@lie(Claim, "take", "commands/xclaim/", lesson="06")
def justid_leaves_the_age(
    truth: Any, self: Any, stream: Any, group: Any, owner: Any, entry_id: Any, min_idle: int
) -> bool:
    """A claim with JUSTID makes an entry young again: it extends the lease."""
    held = group.pel.get(entry_id)
    taken = truth(self, stream, group, owner, entry_id, min_idle)
    if taken and held and self.just_id and self.delivered_at is None:
        group.pel[entry_id] = group.pel[entry_id]._replace(time_read=held.time_read)
    return taken


@lie(StreamGroup, "set_id", "commands/xgroup-setid/", lesson="06")
def setid_hands_out_the_entry_named(truth: Any, self: Any, last: Any, read: Any) -> None:
    """XGROUP SETID goes on after the id that it names."""
    truth(self, before(last) if last != FIRST else last, read)


@lie(PendingRequest, "listing", XPENDING, lesson="06")
def xpending_ignores_its_range(truth: Any, self: Any, group: Any) -> Any:
    """XPENDING lists what lies in its range."""
    self.low, self.high = FIRST, LAST
    return truth(self, group)


@lie(StreamGroup, "lag", "commands/xinfo-groups/", lesson="06")
def the_lag_is_always_known(truth: Any, self: Any, trim_aware: bool) -> int:
    """A group that began in the middle does not know its lag."""
    lag = truth(self, trim_aware)
    return 0 if lag is None else lag


@lie(streams, "read_policy_and_ids", "commands/xdelex/", lesson="06")
def xdelex_always_cleans_up(truth: Any, arguments: tuple[bytes, ...]) -> Any:
    """XDELEX leaves the lists of pending entries alone, but for DELREF."""
    _, ids = truth(arguments)
    return b"DELREF", ids


@lie(trimming.TrimOptions, "trim", "commands/xtrim/", lesson="06")
def an_acked_trim_does_not_ask(truth: Any, self: Any, stream: Any) -> int:
    """XTRIM with ACKED spares what a group still needs."""
    self.references = None
    return truth(self, stream)


@lie(Place, "_read_history", XREADGROUP, lesson="06")
def the_history_leaves_out_what_was_trimmed(
    truth: Any, self: Any, consumer: Any, count: Any
) -> Any:
    """The history of a consumer lists what was trimmed, without its fields."""
    return [entry for entry in truth(self, consumer, count) if entry[1] is not None]


@lie(ConsumersReadWhatIsNew, "_read_groups", XREADGROUP, lesson="08")
def namesakes_are_told_apart(truth: Any, self: Any, request: Any) -> Any:
    """Two connections that give the same name are one consumer."""
    users = vars(self._server).setdefault("users", {})
    used = request.group, *request.keys, request.consumer
    first = users.setdefault(used, self)
    if first is not self and first in self._server.sockets:
        request.consumer += b"%d" % id(self)
    return truth(self, request)


@lie(AcknowledgedEntriesAreForgotten, "xack", XACK, lesson="06")
def xack_acknowledges_only_the_first(
    truth: Any, self: Any, key: Any, name: bytes, *ids: bytes
) -> int:
    """XACK acknowledges all entries that it names."""
    return truth(self, key, name, *ids[:1])


@lie(xinfo, "outline", "commands/xinfo-stream/", lesson="06")
def entries_added_counts_what_is_left(truth: Any, stream: Any) -> Any:
    """`entries-added` counts all that were ever added, also what was trimmed."""
    return {**truth(stream), b"entries-added": len(stream)}


@lie(Claim, "take", "commands/xclaim/", lesson="06")
def whoever_holds_an_entry_cannot_renew_it(
    truth: Any, self: Any, stream: Any, group: Any, owner: Any, entry_id: Any, min_idle: int
) -> bool:
    """XCLAIM by the owner itself makes the entry young again."""
    entry = group.pel.get(entry_id)
    if entry and entry.consumer_name == owner.name and self.delivered_at is None:
        return True
    return truth(self, stream, group, owner, entry_id, min_idle)
