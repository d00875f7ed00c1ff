"""The moments of a record as frames of a stage."""

from helpers.replay import Moments
from helpers.replay.frames import Frames
from helpers.stage.plain import plain

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
