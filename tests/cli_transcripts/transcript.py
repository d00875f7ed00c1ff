"""A transcript: who typed what, and what was printed, as text.

A line such as `ann| 127.0.0.1:6379> PING` begins a step, and what was printed stands below it:
`ann| …` types a line, `ann~ …` types one that blocks, `ann<` reads what has arrived since, and
`ann^` presses Ctrl-C. A name that ends in 3 speaks RESP3, as redis-cli -3 does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.cli.replies import CLOSED

FOLDER = Path(__file__).parent
RECORDED_ON = "Redis 7.0"
REAL = ".real"  # in the name of a file: other brokers than that answer otherwise
STEP = re.compile(r"([a-z]\w*)([|~<^]) (not connected> |127\.0\.0\.1:6379\S*> |)(.*)")


@dataclass(frozen=True)
class Step:
    """One thing that somebody does at a terminal, and what the terminal prints."""

    who: str
    kind: str
    prompt: str
    line: str
    printed: str = ""

    @property
    def protocol(self) -> int:
        return 3 if self.who.endswith("3") else 2

    @property
    def header(self) -> str:
        return f"{self.who}{self.kind} {self.prompt}{self.line}"

    def __str__(self) -> str:
        return f"{self.header}\n{self.printed}\n" if self.printed else f"{self.header}\n"


def transcripts() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def read_steps(text: str) -> list[Step]:
    """Read a transcript, or the steps alone to record one."""
    steps: list[Step] = []
    for line in text.split("\n")[:-1]:
        if found := STEP.fullmatch(line):
            steps.append(Step(*found.groups()))
        else:
            before = steps[-1].printed
            printed = f"{before}\n{line}" if before else line
            steps[-1] = replace(steps[-1], printed=printed)
    return steps


def masked(text: str, port: int) -> str:
    """Hide what is not the same each time: ports, ids, how long a command took, how it was cut."""
    text = text.replace(f"127.0.0.1:{port}", "127.0.0.1:6379")
    text = re.sub("Error: (Connection reset by peer|Broken pipe)", f"Error: {CLOSED}", text)
    text = re.sub(r'("id"( => |\n *\d+\) )\(integer\)) \d+', r"\1 (an id)", text)
    return re.sub(r"^\(\d+\.\d\ds\)\n", "", text, flags=re.MULTILINE)
