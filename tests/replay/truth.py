"""What a broker really holds, and what a stage says of it: in one form, to be compared."""

from contextlib import suppress
from typing import Any

import redis

from helpers.replay.scene import NOT_KNOWN
from helpers.stage.model import Place, Stage

Truth = dict[str, Any]


async def held_by(client: redis.asyncio.Redis) -> Truth:
    """Ask a broker for everything that a stage may show."""
    kinds = {key: await client.type(key) async for key in client.scan_iter(count=1000)}
    truth: Truth = {}
    for key, kind in kinds.items():
        if kind == "list":
            truth[f"list {key}"] = await client.lrange(key, 0, -1)
        elif kind == "stream":
            with suppress(redis.ResponseError):  # it has just expired
                truth |= await _stream(client, key)
    channels = await client.pubsub_channels()
    truth |= {f"channel {name}": n for name, n in await client.pubsub_numsub(*channels)}
    truth["patterns"] = await client.pubsub_numpat()
    blocked = [c["name"] for c in await client.client_list() if "b" in c["flags"]]
    truth["waits"] = sorted(blocked)
    return truth


async def _stream(client: redis.asyncio.Redis, key: str) -> Truth:
    ids = [entry for entry, _ in await client.xrange(key)]
    truth: Truth = {f"stream {key}": ids}
    for group in await client.xinfo_groups(key):
        name, last = group["name"], _place(group["last-delivered-id"])
        truth[f"group {name} of {key}"] = sum(_place(i) <= last for i in ids)
        for entry in await client.xpending_range(key, name, "-", "+", 10_000):
            held = truth.setdefault(f"pending in {key}/{name} with {entry['consumer']}", [])
            held.append(entry["message_id"])
    return truth


def _place(entry: str) -> tuple[int, ...]:
    return tuple(map(int, entry.split("-")))


def shown_on(stage: Stage) -> tuple[Truth, set[str]]:
    """Read a stage, and name what it says is not known."""
    shown: Truth = {"patterns": 0, "waits": []}
    unknown: set[str] = set()
    for place in stage.places:
        if place.state == NOT_KNOWN:
            unknown.add(place.name)
        elif place.kind == "list" and place.tokens:
            shown[f"list {place.name}"] = [token.text for token in place.tokens]
        elif place.kind == "stream":
            shown |= _shown_stream(place)
        elif place.kind == "channel":
            _add_channel(place, shown)
        elif place.kind == "client":
            _add_client(place, shown)
        unknown |= {word for word in _unknown_groups(place)}
    shown["waits"].sort()
    return shown, unknown


def _unknown_groups(place: Place) -> list[str]:
    parts = place.note.split("; ") if NOT_KNOWN in place.note else []
    return [f"{part.removesuffix(': ' + NOT_KNOWN)} of {place.name}" for part in parts]


def _shown_stream(place: Place) -> Truth:
    ids = [token.identity.removeprefix(f"{place.name}.") for token in place.tokens]
    shown: Truth = {f"stream {place.name}": ids}
    for cursor in place.cursors:
        what = cursor.name if cursor.name.startswith("group ") else f"reader {cursor.name}"
        shown[f"{what} of {place.name}"] = cursor.past
    return shown


def _add_channel(place: Place, shown: Truth) -> None:
    count = int(place.state.split(" ")[0])
    if place.name.endswith(" (pattern)"):
        shown["patterns"] += count > 0
    else:
        shown[f"channel {place.name}"] = count


def _add_client(place: Place, shown: Truth) -> None:
    waits = [part for part in place.state.split("; ") if part.startswith("waits for ")]
    shown["waits"] += [place.name] * len(waits)
    for token in place.tokens:
        if token.mark in ("hand", "cut"):
            entry, where = token.identity.split(" ", 1)
            shown.setdefault(f"{where} with {place.name}", []).append(entry.split(".")[1])


def mistakes(stage: Stage, truth: Truth) -> list[tuple[str, Any, Any]]:
    """Name what a stage shows otherwise than it was: what, as shown, and in truth."""
    shown, unknown = shown_on(stage)
    wrong = []
    for what in shown.keys() | truth.keys():
        key = what.rpartition(" of ")[2].split(" ")[-1].partition("/")[0]
        pending = what.startswith("pending in ")
        if pending:
            key, _, group = what.removeprefix("pending in ").partition(" with ")[0].partition("/")
            if f"group {group} of {key}" in unknown:
                continue
        if key in unknown or what in unknown:
            continue
        said, real = shown.get(what), truth.get(what)
        if what.startswith("reader ") and None in (said, real):
            continue  # where a reader stands whose stream was removed is a matter of taste
        if pending:
            said, real = sorted(said or []), sorted(real or [])
        if (said or real) and said != real:
            wrong.append((what, said, real))
    return wrong
