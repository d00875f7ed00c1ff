"""Play the story of each lab on the embedded broker, and keep its moments.

    python -m tools.stories

The site animates them, and the one in the middle is what a lab shows where it cannot be played.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from embedded_redis import Clock, embedded_server
from helpers import broker
from helpers.broker import choice
from helpers.labs.acts import Act
from helpers.labs.model import Lab
from helpers.lessons import part
from helpers.stage.story import Story, write_story
from publish.unattended import ON_EMBEDDED

MOMENT = 1_800_000_000.0  # seconds since 1970
LESSONS = Path(__file__).parent.parent / "helpers" / "lessons"

PRESSES = {
    "1": "Send an order, Send an order, Everybody reads, Add a late service, Everybody reads",
    "2": "Publish, Subscribe ann, Publish, Unsubscribe ann, Publish, Subscribe ann, Publish, "
    "Subscribe bob, Publish",
    "3": "Subscribe to channel ann, Subscribe to pattern ann, Publish, Subscribe to channel ann, "
    "Publish, Pattern=m*, Subscribe to pattern ann, Publish, Subscribe to channel bob, Publish",
    "4": "Push an order, Push an order, Push an order, Push an order, Kill ann, "
    "Take with=BLMOVE, Finish bob, Kill bob, Sweep, Restart ann, Finish ann",
    "5": "Add an entry, Add an entry, Add an entry, Read on ann, Trim, Read on bob, "
    "Rewind ann, Read on ann",
    "6": "Add an order, Add poison, Add an order, Take next ann, Work on it ann, Take next ann, "
    "Work on it ann, A minute passes, Claim idle bob, Work on it bob, Restart bob, Take next bob, "
    "Work on it bob",
    "7": "Subscribe A, Publish 10 B, Nodes=12, Subscribe A, Publish 10 B, Publish 10 A, "
    "With=SPUBLISH, Publish 10 B, Subscribe D, Publish 10 D",
    "8": "Run once, The worker dies=in 1 of 4 tries, Run once, Run once, Run ten times, "
    "Run ten times",
    "9": "Next step ann, Dies here ann, Design=a list per worker, Next step ann, "
    "Next step ann, Dies here ann, Next step ann, Next step ann, Next step ann, Next step ann, "
    "Next step ann, Next step ann, Next step ann, Next step ann, Design=one list for all, "
    "Next step ann, Next step ann, Next step bob, Next step ann, Next step bob",
    "10": "Add a job due in 10 s, Turn the clock 10 s, Move what is due, "
    "Take ann, Handler raises ann, Turn the clock 10 s, Move what is due, "
    "Take ann, Handler raises ann, Turn the clock 10 s, Turn the clock 10 s, Move what is due, "
    "Take ann, Handler raises ann, Replay a dead letter, "
    "Take ann, Turn the clock 10 s, Heartbeat ann, Turn the clock 10 s, Finish ann",
    "11": "Send a job, Next step ann, Next step ann, Next step ann, Kill ann, "
    "Library=Celery acks_late, Send a job, Next step ann, Next step ann, Kill ann, Start bob, "
    "An hour passes, Next step bob, Next step bob, Next step bob, Kill bob, Start ann, "
    "An hour passes, Next step ann, Next step ann, Next step ann, "
    "Library=RQ, Send a job, Next step ann, Next step ann, Kill ann, Start bob, An hour passes",
}
"""What is pressed in the story of each lab, in turn: the act that leads on, each time.

`Label=value` chooses or types something.
"""


def path_of(lesson: str) -> Path:
    """Return the file of a lab's story."""
    return LESSONS / f"l{int(lesson):02}" / "story.json"


@contextmanager
def standing_time() -> Iterator[None]:
    """Give a new embedded broker on which no time passes, so that every run has the same ids."""
    broker.close()
    still = partial(embedded_server, clock=Clock(MOMENT))
    with patch.object(choice, "embedded_server", still), patch.dict("os.environ", ON_EMBEDDED):
        yield
        broker.close()


async def played(lesson: str) -> Story:
    """Play a lab's story to its end, and return its moments."""
    with standing_time():
        return await _played(lesson)


async def _played(lesson: str) -> Story:
    model: Lab = part(lesson, "lab").LAB()
    try:
        for press in PRESSES[lesson].split(", "):
            await _press(model, press)
            assert not model.problem, model.problem
        return Story(model.frames)
    finally:
        await model.close()


async def _press(model: Lab, press: str) -> None:
    label, is_choice, value = press.partition("=")
    if not is_choice:
        return await model.press(press)
    others = [c for c in model.controls() if not isinstance(c, Act)]
    [setting] = [c.setting for c in others if c.label == label]
    await model.choose(setting, value)


async def main() -> None:
    """Keep the story of each lab."""
    for lesson in PRESSES:
        text = write_story(await played(lesson))
        path_of(lesson).write_text(text, encoding="utf-8")
        print(f"lab {lesson}: {len(text.encode()) / 1000:.1f} kB")


if __name__ == "__main__":
    asyncio.run(main())
