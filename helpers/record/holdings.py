"""Follow what the broker holds, as far as the traffic tells it.

A picture never asks the broker. What a list or a stream holds is worked out from the commands and
their replies. What cannot be known for sure is left out rather than shown wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .printable import printable
from .stream_words import Reading, Trimming, Words, entry_ids, full, ids_by_stream, place

GroupKey = tuple[str, str]  # stream and group


@dataclass
class Group:
    """Hold the last entry that a consumer group was given, and who has yet to acknowledge what."""

    last: tuple[int, int]
    pending: dict[str, str] = field(default_factory=dict)


@dataclass
class Holdings:
    """Hold the lists, the streams and the pending entries that the traffic speaks of."""

    lists: dict[str, list[str]] = field(default_factory=dict)
    streams: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    unknown: set[str | GroupKey] = field(default_factory=set)

    def apply(self, words: Words, reply: Any) -> None:
        """Take over what one answered command changed."""
        name = words[0].upper()
        if name in FAR_REACHING.split():  # a script that fails has done something by then
            self.forget_all()
        elif isinstance(reply, Exception) or name in READERS.split():
            return
        elif name in _CHANGES:
            _CHANGES[name](self, words, reply)
        else:
            self.forget_named(words)

    def forget_named(self, words: Words) -> None:
        """Stop speaking of the keys that this command names: who knows what it did to them."""
        name = words[0].upper()
        if name not in READERS.split():
            self.forget(*(key for key in self._all_known() if _key(key) in words[1:]))
            self.forget(*words[1 : 3 if name in ("RENAME", "RENAMENX", "XGROUP") else 2])

    def forget(self, *keys: str | GroupKey) -> None:
        """Stop speaking of these keys or groups; what they hold remains as a guess."""
        self.unknown.update(keys)

    def forget_all(self) -> None:
        """Stop speaking of everything."""
        self.forget(*self._all_known())

    def group(self, key: GroupKey) -> Group:
        """Return a group; one whose beginning was not seen is not spoken of."""
        if key not in self.groups:
            self.groups[key] = Group((0, 0))
            self.forget(key)
        return self.groups[key]

    def summary(self) -> dict[str, str]:
        """Say in a few words what each known key holds, pending entries included."""
        known = {key: _queue(elements) for key, elements in self.lists.items()}
        known |= {key: _entries(ids) for key, ids in self.streams.items()}
        told = {printable(k): what for k, what in known.items() if k not in self.unknown}
        for (key, group), state in self.groups.items():
            if (key, group) not in self.unknown:
                told[f"{printable(key)}/{printable(group)} pending"] = _pending(state.pending)
        return told

    def has(self, key: str, data: str) -> bool:
        """Tell whether a list has this element, or a stream an entry with this id."""
        return data in self.lists.get(key, ()) or data in self.streams.get(key, ())

    def take(self, key: str, element: str, from_left: bool) -> None:
        """Remove an element that a client got from an end of this list."""
        elements = self.lists.setdefault(key, [])
        if not elements or elements[0 if from_left else -1] != element:
            self.forget(key)
        if element in elements:
            reverse = len(elements) - 1 - elements[::-1].index(element)
            del elements[elements.index(element) if from_left else reverse]

    def drop(self, key: str) -> None:
        """Know that a key is gone."""
        self.lists.pop(key, None)
        self.streams.pop(key, None)
        self.groups = {k: group for k, group in self.groups.items() if k[0] != key}
        self.unknown = {k for k in self.unknown if _key(k) != key}

    def _all_known(self) -> list[str | GroupKey]:
        return [*self.lists, *self.streams, *self.groups]


def _key(known: str | GroupKey) -> str:
    return known if isinstance(known, str) else known[0]


def _queue(elements: list[str]) -> str:
    if not elements:
        return "empty"
    shown = " ".join(f"[{_short(printable(e))}]" for e in elements[:3])
    return shown if len(elements) <= 3 else f"{shown} +{len(elements) - 3}"


def _entries(ids: list[str]) -> str:
    return f"{len(ids)} {'entry' if len(ids) == 1 else 'entries'}"


def _pending(owners: dict[str, str]) -> str:
    by_consumer: dict[str, list[str]] = {}
    for entry, consumer in sorted(owners.items(), key=lambda owned: place(owned[0])):
        by_consumer.setdefault(printable(consumer), []).append(entry)
    told = [f"{consumer} {_ids(ids)}" for consumer, ids in sorted(by_consumer.items())]
    return "; ".join(told) or "none"


def _ids(ids: list[str]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{len(ids)} entries"


def _short(text: str, most: int = 12) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _push(held: Holdings, words: Words, reply: Any) -> None:
    name, key, pushed = words[0].upper(), words[1], words[2:]
    if reply in (0, len(pushed)):  # nothing was there before
        held.drop(key)
    elements = held.lists.setdefault(key, [])
    if reply:
        left = name.startswith("L")
        elements[:] = [*reversed(pushed), *elements] if left else [*elements, *pushed]
    if reply != len(elements):
        held.forget(key)


def _pop(held: Holdings, words: Words, reply: Any) -> None:
    left = words[0].upper() in ("LPOP", "BLPOP")
    if words[0].upper() in ("BLPOP", "BRPOP"):
        key, taken = reply or ("", [])
    else:
        key, taken = words[1], reply
        if reply is None and key in held.lists:
            held.drop(key)
            held.lists[key] = []
    _take_all(held, key, [taken] if isinstance(taken, str) else taken, left)


def _pop_many(held: Holdings, words: Words, reply: Any) -> None:
    key, taken = reply or ("", [])
    count_at = 2 if words[0].upper() == "BLMPOP" else 1
    direction = words[count_at + int(words[count_at]) + 1].upper()
    _take_all(held, key, taken, direction == "LEFT")


def _take_all(held: Holdings, key: str, elements: Iterable[str] | None, left: bool) -> None:
    for element in elements or []:
        held.take(key, element, left)


def _move(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        return
    old_name = words[0].upper().endswith("RPOPLPUSH")
    source, target = ("RIGHT", "LEFT") if old_name else (words[3].upper(), words[4].upper())
    held.take(words[1], reply, source == "LEFT")
    elements = held.lists.setdefault(words[2], [])
    elements.insert(0 if target == "LEFT" else len(elements), reply)


def _remove(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.lists.setdefault(words[1], [])
    there = [at for at, element in enumerate(elements) if element == words[3]]
    if reply > len(there):
        held.forget(words[1])
    gone = there[max(0, len(there) - reply) :] if int(words[2]) < 0 else there[:reply]
    elements[:] = [element for at, element in enumerate(elements) if at not in gone]


def _trim_list(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.lists.setdefault(words[1], [])
    first, last = (int(w) if int(w) >= 0 else len(elements) + int(w) for w in words[2:4])
    elements[:] = elements[max(0, first) : max(0, last + 1)]


def _delete(held: Holdings, words: Words, reply: Any) -> None:
    for key in words[1:]:
        held.drop(key)


def _add(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        return
    entries = held.streams.setdefault(words[1], [])
    entries.append(reply)
    trimming = Trimming.of(words)
    left = trimming.left_of(entries)
    if len(left) < len(entries) and (trimming.touches_groups or not trimming.exact):
        held.forget_named(words[:2])
    entries[:] = left


def _trim(held: Holdings, words: Words, reply: Any) -> None:
    entries = held.streams.setdefault(words[1], [])
    if reply > len(entries) or (reply and Trimming.of(words).touches_groups):
        held.forget_named(words[:2])
    del entries[:reply]


def _delete_entries(held: Holdings, words: Words, reply: Any) -> None:
    entries = held.streams.setdefault(words[1], [])
    gone = {full(i) for i in words[2:]}
    if len(gone.intersection(entries)) != reply:
        held.forget(words[1])
    entries[:] = [e for e in entries if e not in gone]


def _change_group(held: Holdings, words: Words, reply: Any) -> None:
    action, stream, name = words[1].upper(), *words[2:4]
    group = held.groups.get((stream, name))
    if action == "CREATE":
        held.streams.setdefault(stream, [])
        held.groups[stream, name] = Group(_start(held, stream, words[4]))
        if stream in held.unknown:
            held.forget((stream, name))
        else:
            held.unknown.discard((stream, name))
    elif action == "DESTROY":
        held.groups.pop((stream, name), None)
    elif action == "SETID" and group:
        group.last = _start(held, stream, words[4])
    elif action == "DELCONSUMER" and group:
        group.pending = {e: c for e, c in group.pending.items() if c != words[4]}


def _start(held: Holdings, stream: str, entry: str) -> tuple[int, int]:
    if entry != "$":
        return place(entry)
    return max(map(place, held.streams.get(stream, ())), default=(0, 0))


def _read_group(held: Holdings, words: Words, reply: Any) -> None:
    reading = Reading.of(words)
    for stream, ids in ids_by_stream(reply).items():
        group = held.group((stream, reading.group))
        new = reading.streams.get(stream) == ">"
        if ids and new:
            group.last = max(group.last, place(ids[-1]))
        if new and not reading.noack:
            group.pending |= dict.fromkeys(ids, reading.consumer)


def _acknowledge(held: Holdings, words: Words, reply: Any) -> None:
    pending = held.group((words[1], words[2])).pending
    gone = [pending.pop(full(entry), None) for entry in words[3:]]
    if len(gone) - gone.count(None) != reply:
        held.forget((words[1], words[2]))


def _claim(held: Holdings, words: Words, reply: Any) -> None:
    claimed = entry_ids(reply)
    asked = [full(word) for word in words[5:] if word.replace("-", "", 1).isdigit()]
    there = held.streams.get(words[1], ())
    _hand_over(held, words, claimed, [i for i in asked if i not in claimed and i not in there])


def _claim_idle(held: Holdings, words: Words, reply: Any) -> None:
    _hand_over(held, words, entry_ids(reply[1]), reply[2] if len(reply) > 2 else [])


def _hand_over(held: Holdings, words: Words, claimed: list[str], gone: list[str]) -> None:
    stream, name, consumer = words[1:4]
    pending = held.group((stream, name)).pending
    pending |= dict.fromkeys(claimed, consumer)
    for entry in gone:
        pending.pop(entry, None)


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

# What may change keys that it does not name, or another database.
FAR_REACHING = "FLUSHALL FLUSHDB SWAPDB MOVE COPY DEBUG EVAL EVALSHA FCALL SCRIPT FUNCTION"

# Whatever is in none of these may change each key that it names.
READERS = """
LLEN LRANGE LINDEX LPOS XLEN XRANGE XREVRANGE XREAD XINFO XPENDING EXISTS TYPE TTL PTTL EXPIRETIME
PEXPIRETIME OBJECT TOUCH DUMP MEMORY KEYS SCAN DBSIZE RANDOMKEY SORT_RO EVAL_RO EVALSHA_RO FCALL_RO
PUBLISH SPUBLISH PUBSUB SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE PING
ECHO SELECT CLIENT CONFIG COMMAND INFO HELLO TIME WAIT WAITAOF WATCH UNWATCH MULTI EXEC DISCARD
RESET QUIT ROLE MONITOR SLOWLOG LATENCY ACL AUTH CLUSTER READONLY READWRITE
"""
