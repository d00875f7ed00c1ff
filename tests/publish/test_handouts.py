"""The handouts: nothing in a student's file answers for the student, and paper looks as it should.

The first part makes the editions from the notebooks. The second reads what `make handouts` built,
and is skipped where nothing, or nothing fresh, is there.
"""

import os
import re
import subprocess
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from nbformat import NotebookNode
from pypdf import PdfReader

from helpers.exercises.question import Question
from helpers.practice.catalogue import find_exercise, find_quiz, predictions
from publish.handouts import asked
from publish.handouts.instructor import instructor
from publish.handouts.notes import CARD, Notes, notes_of
from publish.handouts.student import student
from publish.lesson import Cell, Lesson, Prediction, lessons

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build/handouts"
LESSONS = lessons(ROOT / "notebooks")
NAMES = [lesson.path.stem for lesson in LESSONS]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
practised = pytest.mark.parametrize("lesson", LESSONS[1:], ids=NAMES[1:])
RAW_WIDGET = re.compile(r"VBox\(children|application/vnd|model_id|RadioButtons\(")
READ_AT_HOME = "In practice"
READ_OVER = {"Recap", "In practice", "Try it live"}  # not in the table of contents
SEEN = "What did you see?"
ROOM = re.compile("Your function|Check it in the notebook")  # above it and below
FOOT = re.compile(r"\d+ / \d+")
FEWEST = 3  # lines on a page, besides its head and its foot
TELLING = 25  # a line of code or a sentence that is shorter may stand anywhere by chance


def squeezed(text: str) -> str:
    """Drop all that HTML and paper change: blanks, marks of Markdown, the shape of quotes."""
    return re.sub(r"[\s`*\\]|\u00ad", "", text)


