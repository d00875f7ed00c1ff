"""The recorded stories: what a lab shows where nothing can be pressed."""

from collections.abc import Iterator

import pytest

from helpers import broker, lab
from helpers.lessons import lessons, part
from helpers.stage.story import read_story, write_story
from helpers.stage.svg import NARROW, WIDTH, draw
from tools.stories import PRESSES, path_of, played

from ..stages.drawn import covered

EACH = pytest.mark.parametrize("lesson", lessons())
MOST_BYTES = 40_000  # a story goes into every copy of the course


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    broker.close()


@EACH
async def test_a_recorded_story_is_what_a_new_run_gives(lesson: str) -> None:
    kept = path_of(lesson).read_text(encoding="utf-8")
    assert write_story(await played(lesson)) == kept, "make stories"
    assert len(kept.encode()) <= MOST_BYTES


@EACH
def test_a_recorded_story_reaches_every_goal_and_no_act_in_vain(lesson: str) -> None:
    frames = read_story(path_of(lesson)).frames
    assert all(is_reached for _, is_reached in frames[-1].goals)
    assert not any(is_reached for _, is_reached in frames[0].goals)
    assert all(frame.headline for frame in frames[1:])


@EACH
def test_in_no_picture_of_a_story_words_stand_on_others(lesson: str) -> None:
    for frame in read_story(path_of(lesson)).frames:
        for width in (WIDTH, NARROW):
            assert covered(draw(frame.stage, width, frame.headline)) == [], frame.number


@EACH
def test_what_is_read_is_what_was_written(lesson: str) -> None:
    path = path_of(lesson)
    assert write_story(read_story(path)) == path.read_text(encoding="utf-8")


@EACH
def test_the_middle_of_a_story_tells_something(lesson: str) -> None:
    story = read_story(path_of(lesson))
    goals = [is_reached for _, is_reached in story.middle.goals]
    assert 0 < sum(goals) < len(goals)
    assert story.middle.stage not in (story.frames[0].stage, story.frames[-1].stage)


@EACH
async def test_a_lab_is_kept_as_a_moment_of_its_story_until_it_is_played(lesson: str) -> None:
    view = await lab(lesson)
    kept = view._repr_mimebundle_()
    title = part(lesson, "lab").LAB.title
    assert kept["text/plain"].startswith(f"{title}: a moment of its story\n")
    assert "a moment of its story" in kept["image/svg+xml"]
    assert view.model.story() == read_story(path_of(lesson))
    places = read_story(path_of(lesson)).middle.stage.places
    assert [place.name for place in places if place.name not in kept["text/plain"]] == []
    await view.model.press(PRESSES[lesson].split(", ")[0])
    assert "a moment of its story" not in view._repr_mimebundle_()["text/plain"]
    await view.model.close()
