"""Follow what the broker holds, as far as the traffic tells it.

A picture never asks the broker. What a list or a stream holds is worked out from the commands and
their replies. What cannot be known for sure is left out rather than shown wrongly.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .held import FOR_EVER, MOST_TOLD, Entries, Hand, HeldGroup, HeldList, HeldStream, Move
from .printable import printable
from .stream_words import Reading, Trimming, Words, entry_ids, full, ids_by_stream, place

GroupKey = tuple[str, str]  # stream and group
Place = tuple[int, int]  # of an entry in its stream
Held = HeldList | HeldStream


@dataclass
class Group:
    """The last entry that a consumer group was given, and who has yet to acknowledge what."""

    last: Place
    pending: dict[str, str] = field(default_factory=dict)
    _shown: dict[str, set[str]] = field(default_factory=dict)  # the same, by consumer as printed
    _hands: dict[str, tuple[Hand, ...]] = field(default_factory=dict)  # the same, at every moment
    _held: HeldGroup | None = None  # what was told last, if nothing has changed since

    def move_to(self, last: Place) -> None:
        """Let this be the last entry that was given out."""
        self.last, self._held = last, None

    def give(self, entries: Iterable[str], consumer: str, now: int) -> None:
        """Let these entries be pending with a consumer, whoever had them before."""
        for entry in entries:
            self.take(entry, now)
            self.pending[entry] = consumer
            self._shown.setdefault(printable(consumer), set()).add(entry)
            self._hands[entry] = *self._hands.get(entry, ()), (consumer, now, FOR_EVER)

    def take(self, entry: str, now: int) -> bool:
        """Let an entry be pending no more; tell whether it was."""
        self._held = None
        consumer = self.pending.pop(entry, None)
        if consumer is None:
            return False
        *before, (_, since, _) = self._hands[entry]
        self._hands[entry] = *before, (consumer, since, now)
        ids = self._shown[printable(consumer)]
        ids.remove(entry)
        if not ids:
            del self._shown[printable(consumer)]
        return True

    def drop(self, consumer: str, now: int) -> None:
        """Forget a consumer, with what was pending with it."""
        for entry in [e for e, owner in self.pending.items() if owner == consumer]:
            self.take(entry, now)

    def told(self) -> str:
        """Say in a few words who has yet to acknowledge what."""
        told = [f"{consumer} {_ids(ids)}" for consumer, ids in sorted(self._shown.items())]
        return "; ".join(told) or "none"

    def held(self) -> HeldGroup:
        """Tell the group as data."""
        if self._held is None:
            counts = {consumer: len(ids) for consumer, ids in self._shown.items()}
            self._held = HeldGroup(self.last, counts, self._hands)
        return self._held

    def copy(self) -> Group:
        """Return one like this, to go on from here."""
        shown = {consumer: {*ids} for consumer, ids in self._shown.items()}
        return Group(self.last, {**self.pending}, shown, {**self._hands})


@dataclass
class Holdings:
    """The lists, the streams and the pending entries that the traffic speaks of.

    What a command costs here depends on the keys that it names, not on all that is held.
    """

    lists: dict[str, list[str]] = field(default_factory=dict)
    streams: dict[str, Entries] = field(default_factory=dict)
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    unknown: set[str | GroupKey] = field(default_factory=set)
    readers: dict[str, dict[str, Place]] = field(default_factory=dict)  # by stream and client
    now: int = 0  # counted in commands
    moves: list[Move] = field(default_factory=list)  # since the act began
    changed: dict[str, int] = field(default_factory=dict)  # when a key changed last
    cursors: dict[str, int] = field(default_factory=dict)  # when a cursor on a stream moved last
    _groups_of: dict[str, dict[str, None]] = field(default_factory=dict)
    _since: dict[str | GroupKey, int] = field(default_factory=dict)  # the order in which they came
    _next: Iterator[int] = field(default_factory=itertools.count)

    def apply(self, words: Words, reply: Any) -> None:
        """Take over what one answered command changed."""
        name = words[0].upper()
        if name in FAR_REACHING:  # a script that fails has done something by then
            self.forget_all()
        elif isinstance(reply, Exception) or name in READERS:
            return
        elif name in _CHANGES:
            _CHANGES[name](self, words, reply)
        else:
            self.forget_named(words)

    def forget_named(self, words: Words) -> None:
        """Stop speaking of the keys that this command names: who knows what it did to them."""
        name = words[0].upper()
        if name not in READERS:
            self.forget(*(known for word in words[1:] for known in self._known(word)))
            self.forget(*words[1 : 3 if name in _NAMING_TWO else 2])

    def forget(self, *keys: str | GroupKey) -> None:
        """Stop speaking of these keys or groups; what they hold remains as a guess."""
        self.unknown.update(keys)

    def forget_all(self) -> None:
        """Stop speaking of everything."""
        self.forget(*self.lists, *self.streams, *self.groups)

    def elements(self, key: str) -> list[str]:
        """Return the elements of a list, an empty one where none is known."""
        if key not in self.lists:
            self.lists[key] = []
            self._came(key)
        return self.lists[key]

    def entries(self, key: str) -> Entries:
        """Return the entries of a stream, an empty one where none is known."""
        if key not in self.streams:
            self.streams[key] = Entries()
            self._came(key)
        return self.streams[key]

    def group(self, key: GroupKey) -> Group:
        """Return a group; one whose beginning was not seen is not spoken of."""
        if key not in self.groups:
            self.begin_group(key, (0, 0))
            self.forget(key)
        return self.groups[key]

    def begin_group(self, key: GroupKey, last: tuple[int, int]) -> None:
        """Know a group that has nothing pending."""
        self.groups[key] = Group(last)
        self._groups_of.setdefault(key[0], {})[key[1]] = None
        self._came(key)

    def end_group(self, key: GroupKey) -> None:
        """Know that a group is gone."""
        self.groups.pop(key, None)
        self._since.pop(key, None)

    def read(self, stream: str, client: str, at: Place) -> None:
        """Note how far a client without a group has read."""
        readers = self.readers.get(stream, {})
        if readers.get(client) != at:
            self.readers[stream] = {**readers, client: at}  # another one: what was told has the old
            self.moved_cursor(stream)

    def moved_cursor(self, stream: str) -> None:
        """Note that somebody has read further in a stream, or goes back."""
        self.changed[stream] = self.cursors[stream] = self.now

    def moved(self, key: str, came: bool, side: str, what: Sequence[str]) -> None:
        """Note what came into a key or went."""
        self.changed[key] = self.now
        self.moves.append(Move(key, came, side, what))

    def held(self, key: str, began: int, since: int) -> Held | None:
        """Tell a key as data: what changed from one tick on, and from one of the moves on."""
        moves = [move for move in self.moves[since:] if move.key == key]
        if key in self.lists and key not in self.unknown:
            return HeldList.of(self.lists[key], moves)
        if key in self.streams:
            return self._held_stream(key, began, moves)
        return None

    def _held_stream(self, key: str, began: int, moves: list[Move]) -> HeldStream:
        entries, known = self.streams[key], key not in self.unknown
        told = [*entries.ends(), *(i for move in moves for i in _some(move.what))]
        names = (group for group in self._group_keys(key) if group not in self.unknown)
        groups = {group[1]: self.groups[group].held() for group in names}
        readers = self.readers.get(key, {}) if known else {}
        count = len(entries) if known else None
        return HeldStream(count, began, self.now, told, groups, readers, entries.lives)

    def _came(self, known: str | GroupKey) -> None:
        self.changed[known if isinstance(known, str) else known[0]] = self.now
        if known not in self._since:
            self._since[known] = next(self._next)

    def summary(self, keys: Iterable[str] | None = None) -> dict[str, str]:
        """Say in a few words what each known key, or each of these, holds: also what is pending."""
        if keys is not None:
            keys = [key for key in keys if self._speaks_of(key)]
            if not keys:
                return {}
        known = {key: _queue(self.lists[key]) for key in self._of(self.lists, keys)}
        known |= {key: _entries(self.streams[key]) for key in self._of(self.streams, keys)}
        told = {printable(k): what for k, what in known.items() if k not in self.unknown}
        of_keys = None if keys is None else [g for key in keys for g in self._group_keys(key)]
        for key, group in self._of(self.groups, of_keys):
            if (key, group) not in self.unknown:
                label = f"{printable(key)}/{printable(group)} pending"
                told[label] = self.groups[key, group].told()
        return told

    def in_order(self, keys: list[str]) -> list[str]:
        """Give keys in the order in which they came."""
        return sorted(keys, key=lambda key: self._since.get(key, -1)) if len(keys) > 1 else keys

    def _speaks_of(self, word: str) -> bool:
        return word in self.lists or word in self.streams or word in self._groups_of

    def _of(self, known: dict[Any, Any], keys: Iterable[Any] | None) -> Iterable[Any]:
        """Give those of the keys that are known, in the order in which they came."""
        if keys is None:
            return known
        found = {key for key in keys if key in known}
        return sorted(found, key=self._since.__getitem__) if len(found) > 1 else found

    def has(self, key: str, data: str) -> bool:
        """Tell whether a list has this element, or a stream an entry with this id."""
        elements = self.lists.get(key)
        if elements and (data == elements[0] or data == elements[-1] or data in elements):
            return True
        return data in self.streams.get(key, ())

    def take(self, key: str, element: str, from_left: bool) -> str:
        """Remove an element that a client got from an end of this list, and return it."""
        elements = self.elements(key)
        if elements and elements[0 if from_left else -1] == element:
            element = elements.pop(0 if from_left else -1)
            self.moved(key, False, "left" if from_left else "right", (element,))
            return element
        self.forget(key)
        if element in elements:
            _remove_from(elements, element, from_left)
        return element

    def drop(self, key: str) -> None:
        """Know that a key is gone."""
        self.changed[key] = self.now
        self.readers.pop(key, None)
        self.lists.pop(key, None)
        self.streams.pop(key, None)
        groups = [(key, group) for group in self._groups_of.pop(key, ())]
        for group in groups:
            self.groups.pop(group, None)
        gone: list[str | GroupKey] = [key, *groups]
        for known in gone:
            self._since.pop(known, None)
            self.unknown.discard(known)

    def copy(self) -> Holdings:
        """Return holdings like these, to go on from here."""
        return Holdings(
            {key: [*elements] for key, elements in self.lists.items()},
            {key: entries.twin() for key, entries in self.streams.items()},
            {key: group.copy() for key, group in self.groups.items()},
            {*self.unknown},
            {**self.readers},
            self.now,
            [],
            {**self.changed},
            {**self.cursors},
            {key: {**groups} for key, groups in self._groups_of.items()},
            {**self._since},
            self._next,
        )

    def _known(self, key: str) -> Iterator[str | GroupKey]:
        """Give what is known under a key: itself, and the groups of a stream."""
        if key in self.lists or key in self.streams:
            yield key
        yield from self._group_keys(key)

    def _group_keys(self, key: str) -> list[GroupKey]:
        names = self._groups_of.get(key, ())
        return [(key, group) for group in names if (key, group) in self.groups]


def _some(entries: Sequence[str]) -> Sequence[str]:
    few = 2 * MOST_TOLD
    return entries if len(entries) <= few else (*entries[:MOST_TOLD], *entries[-MOST_TOLD:])


def _queue(elements: list[str]) -> str:
    if not elements:
        return "empty"
    shown = " ".join(f"[{_short(printable(e))}]" for e in elements[:3])
    return shown if len(elements) <= 3 else f"{shown} +{len(elements) - 3}"


def _entries(ids: Entries) -> str:
    return f"{len(ids)} {'entry' if len(ids) == 1 else 'entries'}"


def _ids(ids: set[str]) -> str:
    return ", ".join(sorted(ids, key=place)) if len(ids) <= 3 else f"{len(ids)} entries"


def _short(text: str, most: int = 12) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _push(held: Holdings, words: Words, reply: Any) -> None:
    name, key, pushed = words[0].upper(), words[1], words[2:]
    if reply in (0, len(pushed)):  # nothing was there before
        held.drop(key)
    elements = held.elements(key)
    if reply and name.startswith("L"):
        elements[:0] = reversed(pushed)
    elif reply:
        elements += pushed
    if reply:
        held.moved(key, True, "left" if name.startswith("L") else "right", pushed)
    if reply != len(elements):
        held.forget(key)


def _pop(held: Holdings, words: Words, reply: Any) -> None:
    left = words[0].upper() in ("LPOP", "BLPOP")
    if words[0].upper() in ("BLPOP", "BRPOP"):
        key, taken = reply or ("", [])
    else:
        key, taken = words[1], reply
        if reply is None:
            _found_empty(held, key)
    _take_all(held, key, [taken] if isinstance(taken, str) else taken, left)


def _pop_many(held: Holdings, words: Words, reply: Any) -> None:
    key, taken = reply or ("", [])
    count_at = 2 if words[0].upper() == "BLMPOP" else 1
    if reply is None:
        for empty in words[count_at + 1 : count_at + 1 + int(words[count_at])]:
            _found_empty(held, empty)
    direction = words[count_at + int(words[count_at]) + 1].upper()
    _take_all(held, key, taken, direction == "LEFT")


def _found_empty(held: Holdings, key: str) -> None:
    """Know that a list is empty, whatever was said of it: others may have taken from it."""
    if key in held.lists:
        held.drop(key)
        held.elements(key)


def _take_all(held: Holdings, key: str, elements: Iterable[str] | None, left: bool) -> None:
    for element in elements or []:
        held.take(key, element, left)


def _move(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        _found_empty(held, words[1])
        return
    old_name = words[0].upper().endswith("RPOPLPUSH")
    source, target = ("RIGHT", "LEFT") if old_name else (words[3].upper(), words[4].upper())
    moved = held.take(words[1], reply, source == "LEFT")
    elements = held.elements(words[2])
    elements.insert(0 if target == "LEFT" else len(elements), moved)
    held.moved(words[2], True, target.lower(), (moved,))


def _remove(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.elements(words[1])
    for _ in range(reply):
        if words[3] not in elements:
            held.forget(words[1])
            return
        _remove_from(elements, words[3], from_left=int(words[2]) >= 0)
        held.moved(words[1], False, "between", (words[3],))


def _remove_from(elements: list[str], element: str, from_left: bool) -> None:
    """Remove the first element that is equal, or the last."""
    if from_left:
        elements.remove(element)
    else:
        del elements[len(elements) - 1 - elements[::-1].index(element)]


def _trim_list(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.elements(words[1])
    first, last = (int(w) if int(w) >= 0 else len(elements) + int(w) for w in words[2:4])
    cuts = {"right": slice(max(0, last + 1), None), "left": slice(0, max(0, first))}
    for side, cut in cuts.items():
        if gone := elements[cut]:
            held.moved(words[1], False, side, gone)
            del elements[cut]


def _delete(held: Holdings, words: Words, reply: Any) -> None:
    for key in words[1:]:
        held.drop(key)


def _add(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        return
    entries = held.entries(words[1])
    entries.add(reply, held.now)
    held.moved(words[1], True, "right", (reply,))
    trimming = Trimming.of(words)
    surplus = trimming.surplus(entries)
    if surplus and (trimming.touches_groups or not trimming.exact):
        held.forget_named(words[:2])
    _shorten(held, words[1], surplus)


def _trim(held: Holdings, words: Words, reply: Any) -> None:
    entries = held.entries(words[1])
    if reply > len(entries) or (reply and Trimming.of(words).touches_groups):
        held.forget_named(words[:2])
    _shorten(held, words[1], reply)


def _shorten(held: Holdings, stream: str, by: int) -> None:
    if by:
        _remove_entries(held, stream, held.entries(stream).oldest(by))


def _remove_entries(held: Holdings, stream: str, gone: Collection[str]) -> None:
    held.entries(stream).remove(gone, held.now)
    held.moved(stream, False, "between", [*gone])


def _delete_entries(held: Holdings, words: Words, reply: Any) -> None:
    entries = held.entries(words[1])
    gone = {i for i in map(full, words[2:]) if i in entries}
    if len(gone) != reply:
        held.forget(words[1])
    _remove_entries(held, words[1], gone)


def _change_group(held: Holdings, words: Words, reply: Any) -> None:
    action, stream, name = words[1].upper(), *words[2:4]
    group = held.groups.get((stream, name))
    held.changed[stream] = held.now
    if action == "CREATE":
        held.entries(stream)
        held.begin_group((stream, name), _start(held, stream, words[4]))
        if stream in held.unknown:
            held.forget((stream, name))
        else:
            held.unknown.discard((stream, name))
    elif action == "DESTROY":
        held.end_group((stream, name))
    elif action == "SETID" and group:
        group.move_to(_start(held, stream, words[4]))
        held.moved_cursor(stream)
    elif action == "DELCONSUMER" and group:
        group.drop(words[4], held.now)


def _start(held: Holdings, stream: str, entry: str) -> tuple[int, int]:
    if entry != "$":
        return place(entry)
    return newest(held.streams.get(stream))


def newest(entries: Entries | None) -> tuple[int, int]:
    """Return the place of the last entry of a stream, of one before all where there is none."""
    return place(next(reversed(entries or {}), "0-0"))


def _read_group(held: Holdings, words: Words, reply: Any) -> None:
    reading = Reading.of(words)
    for stream, ids in ids_by_stream(reply).items():
        group = held.group((stream, reading.group))
        new = reading.streams.get(stream) == ">"
        if ids and new:
            group.move_to(max(group.last, place(ids[-1])))
            held.moved_cursor(stream)
        if new and not reading.noack:
            group.give(ids, reading.consumer, held.now)


def _acknowledge(held: Holdings, words: Words, reply: Any) -> None:
    group = held.group((words[1], words[2]))
    held.changed[words[1]] = held.now
    if sum(group.take(full(entry), held.now) for entry in words[3:]) != reply:
        held.forget((words[1], words[2]))


def _claim(held: Holdings, words: Words, reply: Any) -> None:
    claimed = entry_ids(reply)
    asked = [full(word) for word in words[5:] if word.replace("-", "", 1).isdigit()]
    there = held.streams.get(words[1], Entries())
    _hand_over(held, words, claimed, [i for i in asked if i not in claimed and i not in there])


def _claim_idle(held: Holdings, words: Words, reply: Any) -> None:
    _hand_over(held, words, entry_ids(reply[1]), reply[2] if len(reply) > 2 else [])


def _hand_over(held: Holdings, words: Words, claimed: list[str], gone: list[str]) -> None:
    stream, name, consumer = words[1:4]
    group = held.group((stream, name))
    held.changed[stream] = held.now
    group.give(claimed, consumer, held.now)
    for entry in gone:
        group.take(entry, held.now)


_CHANGES: dict[str, Callable[[Holdings, Words, Any], None]] = {
    **dict.fromkeys(("RPUSH", "LPUSH", "RPUSHX", "LPUSHX"), _push),
    **dict.fromkeys(("LPOP", "RPOP", "BLPOP", "BRPOP"), _pop),
    **dict.fromkeys(("LMPOP", "BLMPOP"), _pop_many),
    **dict.fromkeys(("LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH"), _move),
    **dict.fromkeys(("DEL", "UNLINK"), _delete),
    "LREM": _remove,
    "LTRIM": _trim_list,
    "XADD": _add,
    "XTRIM": _trim,
    "XDEL": _delete_entries,
    "XGROUP": _change_group,
    "XREADGROUP": _read_group,
    "XACK": _acknowledge,
    "XCLAIM": _claim,
    "XAUTOCLAIM": _claim_idle,
}

# What may change the second of the keys that it names, though nothing was known of it.
_NAMING_TWO = ("RENAME", "RENAMENX", "XGROUP", "LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH")

# What may change keys that it does not name, or another database.
_FAR_REACHING = "FLUSHALL FLUSHDB SWAPDB MOVE COPY DEBUG EVAL EVALSHA FCALL SCRIPT FUNCTION"
FAR_REACHING = frozenset(_FAR_REACHING.split())

# Whatever is in none of these may change each key that it names.
_READERS = """
LLEN LRANGE LINDEX LPOS XLEN XRANGE XREVRANGE XREAD XINFO XPENDING EXISTS TYPE TTL PTTL EXPIRETIME
PEXPIRETIME OBJECT TOUCH DUMP MEMORY KEYS SCAN DBSIZE RANDOMKEY SORT_RO EVAL_RO EVALSHA_RO FCALL_RO
PUBLISH SPUBLISH PUBSUB SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE PING
ECHO SELECT CLIENT CONFIG COMMAND INFO HELLO TIME WAIT WAITAOF WATCH UNWATCH MULTI EXEC DISCARD
RESET QUIT ROLE MONITOR SLOWLOG LATENCY ACL AUTH CLUSTER READONLY READWRITE
"""
READERS = frozenset(_READERS.split())
