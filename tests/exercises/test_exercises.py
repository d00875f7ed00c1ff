"""Every exercise: its stub, typical mistakes, its solution, other right ways, hostile answers."""

import ast
import asyncio
import builtins
import heapq
import itertools
import logging
import os
import pdb
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import redis

import helpers
from helpers.cluster import Cluster
from helpers.exercises.result import MOST_LINES, CheckResult
from helpers.practice import checking, progress_file
from helpers.practice.catalogue import TITLES, all_numbers, exercises, find_quiz, predictions
from helpers.sandbox import runner
from helpers.sandbox.limits import Budget
from publish.lesson import Quiz, parsed, read
from tests.lessons import MISTAKES, OTHER_WAYS, Mistake

ROOT = Path(helpers.__file__).parent.parent
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))[1:]  # lesson 0 has no exercises
EXERCISES = {n: each for lesson in TITLES for n, each in exercises(lesson).items()}
NUMBERS = sorted(EXERCISES)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep progress files out of the project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def functions_of(number: str, *functions: Callable[..., Any]) -> list[Callable[..., Any]]:
    """Give as many functions as the exercise takes, the last one repeated."""
    missing = len(EXERCISES[number].takes) - len(functions)
    return [*functions, *functions[-1:] * missing]


def cells(path: Path) -> dict[str, str]:
    """Give the source of each code cell of a lesson's exercises by the cell's id."""
    return {cell.id: cell.source for cell in read(path).code if re.match(r"l\d+-x[1-9]", cell.id)}


def told(path: Path, kind: str) -> list[str]:
    """List what checks or solutions of a lesson say: it is saved, and each run compared with it."""
    found = [cell for cell in read(path).code if re.fullmatch(rf"l\d+-x\d+-{kind}", cell.id)]
    assert not any("nbval-ignore-output" in cell.tags for cell in found)
    return [cell.outputs[-1].text for cell in found]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stubs_do_not_pass_and_solutions_do(path: Path) -> None:
    checks, solutions = told(path, "check"), told(path, "solution")
    assert len(checks) == len(solutions) >= 3
    assert [text for text in checks if not text.startswith("Not yet: ")] == []
    assert [text for text in solutions if not text.startswith("Passed: ")] == []


