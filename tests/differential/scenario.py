"""Scenarios as data: what each named client does, one line a step.

    ann: RPUSH jobs a "b c"     ann sends a command, and its reply is read
    bob~ BLPOP jobs 0           bob starts a command, and is waited for until it is blocked
    bob! PING                   bob sends a command, and reads no reply now
    bob<                        bob reads one more reply or message; "bob< 2" reads two,
    bob<sorted 2                and this compares them in sorted order
    bob blocked?                is bob still blocked?
    bob closes                  bob closes its connection, and is waited for until it is gone
    ann: CLIENT LIST | name flags   only these fields of the lines that name a client are compared
    ann: XADD s * a 1 | masked      only the kind of the reply is compared
    ann: XPENDING s g - + 9 | columns 0 1 3     only these columns of each row are compared
    ann: XINFO CONSUMERS s g | rows name        only these fields of each row are compared
    ann: XINFO STREAM s FULL | timeless         moments are hidden, whatever the depth
    ann: COMMAND LIST | sorted      a list is compared in sorted order
    ann: TTL a | tens               a number is compared to the nearest ten

{bob.id}, {bob.addr} and {bob.laddr} stand for what CLIENT INFO says, {bob.last} for bob's last
reply. A line may end in known differences from Redis 8.2, with the reason:

    ann: XACKDEL s g IDS 1 1-0    #! redis-7.0 valkey-9: came with 8.2

"embedded/2" names one protocol only. In a word \\n is the end of a line.
"""

import re
import shlex
from dataclasses import dataclass

STEP = re.compile(r"(?P<client>\w+)(?P<kind>[:~!<]| blocked\?| closes)(?P<rest>.*)")
DIFFERENCE = "    #!"  # a script may begin with #!lua


@dataclass(frozen=True)
class Step:
    """One line of a scenario."""

    text: str
    client: str
    kind: str
    words: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    reason: str = ""

    def differs_on(self, engine: str, protocol: int) -> bool:
        """Say whether this step is known to differ from Redis 8.2."""
        return engine in self.differs or f"{engine}/{protocol}" in self.differs


@dataclass(frozen=True)
class Scenario:
    """A named sequence of steps, and the rules of embedded_redis that it proves."""

    name: str
    steps: tuple[Step, ...]
    proves: tuple[str, ...]
    timed: bool = False  # its subject is a time limit: played slowly, it ends otherwise


def scenario(name: str, text: str, proves: str = "", timed: bool = False) -> Scenario:
    """Read a scenario; `proves` names rules, divided by spaces."""
    lines = (line.strip() for line in text.strip().splitlines())
    steps = tuple(_step(line) for line in lines if line)
    return Scenario(name, steps, tuple(proves.split()), timed)


def _step(line: str) -> Step:
    text, _, note = (part.strip() for part in line.partition(DIFFERENCE))
    engines, _, reason = note.partition(":")
    match = STEP.fullmatch(text)
    if match is None or (note and not reason.strip()):
        raise ValueError(f"This is no step: {line}")
    command, _, chosen = match["rest"].partition(" | ")
    return Step(
        text=text,
        client=match["client"],
        kind=match["kind"].strip(),
        words=tuple(word.replace("\\n", "\n") for word in shlex.split(command)),
        filter=tuple(chosen.split()),
        differs=tuple(engines.split()),
        reason=reason.strip(),
    )
