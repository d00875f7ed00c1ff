"""The rules that every lesson keeps. Each is a function that yields one sentence for each fault."""

import ast
import json
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from publish.lesson import LABEL, headings, tags
from publish.navigation import MINUTES
from publish.saved_form import SAVED_KINDS
from tests.notebooks.lesson import PRACTICE, Lesson, anchors, lines, links, prose, words

Rule = Callable[[Lesson], Iterator[str]]

TAGS = PRACTICE | {"setup", "real-only", "raises-exception", "nbval-ignore-output"}

# Cells whose output cannot be equal in two runs: (notebook, cell id). Each must assert something.
UNCHECKED: set[tuple[str, str]] = {
    ("00_start_here.ipynb", "l00-doctor"),  # what this machine has
    ("07_cluster.ipynb", "l07-runs-on"),  # real nodes or the model
    ("08_decide.ipynb", "l08-one-by-one"),  # measured times, all three
    ("08_decide.ipynb", "l08-pipelined"),
    ("08_decide.ipynb", "l08-benchmark"),
}

# Calls that answer None, so a cell may end with one and display nothing.
SILENT = {
    "aclose",
    "add",
    "append",
    "cancel",
    "clear",
    "close",
    "extend",
    "until_blocked",
    "update",
}
SILENT |= {"subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"}

# (lowest, highest) of DESIGN: figures of the cells that are read, practice not counted.
BOUNDS = {
    "cells": (25, 55),
    "Markdown cells for each code cell": (0.9, 1.4),
    "median lines of a code cell": (0, 3),
    "lines of nine code cells in ten": (0, 9),
    "lines of the longest code cell": (0, 15),
    "words for each code cell": (40, 70),
}


def is_valid_nbformat(lesson: Lesson) -> Iterator[str]:
    """The file is valid nbformat 4.5, and every cell has an id of its own."""
    version = (lesson.notebook.nbformat, lesson.notebook.nbformat_minor)
    if version != (4, 5):
        yield f"nbformat is {version}, not (4, 5)"
    ids = [cell.get("id") for cell in lesson.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "the ids of the cells are missing or repeat"
        return
    try:
        nbformat.validate(deepcopy(lesson.notebook))  # it repairs what it is given
    except nbformat.ValidationError as error:
        yield f"not valid: {error.message}"


def runs_on_the_plain_kernel(lesson: Lesson) -> Iterator[str]:
    """The notebook asks for the kernel `python3` and carries nobody's editor settings."""
    metadata = lesson.notebook.metadata
    if metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec is not python3"
    for key in sorted(set(metadata) - {"kernelspec", "language_info"}):
        yield f"metadata `{key}` does not belong here"


def counts_run_from_1(lesson: Lesson) -> Iterator[str]:
    """Execution counts are 1, 2, 3, …: with a null count nbval compares nothing."""
    counts = [cell.execution_count for cell in lesson.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the execution counts are {counts}: run `make save`"


def no_cell_is_empty(lesson: Lesson) -> Iterator[str]:
    """Every cell says something."""
    for cell in lesson.cells:
        if not cell.source.strip():
            yield f"{lesson.place(cell)} is empty"


def code_is_python(lesson: Lesson) -> Iterator[str]:
    """Code cells are Python: no magics, no shell, nothing that only a notebook understands."""
    parsed = [cell for cell, _ in lesson.trees]
    for cell in lesson.code:
        if cell not in parsed:
            yield f"{lesson.place(cell)} is not plain Python"


def what_is_displayed_is_saved(lesson: Lesson) -> Iterator[str]:
    """A cell that displays something has its outputs."""
    for cell, tree in lesson.trees:
        if not cell.outputs and (_shows_its_value(cell, tree) or _prints(tree.body)):
            yield f"{lesson.place(cell)} displays something, and no output is saved"


def _shows_its_value(cell: NotebookNode, tree: ast.Module) -> bool:
    if not tree.body or not isinstance(tree.body[-1], ast.Expr) or cell.source.endswith(";"):
        return False
    value = tree.body[-1].value
    value = value.value if isinstance(value, ast.Await) else value
    return not (isinstance(value, ast.Call) and _name(value.func) in SILENT)


def _prints(body: list[ast.stmt]) -> bool:
    # What is inside a function or a condition may never happen.
    for statement in body:
        if isinstance(statement, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith):
            if _prints(statement.body):
                return True
        elif _called(statement) in {"print", "display"}:
            return True
    return False


def _called(statement: ast.stmt) -> str:
    value = getattr(statement, "value", None)
    return _name(value.func) if isinstance(value, ast.Call) else ""


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def outputs_are_text_and_pictures(lesson: Lesson) -> Iterator[str]:
    """Nothing of a widget is saved, and no HTML: they would be dead, and hide text and picture."""
    for cell in lesson.code:
        for output in cell.outputs:
            for kind in sorted(set(output.get("data", {})) - set(SAVED_KINDS)):
                yield f"{lesson.place(cell)} has saved {kind}: run `make save`"


def nothing_on_stderr(lesson: Lesson) -> Iterator[str]:
    """No warning of a library is saved."""
    for cell in lesson.code:
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield f"{lesson.place(cell)} wrote to stderr"


def errors_are_announced(lesson: Lesson) -> Iterator[str]:
    """A cell raises exactly if it is tagged `raises-exception`."""
    for cell in lesson.code:
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised != ("raises-exception" in tags(cell)):
            yield f"{lesson.place(cell)}: an error and the tag raises-exception go together"


def tags_are_known(lesson: Lesson) -> Iterator[str]:
    """Each tag has one meaning."""
    for cell in lesson.cells:
        for tag in sorted(tags(cell) - TAGS):
            yield f"{lesson.place(cell)} has the unknown tag {tag}"


def unchecked_cells_are_listed_and_assert(lesson: Lesson) -> Iterator[str]:
    """A cell whose output is not compared is listed in UNCHECKED and asserts something."""
    for cell, tree in lesson.trees:
        if "nbval-ignore-output" not in tags(cell):
            continue
        if (lesson.path.name, cell.id) not in UNCHECKED:
            yield f"{lesson.place(cell)} is not compared and not listed in UNCHECKED"
        if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            yield f"{lesson.place(cell)} is not compared and asserts nothing"


def no_comment_steers_nbval(lesson: Lesson) -> Iterator[str]:
    """Tags say how a cell is checked; a comment would be seen by learners."""
    for cell in lesson.code:
        if re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source):
            yield f"{lesson.place(cell)} has a comment for nbval: use a tag"


def nothing_sleeps(lesson: Lesson) -> Iterator[str]:
    """No cell waits for time to pass in a way that has no name for ruff to ban (pyproject.toml)."""
    for cell, tree in lesson.trees:
        for node in ast.walk(tree):
            if _sleeps(node):
                yield f"{lesson.place(cell)} waits for time to pass: {ast.unparse(node)}"


SLEEPERS = {"call_later", "call_at", "create_future"}  # methods of a loop, whatever it is called
CLOCKS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}
WAITERS = {"acquire", "get", "join", "wait"}  # those of Python; Redis's own waits are the lesson


