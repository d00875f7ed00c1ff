"""The copy of the instructor's board: made once, kept, and no lesson."""

import json
import shutil
from pathlib import Path

import pytest

from publish import board
from publish.lesson import cells_of, lessons
from publish.working_copies import ROOT


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / board.ORIGINAL).parent.mkdir()
    shutil.copy(ROOT / board.ORIGINAL, tmp_path / board.ORIGINAL)
    return tmp_path


def test_a_copy_is_made_once_and_what_stands_there_is_kept(course: Path) -> None:
    place = course / board.lay_down(course)
    first = place.read_text(encoding="utf-8")
    assert json.loads(first)["cells"]
    place.write_text("mine", encoding="utf-8")
    board.lay_down(course)
    assert place.read_text(encoding="utf-8") == "mine"


def test_the_board_is_saved_without_outputs() -> None:
    cells = json.loads((ROOT / board.ORIGINAL).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 3
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_the_board_is_no_lesson() -> None:
    texts = [cell.source for cell in cells_of(ROOT / board.ORIGINAL)]
    assert any("await board()" in text for text in texts)
    found = [cell.source for lesson in lessons(ROOT / "notebooks") for cell in lesson.cells]
    assert not any("helpers.board" in text for text in found)
