"""Write the pages on what the embedded broker cannot do, from the scenarios played here.

One is the course's; the other lies in the library's folder, in whose words it speaks, and goes
along when somebody copies that.

python -m tests.differential.report
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from embedded_redis.assembly import assemble
from embedded_redis.engine.commands import containers, known_commands, resolve_name
from helpers.errors import REAL_SERVER

from .engines import EMBEDDED, REFERENCE, Embedded, real_engine
from .play import play
from .scenario import Scenario, Step
from .scenarios import all_scenarios

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what-the-embedded-broker-cannot-do.md"
OF_LIBRARY = ROOT / "embedded_redis" / "what-it-cannot-do.md"
PROTOCOL = 3  # the default of redis-py 8
WIDEST = 90

TOP = """\
# What the embedded broker cannot do

The lessons run without a server on an embedded broker: fakeredis, with the Redis rules that it
breaks restored. The test suite plays scenarios on it and on real servers, under RESP2 and RESP3,
and compares every reply with Redis 8.2: a command that no scenario plays is not answered here.
This page is written by `python -m tests.differential.report` from what the scenarios found; a test
keeps it current.

What is newer than Redis 8.2, such as `XADD` with `IDMP` and `XREADGROUP` with `CLAIM`, is refused
as 8.2 refuses it, in the same words. Redis 8.6 is played too; the last table lists where its
replies differ.

Scripts in Lua run by the package lupa, which the course installs. No browser has it: there `EVAL`
and its kin are refused in a sentence, and no lesson needs them.

Where a lesson needs more, it says so: set `COURSE_BROKER=server` and start again.
"""
TOP_OF_LIBRARY = """\
# What it cannot do

The same commands were played on this broker and on a real Redis 8.2, under RESP2 and RESP3, and
every reply was compared. This page is written from what differed. What is newer than Redis 8.2,
such as `XADD` with `IDMP` and `XREADGROUP` with `CLAIM`, is refused as 8.2 refuses it, in the same
words. Scripts in Lua need the package lupa, without which they are refused in a sentence.
"""
DIFFERING = """
## Replies that differ

| command | Redis 8.2 | embedded broker | why |
|---|---|---|---|
"""
MISSING = """
## Commands that need a real server

They are answered with `ERR '…' needs a real server{advice}`; those of a cluster
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
    """Play what differs and write the page of the course."""
    told = differing(REAL_SERVER)
    return f"{TOP}{told}{SERVERS}{''.join(server_rows(all_scenarios()))}"


def page_of_library() -> str:
    """Play what differs and write the page of the library, which gives no advice."""
    return TOP_OF_LIBRARY + differing(advice="")


def differing(advice: str) -> str:
    """Write what differs from Redis 8.2, and what is refused."""
    scenarios = all_scenarios()
    rows = "".join(row for scenario in scenarios for row in embedded_rows(scenario, advice))
    handled = assemble().HANDLERS
    missing = [name for name in known_commands() if is_whole(name) and name not in handled]
    refused = MISSING.format(advice=advice and f": {advice}")
    return f"{DIFFERING}{rows}{refused}{listed(missing)}\n"


def embedded_rows(scenario: Scenario, advice: str) -> Iterator[str]:
    """Write a row for each step on which the embedded broker is known to differ."""
    if not any(step.differs_on(EMBEDDED, PROTOCOL) for step in scenario.steps):
        return
    theirs = play(scenario, real_engine(REFERENCE), PROTOCOL)
    unmasked = replace(scenario, steps=tuple(map(without_mask, scenario.steps)))
    ours = play(unmasked, Embedded(advice=advice), PROTOCOL)
    for step, real, embedded in zip(scenario.steps, theirs, ours, strict=False):
        if step.differs_on(EMBEDDED, PROTOCOL):
            yield row(asked(step), KINDS.get(real) or code(real), code(embedded), step.reason)


def without_mask(step: Step) -> Step:
    """Return a step whose reply is written in full, but for the fields that were chosen."""
    return replace(step, filter=()) if step.filter[:1] == ("masked",) else step


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
    if step.kind == "blocked?":
        return f"{step.client} still blocked?"
    return step.text.partition(": ")[2].partition(" | ")[0] or f"the next reply of {step.client}"


def asked(step: Step) -> str:
    """Write a command, and the fields of its reply that are compared."""
    fields = () if step.filter[:1] == ("masked",) else step.filter
    return code(command(step)) + (f", the field {', '.join(map(code, fields))}" if fields else "")


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
    OF_LIBRARY.write_text(page_of_library(), encoding="utf-8")


if __name__ == "__main__":
    main()
