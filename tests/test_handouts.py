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
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from nbformat import NotebookNode
from pypdf import PdfReader

from helpers.exercises.catalogue import find_exercise, find_quiz, predictions
from publish.handouts import asked
from publish.handouts.cells import answer_of, tags
from publish.handouts.instructor import instructor
from publish.handouts.notes import CARD, Notes, notes_of
from publish.handouts.student import CODE_ANSWERS, student
from publish.navigation import lesson_of
from publish.solution import unlabelled

ROOT = Path(__file__).parent.parent
BUILT = ROOT / "build/handouts"
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in LESSONS]
lesson = pytest.mark.parametrize("path", LESSONS, ids=NAMES)
practised = pytest.mark.parametrize("path", LESSONS[1:], ids=NAMES[1:])
RAW_WIDGET = re.compile(r"VBox\(children|application/vnd|model_id|RadioButtons\(")
READ_AT_HOME = "In practice"
READ_OVER = {"Recap", "In practice", "Try it live"}  # not in the table of contents
TELLING = 25  # a line of code or a sentence that is shorter may stand anywhere by chance


def squeezed(text: str) -> str:
    """Drop all that HTML and paper change: blanks, marks of Markdown, the shape of quotes."""
    return re.sub(r"[\s`*\\]|\u00ad", "", text)


