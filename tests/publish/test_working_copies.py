"""Working copies: nothing has run in them, and what somebody wrote or ran is never touched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from publish import lab, working_copies
from publish.lesson import parsed
from publish.working_copies import (
    COPIES,
    EDITION,
    EDITIONS,
    HANDED_OUT,
    MAP,
    ORIGINALS,
    lay_down,
    working_copy,
)
from tests.notebooks.lesson import links

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / ORIGINALS).glob("*.ipynb"))
NAME = "01_queue.ipynb"
README = """\
# Course

<!-- lessons: written by make links -->
| | lesson | minutes | open |
|---|---|---|---|
| 1 | [Queue](notebooks/01_queue.ipynb) | 20 | [browser](x), [Binder](y) |
<!-- end of lessons -->
"""


def notebook(*sources: str, outputs: tuple[str, ...] = ("1\n",)) -> dict[str, Any]:
    shown = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in outputs]
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": shown}
    title = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Queue\n", "more"]}
    cells = [code | {"id": f"c{n}", "source": [text]} for n, text in enumerate(sources)]
    kernel = {"kernelspec": {"name": "python3"}, "widgets": {"state": {}}}
    return {"cells": [title, *cells], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Build a course with one lesson."""
    (tmp_path / ORIGINALS).mkdir()
    (tmp_path / "README.md").write_text(README)
    publish(tmp_path, notebook("print(1)"))
    return tmp_path


def publish(course: Path, lesson: dict[str, Any]) -> None:
    (course / ORIGINALS / NAME).write_text(json.dumps(lesson))


def start(course: Path) -> list[str]:
    return [*lay_down(course)]


def copies(course: Path) -> list[str]:
    return sorted(path.name for path in (course / COPIES).glob("*.ipynb"))


def read(course: Path, name: str = NAME) -> dict[str, Any]:
    return json.loads((course / COPIES / name).read_text())


def work(course: Path, name: str = NAME, **changes: Any) -> bytes:
    """Change the last cell of a copy as an editor saves it, and return the bytes."""
    used = read(course, name)
    used["cells"][-1] |= changes
    path = course / COPIES / name
    path.write_text(json.dumps(used, indent=2))
    return path.read_bytes()


def wrote(course: Path, name: str = NAME) -> bytes:
    return work(course, name, source=["print('mine')"])


def ran(course: Path, name: str = NAME) -> bytes:
    return work(course, name, execution_count=3)


def test_a_first_start_lays_down_copies_in_which_nothing_has_run(course: Path) -> None:
    assert start(course) == []
    copy = read(course)
    assert copy["metadata"].keys() == {"kernelspec", EDITION, HANDED_OUT}
    assert [cell.get("outputs", []) for cell in copy["cells"]] == [[], []]
    assert copy["cells"][1]["execution_count"] is None
    assert ["".join(cell["source"]) for cell in copy["cells"]] == ["# Queue\nmore", "print(1)"]
    map_page = (course / COPIES / MAP).read_text()
    assert "| 1 | [Queue](01_queue.ipynb) | 20 |\n" in map_page
    assert "Binder" not in map_page


@pytest.mark.parametrize("used", [lambda course: None, wrote, ran])
def test_a_second_start_changes_nothing(course: Path, used: Any) -> None:
    start(course)
    used(course)
    before = (course / COPIES / NAME).read_bytes()
    assert start(course) == []
    assert (course / COPIES / NAME).read_bytes() == before
    assert copies(course) == [NAME]


def test_a_new_edition_takes_the_place_of_a_copy_that_nobody_used(course: Path) -> None:
    start(course)
    opened = read(course)  # an editor that saves what it opened says it in its own way
    opened["cells"].append({"cell_type": "code", "metadata": {}, "outputs": [], "source": ""})
    (course / COPIES / NAME).write_text(json.dumps(opened))
    publish(course, notebook("print(2)"))
    assert start(course) == []
    assert copies(course) == [NAME]
    assert read(course)["cells"][1]["source"] == ["print(2)"]


@pytest.mark.parametrize("used", [wrote, ran])
def test_what_somebody_wrote_or_ran_stays_until_jupyterlab_brings_the_new_edition_in(
    course: Path, used: Any
) -> None:
    start(course)
    before = used(course)
    publish(course, notebook("print(2)"))
    said = f"{COPIES}/{NAME} has a new edition: open it in JupyterLab; what you wrote stays."
    assert start(course) == start(course) == [said]
    assert (course / COPIES / NAME).read_bytes() == before
    assert copies(course) == [NAME]


def test_each_start_lays_down_the_editions_as_they_are_handed_out(course: Path) -> None:
    for source in ("print(1)", "print(2)"):
        publish(course, notebook(source))
        start(course)
        wrote(course)
        laid = (course / COPIES / EDITIONS / NAME).read_text(encoding="utf-8")
        assert laid == working_copy((course / ORIGINALS / NAME).read_text(encoding="utf-8"))