def missing(source: str) -> set[str]:
    """Name what a piece of code uses, and neither makes nor imports at the top of a lesson."""
    nodes = [*ast.walk(ast.parse(source))]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    made = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    made |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    named = (ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
    made |= {n.name for n in nodes if isinstance(n, named) and n.name}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    made |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    given = {"json", "asyncio", "redis", *helpers.__all__, *dir(builtins)}
    return {node.id for node in names} - made - given


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_exercises_need_nothing_of_the_cells_before_them(path: Path) -> None:
    names = missing("\n".join(cells(path).values()))
    assert not names, f"defined in no cell l{path.stem[:2]}-xN-stub, -check or -solution: {names}"


def test_a_name_from_a_cell_before_is_seen() -> None:
    made = "def our_place(shop):\n    return shop, len(json.dumps([n for n in orders]))"
    assert missing(f"{made}\nawait check('1.1', our_place)") == {"orders"}


def fits(given: Mistake, result: CheckResult) -> bool:
    told = repr(result)
    return (
        not result.passed
        and told.startswith("Not yet: ")
        and given.hint in told
        and "cannot be judged" not in told
    )


# One test an exercise: it names each answer that is judged wrongly, and what it was told.
@pytest.mark.parametrize("number", NUMBERS)
async def test_typical_mistakes_get_the_hints_that_fit(number: str) -> None:
    wrong = {}
    for given in (each for each in MISTAKES if each.number == number):
        result = await helpers.check(number, *given.functions)
        if not fits(given, result):
            wrong[name_of(given.functions[-1]), given.hint] = result
    assert wrong == {}


@pytest.mark.parametrize("number", NUMBERS)
async def test_other_right_answers_pass(number: str) -> None:
    wrong = {}
    for given in (each for each in OTHER_WAYS if each.number == number):
        told = repr(await helpers.check(number, *given.functions))
        if not told.startswith("Passed: ") or "Not tried in every sequence" in told:
            wrong[name_of(given.functions[-1])] = told
    assert wrong == {}


def test_each_exercise_is_tried() -> None:
    mistaken = [given.number for given in MISTAKES]
    others = {given.number for given in OTHER_WAYS}
    few = [number for number in NUMBERS if mistaken.count(number) < 2 or number not in others]
    assert not few, (
        f"two mistakes and another right way each, in tests/lessons/lNN/answers.py: {few}"
    )
    assert {*mistaken, *others} <= set(NUMBERS)
    counts = {lesson: len(numbers["exercises"]) for lesson, numbers in all_numbers().items()}
    assert {lesson: count for lesson, count in counts.items() if count < 3} == {}


# Answers that no learner writes on purpose, and some write by accident.


async def does_nothing(*given: object) -> None: ...


def endless(*given: object) -> None:
    while True:
        pass


def endless_and_deaf(*given: object) -> None:
    while True:
        try:  # noqa: SIM105
            pass
        except BaseException:
            pass


async def endless_commands(*given: Any) -> None:
    while True:
        for each in given:
            if isinstance(each, redis.asyncio.Redis):
                await each.ping()


async def endless_turns(*given: object) -> None:
    while True:
        await asyncio.sleep(0)


async def waits(*given: object) -> None:
    await asyncio.Event().wait()


async def waits_and_is_deaf(*given: object) -> None:
    while True:
        try:  # noqa: SIM105
            await asyncio.Event().wait()
        except BaseException:
            pass


def sleeps(*given: object) -> None:
    time.sleep(1000)


def asks(*given: object) -> None:
    input("?")


def too_deep(*given: object) -> None:
    too_deep()


def leaves(*given: object) -> None:
    sys.exit()


def interrupts(*given: object) -> None:
    raise KeyboardInterrupt


def fails(*given: object) -> None:
    raise ValueError("a line\nand another")


class OutOfStock(Exception):
    def __str__(self) -> str:
        return self.order  # type: ignore[attr-defined]


def fails_to_say_why(*given: object) -> None:
    raise OutOfStock


def wants_too_much(*given: object) -> None:
    bytearray(sys.maxsize)


def prints(*given: object) -> None:
    for _ in range(1000):
        print("x" * 1000)
    print("to stderr", file=sys.stderr)
    warnings.warn("careful", stacklevel=1)


def logs(*given: object) -> None:
    logging.basicConfig(level=logging.DEBUG)
    logging.warning("careful")


def stops_to_look(*given: object) -> None:
    pdb.set_trace()


def leaves_tasks(*given: object) -> None:
    async def exits() -> None:
        raise SystemExit

    async def breaks() -> None:
        raise ValueError

    TASKS[:] = [asyncio.create_task(work) for work in (exits(), breaks(), waits(), endless_turns())]


async def makes_a_task_by_hand(*given: object) -> None:
    TASKS[:] = [asyncio.Task(waits())]


async def stops_the_loop(*given: object) -> None:
    asyncio.get_running_loop().stop()


async def makes_tasks_its_own_way(*given: object) -> None:
    asyncio.get_running_loop().set_task_factory(None)


async def leaves_later(*given: object) -> None:
    loop = asyncio.get_running_loop()
    loop.call_soon(sys.exit)
    loop.call_later(0.01, sys.exit)
    loop.call_soon_threadsafe(sys.exit)


async def is_deaf_to_signals(*given: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, sys.exit)


async def takes_the_client_apart(*given: Any) -> None:
    for each in given:
        if isinstance(each, redis.asyncio.Redis):
            each.connection_pool = None


def allows_little_depth(*given: object) -> None:
    sys.setrecursionlimit(sys.getrecursionlimit() - 100)


async def forgets_to_await(*given: Any) -> None:
    for each in given:
        if isinstance(each, redis.asyncio.Redis):
            each.ping()


async def flushes(*given: Any) -> None:
    for each in given:
        if isinstance(each, redis.asyncio.Redis):
            await each.flushall()


class Equal:
    """Claims to be whatever is expected."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


# Answers that reach for the notebook itself.


def returns_without_end(*given: object) -> Iterator[str]:
    return map(str, itertools.count())


def returns_too_much(*given: object) -> list[int]:
    return list(range(1_000_000))


async def waits_for_a_thread(*given: object) -> None:
    work = does_nothing()
    try:
        asyncio.run_coroutine_threadsafe(work, asyncio.get_running_loop()).result()
    finally:
        work.close()


def starts_a_thread(*given: object) -> None:
    threading.Thread(target=endless, daemon=True).start()


def starts_a_process(*given: object) -> None:
    subprocess.run(["sleep", "1000"])


async def cancels_everybody(*given: object) -> None:
    for task in asyncio.all_tasks():
        task.cancel()
    await asyncio.sleep(0)


def changes_asyncio(*given: object) -> None:
    asyncio.sleep = asyncio.wait = None


def changes_redis(*given: object) -> None:
    redis.asyncio.Redis.execute_command = None


def adds_to_redis(*given: object) -> None:
    redis.asyncio.Redis.set = None


def changes_python(*given: object) -> None:
    builtins.len = builtins.print = time.monotonic = lambda *given: 0


def changes_surroundings(*given: object) -> None:
    os.chdir("/")
    os.environ["COURSE_BROKER"] = "server"
    sys.stdout = None


async def closes(*given: Any) -> None:
    for each in given:
        if hasattr(each, "aclose"):
            await each.aclose()


TASKS: list[asyncio.Task[None]] = []
HOSTILE = [
    does_nothing,
    endless,
    endless_and_deaf,
    endless_commands,
    endless_turns,
    waits,
    waits_and_is_deaf,
    sleeps,
    asks,
    too_deep,
    leaves,
    interrupts,
    fails,
    fails_to_say_why,
    wants_too_much,
    prints,
    logs,
    stops_to_look,
    leaves_tasks,
    forgets_to_await,
    flushes,
    returns_without_end,
    returns_too_much,
    waits_for_a_thread,
    starts_a_thread,
    starts_a_process,
    cancels_everybody,
    changes_asyncio,
    changes_redis,
    adds_to_redis,
    changes_python,
    changes_surroundings,
    closes,
    makes_a_task_by_hand,
    stops_the_loop,
    makes_tasks_its_own_way,
    leaves_later,
    is_deaf_to_signals,
    takes_the_client_apart,
    allows_little_depth,
]


@pytest.fixture
def nothing_is_left() -> Iterator[None]:
    before = _around()
    yield
    assert _around() == before


def _around() -> list[object]:
    return [
        sys.gettrace(),
        sys.stdout,
        sys.stderr,
        sys.unraisablehook,
        time.sleep,
        builtins.input,
        builtins.len,
        asyncio.sleep,
        asyncio.all_tasks,
        redis.asyncio.Redis.execute_command,
        set(vars(redis.asyncio.Redis)),
        (logging.root.level, logging.root.handlers[:], logging.root.manager.disable),
        asyncio.Task,
        asyncio.wait_for,
        sys.getrecursionlimit(),
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
        threading.Thread.start,
        threading.active_count(),
        os._exit,
        os.getcwd(),
        os.environ.get("COURSE_BROKER"),
        warnings.filters[:],
    ]


# What stops an answer is the same for all exercises: each answer meets one of them in turn, and
# each exercise meets one answer.
ENCOUNTERS = [
    *zip(itertools.cycle(NUMBERS), HOSTILE, strict=False),
    *((number, endless_commands) for number in NUMBERS),
]


@pytest.mark.parametrize(("number", "answer"), ENCOUNTERS, ids=lambda part: name_of(part))
async def test_a_hostile_answer_is_judged_and_leaves_nothing_behind(
    number: str,
    answer: Callable[..., Any],
    nothing_is_left: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(runner, "DEADLINE", 0.2)
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    factory, tasks = loop.get_task_factory(), asyncio.all_tasks()
    result = await helpers.check(number, *functions_of(number, answer))
    assert repr(result).startswith("Not yet: ")
    assert "Traceback" not in repr(result)
    # A difference has its values on lines of their own; of what was printed there are the first.
    assert len(repr(result).splitlines()) <= 4 + 1 + MOST_LINES + 1
    assert "cannot be judged" not in repr(result)
    assert asyncio.all_tasks() == tasks
    assert loop.get_task_factory() is factory
    assert all(task.done() for task in TASKS)
    assert not complaints
    assert capfd.readouterr() == ("", "")
    assert not Path(progress_file.FILE).exists()


@pytest.mark.parametrize("number", ["1.1", "4.2"])
async def test_a_client_without_its_connections_is_judged(number: str) -> None:
    result = repr(await helpers.check(number, *functions_of(number, takes_the_client_apart)))
    assert "No command came over the client" in result


async def test_what_an_answer_changes_in_the_class_of_what_it_is_given_is_put_back() -> None:
    async def changes_it(cluster: Any, channel: str, text: str) -> int:
        type(cluster).node_of = type(cluster).settled = lambda *given: None
        return 1

    before = dict(vars(Cluster))
    assert "belongs to everybody" in repr(await helpers.check("7.2", changes_it))
    assert dict(vars(Cluster)) == before


@pytest.mark.parametrize("answer", [3, "text", None, Equal(), [], {}, TITLES, ModuleType("m")])
async def test_what_is_no_function_is_refused(answer: Any) -> None:
    for number, exercise in EXERCISES.items():
        result = await helpers.check(number, *functions_of(number, answer))
        assert f"`{exercise.takes[0]}` should be a function" in repr(result), number


async def test_a_call_instead_of_the_function_is_refused() -> None:
    for number, exercise in EXERCISES.items():
        call = [does_nothing() for _ in exercise.takes]
        assert "without calling it" in repr(await helpers.check(number, *call)), number


async def test_too_many_functions_are_refused() -> None:
    for number in NUMBERS:
        assert "it takes" in repr(await helpers.check(number, *[does_nothing] * 9)), number


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
async def test_what_is_stuck_in_a_library_is_woken_and_goes_on_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = []

    def goes_on_in_a_library(*given: object) -> None:
        list(heapq.merge(itertools.repeat(1, 10_000_000)))
        ended.append(given)

    monkeypatch.setattr(runner, "DEADLINE", -0.8)  # the alarm rings a second later
    for _ in range(5):
        result = await helpers.check("8.1", *functions_of("8.1", goes_on_in_a_library))
        assert "was not done after" in repr(result)
    assert not ended


async def wait_for_a_lock(*given: object) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
async def test_what_blocks_the_notebook_is_woken(
    nothing_is_left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "DEADLINE", 0.2)
    assert "was not done after" in repr(await helpers.check("1.1", wait_for_a_lock))
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


async def test_what_was_expected_before_is_of_no_use_in_the_last_trial() -> None:
    shown: dict[int, list[str]] = {}

    async def learns(reader: Any) -> list[str]:
        orders = [fields["order"] for _, fields in await reader.xrange("orders")]
        return shown.setdefault(len(orders), orders)

    result = repr(await helpers.check("1.3", learns))
    assert result.startswith("Not yet: what stats found.\n  expected  [")


async def test_an_unknown_number_is_told() -> None:
    assert repr(await helpers.check("99.9")) == "Not yet: there is no exercise '99.9'."
    assert repr(helpers.hint("99.9")) == "There is no exercise '99.9'."


async def test_an_answer_is_tried_with_other_data_each_time() -> None:
    seen = []

    async def keeps(shop: Any, order: str) -> str:
        seen.append(order)
        for queue in ("for-mail", "for-stock"):
            await shop.rpush(queue, order)
        return f"{order} accepted"

    for _ in range(2):
        assert (await helpers.check("1.1", keeps)).passed
    trials = [tuple(seen[place : place + 4]) for place in range(0, len(seen), 4)]
    assert trials[:3] == trials[4:7], "what is shown is the same each time"
    assert len(set(trials)) == 5, "and the last trial of a check was never there before"


async def test_what_was_true_of_the_first_trial_is_not_enough() -> None:
    first: list[str] = []

    async def remembers(shop: Any, order: str) -> str:
        first.append(order)
        said = first[(len(first) - 1) % 4]
        for queue in ("for-mail", "for-stock"):
            await shop.rpush(queue, said)
        return f"{said} accepted"

    assert not (await helpers.check("1.1", remembers)).passed


async def test_an_exception_is_told_with_its_line() -> None:
    async def breaks(shop: Any, order: str) -> None:
        await shop.ping()
        await shop.rpush("for-mail")

    said = repr(await helpers.check("1.1", breaks))
    assert "place_order raised" in said and "(in its line 3)" in said


async def test_what_an_answer_prints_is_kept() -> None:
    async def says(shop: Any, order: str) -> None:
        print("here", order)

    result = await helpers.check("1.1", says)
    assert result.printed.startswith("here order-")


async def test_one_check_at_a_time() -> None:
    one, two = await asyncio.gather(*(helpers.check("1.1", does_nothing) for _ in range(2)))
    assert "expected" in repr(one)
    assert "await it first" in repr(two)


async def test_a_broken_check_blocks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*given: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(checking, "_attempt", breaks)
    assert "cannot be judged (OSError: disk)" in repr(await helpers.check("1.1", does_nothing))
    monkeypatch.undo()
    assert "expected" in repr(await helpers.check("1.1", does_nothing))


def test_the_trace_of_a_debugger_is_put_back() -> None:
    def trace(*given: object) -> None: ...

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with Budget().watching():
            assert sys.gettrace() is not trace
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)


def test_hints_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_hinted", {})
    for number in NUMBERS:
        given = [repr(helpers.hint(number)) for _ in range(4)]
        assert [text[:12] for text in given] == [f"Hint {n} of 3:"[:12] for n in (1, 2, 3, 3)]
        assert len(set(given)) == 3
        assert [text.endswith("for the next one.") for text in given] == [True, True, False, False]


def test_only_the_same_cell_run_again_at_once_gives_the_next_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "_hinted", {})
    given = []
    for run, number in [(5, "4.1"), (9, "4.2"), (25, "4.1"), (45, "4.1"), (46, "4.1"), (47, "4.2")]:
        monkeypatch.setattr(checking, "_run", lambda run=run: run)
        given.append(repr(helpers.hint(number))[:11])
    assert given == [f"Hint {n} of 3" for n in (1, 1, 1, 1, 2, 1)]


# What a lesson shows.


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_has_its_predictions_exercises_and_quiz(path: Path) -> None:
    lesson = str(int(path.stem[:2]))
    made = read(path)
    assert [part.number for part in made.predictions] == list(predictions(lesson))
    assert [part.number for part in made.predictions if "?" not in part.question] == []
    assert {each.text for each in predictions(lesson).values()} == {"Your prediction"}
    assert [part.number for part in made.exercises] == list(exercises(lesson))
    for part, exercise in zip(made.exercises, exercises(lesson).values(), strict=True):
        takes = ", ".join(exercise.takes)
        assert part.check.source == f'await check("{exercise.number}", {takes})'
    [quiz] = (part for part in made.parts if isinstance(part, Quiz))
    assert quiz.number == lesson and f'quiz("{lesson}")' in quiz.asks.source
    assert len(predictions(lesson)) >= 3, "a lesson asks for three predictions at least"
    assert len(find_quiz(lesson)) == 5, "a quiz has five questions"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_are_folded_away_and_saved_as_passed(path: Path) -> None:
    solutions = [exercise.solution for exercise in read(path).exercises]
    assert len(solutions) == len(all_numbers()[str(int(path.stem[:2]))]["exercises"])
    cells = parsed(path.read_text(encoding="utf-8"))["cells"]
    folded = [c["id"] for c in cells if c["metadata"].get("jupyter") == {"source_hidden": True}]
    assert folded == [cell.id for cell in solutions]
    for cell in solutions:
        assert "record=False" in cell.source
        assert cell.outputs[-1].text.startswith("Passed: ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_student_form_contains_no_solution(path: Path) -> None:
    lesson = read(path)
    kept = [cell for cell in lesson.cells if "solution" not in cell.tags]
    dropped = [exercise.solution.source for exercise in lesson.exercises]
    bodies = [part for source in dropped for part in source.split("\n\n\n")]
    for cell in kept:
        assert not re.search(r"\bour_", cell.source)
        for body in bodies:
            code = [line.strip() for line in body.splitlines()[1:]]
            assert not code or "\n".join(code) not in "\n".join(
                line.strip() for line in cell.source.splitlines()
            )
        assert not any("Passed: " in output.text for output in cell.outputs)


def test_progress_is_not_committed() -> None:
    command = ["git", "check-ignore", "--quiet", "--no-index", f"notebooks/{progress_file.FILE}"]
    assert subprocess.run(command, cwd=ROOT).returncode == 0
