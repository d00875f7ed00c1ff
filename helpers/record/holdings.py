"""Follow what the broker holds, as far as the traffic tells it.

A picture never asks the broker. What a list or a stream holds is worked out from the commands and
their replies; a key whose replies do not agree with that is left out rather than shown wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Words = tuple[str, ...]


@dataclass
class Holdings:
    """Hold the lists, the streams and the pending entries that the traffic speaks of."""

    lists: dict[str, list[str]] = field(default_factory=dict)
    streams: dict[str, list[str]] = field(default_factory=dict)
    pending: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def apply(self, words: Words, reply: Any) -> None:
        """Take over what one answered command changed."""
        change = _CHANGES.get(words[0].upper())
        if change is not None and not isinstance(reply, Exception):
            change(self, words, reply)

    def take(self, key: str, element: str, from_left: bool = True) -> bool:
        """Remove an element that a consumer got from this list; tell whether it was there."""
        held = self.lists.get(key, [])
        if element not in held:
            return False
        at = held.index(element) if from_left else len(held) - 1 - held[::-1].index(element)
        del held[at]
        return True

    def summary(self) -> dict[str, str]:
        """Say in a few words what each known key holds, pending entries included."""
        known = {k: _queue(v) for k, v in self.lists.items() if k not in self.unknown}
        known |= {k: _entries(v) for k, v in self.streams.items() if k not in self.unknown}
        return known | {f"group {g} of {k}": _pending(p) for (k, g), p in self.pending.items()}

    def forget(self, key: str) -> None:
        """Stop speaking of a key."""
        self.unknown.add(key)


def _queue(elements: list[str]) -> str:
    if not elements:
        return "empty"
    shown = " ".join(f"[{_short(e)}]" for e in elements[:3])
    return shown if len(elements) <= 3 else f"{shown} +{len(elements) - 3}"


def _entries(ids: list[str]) -> str:
    return f"{len(ids)} {'entry' if len(ids) == 1 else 'entries'}"


def _pending(owners: dict[str, str]) -> str:
    by_consumer: dict[str, list[str]] = {}
    for entry, consumer in owners.items():
        by_consumer.setdefault(consumer, []).append(entry)
    told = [f"{consumer} {_ids(ids)}" for consumer, ids in sorted(by_consumer.items())]
    return "pending for " + " and ".join(told) if told else "nothing pending"


def _ids(ids: list[str]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{len(ids)} entries"


def _short(text: str, most: int = 12) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def entries_in(reply: Any) -> Iterable[tuple[str, list[str]]]:
    """Give each stream in a reply of XREAD or XREADGROUP with the ids of its entries."""
    # A map under RESP3, a list of pairs under RESP2.
    pairs = reply.items() if isinstance(reply, dict) else reply or []
    for stream, entries in pairs:
        yield stream, [entry[0] for entry in entries]


def _push(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.lists.setdefault(words[1], [])
    only_existing = words[0].upper().endswith("X")
    if not (only_existing and reply == 0):
        left = words[0].upper().startswith("L")
        elements[:] = [*reversed(words[2:]), *elements] if left else [*elements, *words[2:]]
    if reply != len(elements):
        held.forget(words[1])


def _pop(held: Holdings, words: Words, reply: Any) -> None:
    left = words[0].upper() in ("LPOP", "BLPOP")
    key, taken = words[1], reply
    if words[0].upper() in ("BLPOP", "BRPOP") and reply:
        key, taken = reply
    for element in [taken] if isinstance(taken, str) else taken or []:
        held.take(key, element, left)


def _pop_many(held: Holdings, words: Words, reply: Any) -> None:
    if reply:
        for element in reply[1]:
            held.take(reply[0], element, "LEFT" in (w.upper() for w in words))


def _move(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        return
    old_name = words[0].upper().endswith("RPOPLPUSH")
    source, target = ("RIGHT", "LEFT") if old_name else (words[3].upper(), words[4].upper())
    held.take(words[1], reply, source == "LEFT")
    elements = held.lists.setdefault(words[2], [])
    elements.insert(0 if target == "LEFT" else len(elements), reply)


def _remove(held: Holdings, words: Words, reply: Any) -> None:
    for _ in range(reply):
        held.take(words[1], words[3], int(words[2]) >= 0)


def _trim_list(held: Holdings, words: Words, reply: Any) -> None:
    elements = held.lists.setdefault(words[1], [])
    start, stop = int(words[2]), int(words[3])
    elements[:] = elements[start:] if stop == -1 else elements[start : stop + 1]
    if stop < -1:
        held.forget(words[1])


def _delete(held: Holdings, words: Words, reply: Any) -> None:
    for key in words[1:]:
        held.lists.pop(key, None)
        held.streams.pop(key, None)
        held.unknown.discard(key)
        held.pending = {k: v for k, v in held.pending.items() if k[0] != key}


def _add(held: Holdings, words: Words, reply: Any) -> None:
    if reply is None:
        return
    entries = held.streams.setdefault(words[1], [])
    entries.append(reply)
    options = [w.upper() for w in words[2:6]]
    if "MAXLEN" in options and "~" not in options:
        most = int(next(w for w in words[3:] if w.isdigit()))
        del entries[: max(0, len(entries) - most)]
    elif "MAXLEN" in options or "MINID" in options:
        held.forget(words[1])


def _trim_stream(held: Holdings, words: Words, reply: Any) -> None:
    del held.streams.setdefault(words[1], [])[:reply]


def _delete_entries(held: Holdings, words: Words, reply: Any) -> None:
    entries = held.streams.setdefault(words[1], [])
    entries[:] = [e for e in entries if e not in words[2:]]


def _make_group(held: Holdings, words: Words, reply: Any) -> None:
    action = words[1].upper()
    if action == "CREATE":
        held.streams.setdefault(words[2], [])
        held.pending.setdefault((words[2], words[3]), {})
    elif action == "DESTROY":
        held.pending.pop((words[2], words[3]), None)
    elif action == "DELCONSUMER":
        owners = held.pending.get((words[2], words[3]), {})
        for entry in [e for e, consumer in owners.items() if consumer == words[4]]:
            del owners[entry]


def _read_group(held: Holdings, words: Words, reply: Any) -> None:
    options = [w.upper() for w in words]
    if not reply or "NOACK" in options:
        return
    for stream, ids in entries_in(reply):
        owners = held.pending.setdefault((stream, words[2]), {})
        owners.update(dict.fromkeys(ids, words[3]))


def _acknowledge(held: Holdings, words: Words, reply: Any) -> None:
    owners = held.pending.get((words[1], words[2]), {})
    for entry in words[3:]:
        owners.pop(entry, None)


def _claim(held: Holdings, words: Words, reply: Any) -> None:
    entries = reply[1] if words[0].upper() == "XAUTOCLAIM" else reply
    owners = held.pending.setdefault((words[1], words[2]), {})
    for entry in entries or []:
        owners[entry if isinstance(entry, str) else entry[0]] = words[3]
    for gone in reply[2] if words[0].upper() == "XAUTOCLAIM" and len(reply) > 2 else []:
        owners.pop(gone, None)


_CHANGES: dict[str, Callable[[Holdings, Words, Any], None]] = {
    **dict.fromkeys(("RPUSH", "LPUSH", "RPUSHX", "LPUSHX"), _push),
    **dict.fromkeys(("LPOP", "RPOP", "BLPOP", "BRPOP"), _pop),
    **dict.fromkeys(("LMPOP", "BLMPOP"), _pop_many),
    **dict.fromkeys(("LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH"), _move),
    **dict.fromkeys(("DEL", "UNLINK"), _delete),
    **dict.fromkeys(("XCLAIM", "XAUTOCLAIM"), _claim),
    "LREM": _remove,
    "LTRIM": _trim_list,
    "XADD": _add,
    "XTRIM": _trim_stream,
    "XDEL": _delete_entries,
    "XGROUP": _make_group,
    "XREADGROUP": _read_group,
    "XACK": _acknowledge,
}
