"""What each row of a lab's page must show, by what the broker holds.

What has left the broker is followed from press to press: what a list held before a read is in its
reader's row after it. These tables hold for the stories in stories.py, and need not for others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .held import Chip, Moment, Node, id_of

ANYTHING = ".*"


@dataclass
class Due:
    """What a page must show at one moment.

    `chips` are the messages of each row; a row that is not named has none. `words` is a pattern of
    what a row says beside them: each of these rows stands there, and of the others only such as
    have messages. `said` has the number in place of each N of the summary. `more` is whatever else
    is compared: where it is, what the page shows, and what it must be.
    """

    chips: dict[str, list[Chip]]
    words: dict[str, str]
    said: dict[str, int] = field(default_factory=dict)
    more: list[tuple[str, object, object]] = field(default_factory=list)


def differences(lesson: int, now: Moment, was: Moment) -> Iterator[str]:
    """Say in a line each where the page of a lab shows something else than the broker holds."""
    assert lesson in DUE, f"what the page of lab {lesson} must show is missing in {__name__}"
    due, shown = DUE[lesson](now, was), now.shown
    for row in {**due.chips, **shown.rows}:
        yield from _differs(row, shown.chips(row), due.chips.get(row, []))
    for row, pattern in due.words.items():
        if row not in shown.rows or not re.fullmatch(pattern, shown.words(row)):
            yield f"{row}: the page says {shown.words(row)!r}, by the broker it is {pattern!r}"
    for words, count in due.said.items():
        yield from _differs(words, shown.counted(words), count)
    filled = {row for row, chips in due.chips.items() if chips}
    yield from _differs("rows", set(shown.rows) - filled, set(due.words) - filled)
    for compared in due.more:
        yield from _differs(*compared)


def _differs(where: str, shown: object, due: object) -> Iterator[str]:
    if shown != due:
        yield f"{where}: the page shows {shown}, by the broker it is {due}"


def lists_and_stream(now: Moment, was: Moment) -> Due:
    """Lab 1: a list for each service, and a stream for all."""
    orders, reads = now.held.fields("orders", "order"), now.press == "Everybody reads"
    count, has_late = len(orders), "Add a late service" in now.presses
    due = Due({"orders": _as("held", orders)}, {"shop": f"{count} sent", "orders": "stream"})
    due.said = {"Sent N": count, "stream holds N": count}
    for service in ("mail", "stock", *["stats"] * has_late):
        queue, got = f"for-{service}", was.shown.texts(service)
        listed = [chip for chip in got if chip.endswith("list")]
        listed += [f"{order} from list" for order in was.held.values(queue) * reads]
        streamed = [f"{order} from stream" for order in orders * reads]
        streamed = streamed or [chip for chip in got if chip.endswith("stream")]
        due.chips |= {queue: _as("held", now.held.values(queue))}
        due.chips |= {service: _as("done", listed + streamed)}
        due.words |= {queue: "list", service: "has not read"}
        if listed or streamed:
            from_list, from_stream = len(listed) or "nothing", len(streamed)
            due.words[service] = f"{from_list} from list, {from_stream} from stream"
            last = list(now.held.entries("orders"))[:from_stream][-1:]
            due.words[service] += "".join(f" reads on after id {entry}" for entry in last)
            due.said[f"{service} N and"] = len(listed)
            due.said[rf"{service} \d+ and N"] = len(streamed)
    counts = {len(chips) for row, chips in due.chips.items() if row.startswith("for-")}
    if len(counts) == 1:
        due.said["each list holds N"] = counts.pop()
    if has_late:
        joined = now.presses.index("Add a late service")
        early = orders[: now.presses[:joined].count("Send an order")]
        if "Everybody reads" in now.presses[joined:]:
            told = f"{' and '.join(early)} were sent before stats joined"
            due.words["never in for-stats"] = told
    return due


def channel(now: Moment, was: Moment) -> Due:
    """Lab 2: who is subscribed at that moment gets what is published."""
    names = ("ann", "bob")
    ears = [name for name in names if was.held.subscriptions(name) != (0, 0)]
    message = [f"news-{now.presses.count('Publish')}"] * (now.press == "Publish")
    count = now.held.channels.get("news", 0)
    sent = _as("sent", [f"{each} to {len(ears)}" for each in message])
    due = Due({"shop": was.shown.chips("shop") + sent}, {"shop": ""})
    due.words["channel news"] = f"{count} subscribed keeps nothing"
    due.said = {"Published N": now.presses.count("Publish"), "now: N": count}
    for name in names:
        got, gone = was.shown.chips(name), was.shown.chips(f"missed by {name}")
        got += _as("done", message * (name in ears))
        gone += _as("lost", message * (name not in ears))
        due.chips |= {name: got, f"missed by {name}": gone}
        is_subscribed = now.held.subscriptions(name) != (0, 0)
        due.words[name] = "subscribed" if is_subscribed else "not subscribed"
        due.said[f"{name} received N"] = len(got)
        due.said[rf"{name} received \d+, missed N"] = len(gone)
    return due


def patterns(now: Moment, was: Moment) -> Due:
    """Lab 3: in its story every message fits every subscription."""
    number, publishes = now.presses.count("Publish"), now.press == "Publish"
    copies = {name: sum(was.held.subscriptions(name)) for name in ("ann", "bob")}
    total = sum(copies.values())
    every = sum(len(was.shown.chips(name)) for name in copies) + total * publishes
    sent = f"hello {number}: {total} {'delivery' if total == 1 else 'deliveries'}"
    due = Due({"shop": was.shown.chips("shop") + _as("sent", [sent] * publishes)}, {})
    due.words["shop"] = f"{number} published" if number else ""
    due.said = {"all: N published": number, "published, N deliver": every}
    for name, count in copies.items():
        marks = ["done", *["again"] * count][:count] * publishes
        new = [(mark, f"hello {number}") for mark in marks]
        got, had = (_until(" via ", moment.shown.chips(name)) for moment in (now, was))
        due.chips[name] = now.shown.chips(name)  # which subscription brought it, nobody is told
        due.more.append((name, got, had + new))
        subscriptions = sum(now.held.subscriptions(name))
        due.words[name] = f"(still )?{subscriptions} subscriptions?"
        due.said[f"{name} has N sub"] = subscriptions
        again = [text for mark, text in had + new if mark == "again"]
        due.said[f"{name} has[^;.]* got N dup"] = len(again)
    for name, count in now.held.channels.items():
        due.words[f"channel {name}"] = f"{count} subscribed"
    shown = [row for row in now.shown.rows if row.startswith("pattern ")]
    due.words |= dict.fromkeys(shown, r"\d+ subscribed")
    subscribed = sum(now.held.subscriptions(name)[1] for name in copies)
    told = sum(int(now.shown.words(row).split()[0]) for row in shown)
    due.more.append(("patterns", told, subscribed))
    return due


def line_of_workers(now: Moment, was: Moment) -> Due:
    """Lab 4: a queue, a list for each worker, and what only a worker has."""
    names = ("ann", "bob", "carol")
    keys = ("orders", *(f"orders:{name}" for name in names))
    lists = {key: now.held.values(key) for key in keys}
    packed = now.held.values("packed")
    safe = {*packed, *(order for key in keys for order in lists[key])}
    hands = {name: _hand(name, now, was, safe) for name in names}
    before = [order for name in names for order in was.shown.texts(name)]
    kept = {*safe, *(order for hand in hands.values() for order in hand)}
    lost = [*was.shown.texts("lost"), *(order for order in before if order not in kept)]
    due = Due({key: _as("held", orders) for key, orders in lists.items()}, {"shop": ""})
    due.chips |= {name: _as("hand", hand) for name, hand in hands.items()}
    due.chips |= {"packed": _as("done", packed), "lost": _as("lost", lost)}
    due.words |= {"sweeper": ANYTHING, "packed": "", "lost": ""}
    due.words["orders"] = "the queue" if lists["orders"] else "the queue empty"
    for name in names:
        own = f"orders:{name}"
        command = "BLMOVE" if lists[own] else "BLPOP"
        works = f"works, took with {command}" if now.held.has(name) else "dead"
        due.words[name] = "waits, .* in line" if now.held.is_blocked(name) else works
        if "Take with=BLMOVE" in now.presses:
            due.words[own] = ""
    in_hand = sum(map(len, hands.values()))
    due.said = {"Pushed N": now.presses.count("Push an order"), "N in hand": in_hand}
    due.said |= {"N in the queue": len(lists["orders"]), "N packed": len(packed)}
    due.said |= {
        "N lost": len(lost),
        "N also": sum(map(len, lists.values())) - len(lists["orders"]),
    }
    return due


def _hand(name: str, now: Moment, was: Moment, safe: set[str]) -> list[str]:
    """Return what a worker has: a copy, what it had before, or what has just left the queue."""
    if now.held.is_blocked(name) or not now.held.has(name):
        return []
    if own := now.held.values(f"orders:{name}"):
        return own
    if had := [order for order in was.shown.texts(name) if order not in safe]:
        return had
    pushed = [f"order-{now.presses.count('Push an order')}"] * (now.press == "Push an order")
    return [order for order in [*was.held.values("orders"), *pushed] if order not in safe]


def stream(now: Moment, was: Moment) -> Due:
    """Lab 5: what the stream holds, what was trimmed, and who had read it."""
    held = [f"{id_of(entry)[0] // 1000} s" for entry in now.held.entries("visits")]
    every = was.shown.texts("visits")
    every += [second for second in held if second not in every]
    cut = [second for second in every if second not in held]
    visits = [("cut" if second in cut else "held", second) for second in every]
    due = Due({"visits": visits}, {"visits": "stream", "shop": f"{len(every)} added"})
    due.said = {"Added N": len(every), "N held": len(held), "N trimmed": len(cut)}
    for name in ("ann", "bob"):
        read, reads = was.shown.texts(name), now.press == f"Read on {name}"
        read += [second for second in held if second not in read] * reads
        missed = [second for second in cut if second not in read]
        due.chips |= {name: _as("done", read), f"never read by {name}": _as("lost", missed)}
        due.words[name] = f"own cursor: {read[-1]}" if read else "has read nothing yet"
        due.said[f"{name} has read N"] = len(read)
        due.said[f"{name} has[^;.]*, N to come"] = len([s for s in held if s not in read])
        due.said[f"{name} has[^;.]*, N missed"] = len(missed)
    return due


def group(now: Moment, was: Moment) -> Due:
    """Lab 6: in its story whoever is alive has all in hand that is pending for it."""
    orders, new = now.held.entries("orders"), now.held.undelivered("orders")
    pending = now.held.pending("orders")
    name_of = {entry: fields["name"] for entry, fields in orders.items()}
    marks = dict.fromkeys(orders, "past") | dict.fromkeys(new, "held")
    marks |= {line["message_id"]: "given" for line in pending}
    aside = now.held.fields("dead-letters", "name")
    done = was.shown.texts("done")
    finished = [name_of[entry] for entry, mark in marks.items() if mark == "past"]
    done += [name for name in finished if name not in [*aside, *done]]
    due = Due({"orders": [(marks[entry], name) for entry, name in name_of.items()]}, {})
    due.chips |= {"dead-letters": _as("aside", aside), "done": _as("done", done)}
    due.words |= {"shop": "", "orders": "", "dead-letters": "", "done": ""}
    due.said = {"Added N": len(orders), "N new": len(new), "N pending, ": len(pending)}
    due.said |= {"N done": len(done), "N set aside": len(aside)}
    for worker in ("ann", "bob"):
        lines = [line for line in pending if line["consumer"] == worker]
        names = [name_of[line["message_id"]] for line in lines]
        has_gone = was.held.has(worker) or was.shown.words(worker) == "dead"
        is_dead = has_gone and not now.held.has(worker)
        due.chips[f"pending: {worker}"] = _as("held", names)
        due.chips[worker] = _as("hand", names * (not is_dead))
        due.words[worker] = health = "dead" if is_dead else "alive"
        due.words[f"pending: {worker}"] = _deliveries(lines)
        due.said[f"{worker} is {health} with N"] = len(lines)
    return due


def _deliveries(lines: Sequence[dict[str, int]]) -> str:
    times = ", ".join(str(line["times_delivered"]) for line in lines)
    idle = sum(line["time_since_delivered"] >= 60_000 for line in lines)
    if len(lines) > 1:
        return f"deliveries {times}" + f"; {idle} idle" * bool(idle)
    return f"delivery {times}" + ", idle" * idle if lines else ""


def bus(now: Moment, was: Moment) -> Due:
    """Lab 7: what each node of the cluster has sent and received, and who listens there."""
    nodes = now.held.nodes
    before = {name: was.held.nodes.get(name, Node()) for name in nodes}
    came = {name: node.received - before[name].received for name, node in nodes.items()}
    in_use = {*list(nodes)[:3], *(set(nodes) & set(now.shown.rows))}  # the rest are circles only
    due = Due({}, {"shop": ""} | dict.fromkeys(in_use, ANYTHING))
    heard = was.shown.counted("N were heard")
    for name, node in nodes.items():
        if node.listeners:
            row = f"listener on {name}"
            crossed = any(came.values()) and "Publish" in now.press
            heard += 10 * crossed
            told = was.shown.words(row) or "heard nothing yet"
            due.words[row] = "heard 10 of the last 10" if crossed else told
        if node.sharded_listeners:
            due.words[f"sharded listener on {name}"] = ANYTHING
    sent = sum(node.sent for node in nodes.values())
    due.said = {"N nodes": len(nodes), "N messages crossed": sent, "N were heard": heard}
    due.more = [("nodes", now.shown.nodes, list(nodes))]
    due.more.append(("lines between nodes", _received(now.shown.lines, nodes), came))
    return due


def _received(lines: Sequence[str], nodes: dict[str, Node]) -> dict[str, int]:
    """Add up what came to each node on the lines from other nodes."""
    came = dict.fromkeys(nodes, 0)
    for line in lines:
        start, _, told = line.partition(" → ")
        ends, _, count = told.partition(": ")
        if start in nodes:
            for end in set(ends.split(", ")) & set(nodes):
                came[end] += int(count.split()[0])
    return came


def designs(now: Moment, was: Moment) -> Due:
    """Lab 8: in its story each design runs once, and its jobs are counted in a hash."""
    runs, due = now.presses.count("Run once"), Due({}, {})
    jobs = [f"job-{number}" for number in range(1, 9 * runs + 1)]
    for design in ("Pop", "Move", "Publish", "Group"):
        done = now.held.counts(f"{design}:1:done")
        lost = [f"run 1: {job}" for job in jobs if job not in done]
        twice = [f"run 1: {job}" for job in jobs if done.get(job, 0) > 1]
        bars = {"lost": len(lost), "twice": len(twice)} if runs else {}
        due.chips[design] = _as("again", twice) + _as("lost", lost)
        due.words[design] = "deaths .*" if runs else "not yet run .*"
        due.more.append((f"bars of {design}", now.shown.bars(design), bars))
    due.said["all N jobs"] = len(jobs)
    return due


def schedule(now: Moment, was: Moment) -> Due:
    """Lab 9: in its story one list is for all, and nobody dies."""
    names, handled = ("ann", "bob"), was.shown.chips("handled")
    again = was.shown.chips("handled again")
    lists = {key: now.held.values(key) for key in ("orders", "taken")}
    due = Due({key: _as("held", jobs) for key, jobs in lists.items()}, dict.fromkeys(lists, ""))
    for name in names:
        job = _job_of(name, was)
        if job and now.press == f"Next step {name}":
            is_first = job not in [text.partition(" ")[0] for _, text in handled]
            (handled if is_first else again).append(
                ("done" if is_first else "again", f"{job} by {name}")
            )
        due.chips[name] = _as("hand", filter(None, [_job_of(name, now)]))
        due.words[name] = "next: .*|has returned"
    due.chips |= {"handled": handled, "handled again": again}
    due.words |= {"handled": "", "lost": ""}
    done = {text.partition(" ")[0] for _, text in handled}
    due.said = {"N in orders": len({*lists["orders"]} - done), "N handled": len(done)}
    begun = 2 - len({*lists["orders"], *done})
    due.said |= {"N begun": begun, "these N twice": len(again), "N lost": 0}
    in_hand = {_job_of(name, now) for name in names} - {""}
    due.more = [("in hand, and not in taken", in_hand - {*lists["taken"]}, set())]
    due.more.append(("all jobs", {*lists["orders"], *in_hand, *done}, {"job-1", "job-2"}))
    return due


def timers(now: Moment, was: Moment) -> Due:
    """Lab 10: in its story whoever is alive has all in hand that is pending for it."""
    clock = sum(int(press.split()[3]) for press in now.presses if press.startswith("Turn"))
    entries, later = now.held.entries("orders"), now.held.scores("later")
    new, pending = now.held.undelivered("orders"), now.held.pending("orders")
    marks = dict.fromkeys(entries, "past") | dict.fromkeys(new, "held")
    marks |= {line["message_id"]: "given" for line in pending}
    given = [(entries[line["message_id"]]["job"], line["consumer"]) for line in pending]
    failures, dead = now.held.counts("failures"), now.held.fields("orders:dead", "job")
    done = was.shown.chips("done")
    rows = ("shop", "mover", "orders", "pending", "failures", "orders:dead", "done")
    due = Due({}, dict.fromkeys(rows, "") | {"later": f"now {clock} s"})
    due.chips["later"] = [("held", f"{score} s {job}") for job, score in later.items()]
    due.chips["orders"] = [(marks[entry], it["job"]) for entry, it in entries.items()]
    due.chips["pending"] = now.shown.chips("pending")
    due.chips["failures"] = _as("held", [f"{job}: {n}" for job, n in failures.items()])
    due.chips |= {"orders:dead": _as("aside", dead), "done": done}
    # How long an entry was idle, the lab's own clock says.
    told = [(mark, re.sub(r" idle \d+ s$", "", it)) for mark, it in now.shown.chips("pending")]
    due.more = [("pending", told, _as("held", [" ".join(each) for each in given]))]
    for name in ("ann", "bob"):
        if now.press == f"Finish {name}":
            is_again = any(text.split()[0] in was.shown.texts(name) for _, text in done)
            done += _as(
                "again" if is_again else "done",
                [f"{job} by {name}" for job in was.shown.texts(name)],
            )
        due.chips[name] = _as("hand", [job for job, worker in given if worker == name])
        due.words[name] = "alive"
    finished = {text.split()[0] for _, text in done}
    due.said = {"Added N": sum(press.startswith("Add") for press in now.presses)}
    due.said |= {"N in later": len(later), "N new": len(new), "N pending": len(pending)}
    due.said |= {"N in orders:dead": len(dead), "N done": len(finished), "Now N s": clock}
    return due


def task_library(now: Moment, was: Moment) -> Due:
    """Lab 11: in its story Celery with acks_late, and who has a copied job does it."""
    hours = sum(press == "An hour passes" for press in now.presses)
    queue, copies = now.held.values("celery"), now.held.texts("unacked")
    times, packed = now.held.scores("unacked_index"), was.shown.chips("packed")
    due = Due({"celery": _as("held", queue)}, dict.fromkeys(("celery", "unacked"), ""))
    due.chips["unacked"] = _as("held", list(copies.values()))
    told = [f"{'1 h' if time else '0 s'} {copies[tag]}" for tag, time in times.items()]
    due.chips["unacked_index"] = _as("held", told)
    due.words |= {"unacked_index": "since" if times else "", "packed": "", "lost": ""}
    due.words["shop"] = "with Celery acks_late" if now.presses else "with Celery"
    for name in ("ann", "bob"):
        hand = was.shown.texts(name) * now.held.has(name)
        if now.press == f"Next step {name}":
            packed += _packed(name, was)
            hand = hand or [job for job in was.held.values("celery") if job not in queue]
        due.chips[name] = _as("hand", hand)
        due.words[name] = "next: .*" if now.held.has(name) else "dead|not started"
    due.chips["packed"] = packed
    hands = {job for name in ("ann", "bob") for job in now.shown.texts(name)}
    twice = {text.split()[0] for mark, text in packed if mark == "again"}
    due.said = {"Now N h": hours, "Sent N": now.presses.count("Send a job")}
    due.said |= {"N waiting": len(queue), "N in hand": len(hands), "N of them twice": len(twice)}
    due.said |= {"N left by the dead": len({*copies.values()} - hands), "N lost": 0}
    due.said["N packed"] = len({text.split()[0] for _, text in packed})
    return due


def _packed(name: str, was: Moment) -> list[Chip]:
    """Return what a worker packs with its next step, if that is what it does next."""
    job = was.shown.words(name).partition("next: pack ")[2]
    is_again = job in [text.split()[0] for text in was.shown.texts("packed")]
    return _as("again" if is_again else "done", [f"{job} by {name}"] * bool(job))


def _job_of(worker: str, moment: Moment) -> str:
    """Return the job that a worker is about to handle, as its row says."""
    return moment.shown.words(worker).partition("next: handle ")[2]


def _as(mark: str, texts: Iterator[str] | Sequence[str]) -> list[Chip]:
    return [(mark, text) for text in texts]


def _until(words: str, chips: Sequence[Chip]) -> list[Chip]:
    """Leave out of each message what comes from these words on: the broker does not know it."""
    return [(mark, text.partition(words)[0]) for mark, text in chips]


DUE: dict[int, Callable[[Moment, Moment], Due]] = {
    1: lists_and_stream,
    2: channel,
    3: patterns,
    4: line_of_workers,
    5: stream,
    6: group,
    7: bus,
    8: designs,
    9: schedule,
    10: timers,
    11: task_library,
}
