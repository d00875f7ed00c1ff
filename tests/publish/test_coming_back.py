"""Who comes back to a lesson that has changed: a test for each rule of static/merge.js and work.js.

They run in Node, as they are.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from publish.lesson import parsed
from publish.working_copies import HANDED_OUT, ORIGINALS, working_copy

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "publish/jupyterlab/labextensions/redis-course-return/static"
LESSONS = sorted((ROOT / ORIGINALS).glob("*.ipynb"))
SCRIPT = """
import * as merge from '{0}/merge.js';
import * as work from '{0}/work.js';
import {{ readFileSync }} from 'node:fs';
const {{ name, given }} = JSON.parse(readFileSync(0, 'utf8'));
try {{
    console.log(JSON.stringify({{ answer: {{ ...merge, ...work }}[name](...given) ?? null }}));
}} catch ({{ message }}) {{
    console.log(JSON.stringify({{ message }}));
}}
"""
Cell = dict[str, Any]
Notebook = dict[str, Any]

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")


def told(name: str, *given: Any) -> dict[str, Any]:
    """Call an exported function; return its answer, or the message of the error."""
    script = SCRIPT.format(STATIC.as_uri())
    asked = json.dumps({"name": name, "given": given})
    command = ["node", "--input-type=module", "--eval", script]
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def call(name: str, *given: Any) -> Any:
    return told(name, *given)["answer"]


def code(name: str, source: str, **more: Any) -> Cell:
    empty = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": name, **empty, "source": source, **more}


def text(name: str, source: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def lesson(*cells: Cell) -> Notebook:
    """Return a lesson as it is handed out."""
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return parsed(working_copy(json.dumps(made)))


def merged(mine: Notebook, fresh: Notebook, earlier: dict[str, str] | None = None) -> list[Cell]:
    """Bring a new edition into a copy; return its cells."""
    return parsed(json.dumps(call("merged", mine, fresh, earlier or {})))["cells"]


def sources(cells: list[Cell]) -> list[str]:
    return [cell["source"] for cell in cells]


RAN = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}], "execution_count": 3}
OLD = lesson(text("t", "old text"), code("a", "print(1)"), code("x", "def answer(): ..."))
NEW = lesson(text("t", "new text"), code("a", "print(2)"), code("x", "def answer(): ..."))


def changed(notebook: Notebook, place: int, **changes: Any) -> Notebook:
    cells = [cell | changes if n == place else cell for n, cell in enumerate(notebook["cells"])]
    return notebook | {"cells": cells}


def with_cell(notebook: Notebook, place: int, cell: Cell) -> Notebook:
    cells = notebook["cells"]
    return notebook | {"cells": [*cells[:place], cell, *cells[place:]]}


def test_text_and_code_that_nobody_changed_come_new() -> None:
    assert sources(merged(OLD, NEW)) == sources(NEW["cells"])


def test_an_answer_stays_where_it_was() -> None:
    mine = changed(OLD, 2, source="def answer(): return 42", **RAN)
    assert merged(mine, NEW) == [*NEW["cells"][:2], mine["cells"][2]]


def test_a_cell_that_both_changed_stays_the_learner_s() -> None:
    mine = changed(OLD, 1, source="print('mine')")
    assert sources(merged(mine, NEW)) == ["new text", "print('mine')", "def answer(): ..."]


def test_a_note_in_the_text_stays() -> None:
    mine = changed(OLD, 0, source="old text\n\nMy note.")
    assert sources(merged(mine, NEW))[0] == "old text\n\nMy note."


def test_what_a_cell_showed_stays_while_its_code_is_the_same() -> None:
    mine = changed(changed(OLD, 1, **RAN), 2, **RAN)
    _, renewed, same = merged(mine, NEW)
    assert (renewed["outputs"], renewed["execution_count"]) == ([], None)
    assert (same["outputs"], same["execution_count"]) == (RAN["outputs"], 3)


def test_new_tags_come_with_a_cell_that_is_the_same_and_trust_stays() -> None:
    mine = changed(OLD, 2, metadata={"trusted": True, "tags": ["old"]})
    fresh = changed(NEW, 2, metadata={"tags": ["exercise"]})
    assert merged(mine, fresh)[2]["metadata"] == {"trusted": True, "tags": ["exercise"]}


@pytest.mark.parametrize("place", range(4))
def test_a_cell_of_one_s_own_stays_behind_the_cell_that_it_stood_behind(place: int) -> None:
    mine = with_cell(OLD, place, code("own", "my_own()", **RAN))
    assert merged(mine, NEW) == with_cell(NEW, place, mine["cells"][place])["cells"]


def test_several_cells_of_one_s_own_stay_in_their_sequence() -> None:
    mine = with_cell(with_cell(OLD, 1, code("second", "2")), 1, code("first", "1"))
    assert sources(merged(mine, NEW))[1:3] == ["1", "2"]


def test_a_cell_of_the_course_that_is_gone_goes_and_one_that_was_changed_stays() -> None:
    old = lesson(text("t", "old"), code("gone", "print(0)"), code("a", "print(1)"))
    fresh = lesson(text("t", "new"), code("a", "print(1)"))
    assert merged(old, fresh) == fresh["cells"]
    mine = changed(old, 1, source="print('mine')")
    assert sources(merged(mine, fresh)) == ["new", "print('mine')", "print(1)"]
    beside = with_cell(old, 2, code("own", "my_own()"))
    assert sources(merged(beside, fresh)) == ["new", "my_own()", "print(1)"]


def test_a_new_cell_comes_in_its_place_and_a_deleted_one_comes_back() -> None:
    fresh = with_cell(NEW, 1, code("added", "print('new')"))
    mine = OLD | {"cells": OLD["cells"][:1]}
    assert sources(merged(mine, fresh)) == sources(fresh["cells"])


def test_the_sequence_is_the_new_edition_s() -> None:
    fresh = NEW | {"cells": NEW["cells"][::-1]}
    assert sources(merged(OLD, fresh)) == sources(fresh["cells"])


def test_an_empty_cell_is_nobody_s() -> None:
    mine = changed(with_cell(OLD, 1, code("own", " \n")), 3, source="")
    assert sources(merged(mine, NEW)) == sources(NEW["cells"])


def test_a_cell_that_became_another_kind_is_one_s_own() -> None:
    mine = changed(OLD, 1, cell_type="markdown", source="# mine")
    cells = merged(mine, NEW)
    assert sources(cells) == ["new text", "print(2)", "# mine", "def answer(): ..."]
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_of_two_cells_with_one_id_the_second_is_one_s_own() -> None:
    mine = with_cell(OLD, 3, code("x", "def answer(): return 42"))
    assert sources(merged(mine, NEW)) == [*sources(NEW["cells"]), "def answer(): return 42"]


def test_the_next_time_a_change_is_still_the_learner_s() -> None:
    mine = changed(OLD, 1, source="print('mine')")
    once = call("merged", mine, NEW, {})
    assert once["metadata"] == NEW["metadata"]
    assert call("merged", once, NEW, {}) == once
    third = lesson(text("t", "third"), code("a", "print(3)"), code("x", "def answer(): ..."))
    assert sources(merged(once, third)) == ["third", "print('mine')", "def answer(): ..."]


def test_a_copy_from_before_checksums_is_judged_by_all_that_was_ever_handed_out() -> None:
    ever = {"t": f"00000000 {OLD['metadata'][HANDED_OUT]['t']}", **OLD["metadata"][HANDED_OUT]}
    mine = changed(OLD, 2, source="def answer(): return 42") | {"metadata": {"edition": "x"}}
    assert sources(merged(mine, NEW, ever)) == ["new text", "print(2)", "def answer(): return 42"]
    assert sources(merged(mine, NEW))[:2] == ["old text", "print(1)"]  # unknown: it stays


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_both_languages_find_the_same_checksums_of_a_lesson(path: Path) -> None:
    copy = json.loads(working_copy(path.read_text(encoding="utf-8")))
    assert copy["metadata"][HANDED_OUT]
    assert call("written", copy, {}) == []


EARLIER = json.loads((STATIC / "earlier.json").read_text(encoding="utf-8"))


LAST_WEEK = Path(__file__).with_name("last_week.json")  # lesson 4 as it was once handed out


def test_last_week_s_copy_becomes_today_s_with_the_answer_in_it() -> None:
    mine = parsed(LAST_WEEK.read_text(encoding="utf-8"))
    [stub] = [cell for cell in mine["cells"] if cell["id"] == "l04-x2-stub"]
    stub["source"] = "async def next_order(worker):\n    return 42"
    [path] = (ROOT / ORIGINALS).glob("04_*.ipynb")
    fresh = parsed(working_copy(path.read_text(encoding="utf-8")))
    expected = [stub if cell["id"] == stub["id"] else cell for cell in fresh["cells"]]
    assert sources(merged(mine, fresh, EARLIER)) == sources(expected)
    assert sources(merged(mine, fresh)) != sources(expected)  # without what is known of earlier


def test_what_was_handed_out_earlier_is_known_by_id() -> None:
    assert len(EARLIER) > 1000
    assert all(len(each) == 8 for known in EARLIER.values() for each in known.split())


PROGRESS = {
    "predictions": ["4.1", "14.1"],
    "exercises": ["2.1"],
    "quiz": [],
    "chosen": {"predictions": {"4.1": "Carol", "14.1": "Ann"}, "exercises": {}, "quiz": {}},
}


def test_work_is_taken_along_without_what_cells_showed() -> None:
    metadata = {"trusted": True, "tags": ["x"]}
    mine = changed(OLD, 1, source="print('mine')", metadata=metadata, **RAN)
    packed = call("packed", {"04_lists.ipynb": mine}, PROGRESS)
    assert packed.endswith("\n")
    there = call("unpacked", packed)
    bare = {"outputs": [], "execution_count": None, "metadata": {"tags": ["x"]}}
    assert there == {
        "notebooks": {"04_lists.ipynb": changed(mine, 1, **bare)},
        "progress": PROGRESS,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "another"},
        {"version": 2},
        {"notebooks": None},
        {"notebooks": {"a.ipynb": {}}},
        {"notebooks": {"../a.ipynb": OLD}},
        {"notebooks": {".a.ipynb": OLD}},
        {"notebooks": {"a.txt": OLD}},
        {"progress": {"quiz": 1}},
    ],
)
def test_a_file_that_is_not_ours_is_one_sentence(changes: dict[str, Any]) -> None:
    right = json.loads(call("packed", {}, {}))
    assert "answer" in told("unpacked", json.dumps(right))
    said = told("unpacked", json.dumps(right | changes))
    assert said == {
        "message": "This file is no work of this course: choose one that Export My Work saved."
    }


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "work"])
def test_a_file_that_is_nothing_is_the_same_sentence(text: str) -> None:
    assert told("unpacked", text)["message"].startswith("This file is no work of this course")


def test_a_stranger_s_outputs_and_trust_are_left_out() -> None:
    evil = changed(OLD, 1, metadata={"trusted": True}, **RAN)
    sent = json.loads(call("packed", {}, {})) | {"notebooks": {"a.ipynb": evil}}
    cell = call("unpacked", json.dumps(sent))["notebooks"]["a.ipynb"]["cells"][1]
    assert (cell["outputs"], cell["metadata"]) == ([], {})


def test_two_progresses_are_joined() -> None:
    other = {"exercises": ["2.1", "1.1"], "chosen": {"predictions": {"4.1": "Bob"}}}
    joined = call("joined", PROGRESS, other)
    assert joined["predictions"] == ["14.1", "4.1"]
    assert joined["exercises"] == ["1.1", "2.1"]
    assert joined["chosen"]["predictions"] == {"4.1": "Bob", "14.1": "Ann"}


def test_a_lesson_is_taken_out_of_a_progress_and_no_other() -> None:
    left = call("withoutLesson", PROGRESS, "4")
    assert left["predictions"] == ["14.1"]
    assert left["chosen"]["predictions"] == {"14.1": "Ann"}
    assert left["exercises"] == ["2.1"]
    assert call("withoutLesson", PROGRESS, "1") == PROGRESS


IN_A_FOLDER = """
import {{ Folder }} from '{0}/folder.js';
import {{ readFileSync }} from 'node:fs';
const {{ files, progress }} = JSON.parse(readFileSync(0, 'utf8'));
const contents = {{
    get: async (path) => {{
        const names = Object.keys(files).map((name) => ({{ name }}));
        return {{ content: path ? files[path] : names }};
    }},
    save: async (path, {{ content }}) => {{ files[path] = content; }},
    rename: async (old, path) => {{ files[path] = files[old]; delete files[old]; }},
}};
const folder = new Folder({{ serviceManager: {{ contents }} }}, '');
const before = await folder.progress();
const told = await folder.putProgress(progress);
console.log(JSON.stringify({{ before, files, told }}));
"""


def kept(files: dict[str, str], progress: dict[str, Any]) -> dict[str, Any]:
    """Read the progress of a folder with these files and write another; return what was and is."""
    command = ["node", "--input-type=module", "--eval", IN_A_FOLDER.format(STATIC.as_uri())]
    asked = json.dumps({"files": files, "progress": progress})
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


DONE = {"exercises": ["1.1"]}
MOST_SHOWN = 140  # characters of a notice; JupyterLab leaves out the rest


@pytest.mark.parametrize(
    "damaged", ["", "{", "null", "[]", '{"quiz": 1}', '{"quiz": [1]}', '{"chosen": {"quiz": "a"}}']
)
def test_a_damaged_progress_is_set_aside(damaged: str) -> None:
    found = kept({".progress.json": damaged, ".progress.damaged.json": "older"}, DONE)
    written = found["files"].pop(".progress.json")
    assert found == {
        "before": {},
        "told": ".progress.json was damaged: it is kept as .progress.damaged-2.json.",
        "files": {".progress.damaged.json": "older", ".progress.damaged-2.json": damaged},
    }
    assert json.loads(written) == DONE


def test_a_good_progress_is_written_over() -> None:
    good = {"quiz": ["1.1"], "chosen": {"quiz": {"1.1": "a"}}}
    found = kept({".progress.json": json.dumps(good)}, DONE)
    assert found["before"] == good and found["told"] == ""
    assert [*found["files"]] == [".progress.json"]
    assert json.loads(found["files"][".progress.json"]) == DONE
    assert kept({}, DONE)["before"] == {}


@pytest.mark.parametrize("name", ["course.js", "folder.js", "work.js"])
def test_a_notice_is_no_longer_than_what_jupyterlab_shows(name: str) -> None:
    texts = re.findall(r"\"([^\"\n]+)\"|`([^`\n]+)`", (STATIC / name).read_text(encoding="utf-8"))
    assert texts
    assert [text for pair in texts for text in pair if len(text) > MOST_SHOWN] == []