def _sleeps(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in SLEEPERS
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(re.search(r"(?i)^\s*sleep\s*$|\bsleep +[\d.]", node.value))
    if isinstance(node, ast.While):
        return any(isinstance(n, ast.Call) and _name(n.func) in CLOCKS for n in ast.walk(node))
    return isinstance(node, ast.Call) and _waits_for_time(node)


def _waits_for_time(call: ast.Call) -> bool:
    # `asyncio.wait(tasks)` waits for tasks; every other wait with an argument waits for a time,
    # and one on an event made on the spot waits for nothing else.
    if _name(call.func) not in WAITERS:
        return False
    if any(keyword.arg == "timeout" for keyword in call.keywords):
        return True
    if _name(call.func) != "wait":
        return False
    of = getattr(call.func, "value", None)
    return isinstance(of, ast.Call) or bool(call.args and of and _name(of) != "asyncio")


def nothing_prints_in_the_background(lesson: Lesson) -> Iterator[str]:
    """No task or callback prints: below which cell its words land is luck."""
    trees = [tree for _, tree in lesson.trees]
    printers, starters = _with_callers(PRINTERS, trees), _with_callers(STARTERS, trees)
    for cell, tree in lesson.trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in starters - printers:
                started = {_name(part) for each in node.args for part in ast.walk(each)}
                if started & printers:
                    yield f"{lesson.place(cell)} prints in the background: {ast.unparse(node)}"


PRINTERS = {"print", "display"}
STARTERS = {"create_task", "ensure_future", "gather", "to_thread", "run_in_executor"}
STARTERS |= {"call_soon", "call_soon_threadsafe", "add_done_callback"}


def _with_callers(names: set[str], trees: list[ast.Module]) -> set[str]:
    """Add the functions of a lesson that call one of these."""
    functions = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    calls = {f.name: {_called_by(node) for node in ast.walk(f)} for f in functions}
    return names | {name for name, called in calls.items() if called & names}


def _called_by(node: ast.AST) -> str:
    return _name(node.func) if isinstance(node, ast.Call) else ""


def no_path_of_a_machine(lesson: Lesson) -> Iterator[str]:
    """Neither cells nor outputs name a folder of whoever saved them."""
    for cell in lesson.cells:
        found = re.search(MACHINE_PATH, json.dumps(cell, ensure_ascii=False))
        if found:
            yield f"{lesson.place(cell)} names a path of a machine: {found[0]}"


FOLDERS = "home|root|Users|tmp|work|private|usr/lib|usr/local|opt|mnt|var/folders"
MACHINE_PATH = rf"(?<![\w.])/({FOLDERS})/\w|\b[A-Z]:\\{{1,2}}\w"


def no_redis_url(lesson: Lesson) -> Iterator[str]:
    """The variable REDIS_URL often points at production: a lesson never names it."""
    for cell in lesson.cells:
        if "REDIS_URL" in cell.source:
            yield f"{lesson.place(cell)} names REDIS_URL"


def imports_are_allowed(lesson: Lesson) -> Iterator[str]:
    """A lesson imports the standard library, redis and helpers; ruff bans a few parts of these."""
    for cell, tree in lesson.trees:
        for module in _imported(tree):
            if module not in ALLOWED_MODULES:
                yield f"{lesson.place(cell)} imports {module}"


ALLOWED_MODULES = sys.stdlib_module_names | {"helpers", "redis"}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or ".").split(".")[0]


