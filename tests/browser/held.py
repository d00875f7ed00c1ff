"""What the page of a lab shows, and what the broker holds of that lab at the same moment.

A plain client asks the broker for every key, group, channel and client of the lab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Chip = tuple[str, str]
"""A message in a row: its mark, and its text."""

ON_THE_PAGE = """cell => {
    const text = (part, name) => part.querySelector(name)?.textContent ?? '';
    const seen = (part, name) => [...part.querySelectorAll(name)].filter(p => p.checkVisibility());
    const chip = token => [token.dataset.mark, text(token, 'span:not([class])')];
    const bar = row => [row.firstChild.textContent, Number(row.lastChild.textContent)];
    const row = place => ({
        words: `${text(place, '.course-state')} ${text(place, '.course-note')}`,
        chips: seen(place, '.course-token').map(chip),
        bars: Object.fromEntries(seen(place, '.course-bars li').map(bar)),
    });
    return {
        summary: text(cell, '.course-summary'),
        lines: [...cell.querySelectorAll('.course-links li')].map(line => line.textContent),
        nodes: seen(cell, '.course-ring circle').map(node => node.dataset.name),
        rows: Object.fromEntries(
            seen(cell, '.course-place').map(place => [text(place, '.course-name'), row(place)])),
    };
}"""
NODES = "getattr(__import__('helpers.practice.labs', fromlist=['_'])._shown['LAB'], '_askers', {})"
IN_THE_BROKER = f"""{{
    'values': {{k: await {{
        'list': lambda: r.lrange(k, 0, -1),
        'stream': lambda: r.xrange(k),
        'hash': lambda: r.hgetall(k),
        'zset': lambda: r.zrange(k, 0, -1, withscores=True),
        'string': lambda: r.get(k),
    }}[await r.type(k)]() for k in await r.keys('lab:LAB:*')}},
    'groups': {{k: [
        [g['last-delivered-id'], await r.xpending_range(k, g['name'], '-', '+', 100)]
        for g in await r.xinfo_groups(k)
    ] for k in await r.keys('lab:LAB:*') if await r.type(k) == 'stream'}},
    'channels': {{k: dict(await r.pubsub_numsub(k))[k]
        for k in await r.pubsub_channels('lab:LAB:*')}},
    'clients': {{c['name']: [int(c['sub']), int(c['psub']), 'b' in c['flags']]
        for c in await r.client_list() if c['name'].startswith('labLAB-')}},
    'nodes': {{name: [
        dict(await node.pubsub_numsub('news'))['news'],  # this cluster is the lab's alone
        dict(await node.pubsub_shardnumsub('news'))['news'],
        int((await node.cluster('INFO')).get('cluster_stats_messages_publish_sent', 0)),
        int((await node.cluster('INFO')).get('cluster_stats_messages_publish_received', 0)),
    ] for name, node in {NODES}.items()}},
}}"""


def question(lesson: int) -> str:
    """Return what asks the broker for everything that belongs to a lab."""
    return IN_THE_BROKER.replace("LAB", str(lesson))


class Shown:
    """What the page of a lab shows."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self.summary: str = told["summary"]
        self.lines: list[str] = told["lines"]
        self.nodes: list[str] = told["nodes"]
        self.rows: dict[str, Any] = told["rows"]

    def losing_a_message(self) -> Iterator[Shown]:
        """Give what the page would show without one of its messages, for each of them."""
        for row, it in self.rows.items():
            for at in range(len(it["chips"])):
                chips = [*it["chips"][:at], *it["chips"][at + 1 :]]
                yield Shown({**self._told, "rows": {**self.rows, row: {**it, "chips": chips}}})

    def chips(self, row: str) -> list[Chip]:
        """List the messages of a row, in their sequence."""
        return [(mark, text) for mark, text in self.rows[row]["chips"]] if row in self.rows else []

    def texts(self, row: str) -> list[str]:
        return [text for _, text in self.chips(row)]

    def words(self, row: str) -> str:
        """Return what a row says of itself beside its messages."""
        return self.rows[row]["words"].replace("◆ ", "").strip() if row in self.rows else ""

    def bars(self, row: str) -> dict[str, int]:
        return self.rows[row]["bars"] if row in self.rows else {}

    def counted(self, words: str) -> int:
        """Return the number that the summary has there; what it leaves out is 0."""
        found = re.search(re.sub(r"\bN\b", r"(\\d+)", words), self.summary)
        return int(found[1]) if found else 0


class Held:
    """What the broker holds of a lab, by names without the lab's prefix."""

    def __init__(self, lesson: int, told: Mapping[str, Any]) -> None:
        def named(kind: str, prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): it for name, it in told[kind].items()}

        self._values = named("values", f"lab:{lesson}:")
        self._groups = named("groups", f"lab:{lesson}:")
        self.channels: dict[str, int] = named("channels", f"lab:{lesson}:")
        self._clients = named("clients", f"lab{lesson}-")
        self.nodes = {name: Node(*counts) for name, counts in told["nodes"].items()}

    def values(self, key: str) -> list[str]:
        """List the elements of a list."""
        return self._values.get(key, [])

    def counts(self, key: str) -> dict[str, int]:
        """Return a hash of numbers."""
        return {name: int(count) for name, count in self._values.get(key, {}).items()}

    def texts(self, key: str) -> dict[str, str]:
        """Return a hash of texts."""
        return self._values.get(key, {})

    def scores(self, key: str) -> dict[str, int]:
        """Return a sorted set: the score of each member, the lowest first."""
        return {member: int(score) for member, score in self._values.get(key, [])}

    def entries(self, key: str) -> dict[str, dict[str, str]]:
        """Return a stream: the fields of each entry, by its id."""
        return dict(self._values.get(key, []))

    def fields(self, key: str, name: str) -> list[str]:
        """List one field of each entry of a stream."""
        return [fields[name] for fields in self.entries(key).values()]

    def undelivered(self, key: str) -> list[str]:
        """List the ids that the only group of a stream was not given yet."""
        last = id_of(self._groups[key][0][0])
        return [entry for entry in self.entries(key) if id_of(entry) > last]

    def pending(self, key: str) -> list[dict[str, Any]]:
        """List what is pending in the only group of a stream."""
        return self._groups[key][0][1]

    def subscriptions(self, client: str) -> tuple[int, int]:
        """Count the channels and the patterns that a client is subscribed to."""
        channels, patterns, _ = self._clients.get(client, (0, 0, False))
        return channels, patterns

    def is_blocked(self, client: str) -> bool:
        return self.has(client) and self._clients[client][2]

    def has(self, client: str) -> bool:
        """Tell whether a client is connected."""
        return client in self._clients


@dataclass(frozen=True)
class Node:
    """Subscribers of the channel on a node of a cluster, and its messages on the bus."""

    listeners: int = 0
    sharded_listeners: int = 0
    sent: int = 0
    received: int = 0


@dataclass(frozen=True)
class Moment:
    """What is shown and held after some presses."""

    shown: Shown
    held: Held
    presses: Sequence[str] = ()

    @property
    def press(self) -> str:
        return self.presses[-1]


def id_of(entry: str) -> tuple[int, ...]:
    """Return the id of an entry as numbers, which compare as the broker does."""
    return tuple(map(int, entry.split("-")))
