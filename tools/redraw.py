"""What a redraw of a lab costs, with many messages on stage.

    python -m tools.redraw

A redraw is all that the notebook does for a changed lab: its stage, its words, its goals and the
last commands, handed to the page.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any

from helpers import lab
from helpers.labs.model import Lab
from helpers.labs.view import LabView
from helpers.lessons import lessons, part
from helpers.lessons.l01.lab import TwoCopies
from helpers.lessons.l02.lab import Channel
from helpers.lessons.l03.lab import Patterns
from helpers.lessons.l04.lab import Line
from helpers.lessons.l05.lab import END, History
from helpers.lessons.l06.lab import Board
from helpers.lessons.l07.lab import MOST, Bus
from helpers.lessons.l08.lab import Crash
from helpers.lessons.l09.lab import Schedule
from helpers.lessons.l10.lab import Timeline
from helpers.lessons.l11.lab import TaskLibrary

SIZES = (200, 1000)
BEST_OF = 5


async def _two_copies(model: TwoCopies, messages: int) -> None:
    await _times(messages // 2, model.send)
    await model.read()
    await _times(messages - messages // 2, model.send)


async def _channel(model: Channel, messages: int) -> None:
    for name in ("ann", "bob"):
        await model.subscribe(name)
    await _times(messages, model.publish)


async def _patterns(model: Patterns, messages: int) -> None:
    await model.psubscribe("ann")
    await model.subscribe("ann")
    await _times(messages, model.publish)


async def _line(model: Line, messages: int) -> None:
    await _times(messages, model.push)


async def _history(model: History, messages: int) -> None:
    await _times(min(messages, END // model.state.next_second), model.add)  # its axis has an end
    await model.read_on("ann")
    model.keep = 1
    await model.trim()


async def _board(model: Board, messages: int) -> None:
    for number in range(1, messages + 1):  # an act would count all entries each time
        fields = {"name": f"order-{number}"}
        await model.client("shop").xadd(model.key("orders"), fields, id=f"{number}-0")
    await model.look()
    await _times(messages // 2, partial(model.take, "ann"))
    await _times(messages // 4, partial(model.finish, "ann"))


async def _bus(model: Bus, messages: int) -> None:
    await model.subscribe("A")
    await _times(messages // 10, partial(model.publish, "A"))


async def _crash(model: Crash, messages: int) -> None:
    await _times(min(messages // 20, 50), model.run)


async def _schedule(model: Schedule, messages: int) -> None:
    for step in range(min(messages, 20)):  # then both have returned
        worker = ("ann", "bob")[step % 2]
        if "returned" not in model.state.following.get(worker, ""):
            await model.go(worker)
        await model.look()


async def _timeline(model: Timeline, messages: int) -> None:
    for _ in range(messages):  # the last half waits, the first is new, pending or done
        await model.add()
    for number in range(1, messages // 2 + 1):  # an act would count all entries each time
        fields: dict[Any, Any] = {"job": f"order-{number}"}
        await model.client("mover").xadd(model.key("orders"), fields, id=f"{number}-0")
        await model.client("mover").zrem(model.key("later"), fields["job"])
    await model.client("ann").xreadgroup(
        "packing", "ann", {model.key("orders"): ">"}, count=messages // 4
    )
    await model.look()


async def _task_library(model: TaskLibrary, messages: int) -> None:
    for _ in range(messages):  # the last half waits, the first is packed
        await model.send()
    for _ in range(4 * (messages // 2)):
        await model.go("ann")
    await model.look()


CROWDS: dict[type[Lab], Callable[..., Awaitable[None]]] = {
    TwoCopies: _two_copies,
    Channel: _channel,
    Patterns: _patterns,
    Line: _line,
    History: _history,
    Board: _board,
    Bus: _bus,
    Crash: _crash,
    Schedule: _schedule,
    Timeline: _timeline,
    TaskLibrary: _task_library,
}


async def _times(number: int, action: Callable[[], Awaitable[None]]) -> None:
    for _ in range(number):
        await action()


async def crowded(kind: type[Lab], messages: int) -> LabView:
    """Return a lab with so many messages, or as many as it takes."""
    view = await lab(kind.number)
    model = view.model
    if isinstance(model, Bus):
        model.count = MOST
        await model.do(model.start_over)

    crowd = CROWDS[kind]

    async def fill() -> None:
        await crowd(model, messages)

    await model.do(fill)
    assert (model.problem, model.hint) == ("", "")
    return view


def again(view: LabView) -> Callable[[], None]:
    """Return what tells a moment once more, and shows it."""

    def tell() -> None:
        view.model.frames = [*view.model.frames[:-1], view.model._frame("again", 0)]
        view.show()

    return tell


def seconds(work: Callable[[], None]) -> float:
    """Measure the fastest of several runs, in seconds of this process: others do not count."""
    measured = []
    for _ in range(BEST_OF):
        start = time.process_time()
        work()
        measured.append(time.process_time() - start)
    return min(measured)


def calls(work: Callable[[], None]) -> int:
    """Count the functions that are called, of Python and of C: the same in every run."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


async def main() -> None:
    """Print a line for each lab."""
    print(f"{'redraw':24}", *(f"{size:5} messages      " for size in SIZES))
    for kind in (part(lesson, "lab").LAB for lesson in lessons()):
        figures = []
        for size in SIZES:
            view = await crowded(kind, size)
            figures.append(f"{1000 * seconds(again(view)):5.1f} ms {calls(again(view)):7} calls")
            await view.model.close()
        print(f"lab {kind.number} {kind.__name__:18}", *figures, sep="  ")


if __name__ == "__main__":
    asyncio.run(main())