def test_a_copy_names_the_checksum_of_each_cell_that_has_an_id(course: Path) -> None:
    lesson = notebook("123456789", "")
    lesson["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "no id"})
    publish(course, lesson)
    start(course)
    sums = read(course)["metadata"][HANDED_OUT]
    assert sums.keys() == {"a", "c0", "c1"}
    assert (sums["c0"], sums["c1"]) == ("cbf43926", "00000000")  # as CRC-32 is defined


def test_new_outputs_alone_are_no_new_edition(course: Path) -> None:
    start(course)
    before = wrote(course)
    publish(course, notebook("print(1)", outputs=("other\n",)))
    assert start(course) == []
    assert (course / COPIES / NAME).read_bytes() == before


def test_a_copy_that_was_renamed_or_deleted_is_made_anew(course: Path) -> None:
    start(course)
    kept = wrote(course)
    (course / COPIES / NAME).rename(course / COPIES / "mine.ipynb")
    assert start(course) == []
    assert copies(course) == [NAME, "mine.ipynb"]
    assert (course / COPIES / "mine.ipynb").read_bytes() == kept
    assert read(course)["cells"][1]["source"] == ["print(1)"]


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b"[]", b"\xff", b'{"cells": 1}', b"null", b"[" * 200_000]
)
def test_a_damaged_copy_is_told_and_left_alone(course: Path, damaged: bytes) -> None:
    start(course)
    (course / COPIES / NAME).write_bytes(damaged)
    said = f"{COPIES}/{NAME} cannot be read: rename or delete it and start again."
    assert start(course) == [said]
    assert (course / COPIES / NAME).read_bytes() == damaged


def test_a_folder_in_the_way_of_a_copy_is_told(course: Path) -> None:
    (course / COPIES / NAME).mkdir(parents=True)
    assert [sentence.count("cannot be read") for sentence in start(course)] == [1]


def test_a_notebook_of_somebody_else_by_that_name_stays(course: Path) -> None:
    (course / COPIES).mkdir()
    theirs = json.dumps(notebook("mine"))
    (course / COPIES / NAME).write_text(theirs)
    [said] = start(course)
    assert said.endswith("is not the course's: rename it and start again to get the lesson.")
    assert (course / COPIES / NAME).read_text() == theirs


def test_a_lesson_that_is_gone_leaves_its_copy(course: Path) -> None:
    start(course)
    (course / ORIGINALS / NAME).unlink()
    assert start(course) == []
    assert copies(course) == [NAME]


def test_a_lesson_that_is_no_notebook_is_told(course: Path) -> None:
    (course / ORIGINALS / NAME).write_text("<<<<<<< HEAD\n{}")
    assert start(course) == [
        f"{ORIGINALS}/{NAME} is no notebook: git checkout {ORIGINALS} brings it back."
    ]
    assert copies(course) == []


def test_a_write_that_fails_leaves_the_copy_and_nothing_else(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(course)
    before = (course / COPIES / NAME).read_bytes()
    publish(course, notebook("print(2)"))

    def fails(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="No space"):
        start(course)
    assert (course / COPIES / NAME).read_bytes() == before
    assert {path.name for path in (course / COPIES).iterdir()} == {NAME, MAP, EDITIONS}


def test_a_folder_that_cannot_be_written_to_is_one_sentence(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / COPIES).write_text("a file in its place")
    monkeypatch.setattr(working_copies, "ROOT", course)
    assert working_copies.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{COPIES} cannot be written to (") and said.count("\n") == 1
    assert lab.main([]) == 1  # and JupyterLab is not started


def test_the_copies_may_lie_elsewhere_and_the_course_stays_as_it_is(
    course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    before = sorted(course.rglob("*"))
    monkeypatch.setattr(working_copies, "ROOT", course)
    assert working_copies.main([str(home)]) == 0
    assert {path.name for path in (home / COPIES).iterdir()} == {NAME, MAP, EDITIONS}
    assert sorted(course.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_without_permission_is_one_sentence(course: Path) -> None:
    (course / COPIES).mkdir(mode=0o500)
    with pytest.raises(PermissionError):
        start(course)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_copy_of_a_lesson_shows_nothing_and_links_to_its_neighbours(lesson: Path) -> None:
    original = json.loads(lesson.read_text(encoding="utf-8"))
    copy = parsed(working_copy(lesson.read_text(encoding="utf-8")))
    assert [cell["id"] for cell in copy["cells"]] == [cell["id"] for cell in original["cells"]]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in copy["cells"])
    assert copy["metadata"][EDITION] == working_copies.edition(copy)
    targets = [target for _, target in links("".join(copy["cells"][0]["source"]))]
    assert MAP in targets
    names = {MAP, *(path.name for path in LESSONS)}
    assert {target for target in targets if not target.startswith("http")} <= names


def test_the_map_leads_to_every_copy() -> None:
    page = working_copies.map_of((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [target for _, target in links(page)] == [path.name for path in LESSONS]


def test_git_sees_nothing_of_what_a_learner_does(tmp_path: Path) -> None:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = [f"{COPIES}/{NAME}", f"{COPIES}/.progress.json", f"{COPIES}/.ipynb_checkpoints/a"]
    asked = ["git", "check-ignore", *names]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert told.splitlines() == names


def test_it_needs_nothing_but_python() -> None:
    command = (
        "import publish.lab, sys; print([m for m in sys.modules if 'jupyter' in m or 'nb' in m])"
    )
    assert subprocess.check_output([sys.executable, "-c", command], cwd=ROOT).strip() == b"[]"


def test_the_learner_s_own_settings_come_before_the_course_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    assert lab.variables()["JUPYTER_CONFIG_PATH"] == os.pathsep.join(["mine", str(lab.SETTINGS)])
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert lab.variables()["JUPYTER_CONFIG_PATH"] == str(lab.SETTINGS)
    assert (lab.SETTINGS / "labconfig").is_dir()
    assert lab.variables()["JUPYTER_PATH"].endswith(str(lab.SETTINGS))
    assert (lab.SETTINGS / "labextensions").is_dir()
    assert (ROOT / ORIGINALS / Path(lab.FIRST).name).exists()