def opens_with_title_minutes_and_links(lesson: Lesson) -> Iterator[str]:
    """Cell 0: `# Title`, how many minutes, links to the map and to the neighbours."""
    first = lesson.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "cell 0 does not start with `# Title`"
    if not re.search(r"\b\d+ min(utes)?\b", first.source):
        yield "cell 0 does not say how many minutes the lesson takes"
    if not any("map" in label.lower() for label, _ in links(first.source)):
        yield "cell 0 has no link to the map of the course"
    targets = [target for _, target in links(first.source)]
    for neighbour in (lesson.previous, lesson.next):
        if neighbour and neighbour not in targets:
            yield f"cell 0 does not link to {neighbour}"


def says_what_you_will_do_learn_and_need(lesson: Lesson) -> Iterator[str]:
    """Cell 1: what you'll do, what you'll learn, what you need; in a lesson also the guarantee."""
    second = lesson.cells[1]
    bold = (
        re.findall(r"\*\*([^*]+?)\.?\*\*", second.source) if second.cell_type == "markdown" else []
    )
    wanted = ["What you'll do", "What you'll learn", "What you need"]
    wanted += [] if lesson.reads_freely else ["The guarantee"]
    for part in wanted:
        if part not in bold:
            yield f"cell 1 does not say **{part}.**"


def has_one_setup_cell(lesson: Lesson) -> Iterator[str]:
    """The first code cell, and no other, is tagged `setup`."""
    if [cell for cell in lesson.cells if "setup" in tags(cell)] != lesson.code[:1]:
        yield "the first code cell, and no other, must be tagged setup"


def closes_with_recap_and_in_practice(lesson: Lesson) -> Iterator[str]:
    """The last two sections are Recap and In practice."""
    titles = [t for cell in lesson.markdown for level, t in headings(cell.source) if level == 2]
    if titles[-2:] != ["Recap", "In practice"]:
        yield f"the last two sections are {titles[-2:]}, not Recap and In practice"


def reads_well(lesson: Lesson) -> Iterator[str]:
    """Length, prose and code stay within BOUNDS."""
    if lesson.reads_freely:
        return
    for what, figure in figures(lesson).items():
        low, high = BOUNDS[what]
        if not low <= figure <= high:
            yield f"{what}: {figure:g} is not within {low} to {high}"


def figures(lesson: Lesson) -> dict[str, float]:
    """Measure how `lesson` reads; practice is not counted."""
    read = [cell for cell in lesson.cells if not tags(cell) & PRACTICE]
    sizes = sorted(lines(cell.source) for cell in read if cell.cell_type == "code") or [0]
    # The line of links that `make links` writes is no prose: a further lesson would lengthen it.
    told = [MINUTES.sub("", cell.source) for cell in read if cell.cell_type == "markdown"]
    values = (
        len(read),
        round(len(told) / len(sizes), 2),
        statistics.median(sizes),
        sizes[max(0, int(len(sizes) * 0.9 + 0.5) - 1)],
        sizes[-1],
        round(sum(map(words, told)) / len(sizes)),
    )
    return dict(zip(BOUNDS, values, strict=True))


