"""Let five faults happen to task libraries on real servers, and count what becomes of their jobs.

Usage: python -m tools.libraries [--library NAME] [--settings NAME] [--fault NAME] [--server NAME]
                                 [--times N] [--together N]
(`make libraries`). Every situation is seen three times on each of two servers unless told
otherwise; one whose result is not the same each time is told of and makes the exit code 1. The
others take their place in measured.json, with the versions, and the traffic of the pictures in
traffic/; neither is written when --times or --server leave out a part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from helpers.errors import CourseError
from helpers.libraries import FAULTS, LIBRARIES, SETTINGS, Outcome, needed, outcome, program
from tests.real_servers import found_servers, missing_servers
from tools.asked import count

LESSON = Path(__file__).parents[1] / "helpers/lessons/l11"
MEASURED = LESSON / "measured.json"
TRAFFIC = LESSON / "traffic"
SERVERS = ("Redis 8.2", "Valkey 9")
TIMES = 3
TRIES = 3

# The situations that the lesson draws.
DRAWN = (
    ("celery", "default", "killed before"),
    ("celery", "safe", "killed before"),
    ("celery", "safe", "long job"),
    ("rq", "default", "killed before"),
    ("rq", "safe", "killed before"),
    ("dramatiq", "default", "killed before"),
    ("taskiq", "default", "killed before"),
    ("taskiq", "safe", "killed before"),
    ("streaq", "default", "killed before"),
)


class Situation(NamedTuple):
    """A library with one of its settings, and what happens to it."""

    library: str
    settings: str
    fault: str

    def __str__(self) -> str:
        return f"{self.library:9} {self.settings:8} {self.fault:14}"

    @property
    def traffic(self) -> Path:
        """Return where its traffic is kept."""
        return TRAFFIC / f"{'-'.join(self).replace(' ', '-')}.json"


@dataclass(frozen=True)
class Seen:
    """What one run of a situation showed: an outcome, or an error in its place."""

    situation: Situation
    server: str
    outcome: Outcome | None
    error: str = ""

    def __str__(self) -> str:
        return f"{self.situation} {self.server:13} {self.outcome or self.error}"


async def see(situation: Situation, server: str, program: Path, is_drawn: bool) -> Seen:
    """Let one situation happen; once more if this machine, and no library, was in the way."""
    library, settings, fault = situation
    traffic = situation.traffic if is_drawn else None
    said = ""
    for _ in range(TRIES):
        try:
            found = await outcome(fault, library, settings, server=program, traffic=traffic)
            return Seen(situation, server, found)
        except CourseError as error:
            return Seen(situation, server, None, str(error))
        except OSError as error:  # such as a port that somebody takes while it is free
            said = f"{type(error).__name__}: {error}"
    return Seen(situation, server, None, said)


async def see_all(
    situations: Iterable[Situation],
    servers: dict[str, Path],
    times: int,
    together: int,
    draws: bool,
) -> list[Seen]:
    """Let all happen, several at a time; print each when it is over."""
    places = asyncio.Semaphore(together)
    runs = [(s, name, n) for n in range(times) for s in situations for name in servers]
    seen: list[Seen] = []

    async def one(situation: Situation, name: str, number: int) -> None:
        is_drawn = draws and not number and name == next(iter(servers)) and situation in DRAWN
        async with places:
            began = monotonic()
            seen.append(await see(situation, name, servers[name], is_drawn))
            print(f"{len(seen):3}/{len(runs)} {seen[-1]} ({monotonic() - began:.0f} s)", flush=True)

    await asyncio.gather(*(one(*run) for run in runs))
    return seen


def differing(seen: Sequence[Seen]) -> dict[Situation, str]:
    """Tell of each situation that did not end the same way each time how it ended."""
    ends: defaultdict[Situation, set[str]] = defaultdict(set)
    for each in seen:
        ends[each.situation].add(json.dumps(plain(each.outcome)) if each.outcome else each.error)
    failed = {each.situation for each in seen if not each.outcome}
    return {s: "; ".join(sorted(e)) for s, e in ends.items() if len(e) > 1 or s in failed}


def plain(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data, without how many workers exited by themselves."""
    packed = {rung: orders for rung, orders in outcome.packed.items() if orders}
    ends = {"left": outcome.left, "prompted": outcome.prompted}
    return {"sent": list(outcome.sent), "packed": packed} | ends


