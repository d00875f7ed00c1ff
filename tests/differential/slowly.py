"""Play every scenario in one go and with pauses: no reply that is compared may depend on time.

    python -m tests.differential.slowly [--servers 40]

It takes six minutes, nearly all of it waiting, so it is a command of its own. Scenarios whose
subject is a time limit are left out: they say so with `timed=True`.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator

from helpers.broker.servers import Server, start_server
from tools.asked import count

from .engines import REFERENCE, Real, binaries
from .play import Play
from .scenario import Scenario
from .scenarios import all_scenarios

PAUSE = 1.1  # seconds: more than the coarsest clock whose ticks a reply shows
PATIENCE = 30.0  # seconds that an answer may take while all servers are busy
PROTOCOL = 3


async def differences(scenario: Scenario, server: Server) -> list[str]:
    """Say at which steps a scenario ends otherwise when there is a pause before each."""
    engine = Real(REFERENCE, server)
    quick = await Play(engine, PROTOCOL, PATIENCE).run(scenario)
    slow = await Play(engine, PROTOCOL, PATIENCE, PAUSE).run(scenario)
    notes = [step.text for step in scenario.steps] + ["at the end"] * len(quick)
    return [
        f"{scenario.name}: {note}\n  at once: {first}\n  slowly:  {second}"
        for note, first, second in zip(notes, quick, slow, strict=False)
        if first != second
    ]


async def on_one_server(scenarios: Iterator[Scenario]) -> list[str]:
    """Play scenarios on a server of their own, one after the other, while there are any left."""
    server = start_server(binaries()[REFERENCE], password="")
    try:
        return [text for each in scenarios for text in await differences(each, server)]
    finally:
        server.stop()


async def all_differences(servers: int) -> list[str]:
    """Play all scenarios on many servers at once."""
    scenarios = [scenario for scenario in all_scenarios() if not scenario.timed]
    left = iter(sorted(scenarios, key=lambda scenario: -len(scenario.steps)))
    found = await asyncio.gather(*(on_one_server(left) for _ in range(servers)))
    return sorted(text for texts in found for text in texts)


def main() -> int:
    """Print what depends on time; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.slowly")
    parser.add_argument("--servers", type=count, default=40, help="at a time (default 40)")
    found = asyncio.run(all_differences(parser.parse_args().servers))
    print("\n".join(found) or "No reply depends on time.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