def source(notebook: NotebookNode) -> str:
    """Everything a reader of an edition sees, outputs included."""
    outputs = (str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    return "\n".join([*(cell.source for cell in notebook.cells), *outputs])


def questions(lesson: Lesson) -> list[Question]:
    number = str(lesson.number)
    return [*predictions(number).values(), *find_quiz(number).values()]


@cache
def secrets(lesson: Lesson) -> list[str]:
    """What no student may find: solutions, what predictions fold away, reasons of every option.

    A sentence or a line that the lesson also says openly is no secret.
    """
    lines = [line for e in lesson.exercises for line in e.solution.source.splitlines()]
    told = [
        *(line for line in lines if len(line.strip()) >= TELLING),
        *(prediction.answer for prediction in lesson.predictions),
        *(option.why for question in questions(lesson) for option in question.options),
    ]
    return [secret for secret in told if squeezed(secret) not in openly_said(lesson)]


def said(cell: Cell) -> str:
    return "\n".join([cell.source, *(output.text for output in cell.outputs)])


@cache
def openly_said(lesson: Lesson) -> str:
    open_text = "\n".join(c.source for c in lesson.cells if "solution" not in c.tags)
    for prediction in lesson.predictions:
        open_text = open_text.replace(prediction.answer, "")
    return squeezed(open_text)


def found(lesson: Lesson, text: str) -> list[str]:
    """The secrets of a lesson that stand in a text."""
    bare = squeezed(text)
    return [secret for secret in secrets(lesson) if squeezed(secret) in bare]


def notes(lesson: Lesson) -> Notes:
    return notes_of(lesson.number)


@cache
def editions(lesson: Lesson) -> tuple[NotebookNode, NotebookNode]:
    return student(lesson, notes(lesson)), instructor(lesson, notes(lesson))


# --- the editions, from the notebooks ---


@practised
def test_a_student_finds_no_answer_and_an_instructor_all(lesson: Lesson) -> None:
    for_students, for_instructors = map(source, editions(lesson))
    assert len(secrets(lesson)) > 20
    assert found(lesson, for_students) == []
    assert found(lesson, for_instructors) == secrets(lesson)


@practised
def test_every_solution_counts_among_the_secrets(lesson: Lesson) -> None:
    for exercise in lesson.exercises:
        source = exercise.solution.source
        assert set(source.splitlines()) & set(secrets(lesson)), source


@practised
def test_a_student_gets_every_question_and_room_to_answer(lesson: Lesson) -> None:
    text = source(editions(lesson)[0])
    assert all(asked.options(question) in text for question in questions(lesson))
    assert text.count("<p>Because</p>") == len(lesson.predictions)
    solutions = len(lesson.exercises)
    assert text.count("<p>Your function</p>") == text.count("Check it in the") == solutions > 0
    assert "Not yet" not in text


@practised
def test_the_run_that_answers_a_prediction_shows_nothing(lesson: Lesson) -> None:
    made = editions(lesson)[0].cells
    places = [at for at, cell in enumerate(made) if "<p>Because</p>" in cell.source]
    assert places
    for at in places:
        runs = [*takewhile(lambda cell: cell.cell_type == "code", made[at + 1 :])]
        assert runs
        assert [run.source for run in runs if run.outputs] == []
        assert SEEN in made[at + 1 + len(runs)].source


@practised
def test_there_is_room_for_what_is_seen_and_for_nothing_else(lesson: Lesson) -> None:
    asked = [cell for part in lesson.parts if isinstance(part, Prediction) for cell in part.runs]
    rooms = [cell for cell in editions(lesson)[0].cells if SEEN in cell.source]
    assert len(rooms) == sum(bool(cell.outputs) for cell in asked)


@practised
def test_an_instructor_gets_the_hints_and_the_minutes(lesson: Lesson) -> None:
    text = source(editions(lesson)[1])
    assert len(lesson.exercises) >= 3
    for exercise in lesson.exercises:
        assert all(hint in text for hint in find_exercise(exercise.number).hints)
    for minutes in notes(lesson).minutes.values():
        assert f'<p class="minutes">{minutes} min</p>' in text


@each_lesson
def test_no_edition_carries_widgets(lesson: Lesson) -> None:
    for edition in editions(lesson):
        assert not RAW_WIDGET.search(source(edition))
        assert "widgets" not in edition.metadata
        nbformat.validate(edition)


@each_lesson
def test_labs_and_other_pictures_come_along(lesson: Lesson) -> None:
    def pictures(notebook: NotebookNode) -> list[str]:
        outputs = (o for cell in notebook.cells for o in cell.get("outputs", []))
        kinds = (output.get("data", {}).get("image/svg+xml") for output in outputs)
        return list(filter(None, kinds))

    for_students, for_instructors = editions(lesson)
    assert list(lesson.pictures) == pictures(for_instructors)
    assert len(lesson.pictures) - len(pictures(for_students)) <= 1  # where it is the answer


# --- what is written by hand ---


@each_lesson
def test_the_minutes_name_every_section_and_add_up(lesson: Lesson) -> None:
    minutes, learner = dict(notes(lesson).minutes), lesson.minutes
    assert set(minutes) == set(headings(lesson)) - {READ_AT_HOME}
    exercises = minutes.pop("Exercises", learner)
    assert exercises == learner, f"Exercises get {learner} minutes, as many as the notebook names"
    assert sum(minutes.values()) == learner, "the sections do not add up to the notebook's minutes"


def headings(lesson: Lesson) -> list[str]:
    return [section.title for section in lesson.sections]


@each_lesson
def test_the_notes_have_their_parts(lesson: Lesson) -> None:
    written = notes(lesson)
    assert written.title == lesson.title
    assert list(written.parts) == ["Minutes", "Common misconceptions", "When the demo fails"]
    counts = {name: text.count("\n- ") for name, text in written.parts.items()}
    few = [name for name in ("Common misconceptions", "When the demo fails") if counts[name] < 4]
    assert not few, f"at least four items each are missing in {few}"
    assert re.findall(r"^### (.+)$", written.card, re.M) == ["Commands", "Guarantees", "Traps"]


@each_lesson
def test_the_card_names_only_what_the_lesson_runs_or_links(lesson: Lesson) -> None:
    text = "\n".join(map(said, lesson.cells)).lower()
    codes = re.findall(r"`([^`]+)`", notes(lesson).card)
    commands = {word for code in codes for word in re.findall(r"\b[A-Z]{3,}\b", code)}
    assert commands or lesson.number == 0
    assert [word for word in sorted(commands) if word.lower() not in text] == []


# --- the instructor's guide ---

GUIDE = (ROOT / "docs/instructors-guide.md").read_text(encoding="utf-8")
PLANS = {"Two hours": 120, "Half a day": 240, "A full day": 480}


@pytest.mark.parametrize("plan", PLANS)
def test_the_minutes_of_a_plan_add_up(plan: str) -> None:
    [part] = re.findall(rf"^### {plan}.*?(?=^##)", GUIDE, re.M | re.S)
    rows = re.findall(r"^\| (.+?) \| (\d+) \|$", part, re.M)
    assert len(rows) > 5
    total = sum(int(minutes) for _, minutes in rows)
    assert total == PLANS[plan], f"{plan}: docs/instructors-guide.md plans {total} minutes"
    numbers = [int(number) for number in re.findall(r"Lesson (\d+)", part)]
    assert numbers == sorted(set(numbers))
    assert all(find_exercise(number) for number in re.findall(r"\b\d+\.\d\b", part))


# --- what make handouts built ---


def pdfs(edition: str = "*") -> list[str]:
    """The names of the files that should be there."""
    kinds = ["student", "instructor"] if edition == "*" else [edition]
    return [f"{name}.{kind}.pdf" for name in NAMES for kind in kinds]


def why_not_fresh() -> str:
    """Tell why the built files cannot be looked at, or nothing."""
    sources = [*(lesson.path for lesson in LESSONS), *(ROOT / "publish/handouts").rglob("*.*")]
    sources += (ROOT / "helpers/lessons").rglob("*.py")
    newest = max(path.stat().st_mtime for path in sources if "__pycache__" not in path.parts)
    for name in [*pdfs(), "course.pdf"]:
        if not (BUILT / name).exists():
            return f"build/handouts/{name} is not there: run make handouts"
        if (BUILT / name).stat().st_mtime < newest:
            return f"build/handouts/{name} is older than what it is made of: run make handouts"
    return ""


built = pytest.mark.skipif(bool(why_not_fresh()), reason=why_not_fresh() or "fresh")
every_pdf = pytest.mark.parametrize("name", [*pdfs(), "course.pdf"])
every_html = pytest.mark.parametrize("name", [name.replace(".pdf", ".html") for name in pdfs()])


@cache
def opened(name: str) -> PdfReader:
    return PdfReader(BUILT / name)


def root(name: str) -> Any:
    return opened(name).trailer["/Root"]


# Reading the text of a PDF takes seconds, so what looks at it is one test a file.


@built
@pytest.mark.parametrize("edition", ["student", "instructor"])
@each_lesson
def test_the_pages_of_a_handout(lesson: Lesson, edition: str) -> None:
    texts = pages_in_order(f"{lesson.path.stem}.{edition}.pdf")
    assert 4 <= len(texts) <= 18
    *others, last = texts
    assert all(part in last for part in (CARD, "Commands", "Guarantees", "Traps"))
    assert not any(CARD in text for text in others)
    assert not pictures(lesson) & set(map(first_line, texts))
    shown = found(lesson, "\n".join(texts))
    if edition == "student":
        assert shown == []
    else:  # the same search finds them where they are; a page's foot may cut one in two
        assert len(shown) >= 0.9 * len(secrets(lesson))


@built
def test_the_pages_of_the_whole_course() -> None:
    texts = pages_in_order("course.pdf")
    parts = [opened(f"{lesson.path.stem}.student.pdf").pages for lesson in LESSONS]
    before = len(texts) - sum(map(len, parts))  # the title, the contents
    assert 2 <= before <= 5
    contents = "\n".join(texts[1:before])
    everywhere = "".join(map(openly_said, LESSONS))
    for lesson in LESSONS:
        leaks = found(lesson, "\n".join(texts))
        assert [leak for leak in leaks if squeezed(leak) not in everywhere] == []
        assert_contents_are_right(lesson, contents, texts)


@cache
def pictures(lesson: Lesson) -> set[str]:
    """First lines of the code that draws a picture to which the text before it leads."""
    led: dict[str, bool] = {}
    for before, cell in pairwise(lesson.parts):
        if isinstance(cell, Cell) and any(output.picture for output in cell.outputs):
            line = cell.source.splitlines()[0]
            is_led = isinstance(before, Cell) and before.kind == "markdown"
            led[line] = is_led and led.get(line, True)  # two may begin with the same line
    return {line for line, is_led in led.items() if is_led}


def first_line(text: str) -> str:
    """The line below the running head of a page."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines[1:] if not FOOT.fullmatch(line)), "")


def pages_in_order(name: str) -> list[str]:
    """Read the text of each page, and check what holds for every page of every file."""
    texts = [page.extract_text() for page in opened(name).pages]
    known = {squeezed(heading) for lesson in LESSONS for heading in headings(lesson)}
    for number, (page, text) in enumerate(zip(opened(name).pages, texts, strict=True), 1):
        foot = f"{number} / {len(texts)}"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        assert foot in lines, f"page {number} does not say which it is"
        assert len(text) > 120, f"page {number} is nearly empty: {text!r}"
        first = first_line(text)
        assert not first.startswith("☐"), f"page {number} begins within the options of a question"
        assert not ROOM.match(first), f"page {number} begins in the room for an exercise"
        assert len(lines) >= 2 + FEWEST, f"page {number} has but {lines[1:]}"
        assert squeezed(lines[-1]) not in known, f"page {number} ends with the heading {lines[-1]}"
        assert not RAW_WIDGET.search(text)
        assert [round(side) for side in page.mediabox[2:]] == [595, 842]
    return texts


def assert_contents_are_right(lesson: Lesson, contents: str, texts: list[str]) -> None:
    """The page that the contents name for a lesson, and for each section, has its heading."""
    title = f"{lesson.number} · {lesson.title}"
    start = contents.index(title)
    first = int(re.match(r"\s*(\d+)", contents[start + len(title) :])[1])
    assert title in texts[first - 1] and lesson.promise[:30] in texts[first - 1]
    for heading in (heading for heading in headings(lesson) if heading not in READ_OVER):
        said = int(re.search(rf"{re.escape(heading)}\s+(\d+)", contents[start:])[1])
        assert said >= first and squeezed(heading) in squeezed(texts[said - 1]), heading


@built
@every_pdf
def test_a_pdf_is_tagged_in_english_and_has_a_title_and_an_outline(name: str) -> None:
    assert root(name)["/Lang"] == "en"
    assert root(name)["/MarkInfo"]["/Marked"]
    kinds = structure(root(name)["/StructTreeRoot"])
    assert {"/H1", "/H2", "/P", "/Code", "/Table"} <= {kind for kind, _ in kinds}
    assert all(alternative for kind, alternative in kinds if kind == "/Figure")
    assert opened(name).metadata.title
    assert len(opened(name).outline) >= 1


def structure(node: Any) -> list[tuple[str, str]]:
    """The kinds of a tree of tags, each with its text alternative."""
    node = node.get_object()
    if isinstance(node, list):
        return [kind for child in node for kind in structure(child)]
    if not isinstance(node, dict):
        return []
    own = [(node["/S"], node.get("/Alt", ""))] if "/S" in node else []
    return own + (structure(node["/K"]) if "/K" in node else [])


@built
@every_pdf
def test_every_font_is_embedded(name: str) -> None:
    fonts = {}
    for page in opened(name).pages:
        fonts |= {
            str(f["/BaseFont"]): f for f in map(_object, page["/Resources"]["/Font"].values())
        }
    assert len(fonts) > 1
    for font in fonts.values():
        [inner] = font["/DescendantFonts"]
        descriptor = _object(_object(inner)["/FontDescriptor"])
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]


def _object(reference: Any) -> Any:
    return reference.get_object()


@built
@every_pdf
def test_links_of_a_pdf_lead_somewhere(name: str) -> None:
    places = {place.lstrip("/") for place in opened(name).named_destinations}
    links = [_object(a) for page in opened(name).pages for a in page.get("/Annots", [])]
    assert links
    for link in links:
        if "/A" in link and "/URI" in link["/A"]:
            assert link["/A"]["/URI"].startswith("https://"), link["/A"]["/URI"]
        else:
            goal = link["/Dest"] if "/Dest" in link else link["/A"]["/D"]
            assert not isinstance(goal, str) or goal.lstrip("/") in places, goal


class Anchors(HTMLParser):
    """Collect the ids and the links of a page, and which elements it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if tag == "a" and "href" in named else []
        self.language = named.get("lang", self.language) if tag == "html" else self.language


@built
@every_html
def test_a_page_of_html_is_whole(name: str) -> None:
    text = (BUILT / name).read_text(encoding="utf-8")
    page = Anchors(text)
    assert page.language == "en"
    assert len(page.ids) == len(set(page.ids))
    assert not RAW_WIDGET.search(text) and "script" not in page.elements
    assert "svg" in page.elements and "img" not in page.elements
    for link in map(urlsplit, page.links):
        assert link.scheme in ("https", "")
        if not link.scheme:
            assert link.path == "" or (BUILT / link.path).is_file(), link.path
            assert link.path or unquote(link.fragment) in page.ids, link.fragment


@built
@practised
def test_a_students_html_answers_nothing(lesson: Lesson) -> None:
    def text(edition: str) -> str:
        html = (BUILT / f"{lesson.path.stem}.{edition}.html").read_text(encoding="utf-8")
        return unescape(re.sub(r"<[^>]+>", "", html))

    assert found(lesson, text("student")) == []
    assert len(found(lesson, text("instructor"))) > 0.9 * len(secrets(lesson))


# --- the command ---

PYTHON = ROOT / ".venv-publish/bin/python"


@pytest.mark.skipif(not PYTHON.exists(), reason=".venv-publish is not there: run make handouts")
def test_without_a_browser_one_sentence_says_what_to_do() -> None:
    run = subprocess.run(
        [PYTHON, "-m", "publish.handouts"],
        cwd=ROOT,
        env=os.environ | {"CHROMIUM": "no-such-browser"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    [sentence] = run.stderr.splitlines()
    assert sentence.startswith("Chromium was not found as no-such-browser: install it")
