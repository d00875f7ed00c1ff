"""The kinds of proof, each followed by what it names:

    cell l04-20               a code cell of a lesson, whose output is compared
    scenario a queue is …     a scenario of tests/differential, played on every server
    test tests/test_x.py::test_y
    server RPUSH a 1 | LPOP a | EXISTS a → (integer) 0
                              lines of redis-cli on an empty server, and the last reply.
                              "bob> LPOP a" is typed in another terminal, "bob& BLPOP a 0" waits
                              there, and "bob<" is what has come to it since, the reply or
                              messages, "nothing" if nothing has. A line break is written " / ".
    redis-8.2 XACKDEL …       the same, where a server older than 8.2 does not have it
    page https://redis.io/…   an official page says so: what no test here could show
    python redis.asyncio.Redis().get_retry().get_retries() → 10
                              an expression, and its repr
    advice                    tells what to do, not what is true

Several proofs of one claim are separated by " ; ".
"""

import re
from collections.abc import Iterator
from csv import reader
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
OFFICIAL = re.compile(
    r"https://(redis\.io|valkey\.io|redis\.readthedocs\.io|docs\.python\.org|kafka\.apache\.org"
    r"|cwiki\.apache\.org|github\.com/(redis|valkey-io)|www\.rabbitmq\.com|docs\.aws\.amazon\.com"
    r"|www\.postgresql\.org|docs\.celeryq\.dev|dramatiq\.io|python-rq\.org|docs\.cloud\.google\.com)"
    r"[/\w.#?=&%-]*"
)
KINDS = ("cell", "scenario", "test", "server", "redis-8.2", "page", "python", "advice")


@dataclass(frozen=True)
class Proof:
    """How one claim is proved: the kind, and what it names."""

    kind: str
    what: str

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """The typed lines, each with its terminal and with what is done there: one of `>&<`."""
        typed = self.what.rpartition(" → ")[0].split(" | ")
        named = [re.fullmatch(r"(?:(\w+)([>&<](?: |$)))?(.*)", line) for line in typed]
        return [(found[1] or "ann", (found[2] or ">")[0], found[3]) for found in named if found]

    @property
    def expected(self) -> str:
        """What comes out in the end."""
        return self.what.rpartition(" → ")[2]


def rows(lesson: str) -> dict[str, list[Proof]]:
    """Return the proofs of a lesson's claims, by sentence. Raises ValueError for a bad row."""
    with (HERE / f"lesson_{lesson}.tsv").open(encoding="utf-8", newline="") as file:
        found = [row for row in reader(file, delimiter="\t", quoting=3) if row]
    proofs: dict[str, list[Proof]] = {}
    for row in found:
        if len(row) != 2 or row[0] in proofs:
            raise ValueError(f"lesson_{lesson}.tsv: a bad row or one that comes twice: {row}")
        proofs[row[0]] = [_proof(text) for text in row[1].split(" ; ")]
    return proofs


def _proof(text: str) -> Proof:
    kind, _, what = text.strip().partition(" ")
    if kind not in KINDS or (kind == "advice") == bool(what):
        raise ValueError(f"there is no such proof: {text}")
    return Proof(kind, what)


def every_proof() -> Iterator[tuple[str, str, Proof]]:
    """Yield lesson, sentence and proof of every row."""
    for path in sorted(HERE.glob("lesson_*.tsv")):
        lesson = path.stem.removeprefix("lesson_")
        for sentence, proofs in rows(lesson).items():
            yield from ((lesson, sentence, proof) for proof in proofs)