def links_resolve(lesson: Lesson) -> Iterator[str]:
    """Relative links lead to files, and their anchors to headings; all others are https."""
    for cell in lesson.markdown:
        for _, target in links(cell.source):
            if "://" in target or target.startswith("mailto:"):
                if not target.startswith("https://"):
                    yield f"{lesson.place(cell)} links to {target}, which is not https"
            elif not _leads_somewhere(lesson, target):
                yield f"{lesson.place(cell)} links to {target}, which is not there"


def _leads_somewhere(lesson: Lesson, target: str) -> bool:
    name, _, anchor = unquote(target).partition("#")
    path = lesson.path.parent / name if name else lesson.path
    return path.exists() and (not anchor or anchor in anchors(path))


def details_can_be_opened(lesson: Lesson) -> Iterator[str]:
    """Each `<details>` is closed and has one summary, with a blank line after it."""
    for cell in lesson.markdown:
        text = prose(cell.source)
        marks = re.findall(r"</?(?:details|summary)>", text)
        if marks != DETAILS * (len(marks) // len(DETAILS)):
            yield f"{lesson.place(cell)}: <details><summary>…</summary> … </details> is not whole"
        if re.search(r"</summary>(?![ \t]*\n[ \t]*\n)", text):
            yield f"{lesson.place(cell)} needs a blank line after </summary>"


DETAILS = ["<details>", "<summary>", "</summary>", "</details>"]


def a_folded_solution_is_named(lesson: Lesson) -> Iterator[str]:
    """JupyterLab shows the first line of a cell that is folded away: it says what is there."""
    for cell in lesson.code:
        if "solution" in tags(cell) and not cell.source.startswith(f"{LABEL}\n"):
            yield f"{lesson.place(cell)} does not begin with `{LABEL}`"


def markdown_is_plain(lesson: Lesson) -> Iterator[str]:
    """Nothing but what Jupyter itself renders, and `<details>`."""
    for cell in lesson.markdown:
        if cell.get("attachments"):
            yield f"{lesson.place(cell)} has an attachment"
        for pattern in (OTHER_HTML, OTHER_DIALECTS):
            found = re.search(pattern, prose(cell.source), re.M)
            if found:
                yield f"{lesson.place(cell)} has {found[0].strip()}, which is not plain Markdown"
        if re.search(r"^(```|~~~)\s*(\{|mermaid)", cell.source, re.M):
            yield f"{lesson.place(cell)} has a directive, which Jupyter does not render"


def code_in_text_has_room(lesson: Lesson) -> Iterator[str]:
    """No line of code in a text is so long that JupyterLab breaks it beside its file browser."""
    for cell in lesson.markdown:
        for block in re.findall(r"^```\w*\n(.*?)^```", cell.source, re.M | re.S):
            for line in block.splitlines():
                if len(line) > LONGEST_IN_TEXT:
                    yield f"{lesson.place(cell)} has {len(line)} characters: {line}"


LONGEST_IN_TEXT = 85  # characters, in a window of 1280 pixels

OTHER_HTML = r"</?(?!details>|summary>)[A-Za-z][^>\n]*>|<!--"
OTHER_DIALECTS = r"^\s*>\s*\[![A-Z]+\]|^:::|^\s*!!! |\[\^\w+\]|^---\n\w+:"

RULES: tuple[Rule, ...] = (
    is_valid_nbformat,
    runs_on_the_plain_kernel,
    counts_run_from_1,
    no_cell_is_empty,
    code_is_python,
    what_is_displayed_is_saved,
    outputs_are_text_and_pictures,
    nothing_on_stderr,
    errors_are_announced,
    tags_are_known,
    unchecked_cells_are_listed_and_assert,
    no_comment_steers_nbval,
    nothing_sleeps,
    nothing_prints_in_the_background,
    no_path_of_a_machine,
    no_redis_url,
    imports_are_allowed,
    opens_with_title_minutes_and_links,
    says_what_you_will_do_learn_and_need,
    has_one_setup_cell,
    closes_with_recap_and_in_practice,
    reads_well,
    links_resolve,
    details_can_be_opened,
    a_folded_solution_is_named,
    markdown_is_plain,
    code_in_text_has_room,
)
