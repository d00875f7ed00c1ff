"""Every lesson keeps every rule, and each rule catches a lesson that breaks it."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks import rules as lesson_rules
from tests.notebooks.lesson import Lesson, lessons_of
from tests.notebooks.rules import RULES, UNCHECKED, Rule

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# Notebooks that are no lessons: free of the bounds on length and prose, of nothing else.
NOT_LESSONS = frozenset({"00_start_here.ipynb"})

LESSONS = list(lessons_of(NOTEBOOKS, NOT_LESSONS))


def test_there_are_lessons() -> None:
    assert LESSONS


def broken(lesson: Lesson) -> dict[str, list[str]]:
    """Name each rule that a lesson breaks, by what it says, with the places."""
    found = {inspect.getdoc(rule) or "": list(rule(lesson)) for rule in RULES}
    return {rule: places for rule, places in found.items() if places}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)
def test_a_lesson_keeps_every_rule(lesson: Lesson) -> None:
    faults = [f"{fault} ({rule})" for rule, faults in broken(lesson).items() for fault in faults]
    assert not faults, "\n".join(faults)


def test_the_list_of_unchecked_cells_is_current() -> None:
    cells = {(lesson.path.name, cell.id) for lesson in LESSONS for cell in lesson.code}
    assert cells >= UNCHECKED


# From here on: what the rules catch. A good lesson is built in memory and broken in one place.

WORDS = "A queue hands each job to one worker, and the job is gone once it was taken. " * 3
OPENER = "# Queue work on a list\n\n25 minutes · [Map](00_start_here.ipynb) · [next](02_next.ipynb)"
GOALS = "**What you'll do.** Queue.\n\n**What you'll learn.** Lists.\n\n**What you need.** None."
GOALS += "\n\n**The guarantee.** At most once."
DETAILS = "<details>\n<summary>A hint</summary>\n\nLook.\n\n</details>"
RECAP = "## Recap\n\nJobs wait, see [above](#A-claim-about-queues) and [the map](../README.md#map)."


def markdown(text: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(text, metadata={"tags": list(tags)} if tags else {})


def code(source: str, *tags: str, shows: str = "") -> NotebookNode:
    outputs = [new_output("stream", name="stdout", text=shows)] if shows else []
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, outputs=outputs)


@pytest.fixture
def good(tmp_path: Path) -> Lesson:
    """Build a lesson that keeps every rule, with the files that it links to."""
    sections = [
        (markdown(f"## A claim about queues\n\n{WORDS}"), code("print(1)", shows="1\n"))
        for _ in range(11)
    ]
    cells = [
        markdown(OPENER),
        markdown(GOALS),
        code("import asyncio\nfrom helpers import connect", "setup"),
        *(cell for section in sections for cell in section),
        markdown(DETAILS, "exercise"),
        markdown(RECAP),
        markdown("## In practice\n\nRead [LPOP](https://redis.io/docs/latest/commands/lpop/)."),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    notebook.nbformat_minor = 5
    number_cells(notebook)
    (tmp_path / "README.md").write_text("# Map\n")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    path = folder / "01_queue.ipynb"
    for name in ("00_start_here.ipynb", path.name, "02_next.ipynb"):
        nbformat.write(notebook, folder / name)
    return Lesson(path, notebook, None, "02_next.ipynb")


def number_cells(notebook: NotebookNode) -> None:
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, start=1):
        cell.execution_count = count


def with_cell(cell: NotebookNode) -> Callable[[Lesson], None]:
    """Return a change that puts `cell` before the recap."""

    def change(lesson: Lesson) -> None:
        lesson.cells.insert(-2, deepcopy(cell))
        number_cells(lesson.notebook)

    return change


def with_code(source: str, *tags: str, shows: str = "seen\n") -> Callable[[Lesson], None]:
    return with_cell(code(source, *tags, shows=shows))


def with_text(text: str) -> Callable[[Lesson], None]:
    return with_cell(markdown(text))


def with_opener(old: str, new: str) -> Callable[[Lesson], None]:
    return lambda lesson: lesson.cells[0].update(source=OPENER.replace(old, new))


def with_goals(old: str, new: str) -> Callable[[Lesson], None]:
    return lambda lesson: lesson.cells[1].update(source=GOALS.replace(old, new))


def without(index: int) -> Callable[[Lesson], None]:
    def change(lesson: Lesson) -> None:
        del lesson.cells[index]
        number_cells(lesson.notebook)

    return change


def raising(lesson: Lesson) -> None:
    error = new_output("error", ename="E", evalue="e", traceback=[])
    lesson.code[3].outputs.append(error)


def warning(lesson: Lesson) -> None:
    lesson.code[3].outputs.append(new_output("stream", name="stderr", text="old"))


def with_a_tag_on_prose(lesson: Lesson) -> None:
    lesson.markdown[3].metadata["tags"] = ["slide"]


def many(source: str, times: int) -> Callable[[Lesson], None]:
    def change(lesson: Lesson) -> None:
        lesson.cells[-2:-2] = [code(source, shows="1\n") for _ in range(times)]
        number_cells(lesson.notebook)

    return change


def shortened(lesson: Lesson) -> None:
    del lesson.cells[3:11]
    number_cells(lesson.notebook)


def showing(kind: str) -> Callable[[Lesson], None]:
    data = {"text/plain": "1", kind: "<b>1</b>"}
    return lambda lesson: lesson.code[3].outputs.append(new_output("display_data", data=data))


WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NOISY = "async def tell():\n    print(1)\n\nasync def start(what):\n    create_task(what)\n\n"

BROKEN: list[tuple[Rule, Callable[[Lesson], None]]] = [
    (lesson_rules.is_valid_nbformat, lambda n: n.notebook.update(nbformat_minor=4)),
    (lesson_rules.is_valid_nbformat, lambda n: n.cells[1].update(id=n.cells[0].id)),
    (lesson_rules.is_valid_nbformat, lambda n: n.code[0].pop("outputs")),
    (lesson_rules.runs_on_the_plain_kernel, lambda n: n.notebook.metadata.pop("kernelspec")),
    (lesson_rules.runs_on_the_plain_kernel, lambda n: n.notebook.metadata.update(colab={})),
    (lesson_rules.runs_on_the_plain_kernel, lambda n: n.notebook.metadata.update(widgets={})),
    (lesson_rules.counts_run_from_1, lambda n: n.code[4].update(execution_count=None)),
    (lesson_rules.counts_run_from_1, lambda n: n.code[4].update(execution_count=9)),
    (lesson_rules.no_cell_is_empty, with_code("\n ")),
    (lesson_rules.code_is_python, with_code("%%bash\nsleep 1")),
    (lesson_rules.code_is_python, with_code("!redis-cli ping")),
    (lesson_rules.what_is_displayed_is_saved, with_code("await r.llen('orders')", shows="")),
    (lesson_rules.what_is_displayed_is_saved, with_code("1 + 1", shows="")),
    (lesson_rules.what_is_displayed_is_saved, with_code("for a in b:\n    print(a)", shows="")),
    (lesson_rules.outputs_are_text_and_pictures, showing("text/html")),
    (lesson_rules.outputs_are_text_and_pictures, showing(WIDGET_VIEW)),
    (lesson_rules.a_folded_solution_is_named, with_code("answer = 1", "solution")),
    (lesson_rules.nothing_on_stderr, warning),
    (lesson_rules.errors_are_announced, raising),
    (lesson_rules.errors_are_announced, with_code("1 + 1", "raises-exception")),
    (lesson_rules.tags_are_known, with_code("1", "nbval-skip")),
    (lesson_rules.tags_are_known, with_a_tag_on_prose),
    (lesson_rules.unchecked_cells_are_listed_and_assert, with_code("1", "nbval-ignore-output")),
    (lesson_rules.no_comment_steers_nbval, with_code("# NBVAL_SKIP\n1")),
    (lesson_rules.no_comment_steers_nbval, with_code("1  #NBVAL_IGNORE_OUTPUT")),
    (lesson_rules.nothing_sleeps, with_code("done = Event()\ndone.wait(1)")),
    (lesson_rules.nothing_sleeps, with_code("asyncio.wait_for(asyncio.Event().wait(), 1)")),
    (lesson_rules.nothing_sleeps, with_code("await asyncio.wait([task], timeout=1)")),
    (lesson_rules.nothing_sleeps, with_code("os.system('sleep 1')")),
    (lesson_rules.nothing_sleeps, with_code("await r.execute_command('DEBUG', 'SLEEP', 1)")),
    (lesson_rules.nothing_sleeps, with_code("while time.monotonic() < end:\n    pass")),
    (lesson_rules.nothing_sleeps, with_code("loop.call_later(1, print)")),
    (lesson_rules.nothing_sleeps, with_code("await loop.create_future()")),
    (lesson_rules.nothing_sleeps, with_code("queue.Queue().get(timeout=1)")),
    (lesson_rules.nothing_prints_in_the_background, with_code(NOISY + "create_task(tell())")),
    (lesson_rules.nothing_prints_in_the_background, with_code(NOISY + "start(tell())")),
    (lesson_rules.nothing_prints_in_the_background, with_code("loop.call_soon(print, 1)")),
    (lesson_rules.no_path_of_a_machine, with_code("print(f)", shows="/usr/" + "lib/f.py")),
    (lesson_rules.no_path_of_a_machine, with_code("print(f)", shows="/home/" + "ann/f.py")),
    (lesson_rules.no_path_of_a_machine, with_text("C:" + "\\Users")),
    (lesson_rules.no_redis_url, with_code("os.environ['REDIS_URL']")),
    (lesson_rules.imports_are_allowed, with_code("import numpy.random")),
    (lesson_rules.imports_are_allowed, with_code("from fakeredis import FakeServer")),
    (lesson_rules.opens_with_title_minutes_and_links, with_opener("# ", "## ")),
    (lesson_rules.opens_with_title_minutes_and_links, with_opener("25 minutes", "Soon done")),
    (lesson_rules.opens_with_title_minutes_and_links, with_opener("02_next", "03_other")),
    (lesson_rules.opens_with_title_minutes_and_links, with_opener("Map", "start")),
    (lesson_rules.says_what_you_will_do_learn_and_need, without(1)),
    (lesson_rules.says_what_you_will_do_learn_and_need, with_goals("**The guarantee.**", "")),
    (lesson_rules.has_one_setup_cell, without(2)),
    (lesson_rules.has_one_setup_cell, with_code("1", "setup")),
    (lesson_rules.closes_with_recap_and_in_practice, without(-1)),
    (lesson_rules.closes_with_recap_and_in_practice, lambda n: n.cells.append(markdown("## More"))),
    (lesson_rules.reads_well, shortened),
    (lesson_rules.reads_well, many("print(1)", 5)),
    (lesson_rules.reads_well, many("a = 1\n" * 16, 1)),
    (lesson_rules.reads_well, many("a = 1\n" * 10, 2)),
    (lesson_rules.reads_well, with_text("word " * 400)),
    (lesson_rules.links_resolve, with_text("[gone](09_gone.ipynb)")),
    (lesson_rules.links_resolve, with_text("[gone](#No-such-heading)")),
    (lesson_rules.links_resolve, with_text("[gone](../README.md#Map)")),
    (lesson_rules.links_resolve, with_text("[open](http://redis.io)")),
    (lesson_rules.details_can_be_opened, with_text("<details>\n<summary>A</summary>\n\nB")),
    (lesson_rules.details_can_be_opened, with_text(DETAILS.replace("\n\nLook", "\nLook"))),
    (lesson_rules.code_in_text_has_room, with_text(f"```python\n{'a' * 90}\n```")),
    (lesson_rules.markdown_is_plain, with_text("<div>boxed</div>")),
    (lesson_rules.markdown_is_plain, with_text("> [!NOTE]\n> Look.")),
    (lesson_rules.markdown_is_plain, with_text("```{note}\nLook.\n```")),
    (lesson_rules.markdown_is_plain, lambda n: n.cells[3].update(attachments={"a.png": {}})),
]


def test_a_good_lesson_keeps_every_rule(good: Lesson) -> None:
    assert broken(good) == {}


# One test a rule: the number of a change that it does not see is its place among those of the rule.
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_broken_lesson_is_caught(rule: Rule, good: Lesson) -> None:
    unseen = []
    for number, change in enumerate(change for each, change in BROKEN if each is rule):
        lesson = deepcopy(good)
        change(lesson)
        if not list(rule(lesson)):
            unseen.append(number)
    assert unseen == []


def test_each_rule_has_a_lesson_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN} == set(RULES)


WHAT_RUFF_SEES = [
    "import time\ntime.sleep(1)",
    "import asyncio\nawait asyncio.sleep(0.1)",
    "from asyncio import sleep as nap\nawait nap(1)",
    "import time as t\nnap = t.sleep\nnap(1)",
    "import asyncio\nawait asyncio.wait_for(asyncio.Future(), 1)",
    "import select\nselect.select([], [], [], 1)",
    "from select import poll\npoll().poll(100)",
    "import signal\nsignal.alarm(1)",
    "from threading import Timer",
    "from helpers import *",
]
RUFF = (
    "-m ruff check --select=TID251,F403 --output-format=json --stdin-filename=notebooks/x.ipynb -"
)


def test_ruff_catches_the_rest() -> None:
    notebook = new_notebook(cells=[code(source) for source in WHAT_RUFF_SEES])
    ran = subprocess.run(
        [sys.executable, *RUFF.split()],
        input=nbformat.writes(notebook),
        cwd=NOTEBOOKS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    caught = {fault["cell"] for fault in json.loads(ran.stdout)}
    assert caught == set(range(1, len(WHAT_RUFF_SEES) + 1))


@pytest.mark.parametrize(
    "source",
    [
        "await asyncio.wait([task])",
        "await asyncio.wait_for(task, 1)",
        "await r.blpop('orders', timeout=1)",
        "print('workers never sleep')",
    ],
)
def test_what_only_looks_like_sleeping_is_allowed(source: str, good: Lesson) -> None:
    with_code(source)(good)
    assert list(lesson_rules.nothing_sleeps(good)) == []


def test_a_picture_and_a_quiet_task_are_allowed(good: Lesson) -> None:
    showing("image/svg+xml")(good)
    with_code(NOISY + "start(r.blpop('orders'))\nawait tell()")(good)
    assert list(lesson_rules.outputs_are_text_and_pictures(good)) == []
    assert list(lesson_rules.nothing_prints_in_the_background(good)) == []


@pytest.mark.parametrize("source", ["await ann.aclose()", "print", "if a:\n    print(a)", "1;"])
def test_what_displays_nothing_needs_no_output(source: str, good: Lesson) -> None:
    with_code(source, shows="" if source != "print" else "<function print>")(good)
    assert list(lesson_rules.what_is_displayed_is_saved(good)) == []


def test_a_listed_unchecked_cell_that_asserts_is_allowed(
    good: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_code("assert rate > 0\nrate", "nbval-ignore-output")(good)
    monkeypatch.setattr(lesson_rules, "UNCHECKED", {(good.path.name, good.code[-1].id)})
    assert list(lesson_rules.unchecked_cells_are_listed_and_assert(good)) == []


def test_a_notebook_that_is_no_lesson_reads_freely(good: Lesson) -> None:
    shortened(good)
    good.reads_freely = True
    assert list(lesson_rules.reads_well(good)) == []
