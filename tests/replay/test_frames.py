"""The moments of a record as frames: of a notebook's clients, and of the last act of a lab."""

import pytest

from helpers.lessons import part
from helpers.replay import Moments
from helpers.replay.frames import Frames
from helpers.stage.plain import plain
from helpers.stage.text import write

from ..stage import EMBEDDED, Stage, staged

stage = staged(EMBEDDED)


async def test_frames_are_counted_and_say_what_was_done(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.rpush("q", "a")
    await ann.blpop("q")
    pushed, popped = Frames(Moments(stage.record))
    assert (pushed.number, popped.number) == (1, 2)
    assert popped.did == "ann BLPOP q 0"
    assert popped.sent == ["ann  BLPOP q 0   → q, a   | q: empty"]
    assert pushed.goals == ()


async def test_the_page_sees_what_has_come(stage: Stage) -> None:
    shop, ann = stage.clients("shop", "ann")
    await shop.rpush("q", "a", "b")
    await ann.lpop("q")
    told = plain(Frames(Moments(stage.record)))
    fresh = [i["text"] for p in told[1]["stage"]["places"] for i in p["items"] if i["isFresh"]]
    assert fresh == ["a"]


@pytest.mark.parametrize("lesson", ["1", "2", "3", "4", "6"])
async def test_the_last_act_of_a_lab_command_by_command(stage: Stage, lesson: str) -> None:
    model = part(lesson, "lab").LAB()
    await model.press(model.primary())
    frames = model.command_by_command()
    assert (model.problem, len(frames) > 0) == ("", True)
    told = "\n".join(
        "\n".join([write(frame.stage), frame.did, frame.headline, *frame.sent]) for frame in frames
    )
    assert (model.key("") in told, model.named("") in told) == (False, False)
    await model.close()


async def test_a_lab_shows_the_commands_of_its_last_act_alone(stage: Stage) -> None:
    model = part("4", "lab").LAB()
    await model.press("Push an order")
    await model.press("Push an order")
    frames = model.command_by_command()
    assert any("RPUSH orders order-2" in frame.did for frame in frames)
    assert not any("order-1" in frame.did for frame in frames)
    await model.close()
