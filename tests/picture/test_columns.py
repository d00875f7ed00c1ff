"""Columns of text say the same printed and shown, and shown they are never broken into rows."""

import json
from pathlib import Path

import pytest
import wcwidth

from helpers.lessons.l08.designs import Result, Scoreboard
from helpers.lessons.l11.measured import everywhere, table
from helpers.picture.columns import Columns

ROOT = Path(__file__).parents[2]
NARROW = 69  # columns that a page of 700 pixels shows, without the list of files
TABLE = 2  # spaces, from which on a reader sees columns


def test_rows_are_written_below_each_other() -> None:
    assert Columns.of([["", "Pop"], ["away", "lost <1>"]], gap=2) == "      Pop\naway  lost <1>"


@pytest.mark.parametrize("shown", [table(), everywhere("cut off"), Columns("a  <b>")])
def test_it_is_shown_as_it_is_printed(shown: Columns) -> None:
    assert repr(shown) == str(shown)
    html = shown._repr_html_()
    assert html.startswith("<pre ") and "white-space: pre;" in html
    assert html.count("\n") == shown.count("\n")
    assert "<b>" not in html


def test_the_scoreboard_is_not_broken_either() -> None:
    board = Scoreboard({"away": {"Pop": Result(0, 0)}})
    assert repr(board) in board._repr_html_()


def wide_tables() -> list[str]:
    """Name each cell that prints a table whose rows a narrow page would break."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                lines = "".join(output.get("text", [])).splitlines()
                if looks_like_a_table([line for line in lines if wcwidth.wcswidth(line) > NARROW]):
                    found.append(cell["id"])
    return found


def looks_like_a_table(wide: list[str]) -> bool:
    """Tell whether at least three lines too wide have columns: what is wide else is a sentence."""
    return sum(" " * TABLE in line.strip() for line in wide) > 2


def test_no_cell_prints_a_table_that_a_narrow_page_breaks() -> None:
    assert wide_tables() == []
    assert looks_like_a_table(table().splitlines())
