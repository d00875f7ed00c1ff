"""Write the table of rules in the README of embedded_redis, from the rules themselves.

python -m tests.embedded_redis.rules
"""

import re
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path

from embedded_redis import RULES
from embedded_redis.cluster import CLUSTER_RULES

README = Path(__file__).parents[2] / "embedded_redis/README.md"
TABLE = re.compile(r"(<!-- rules -->\n).*?(<!-- end of rules -->)", re.S)
HEAD = ("| what Redis does | rule | page |", "|---|---|---|")
DOCUMENTATION = "https://redis.io/docs/latest/"


def row(rule: type) -> str:
    """Write what a rule says, its name, and the page of Redis that it follows."""
    says, *_, follows = (getdoc(rule) or "").splitlines()
    page = follows.removeprefix("Follows ")
    title = page.removeprefix(DOCUMENTATION).partition("#")[0].strip("/").rpartition("/")[2]
    return f"| {says.replace('|', chr(92) + '|')} | `{rule.__name__}` | [{title}]({page}) |"


def lines() -> Iterator[str]:
    """Write the tables: of a single server, and of a node of a cluster."""
    yield from HEAD
    yield from map(row, RULES)
    yield from ("", "A node of a cluster:", "", *HEAD)
    yield from map(row, CLUSTER_RULES)


def current(readme: str) -> str:
    """Return the README with the tables as they must be."""
    table = "\n".join(("", *lines(), "", ""))
    return TABLE.sub(lambda found: found[1] + table + found[2], readme)


def main() -> None:
    README.write_text(current(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
