"""Write the page on what the embedded broker cannot do, from the scenarios played here.

python -m tests.differential.report
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from embedded_redis.assembly import assemble
from embedded_redis.engine.commands import containers, known_commands, resolve_name

from .engines import EMBEDDED, REFERENCE, Embedded, real_engine
from .play import play
from .scenario import Scenario, Step
from .scenarios import all_scenarios

PAGE = Path(__file__).parents[2] / "docs" / "what-the-embedded-broker-cannot-do.md"
PROTOCOL = 3  # the default of redis-py 8
WIDEST = 90

TOP = """\
# What the embedded broker cannot do

The lessons run without a server on an embedded broker: fakeredis, with the Redis rules that it
breaks restored. The test suite plays scenarios on it and on real servers, under RESP2 and RESP3,
and compares every reply with Redis 8.2: a command that no scenario plays is not answered here.
This page is written by `python -m tests.differential.report` from what the scenarios found; a test
keeps it current.

What is newer than Redis 8.2 is refused as 8.2 refuses it, in its words: `XADD` with `IDMP` and
`XREADGROUP` with `CLAIM` among it. Redis 8.6 is played too: where it answers otherwise stands
below.

Where a lesson needs more, it says so: set `COURSE_BROKER=server` and start again.

## Replies that differ

| command | Redis 8.2 | embedded broker | why |
|---|---|---|---|
"""
MISSING = """
## Commands that need a real server

They are answered with `ERR '…' needs a real server: set COURSE_BROKER=server`; those of a cluster
are answered as by any server outside of one.

"""
SERVERS = """
## Where real servers differ from Redis 8.2

No lesson's saved output may show one of these.

| server | why | commands |
|---|---|---|
"""
# What a masked reply is called: its content changes from one moment to the next.
KINDS = {"str": "a text", "int": "a number", "list": "a list", "dict": "a map"}


def page() -> str:
    """Play what differs and write the page."""
    scenarios = all_scenarios()
    differing = "".join(row for scenario in scenarios for row in embedded_rows(scenario))
    servers = "".join(server_rows(scenarios))
    handled = assemble().HANDLERS
    missing = [name for name in known_commands() if is_whole(name) and name not in handled]
    return f"{TOP}{differing}{MISSING}{listed(missing)}\n{SERVERS}{servers}"


def embedded_rows(scenario: Scenario) -> Iterator[str]:
    """Write a row for each step on which the embedded broker is known to differ."""
    if not any(step.differs_on(EMBEDDED, PROTOCOL) for step in scenario.steps):
        return
    theirs = play(scenario, real_engine(REFERENCE), PROTOCOL)
    unmasked = replace(scenario, steps=tuple(replace(step, filter=()) for step in scenario.steps))
    ours = play(unmasked, Embedded(), PROTOCOL)
    for step, real, embedded in zip(scenario.steps, theirs, ours, strict=False):
        if step.differs_on(EMBEDDED, PROTOCOL):
            yield row(
                code(command(step)), KINDS.get(real) or code(real), code(embedded), step.reason
            )


def server_rows(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Write a row for each reason for which a real server is known to differ."""
    commands = defaultdict(set)
    for step, name in (pair for scenario in scenarios for pair in steps_and_commands(scenario)):
        if servers := [server for server in step.differs if not server.startswith(EMBEDDED)]:
            commands[", ".join(servers), step.reason].add(name)
    for (servers, reason), names in sorted(commands.items()):
        yield row(servers, reason, listed(sorted(names)))


def steps_and_commands(scenario: Scenario) -> Iterator[tuple[Step, str]]:
    """Pair each step with the command that it sends, or whose outcome it looks at."""
    last: dict[str, str] = {}
    for step in scenario.steps:
        if step.kind in ":~!":
            last[step.client] = resolve_name([word.encode() for word in step.words])
        yield step, last.get(step.client, "")


def command(step: Step) -> str:
    """Write what a client did, as a reader would type it."""
    return step.text.partition(": ")[2].partition(" | ")[0] or f"the next reply of {step.client}"


def names_played(scenarios: Iterable[Scenario]) -> set[str]:
    """Name every command that any scenario sends."""
    return {name for scenario in scenarios for _, name in steps_and_commands(scenario)}


def is_whole(name: str) -> bool:
    """Say whether a name is a command and not the head of several."""
    return name not in containers()


def listed(names: list[str]) -> str:
    return ", ".join(code(name.upper().replace("|", " ")) for name in sorted(names))


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


def code(text: str) -> str:
    short = text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
    return "`" + short.replace("|", "\\|").replace("`", "'") + "`"


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
