"""A prediction is asked before its answer stands on the screen, as far as words can show.

A copy to work in has no outputs, so a learner who is asked sees the section's heading above, and
below the code that will run the prose that explains it. None of them may tell. A heading that
tells in words of its own is not found here: look at the screen when you write one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.exercises.question import Question, prediction, right, wrong
from publish.lesson import Cell, Lesson, Part, Prediction, headings, lessons, without_fences
from publish.questions import question_of

LESSONS = lessons(Path(__file__).parents[2] / "notebooks")[1:]  # lesson 0 asks for nothing
VERDICTS = {"always", "must", "nearly", "never", "only"}  # a heading with one of them concludes
HEADING = re.compile(r"^#+ .*$", re.M)
COMMON = """
a about after again all also an and another any are as at be because been before behind both but by
can come could did do does done either every everything first for from give given go goes had has
have he her him his how if in into is it its last made make may more most much neither no nobody
none nor not nothing now of off on once one only or other others out over own same she so some
somebody still such take than that the their them then there these they this those three to too two
under until up was were what when where which while who whoever whose why will with without would
yet you your
"""


@dataclass(frozen=True)
class Screen:
    """What a learner sees around a prediction, and has read before."""

    asked: str  # in Markdown, and below it the answer, folded away
    folded: str
    options: Question
    heading: str  # of the section
    above: str  # all of the lesson that was read before, its headings aside
    below: str  # the prose that explains the run, or the next question


def screens(lesson: Lesson) -> Iterator[tuple[str, Screen]]:
    """Yield each prediction's number, and what is around it."""
    heading, above = "", ""
    for part, following in zip(lesson.parts, [*lesson.parts[1:], None], strict=True):
        if isinstance(part, Prediction):
            options, below = question_of(part), _prose(following)
            yield part.number, Screen(part.question, part.answer, options, heading, above, below)
        heading = ([heading] + [title for _, title in headings(_prose(part))])[-1]
        above += "\n" + HEADING.sub("", _read(part))


def _prose(part: Part | None) -> str:
    if isinstance(part, Prediction):
        return part.question
    return part.source if isinstance(part, Cell) and part.kind == "markdown" else ""


def _read(part: Part) -> str:
    """Return all that a learner has read once this part is behind them."""
    if isinstance(part, Prediction):
        return "\n".join([part.text.source, *(cell.source for cell in part.runs)])
    return part.source if isinstance(part, Cell) else ""


def faults(screen: Screen) -> Iterator[str]:
    """Say where the answer stands."""
    chosen = " ".join(each.text for each in screen.options.options if each.is_right)
    others = " ".join(each.text for each in screen.options.options if not each.is_right)
    known = stems(f"{screen.asked} {others} {screen.above}")
    told = stems(f"{chosen} {screen.folded}") - known
    yield from _shared("the heading has words of the answer", told, screen.heading)
    yield from _shared("the heading concludes", VERDICTS, screen.heading)
    yield from _shared("the first sentence below has words of it", told, _first(screen.below))
    yield from _shared("the prose below has the right option", stems(chosen) - known, screen.below)
    if " " in chosen and chosen.lower() in screen.asked.lower():
        yield f"the question has the right option: {chosen}"


def _shared(what: str, told: set[str], text: str) -> Iterator[str]:
    if found := sorted(told & (stems(text) | set(re.findall(r"\w+", text.lower())))):
        yield f"{what}: {', '.join(found)}"


def _first(text: str) -> str:
    return re.split(r"(?<=[.:!?])\s|\n", without_fences(text).lstrip("# \n"))[0]


def stems(text: str) -> set[str]:
    """Return the beginnings of a text's words: `lose` and `loses` are one, common ones none."""
    return {word[:5] for word in re.findall(r"[^\W_]+", text.lower()) if word not in COMMON.split()}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)
def test_no_prediction_is_answered_on_its_screen(lesson: Lesson) -> None:
    found = {number: list(faults(screen)) for number, screen in screens(lesson)}
    assert found, "the lesson asks for predictions"
    assert {number: told for number, told in found.items() if told} == {}


def test_every_prediction_is_looked_at() -> None:
    for lesson in LESSONS:
        asked = [(number, screen.heading) for number, screen in screens(lesson)]
        assert [number for number, _ in asked] == [each.number for each in lesson.predictions]
        assert all(heading for _, heading in asked)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)
def test_the_right_option_does_not_show_by_its_length(lesson: Lesson) -> None:
    assert [part.number for part in lesson.predictions if stands_out(question_of(part))] == []


def stands_out(question: Question) -> bool:
    """Return whether the right option is longer than every other by more than a quarter."""
    right_one, *others = sorted(question.options, key=lambda each: not each.is_right)
    return len(right_one.text) > 1.25 * max(len(each.text) for each in others)


# From here on: what is caught. Each stood in a lesson once.

SHARED = prediction(
    wrong("In none", "no"), wrong("In hardly any", "no"), right("In nearly all", "yes")
)
HALF = prediction(wrong("In none", "no"), wrong("In 1", "no"), right("In 32", "yes"))
ASKED = "Two workers, two jobs, and nobody dies. In how many is a job done twice"
COPIES = "Six in the queues: each service has a copy of its own."


def screen(
    options: Question = SHARED,
    asked: str = f"{ASKED}?",
    folded: str = "In nearly all. Whoever looks finds it.",
    heading: str = "Everybody shares one list",
    below: str = "Here is a picture.",
) -> Screen:
    return Screen(asked, folded, options, heading, "A list of jobs.", below)


def test_a_screen_that_tells_nothing_has_no_fault() -> None:
    assert list(faults(screen())) == []


def test_an_option_that_stands_out_is_found() -> None:
    exact = right("When somebody sends another order", "Nobody looks before.")
    assert stands_out(prediction(wrong("At once", "no"), wrong("After ten minutes", "no"), exact))
    assert not stands_out(SHARED)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (screen(heading="A copy for each", folded=COPIES), "the heading has words of the answer"),
        (screen(heading="Nearly every schedule is bad"), "the heading has words of the answer"),
        (screen(heading="Never cancel a blocked pop"), "the heading concludes"),
        (screen(heading="A mover must move in one step"), "the heading concludes"),
        (screen(HALF, folded="In more than half.", below="More than half. It"), "the first sent"),
        (screen(HALF, below="Read on. Nobody needs all 32."), "the prose below has the right"),
        (
            screen(asked=f"{ASKED}: in none, in few, or in nearly all?"),
            "the question has the right",
        ),
    ],
)
def test_what_tells_is_found(told: Screen, fault: str) -> None:
    assert [found for found in faults(told) if found.startswith(fault)]