def write(seen: Sequence[Seen]) -> None:
    """Let what was seen take its place in measured.json.

    Whether a worker exits is a matter of moments, so that counts however it was seen of the same
    versions, in an earlier measurement too.
    """
    known = json.loads(MEASURED.read_text("utf-8")) if MEASURED.exists() else {}
    results = known.get("results", {})
    now = versions({each.situation.library for each in seen})
    is_same = now.items() <= known.get("versions", {}).items()
    for each in seen:
        assert each.outcome
        library, settings, fault = each.situation
        exits = {s.outcome.exits for s in seen if s.outcome and s.situation == each.situation}
        earlier = results.get(library, {}).get(settings, {}).get(fault, {}) if is_same else {}
        found = plain(each.outcome) | {"exits": sorted(exits.union(earlier.get("exits", ())))}
        results.setdefault(library, {}).setdefault(settings, {})[fault] = found
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    whole = {
        "versions": known.get("versions", {}) | now,
        "servers": sorted({each.server for each in seen}),
        "times": TIMES,
        "libraries": known.get("libraries", {}) | described(),
        "results": in_sequence(results),
    }
    MEASURED.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")


def in_sequence(results: dict[str, Any]) -> dict[str, Any]:
    """Return results in the sequence of the catalogue, whichever was seen first."""
    return {
        name: {
            settings: {fault: by[settings][fault] for fault in FAULTS if fault in by[settings]}
            for settings in SETTINGS
            if settings in by
        }
        for name in LIBRARIES
        if (by := results.get(name))
    }


def versions(libraries: set[str]) -> dict[str, str]:
    """Return the versions of the packages that were measured."""
    packages = [package for name in sorted(libraries) for package in LIBRARIES[name].packages]
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    command = [program("python"), "-c", code, *packages, "redis"]
    found = subprocess.check_output(command, text=True).split()
    return dict(zip([*packages, "redis"], found, strict=True))


def described() -> dict[str, Any]:
    """Say of each library how it takes and acknowledges jobs, and what makes it safe."""
    return {
        name: {
            "fetches": library.fetches,
            "acknowledges": library.acknowledges,
            "limits": library.limits,
            "safe": [[setting.code, setting.manual] for setting in library.safe],
            "notes": list(library.notes),
        }
        for name, library in LIBRARIES.items()
    }


def table(seen: Sequence[Seen]) -> str:
    """Return a line for each situation: lost, twice, comes back."""
    said = {each.situation: each.outcome or each.error for each in seen}
    return "\n".join(f"{situation} {what}" for situation, what in sorted(said.items(), key=_place))


def _place(item: tuple[Situation, object]) -> tuple[int, ...]:
    library, settings, fault = item[0]
    return [*LIBRARIES].index(library), SETTINGS.index(settings), [*FAULTS].index(fault)


def chosen(given: argparse.Namespace) -> list[Situation]:
    """List the situations asked for; a library without a setting for safety has one only."""
    return [
        Situation(name, settings, fault)
        for name, library in LIBRARIES.items()
        for settings in library.settings
        for fault in FAULTS
        if name in (given.library or LIBRARIES)
        if settings in (given.settings or SETTINGS)
        if fault in (given.fault or FAULTS)
    ]


def main() -> int:
    """Print each run, the table, and what differed; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.libraries")
    parser.add_argument("--library", action="append", choices=[*LIBRARIES])
    parser.add_argument("--settings", action="append", choices=SETTINGS)
    parser.add_argument("--fault", action="append", choices=[*FAULTS])
    parser.add_argument("--server", action="append", choices=SERVERS)
    parser.add_argument("--times", type=count, default=TIMES, help=f"on each server ({TIMES})")
    parser.add_argument("--together", type=count, default=8, help="so many at a time (8)")
    given = parser.parse_args()
    needed()
    wanted = given.server or SERVERS
    servers = {n: p for n, p in found_servers().items() if n.startswith(tuple(wanted))}
    if len(servers) < len(wanted):
        parser.error("; ".join(said for n, said in missing_servers().items() if n in wanted))
    is_whole = given.times >= TIMES and len(servers) == len(SERVERS)
    situations = chosen(given)
    seen = asyncio.run(see_all(situations, servers, given.times, given.together, is_whole))
    print(table(seen))
    different = differing(seen)
    for situation, ends in different.items():
        print(f"Not the same each time, so not written: {situation} {ends}")
    if is_whole:
        write([each for each in seen if each.situation not in different])
    return 1 if different else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CourseError as error:
        sys.exit(str(error))
