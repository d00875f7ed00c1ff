"""What a check, a hint and what comes next look like, as text and as HTML."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import helpers
from helpers.exercises.result import MOST_LINES, PRINTED, CheckResult, HintText
from helpers.exercises.verdict import Difference, expect_same, show
from helpers.practice import progress_file
from helpers.practice.catalogue import exercises


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def difference(found: Any, expected: Any, *reasons: str) -> Difference:
    with pytest.raises(Difference) as raised:
        expect_same("the list `mail`", found, expected, *reasons)
    return raised.value


def seen(html: str) -> str:
    """Return the words of some HTML, without what only the eye sees."""
    bare = re.sub(r'<span aria-hidden="true">.*?</span>', "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def test_expected_and_found_stand_under_each_other() -> None:
    result = CheckResult(difference(["b", "a"], ["a", "b"], "Push to the right."))
    assert repr(result).splitlines() == [
        "Not yet: the list `mail`.",
        "  expected  ['a', 'b']",
        "  found     ['b', 'a']",
        "Push to the right.",
    ]
    html = result._repr_html_()
    assert html.index("✗") < html.index("Not yet:") < html.index("expected") < html.index("found")
    assert "<code>mail</code>" in html and "monospace" in html


@pytest.mark.parametrize("found", [["order-27"], {"order-27": "bob"}])
def test_what_should_not_be_there_is_named_in_a_sentence(found: Any) -> None:
    told = repr(CheckResult(difference(found, type(found)(), "Go on until none is new.")))
    assert told.splitlines() == [
        "Not yet: the list `mail`: order-27. There should be none.",
        "Go on until none is new.",
    ]


@pytest.mark.parametrize("found", [[], {}])
def test_nothing_is_called_nothing(found: Any) -> None:
    assert "  found     nothing" in repr(CheckResult(difference(found, ["order-27"])))


def test_an_answer_of_none_is_not_called_nothing() -> None:
    assert "  found     None" in repr(CheckResult(difference(None, [])))


def test_a_long_list_is_shortened_by_whole_items() -> None:
    told = show([f"order-{number}" for number in range(25)])
    assert told == (
        "['order-0', 'order-1', 'order-2', … 19 more …, 'order-22', 'order-23', 'order-24']"
    )


def test_what_is_shown_says_as_much_as_the_text() -> None:
    for verdict in (difference(["<b>"], ["a & b"], "Look at `mail`."), "it was not done."):
        result = CheckResult(verdict, printed="1 < 2\n")
        text = " ".join(repr(result).replace("`", "").split())
        assert seen(result._repr_html_()).replace(" .", ".") == text


def test_colours_follow_the_page_and_not_the_system() -> None:
    results = (
        CheckResult("", passed=True),
        CheckResult("no."),
        HintText("Hint 1 of 3: x"),
        helpers.progress(),
    )
    for shown in results:
        html = shown._repr_html_()
        assert "prefers-color-scheme" not in html and "<style" not in html
        assert "light-dark(" in html or shown is results[-1]


async def test_what_an_answer_prints_is_shown_but_not_without_end() -> None:
    async def talks(shop: Any, order: str) -> None:
        for number in range(100):
            print(f"{number} <{order}>")

    result = await helpers.check("1.1", talks, record=False)
    lines = repr(result).splitlines()
    assert lines[lines.index(PRINTED) + 1].startswith("  0 <order-")
    assert re.fullmatch(r"  … and \d+ more lines", lines[-1])
    assert len(lines) == lines.index(PRINTED) + 1 + MOST_LINES + 1
    assert "0 &lt;order-" in result._repr_html_()


async def announce(shop: Any, channel: str, text: str) -> bool:
    return await shop.publish(channel, text) > 0


async def test_a_pass_names_what_comes_next() -> None:
    result = await helpers.check("2.1", announce)
    told = "Next: 2.2, `listen`. 1 of 3 exercises of lesson 2 done."
    assert repr(result).splitlines()[1] == told.replace("`listen`", names("2.2"))
    assert "✓" in result._repr_html_() and "Next: 2.2" in seen(result._repr_html_())
    for number in ("2.2", "2.3"):
        progress_file.record("exercises", number)
    last = repr(await helpers.check("2.1", announce)).splitlines()[1]
    assert last == "Next: the quiz of lesson 2. 3 of 3 exercises of lesson 2 done."


async def forgets_a_command(client: Any, name: str, handle: Any) -> None:
    client.lpop("orders")


async def forgets_the_work(client: Any, name: str, handle: Any) -> None:
    while job := await client.lpop("orders"):
        handle(job)


async def forgets_its_own(client: Any, name: str, handle: Any) -> None:
    forgets_a_command(client, name, handle)


@pytest.mark.parametrize(
    ("answer", "forgotten"),
    [
        (forgets_a_command, "a command"),
        (forgets_the_work, "`handle`"),
        (forgets_its_own, "`forgets_a_command`"),
    ],
)
async def test_what_was_called_and_never_awaited_is_named(answer: Any, forgotten: str) -> None:
    result = repr(await helpers.check("9.2", answer))
    assert result.startswith(f"Not yet: {forgotten} was called and never awaited: write `await`")


def names(number: str) -> str:
    return " and ".join(f"`{name}`" for name in exercises("2")[number].takes)


async def test_a_solution_of_ours_names_nothing_next() -> None:
    assert "Next" not in repr(await helpers.check("2.1", announce, record=False))


async def test_a_pass_that_cannot_be_kept_is_told() -> None:
    Path(".progress.json").mkdir()
    result = await helpers.check("2.1", announce)
    assert result.passed and "is not remembered" in repr(result)


def test_a_hint_is_the_same_in_html() -> None:
    hint = helpers.hint("4.1")
    assert seen(hint._repr_html_()) == str(hint).replace("`", "")
