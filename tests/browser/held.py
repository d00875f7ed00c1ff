"""What each row of a lab's page must show, by what the broker holds.

A plain client asks for every key, group, channel and client of the lab. What has left the broker is
followed from press to press: what a list held before a read is in its reader's row after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ON_THE_PAGE = """cell => {
    const text = (part, name) => part.querySelector(name)?.textContent ?? '';
    const seen = (part, name) => [...part.querySelectorAll(name)].filter(p => p.checkVisibility());
    const chip = token => [token.dataset.mark, text(token, 'span:not([class])')];
    const bar = row => [row.firstChild.textContent, Number(row.lastChild.textContent)];
    const row = place => ({
        state: text(place, '.course-state').replace('◆ ', ''),
        note: text(place, '.course-note'),
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
    }}[await r.type(k)]() for k in await r.keys('lab:LAB:*')}},
    'groups': {{k: [
        [g['last-delivered-id'], await r.xpending_range(k, g['name'], '-', '+', 100)]
        for g in await r.xinfo_groups(k)
    ] for k in await r.keys('lab:LAB:*') if await r.type(k) == 'stream'}},
    'channels': {{k: dict(await r.pubsub_numsub(k))[k]
        for k in await r.pubsub_channels('lab:LAB:*')}},
    'patterns': await r.pubsub_numpat(),
    'clients': {{c['name']: [int(c['sub']) + int(c['psub']), 'b' in c['flags']]
        for c in await r.client_list() if c['name'].startswith('labLAB-')}},
    'nodes': {{name: [
        dict(await node.pubsub_numsub('lab:LAB:news'))['lab:LAB:news'],
        dict(await node.pubsub_shardnumsub('lab:LAB:news'))['lab:LAB:news'],
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
        self.summary: str = told["summary"]
        self.lines: list[str] = told["lines"]
        self.nodes: list[str] = told["nodes"]
        self.rows: dict[str, Any] = told["rows"]

    def chips(self, row: str, *marks: str) -> list[str]:
        """List the messages of a row, in their sequence; with marks, those that have one."""
        chips = self.rows[row]["chips"] if row in self.rows else []
        return [text for mark, text in chips if mark in marks or not marks]

    def state(self, row: str) -> str:
        return self.rows[row]["state"] if row in self.rows else "no such row"

    def counted(self, pattern: str) -> int:
        """Return the number that the summary has in this place, 0 where it says nothing there."""
        found = re.search(pattern, self.summary)
        return int(found[1]) if found else 0


class Held:
    """What the broker holds of a lab, by names without the lab's prefix."""

    def __init__(self, lesson: int, told: Mapping[str, Any]) -> None:
        def named(kind: str, prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): it for name, it in told[kind].items()}

        self._values = named("values", f"lab:{lesson}:")
        self._groups = named("groups", f"lab:{lesson}:")
        self.channels = named("channels", f"lab:{lesson}:")
        self.patterns: int = told["patterns"]
        self._clients = named("clients", f"lab{lesson}-")
        self.nodes: dict[str, list[int]] = told["nodes"]

    def values(self, key: str) -> list[str]:
        """List the elements of a list."""
        return self._values.get(key, [])

    def counts(self, key: str) -> dict[str, int]:
        """Return a hash of numbers."""
        return {name: int(count) for name, count in self._values.get(key, {}).items()}

    def entries(self, key: str) -> dict[str, dict[str, str]]:
        """Return a stream: the fields of each entry, by its id."""
        return dict(self._values.get(key, []))

    def fields(self, key: str, name: str) -> list[str]:
        """List one field of each entry of a stream."""
        return [fields[name] for fields in self.entries(key).values()]

    def last_given(self, key: str) -> tuple[int, ...]:
        """Return the id of the last entry that the only group of a stream was given."""
        return _number(self._groups[key][0][0])

    def pending(self, key: str) -> list[dict[str, Any]]:
        """List what is pending in the only group of a stream."""
        return self._groups[key][0][1] if self._groups.get(key) else []

    def subscriptions(self, client: str) -> int:
        return self._clients.get(client, [0, False])[0]

    def waits(self, client: str) -> bool:
        return self._clients.get(client, [0, False])[1]

    @property
    def keys(self) -> list[str]:
        return list(self._values)

    def has(self, client: str) -> bool:
        return client in self._clients


@dataclass(frozen=True)
class Moment:
    """What is shown and held after some presses."""

    shown: Shown
    held: Held
    presses: Sequence[str] = field(default_factory=list)

    @property
    def press(self) -> str:
        return self.presses[-1]


Comparison = tuple[str, object, object]
"""Where it is on the page, what stands there, and what the broker says must stand there."""

Comparing = Callable[[Moment, Moment], Iterator[Comparison]]
"""Compares a moment, by itself and with the one before it."""


def differences(lesson: int, now: Moment, was: Moment) -> list[str]:
    """Say in a line each where the page of a lab shows something else than the broker holds."""
    return [
        f"{where}: the page shows {shown}, by the broker it is {held}"
        for where, shown, held in ROWS[lesson](now, was)
        if shown != held
    ]


def lab_1(now: Moment, was: Moment) -> Iterator[Comparison]:
    orders, reads = now.held.fields("orders", "order"), now.press == "Everybody reads"
    late = ["stats"] * ("Add a late service" in now.presses)
    yield "orders", now.shown.chips("orders"), orders
    yield "shop", now.shown.state("shop"), f"{len(orders)} sent"
    yield "sent", now.shown.counted(r"Sent (\d+)"), len(orders)
    yield "stream holds", now.shown.counted(r"the stream holds (\d+)"), len(orders)
    for service in ("mail", "stock", *late):
        queue, got = f"for-{service}", was.shown.chips(service)
        yield queue, now.shown.chips(queue), now.held.values(queue)
        listed = [chip for chip in got if chip.endswith("from list")]
        listed += [f"{order} from list" for order in was.held.values(queue) * reads]
        streamed = [chip for chip in got if chip.endswith("from stream")]
        if reads:
            streamed = [f"{order} from stream" for order in orders]
        yield service, now.shown.chips(service), listed + streamed


def lab_2(now: Moment, was: Moment) -> Iterator[Comparison]:
    ears = [name for name in ("ann", "bob") if was.held.subscriptions(name)]
    message = [f"news-{now.presses.count('Publish')}"] * (now.press == "Publish")
    sent = [f"{each} to {len(ears)}" for each in message]
    count = now.held.channels.get("news", 0)
    yield "channel", now.shown.state("channel news"), f"{count} subscribed"
    yield "subscribed now", now.shown.counted(r"Subscribed now: (\d+)"), count
    yield "shop", now.shown.chips("shop"), was.shown.chips("shop") + sent
    for name in ("ann", "bob"):
        missed, is_there = f"missed by {name}", bool(now.held.subscriptions(name))
        got, lost = (message, []) if name in ears else ([], message)
        yield name, now.shown.chips(name), was.shown.chips(name) + got
        yield missed, now.shown.chips(missed), was.shown.chips(missed) + lost
        yield f"state of {name}", now.shown.state(name), "not " * (not is_there) + "subscribed"


def lab_3(now: Moment, was: Moment) -> Iterator[Comparison]:
    """In the story every message fits every subscription."""
    message = [f"hello {now.presses.count('Publish')}"] * (now.press == "Publish")
    copies = {name: was.held.subscriptions(name) for name in ("ann", "bob")}
    sent = [f"{each}: {sum(copies.values())}" for each in message]
    yield (
        "shop",
        _before(" deliver", now.shown.chips("shop")),
        _before(" deliver", was.shown.chips("shop")) + sent,
    )
    for name, count in copies.items():
        got, had = (_before(" via", moment.shown.chips(name)) for moment in (now, was))
        yield name, got, had + message * count
        subscriptions = now.held.subscriptions(name)
        yield f"state of {name}", _numbers(now.shown.state(name)), [subscriptions]
    rows = {row: _numbers(told["note"]) for row, told in now.shown.rows.items()}
    for channel, count in now.held.channels.items():
        yield channel, rows.get(f"channel {channel}"), [count]
    patterns = [row for row in rows if row.startswith("pattern ")]
    yield "patterns", len(patterns), now.held.patterns


def lab_4(now: Moment, was: Moment) -> Iterator[Comparison]:
    workers = ("ann", "bob", "carol")
    keys = ["orders", "packed", *(f"orders:{name}" for name in workers)]
    for key in keys:
        yield key, now.shown.chips(key), now.held.values(key)
    hands = [order for name in workers for order in now.shown.chips(name)]
    held = {order for key in keys for order in now.held.values(key)}
    pushed = [f"order-{n + 1}" for n in range(now.presses.count("Push an order"))]
    killed = now.press.removeprefix("Kill ") if now.press.startswith("Kill ") else ""
    dropped = [o for o in was.shown.chips(killed) if o not in held]
    yield "lost", now.shown.chips("lost"), was.shown.chips("lost") + dropped
    everywhere = {*held, *hands, *now.shown.chips("lost")}
    yield "all rows", sorted(everywhere), sorted(pushed)
    yield "pushed", now.shown.counted(r"Pushed (\d+)"), len(pushed)
    yield "in the queue", now.shown.counted(r"(\d+) in the queue"), len(now.held.values("orders"))
    for name in workers:
        waits, is_there = now.held.waits(name), now.held.has(name)
        state = "waits" if waits else "works" if is_there else "dead"
        yield f"state of {name}", now.shown.state(name).split(",")[0], state
        yield f"in the hands of {name}", len(now.shown.chips(name)), int(is_there and not waits)


def lab_5(now: Moment, was: Moment) -> Iterator[Comparison]:
    held = [f"{_number(entry)[0] // 1000} s" for entry in now.held.entries("visits")]
    every = was.shown.chips("visits")
    every += [second for second in held if second not in every]
    cut = [second for second in every if second not in held]
    yield "visits, held", now.shown.chips("visits", "held"), held
    yield "visits, trimmed", now.shown.chips("visits", "cut"), cut
    yield "shop", now.shown.state("shop"), f"{now.presses.count('Add an entry')} added"
    yield "added", now.shown.counted(r"Added (\d+)"), len(every)
    yield "held", now.shown.counted(r"(\d+) held"), len(held)
    yield "trimmed", now.shown.counted(r"(\d+) trimmed"), len(cut)
    for name in ("ann", "bob"):
        read, unread = was.shown.chips(name), f"never read by {name}"
        read += [s for s in held if s not in read] * (now.press == f"Read new {name}")
        yield name, now.shown.chips(name), read
        yield f"cursor of {name}", _numbers(now.shown.state(name)), _numbers(*read[-1:])
        yield unread, now.shown.chips(unread), [s for s in cut if s not in read]


def lab_6(now: Moment, was: Moment) -> Iterator[Comparison]:
    """In the story whoever is alive has all in hand that is pending for it."""
    orders, pending = now.held.entries("orders"), now.held.pending("orders")
    name_of = {entry: fields["name"] for entry, fields in orders.items()}
    given = [line["message_id"] for line in pending]
    new = [entry for entry in orders if _number(entry) > now.held.last_given("orders")]
    past = [entry for entry in orders if entry not in [*given, *new]]
    aside = now.held.fields("dead-letters", "name")
    for mark, entries in {"held": new, "given": given, "past": past}.items():
        names = [name_of[entry] for entry in entries]
        yield f"orders, {mark}", now.shown.chips("orders", mark), names
    yield "orders", now.shown.chips("orders"), list(name_of.values())
    yield "dead-letters", now.shown.chips("dead-letters"), aside
    done = {name_of[entry] for entry in past if name_of[entry] not in aside}
    yield "done", set(now.shown.chips("done")), done
    counts = {"new": new, "pending": given, "done": done, "set aside": aside}
    for what, those in counts.items():
        yield what, now.shown.counted(rf"(\d+) {what}"), len(those)
    for worker in ("ann", "bob"):
        row, lines = f"pending: {worker}", [p for p in pending if p["consumer"] == worker]
        names = [name_of[line["message_id"]] for line in lines]
        is_dead = now.shown.state(worker) == "dead"
        times = [line["times_delivered"] for line in lines]
        yield row, now.shown.chips(row), names
        yield f"state of {row}", _numbers(now.shown.state(row).split(";")[0]), times
        yield worker, now.shown.chips(worker), names * (not is_dead)
        has_died = was.held.has(worker) and not now.held.has(worker)
        yield f"state of {worker}", is_dead, has_died or was.shown.state(worker) == "dead"


def lab_7(now: Moment, was: Moment) -> Iterator[Comparison]:
    nodes = now.held.nodes
    yield "nodes", now.shown.nodes, list(nodes)
    yield "number of nodes", now.shown.counted(r"(\d+) nodes"), len(nodes)
    for at, kind in enumerate(("listener on", "sharded listener on")):
        ears = {row[len(kind) + 1 :] for row in now.shown.rows if row.startswith(kind)}
        yield kind, ears, {name for name, counts in nodes.items() if counts[at]}
    sent = sum(counts[2] for counts in nodes.values())
    yield "crossed the bus", now.shown.counted(r"(\d+) messages crossed"), sent
    shown = dict.fromkeys(nodes, 0)
    for line in now.shown.lines:
        _, ends, count = re.fullmatch(r"(.+) → (.+): (.+)", line).groups()  # type: ignore[union-attr]
        for end in set(ends.split(", ")) & set(nodes):
            if not line.startswith("shop"):
                shown[end] += sum(_numbers(count)[:1])
    before = {name: was.held.nodes.get(name, [0, 0, 0, 0])[3] for name in nodes}
    came = {name: counts[3] - before[name] for name, counts in nodes.items()}
    yield "lines of the bus", shown, came


def lab_8(now: Moment, was: Moment) -> Iterator[Comparison]:
    jobs, run = now.shown.counted(r"all (\d+) jobs of 1 run"), now.presses.count("Run once")
    for design in ("Pop", "Move", "Publish", "Group"):
        done = now.held.counts(f"{design}:{run}:done")
        names = [f"job-{n + 1}" for n in range(jobs)]
        lost = [f"run {run}: {job}" for job in names if job not in done]
        twice = [f"run {run}: {job}" for job in names if done.get(job, 0) > 1]
        yield f"{design}, lost", now.shown.chips(design, "lost"), lost
        yield f"{design}, twice", now.shown.chips(design, "twice"), twice
        bars = {"lost": len(lost), "twice": len(twice)} if run else {}
        yield f"bars of {design}", now.shown.rows[design]["bars"], bars
        yield f"jobs of {design}", sum(job in done for job in names) + len(lost), 9 * bool(run)


def lab_9(now: Moment, was: Moment) -> Iterator[Comparison]:
    lists = {"orders", "taken", "taken:ann", "taken:bob"} & {*now.shown.rows, *now.held.keys}
    for key in sorted(lists):
        yield key, now.shown.chips(key), now.held.values(key)
    held = [job for key in lists for job in now.held.values(key)]
    handled = was.shown.chips("handled") + was.shown.chips("handled again")
    for worker in ("ann", "bob"):
        follows, before = now.shown.state(worker), was.shown.state(worker)
        in_hand = follows.removeprefix("next: handle ")
        yield worker, now.shown.chips(worker), [in_hand] * (in_hand != follows)
        if now.press == f"Next step {worker}" and before.startswith("next: handle "):
            handled.append(f"{before.removeprefix('next: handle ')} by {worker}")
    rows = now.shown.chips("handled") + now.shown.chips("handled again")
    yield "handled", sorted(rows), sorted(handled)
    done = [chip.partition(" by ")[0] for chip in rows]
    hands = now.shown.chips("ann") + now.shown.chips("bob")
    lost = [job for job in ("job-1", "job-2") if job not in [*held, *hands, *done]]
    yield "lost", now.shown.chips("lost"), lost
    yield "lost, counted", now.shown.counted(r"(\d+) lost"), len(lost)
    yield "handled, counted", now.shown.counted(r"(\d+) handled"), len(set(done))


def _number(entry: str) -> tuple[int, ...]:
    """Return the id of an entry as numbers, which compare as the broker does."""
    return tuple(map(int, entry.split("-")))


def _numbers(*texts: str) -> list[int]:
    return [int(number) for text in texts for number in re.findall(r"\d+", text)]


def _before(words: str, texts: Sequence[str]) -> list[str]:
    return [text.partition(words)[0] for text in texts]


ROWS: dict[int, Comparing] = {
    1: lab_1,
    2: lab_2,
    3: lab_3,
    4: lab_4,
    5: lab_5,
    6: lab_6,
    7: lab_7,
    8: lab_8,
    9: lab_9,
}
