"""What the pages of the site are made of; nothing is built here."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from pathlib import Path

import nbformat
import pytest

from helpers.exercises.look import words
from helpers.stage.story import read_story
from publish import navigation
from publish.lesson import Lab, Lesson, Quiz, lessons, tags
from publish.questions import question_of
from publish.site import addresses, front, handouts, lesson_page, links, picture, stories

COURSE = lessons()
SVG = "<svg><style>.a{fill:light-dark(#fff,#000)}</style>\n\n</svg>"
STORIES = stories.LESSONS
STYLES = Path(picture.__file__).parent / "static/site.css"


@pytest.fixture(params=COURSE, ids=lambda entry: entry.path.stem)
def entry(request: pytest.FixtureRequest) -> Lesson:
    return request.param


made = cache(lesson_page.page)  # which tests read and do not change


@pytest.fixture
def page(entry: Lesson) -> nbformat.NotebookNode:
    return made(entry)


def test_a_page_is_a_notebook_and_no_cell_is_lost(
    page: nbformat.NotebookNode, entry: Lesson
) -> None:
    nbformat.validate(page)
    left = {cell.id for cell in entry.cells} - {cell.id for cell in page.cells}
    questions = {cell.id for part in entry.predictions for cell in entry.cells if part.asks is cell}
    rewritten = {part.asks.id for part in entry.parts if isinstance(part, Quiz)}
    rewritten |= {c.id for c in entry.cells if c.kind == "markdown" and "predict" in c.tags}
    assert left == questions | rewritten


def test_no_widget_is_left_on_a_page(page: nbformat.NotebookNode) -> None:
    assert "application/vnd.jupyter.widget" not in nbformat.writes(page)
    assert not re.search(r"\b[A-Z]\w*\(children=", nbformat.writes(page))


def test_every_prediction_keeps_its_options_and_folds_its_answer(
    page: nbformat.NotebookNode, entry: Lesson
) -> None:
    texts = [cell.source for cell in page.cells if '<div class="practice">' in cell.source]
    predictions = [text for text in texts if "<details>" in text]
    for text, asked in zip(predictions, entry.predictions, strict=True):
        options = re.findall("<li>(.*?)</li>", text)
        assert options == [words(option.text) for option in question_of(asked).options]
        assert 'class="asked"' not in text and asked.question in text
        assert text.index("</ol>") < text.index("<details>") < text.index(asked.answer)
    quizzes = [text for text in texts if "<details>" not in text]
    assert len(quizzes) == (1 if entry.exercises else 0)
    assert all(quiz.count("<ol>") == 5 for quiz in quizzes)


def test_every_solution_is_folded(page: nbformat.NotebookNode, entry: Lesson) -> None:
    folded = [cell.source for cell in page.cells if "hide-cell" in tags(cell)]
    assert folded == [exercise.solution.source for exercise in entry.exercises]


def test_every_lab_says_where_it_is_alive(page: nbformat.NotebookNode, entry: Lesson) -> None:
    ends = re.compile(r"^(This is how it opens\.|One way through it\.) To ", re.M)
    notes = [cell.source for cell in page.cells if ends.search(cell.source)]
    assert len(notes) == sum(isinstance(part, Lab) for part in entry.parts)
    assert all(navigation.browser_edition(entry.path.name) in note for note in notes)


def test_every_lab_has_its_story_on_the_page_in_words(
    page: nbformat.NotebookNode, entry: Lesson
) -> None:
    labs = re.findall(r"await lab\((\d+)\)", "\n".join(cell.source for cell in entry.code))
    told = [cell.source for cell in page.cells if 'class="story"' in cell.source]
    assert len(told) == len(labs)
    for number, text in zip(labs, told, strict=True):
        frames = read_story(STORIES / f"l{int(number):02}" / "story.json").frames
        for frame in frames:
            assert escape(frame.headline) in text and escape(frame.summary) in text
        assert text.count("<li>") == len(frames) > 3
        assert "\n\n" not in text.partition("</div>")[0], "Markdown would end the list there"


def test_the_page_of_a_story_gets_what_a_notebook_would(tmp_path: Path) -> None:
    stories.lay_beside(tmp_path)
    written = sorted((tmp_path / "stories").iterdir())
    assert len(written) == len([*STORIES.glob("l*/story.json")]) > 7
    for path in written:
        story = read_story(STORIES / f"l{path.stem}" / "story.json")
        told = json.loads(path.read_text("utf-8"))
        assert told == json.loads(json.dumps(stories.moments(story)))
        assert len(told["frames"]) == len(story.frames)
    assert (tmp_path / "stage.js").read_bytes() == (stories.STAGE / "stage.js").read_bytes()


def test_a_page_offers_three_ways_to_run_its_lesson(
    page: nbformat.NotebookNode, entry: Lesson
) -> None:
    name = entry.path.name
    offered = re.findall(r'href="([^"]+)"', page.cells[0].source)
    assert offered[:3] == [navigation.binder(name), navigation.browser_edition(name), name]


def test_the_site_and_the_browser_edition_are_on_the_pages_of_the_repository() -> None:
    owner, name = navigation.repository().split("/")[-2:]
    assert navigation.site() == f"https://{owner}.github.io/{name}/"
    opened = navigation.browser_edition("04_lists_as_queues.ipynb")
    assert (
        opened == f"{navigation.site()}lite/lab/index.html?path=notebooks/04_lists_as_queues.ipynb"
    )


@pytest.mark.parametrize(
    ("link", "folder", "leads_to"),
    [
        ("../README.md#the-lessons", "notebooks", "../index.md#the-lessons"),
        ("05_streams.ipynb", "notebooks", "05_streams.ipynb"),
        ("notebooks/05_streams.ipynb", "", "notebooks/05_streams.ipynb"),
        ("LICENSE", "", f"{navigation.repository()}/blob/HEAD/LICENSE"),
        ("../helpers", "docs", f"{navigation.repository()}/tree/HEAD/helpers"),
        ("https://redis.io/docs", "docs", "https://redis.io/docs"),
        ("#which-broker", "", "#which-broker"),
    ],
)
def test_where_a_link_leads(link: str, folder: str, leads_to: str) -> None:
    assert addresses.resolved(f"See [this]({link}).", folder) == f"See [this]({leads_to})."


def test_the_front_page_is_the_readme_with_every_lesson_and_document() -> None:
    text = front.page(Path("README.md").read_text(encoding="utf-8"), COURSE, ["handouts"])
    for entry in COURSE:
        assert f"[{entry.title}](notebooks/{entry.path.name})** · {entry.minutes} minutes" in text
        mark = f"{entry.number}. "  # what stands less far to the right ends the list
        assert f"\n{' ' * len(mark)}{entry.promise}\n" in text
    assert "\nhandouts\n" in text
    assert "mybinder.org/badge" not in text
    assert text.index("## The lessons") < text.index("## On your own machine")
    assert text.index("## On your own machine") < text.index("## Licence")


def test_a_picture_follows_the_switch_of_the_page_and_has_its_words() -> None:
    html = picture.figure(SVG, "a <b>\n\nc")
    assert "light-dark(#fff,#000)" in html, "the page's colour scheme chooses"
    for theme in ("light", "dark"):
        assert f'body[data-theme="{theme}"] {{ color-scheme: {theme}; }}' in STYLES.read_text(
            "utf-8"
        )
    assert "\n\n" not in html.partition("</svg>")[0], "Markdown would end the picture there"
    assert "<pre>a &lt;b&gt;\n\nc</pre>" in html


def test_the_page_of_the_handouts_says_in_one_sentence_how_to_build_them(tmp_path: Path) -> None:
    text = handouts.page(tmp_path, COURSE)
    assert "`make handouts`" in text
    assert text.count(".\n") == 1


def test_the_page_of_the_handouts_links_to_what_there_is(tmp_path: Path) -> None:
    for name in ("course.pdf", "04_lists_as_queues.student.pdf", "04_lists_as_queues.student.html"):
        (tmp_path / name).touch()
    text = handouts.page(tmp_path, COURSE)
    linked = re.findall(r'href="handouts/([^"]+)"', text)
    assert sorted(linked) == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ('<a href="b.html">b</a>', "page.html has a link that leads nowhere: b.html"),
        ('<a href="#there">b</a>', "page.html has a link that leads nowhere: #there"),
        ('<a href="other.html#x">b</a>', "page.html has a link that leads nowhere: other.html#x"),
        ('<img src="x.png">', "page.html has a link that leads nowhere: x.png"),
        ('<script src="https://a.io/x.js"></script>', "page.html fetches https://a.io/x.js"),
        ('<link rel="stylesheet" href="//a.io/x.css">', "page.html fetches //a.io/x.css"),
        ("<style>@import 'https://a.io/x.css';</style>", "page.html fetches something"),
    ],
)
def test_a_faulty_page_is_told_of(tmp_path: Path, html: str, told: str) -> None:
    (tmp_path / "other.html").write_text('<p id="here">here</p>')
    (tmp_path / "page.html").write_text(html)
    assert [fault[: len(told)] for fault in links.faults(tmp_path)] == [told]


def test_a_style_that_fetches_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("body { background: url(https://a.io/x.png) }")
    assert links.faults(tmp_path) == ["site.css fetches something from elsewhere."]


def test_a_page_without_fault_is_not_told_of(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<p id="here">here</p>')
    (tmp_path / "page.html").write_text(
        '<link rel="canonical" href="https://a.io/"><a href="other.html#here">b</a>'
        '<a href="https://a.io/">elsewhere</a><a id="x" href="#x">here</a>'
    )
    assert links.faults(tmp_path) == []