def source(notebook: NotebookNode) -> str:
    """Everything a reader of an edition sees, outputs included."""
    outputs = (str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    return "\n".join([*(cell.source for cell in notebook.cells), *outputs])


def secrets(path: Path) -> list[str]:
    """What no student may find: solutions, what predictions fold away, reasons of every option.

    A sentence or a line that the lesson also says openly is no secret.
    """
    cells = nbformat.read(path, as_version=4).cells
    number = str(int(path.name[:2]))
    questions = [*predictions(number).values(), *find_quiz(number).values()]
    lines = [
        line for c in cells if "solution" in tags(c) for line in unlabelled(c.source).splitlines()
    ]
    told = [
        *(line for line in lines if len(line.strip()) >= TELLING),
        *filter(None, map(answer_of, cells)),
        *(option.why for question in questions for option in question.options),
    ]
    return [secret for secret in told if squeezed(secret) not in openly_said(path)]


@cache
def openly_said(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    open_cells = [cell for cell in cells if "solution" not in tags(cell)]
    return squeezed("\n".join(c.source.replace(answer_of(c) or "\0", "") for c in open_cells))


def found(path: Path, text: str) -> list[str]:
    """The secrets of a lesson that stand in a text."""
    bare = squeezed(text)
    return [secret for secret in secrets(path) if squeezed(secret) in bare]


def notes(path: Path) -> Notes:
    return notes_of(int(path.name[:2]))


def editions(path: Path) -> tuple[NotebookNode, NotebookNode]:
    notebook = nbformat.read(path, as_version=4)
    return student(notebook, notes(path)), instructor(notebook, notes(path))


# --- the editions, from the notebooks ---


@practised
def test_a_student_finds_no_answer_and_an_instructor_all(path: Path) -> None:
    for_students, for_instructors = map(source, editions(path))
    assert len(secrets(path)) > 20
    assert found(path, for_students) == []
    assert found(path, for_instructors) == secrets(path)


@practised
def test_every_solution_counts_among_the_secrets(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    known = secrets(path)
    for cell in cells:
        if "solution" in tags(cell):
            assert set(cell.source.splitlines()) & set(known), cell.source


@practised
def test_a_student_gets_every_question_and_room_to_answer(path: Path) -> None:
    text = source(editions(path)[0])
    number = str(int(path.name[:2]))
    for question in [*predictions(number).values(), *find_quiz(number).values()]:
        assert asked.options(question) in text
    assert text.count("<p>Because</p>") == len(predictions(number))
    cells = nbformat.read(path, as_version=4).cells
    solutions = sum("solution" in tags(cell) for cell in cells)
    assert text.count("<p>Your function</p>") == text.count("Check it in the") == solutions > 0
    assert "Not yet" not in text


@practised
def test_the_run_that_answers_a_prediction_shows_nothing(path: Path) -> None:
    made = editions(path)[0].cells
    places = [at for at, cell in enumerate(made) if "<p>Because</p>" in cell.source]
    assert places
    without_code = [at for at in places if made[at + 1].cell_type == "markdown"]
    assert len(without_code) == path.name.startswith("03_")  # the one in CODE_ANSWERS
    for at in places:
        if at not in without_code:
            at += 1
            assert made[at].cell_type == "code" and made[at].outputs == []
        assert "What did you see?" in made[at + 1].source


def test_where_the_code_is_the_answer_a_student_does_not_find_it() -> None:
    [path] = (path for path in LESSONS if path.name.startswith("03_"))
    for_students, for_instructors = map(source, editions(path))
    assert list(CODE_ANSWERS) == ["3.1"]
    assert r'heard(r"mail-\*"' in for_instructors
    assert r'heard(r"mail-\*"' not in for_students


@practised
def test_an_instructor_gets_the_hints_and_the_minutes(path: Path) -> None:
    text = source(editions(path)[1])
    numbers = set(re.findall(r"^### (\d\.\d)", text, re.M))
    assert len(numbers) >= 3
    for number in numbers:
        assert all(hint in text for hint in find_exercise(number).hints)
    for minutes in notes(path).minutes.values():
        assert f'<p class="minutes">{minutes} min</p>' in text


@lesson
def test_no_edition_carries_widgets(path: Path) -> None:
    for edition in editions(path):
        assert not RAW_WIDGET.search(source(edition))
        assert "widgets" not in edition.metadata
        nbformat.validate(edition)


@lesson
def test_labs_and_other_pictures_come_along(path: Path) -> None:
    def pictures(notebook: NotebookNode) -> list[str]:
        outputs = (o for cell in notebook.cells for o in cell.get("outputs", []))
        kinds = (output.get("data", {}).get("image/svg+xml") for output in outputs)
        return list(filter(None, kinds))

    original = nbformat.read(path, as_version=4)
    for_students, for_instructors = editions(path)
    assert pictures(original) == pictures(for_instructors)
    assert len(pictures(original)) - len(pictures(for_students)) <= 1  # where it is the answer


# --- what is written by hand ---


@lesson
def test_the_minutes_name_every_section_and_add_up(path: Path) -> None:
    minutes = dict(notes(path).minutes)
    assert set(minutes) == set(headings(path)) - {READ_AT_HOME}
    learner = lesson_of(path).minutes
    assert minutes.pop("Exercises", learner) == learner
    assert sum(minutes.values()) == learner


def headings(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [heading.replace("`", "") for heading in re.findall(r"^## (.+)$", text, re.M)]


@lesson
def test_the_notes_have_their_parts(path: Path) -> None:
    written = notes(path)
    assert written.title == lesson_of(path).title
    assert list(written.parts) == ["Minutes", "Common misconceptions", "When the demo fails"]
    assert all(text.count("\n- ") >= 4 for text in list(written.parts.values())[1:])
    assert re.findall(r"^### (.+)$", written.card, re.M) == ["Commands", "Guarantees", "Traps"]


@lesson
def test_the_card_names_only_what_the_lesson_runs_or_links(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    text = source(notebook).lower()
    codes = re.findall(r"`([^`]+)`", notes(path).card)
    commands = {word for code in codes for word in re.findall(r"\b[A-Z]{3,}\b", code)}
    assert commands or "00_" in path.name
    assert [word for word in sorted(commands) if word.lower() not in text] == []


# --- the instructor's guide ---

GUIDE = (ROOT / "docs/instructors-guide.md").read_text(encoding="utf-8")
PLANS = {"Two hours": 120, "Half a day": 240, "A full day": 480}


@pytest.mark.parametrize("plan", PLANS)
def test_the_minutes_of_a_plan_add_up(plan: str) -> None:
    [part] = re.findall(rf"^### {plan}.*?(?=^##)", GUIDE, re.M | re.S)
    rows = re.findall(r"^\| (.+?) \| (\d+) \|$", part, re.M)
    assert len(rows) > 5
    assert sum(int(minutes) for _, minutes in rows) == PLANS[plan]
    numbers = re.findall(r"Lesson (\d)", part)
    assert numbers == sorted(set(numbers))
    assert all(find_exercise(number) for number in re.findall(r"\b\d\.\d\b", part))


# --- what make handouts built ---


def pdfs(edition: str = "*") -> list[str]:
    """The names of the files that should be there."""
    kinds = ["student", "instructor"] if edition == "*" else [edition]
    return [f"{name}.{kind}.pdf" for name in NAMES for kind in kinds]


def why_not_fresh() -> str:
    """Tell why the built files cannot be looked at, or nothing."""
    sources = [*LESSONS, *(ROOT / "publish/handouts").rglob("*.*")]
    sources += (ROOT / "helpers/exercises").glob("*.py")
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
@lesson
def test_the_pages_of_a_handout(path: Path, edition: str) -> None:
    texts = pages_in_order(f"{path.stem}.{edition}.pdf")
    assert 4 <= len(texts) <= 18
    *others, last = texts
    assert all(part in last for part in (CARD, "Commands", "Guarantees", "Traps"))
    assert not any(CARD in text for text in others)
    shown = found(path, "\n".join(texts))
    if edition == "student":
        assert shown == []
    else:  # the same search finds them where they are; a page's foot may cut one in two
        assert len(shown) >= 0.9 * len(secrets(path))


@built
def test_the_pages_of_the_whole_course() -> None:
    texts = pages_in_order("course.pdf")
    assert 70 <= len(texts) <= 130
    everywhere = "".join(map(openly_said, LESSONS))
    for path in LESSONS:
        leaks = found(path, "\n".join(texts))
        assert [leak for leak in leaks if squeezed(leak) not in everywhere] == []
        assert_contents_are_right(path, texts)


def pages_in_order(name: str) -> list[str]:
    """Read the text of each page, and check what holds for every page of every file."""
    texts = [page.extract_text() for page in opened(name).pages]
    known = {squeezed(heading) for path in LESSONS for heading in headings(path)}
    for number, (page, text) in enumerate(zip(opened(name).pages, texts, strict=True), 1):
        foot = f"{number} / {len(texts)}"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        assert foot in lines, f"page {number} does not say which it is"
        assert len(text) > 120, f"page {number} is nearly empty: {text!r}"
        first = next((line for line in lines[1:] if line != foot), "")  # below the running head
        assert not first.startswith("☐"), f"page {number} begins within the options of a question"
        assert squeezed(lines[-1]) not in known, f"page {number} ends with the heading {lines[-1]}"
        assert not RAW_WIDGET.search(text)
        assert [round(side) for side in page.mediabox[2:]] == [595, 842]
    return texts


def assert_contents_are_right(path: Path, texts: list[str]) -> None:
    """The page that the contents name for a lesson, and for each section, has its heading."""
    contents = "\n".join(texts[1:3])
    title = f"{int(path.name[:2])} · {lesson_of(path).title}"
    start = contents.index(title)
    first = int(re.match(r"\s*(\d+)", contents[start + len(title) :])[1])
    assert title in texts[first - 1] and lesson_of(path).promise[:30] in texts[first - 1]
    for heading in (heading for heading in headings(path) if heading not in READ_OVER):
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
def test_a_students_html_answers_nothing(path: Path) -> None:
    def text(edition: str) -> str:
        html = (BUILT / f"{path.stem}.{edition}.html").read_text(encoding="utf-8")
        return unescape(re.sub(r"<[^>]+>", "", html))

    assert found(path, text("student")) == []
    assert len(found(path, text("instructor"))) > 0.9 * len(secrets(path))


# --- the command ---

PYTHON = ROOT / ".venv-handouts/bin/python"


@pytest.mark.skipif(not PYTHON.exists(), reason=".venv-handouts is not there: run make handouts")
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
