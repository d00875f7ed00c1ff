"""What an engineer needs before production stands in a lesson, run by a cell or said in a sentence.

before_production.tsv has a row for each need: what it is, whether it is `run` by a code cell or
`said` in prose, the cell's id, and a phrase that stands in the cell or in its output.
"""

from collections.abc import Iterator
from csv import reader
from typing import NamedTuple

import pytest

from publish.lesson import Cell, lessons
from tests.claims.claims import ROOT
from tests.notebooks.lesson import PRACTICE

FILE = ROOT / "tests/claims/before_production.tsv"
KINDS = {"run": "code", "said": "markdown"}


class Need(NamedTuple):
    """What somebody needs to know, and where it is shown or told."""

    what: str
    how: str
    cell: str
    phrase: str


def needs() -> list[Need]:
    """Read the table. Raises TypeError for a row of another length."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Need(*row) for row in reader(file, delimiter="\t", quoting=3)]


def unmet(needed: list[Need]) -> Iterator[str]:
    """Name each need whose cell, or whose phrase, is not there."""
    cells = {cell.id: cell for lesson in lessons(ROOT / "notebooks") for cell in lesson.cells}
    for need in needed:
        cell = cells.get(need.cell)
        if cell is None:
            yield f"{need.what}: there is no cell {need.cell}"
        elif cell.kind != KINDS[need.how] or cell.tags & PRACTICE:
            yield f"{need.what}: {need.cell} is not a cell in which it is {need.how}"
        elif need.phrase not in _told(cell):
            yield f"{need.what}: {need.cell} does not say {need.phrase!r}"


def _told(cell: Cell) -> str:
    """Join what a cell says and what it has printed."""
    return "\n".join([cell.source, *(output.text for output in cell.outputs)])


def test_every_need_is_met_where_the_table_says() -> None:
    assert [*unmet(needs())] == []


def test_each_need_has_one_row() -> None:
    what = [need.what for need in needs()]
    assert len(what) == len(set(what)) >= 19


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cell": "l04-gone"}, "there is no cell l04-gone"),
        ({"phrase": "gone"}, "does not say 'gone'"),
        ({"how": "said"}, "is not a cell in which it is said"),
    ],
)
def test_what_is_gone_is_named(change: dict[str, str], told: str) -> None:
    met = Need("a lost reply", "run", "l04-lost-pop", "blpop")
    assert [*unmet([met])] == []
    [sentence] = unmet([met._replace(**change)])
    assert sentence.startswith("a lost reply: ") and told in sentence
