"""Send a class's answers through one Redis that is killed twice, and count them on a board.

Usage: python -m tools.classroom [LEARNERS] [FSYNC]      (300 learners and `always` unless told)
Each learner has an outbox and a sender of their own, as a kernel has, and answers every question
of two lessons; some checks fail first. Redis keeps an append-only file. It is ended by SIGKILL when
a third and when two thirds of the answers are given, and started again a second later. Every answer
must be on the board once. Printed is how long each took from the learner to the board.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from helpers.broker.servers import find_server, server_version
from helpers.classroom.address import ClassAddress
from helpers.classroom.event import Event
from helpers.classroom.outbox import Outbox
from helpers.classroom.reader import Reader
from helpers.classroom.sender import Sender
from helpers.classroom.state import ClassState
from helpers.practice.catalogue import exercises, find_quiz, predictions
from tests.classroom.kit import ClassRedis, class_redis, sending
from tests.waiting import until
from tools.asked import count

LESSONS = ("2", "3")
SECONDS = 30.0  # in which a learner answers everything
DOWN = 1.0  # seconds
DEADLINE = 120.0  # seconds after the last answer


class Measured:
    """A board that notes when it first got each event."""

    def __init__(self) -> None:
        self.state = ClassState()
        self.given: dict[str, float] = {}
        self.got: dict[str, float] = {}
        self.takes = 0

    def take(self, event: Event, at: int) -> None:
        self.takes += 1
        self.got.setdefault(event.id, time.perf_counter())
        self.state.take(event, at)


def answers_of(who: str, chance: random.Random) -> list[Event]:
    """Make the answers of one learner to two lessons."""
    events = []
    for lesson in LESSONS:
        for number in predictions(lesson):
            events.append(Event(who, "prediction", number, str(chance.randrange(3)), False))
        for number in exercises(lesson):
            failed = chance.randrange(3)
            events += [Event(who, "check", number, "failed", False) for _ in range(failed)]
            events.append(Event(who, "check", number, "passed", True))
        for number, question in find_quiz(lesson).items():
            choice = chance.randrange(len(question.options))
            is_right = question.options[choice].is_right
            events.append(Event(who, "quiz", number, str(choice), is_right))
    return events


async def learn(events: list[Event], outbox: Outbox, sender: Sender, board: Measured) -> None:
    """Give the answers of one learner, at random moments."""
    moments = sorted(random.uniform(0, SECONDS) for _ in events)
    began = time.perf_counter()
    for moment, event in zip(moments, events, strict=True):
        await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
        board.given[event.id] = time.perf_counter()
        outbox.put(event)
        sender.wake()


async def accidents(place: ClassRedis, board: Measured, count: int) -> list[tuple[float, float]]:
    """Kill Redis twice, and return from when to when it was gone."""
    gone = []
    for share in (1 / 3, 2 / 3):
        await until(lambda share=share: len(board.given) >= count * share, "answers", DEADLINE)
        began = time.perf_counter()
        await asyncio.to_thread(place.kill)
        await asyncio.sleep(DOWN)
        await asyncio.to_thread(place.start)
        gone.append((began, time.perf_counter()))
    return gone


async def read(address: ClassAddress, board: Measured) -> None:
    """Read what the class says, for ever."""
    async for _ in Reader(address, board).rounds():
        pass


async def class_of(learners: int, place: ClassRedis, folder: Path) -> bool:
    """Have a class, print what was measured, and tell whether every answer counted once."""
    board = Measured()
    todo = [answers_of(f"learner-{each}", random.Random(each)) for each in range(learners)]
    count = sum(map(len, todo))
    reading = asyncio.create_task(read(place.address, board))
    async with AsyncExitStack() as stack:
        learning = []
        for each, events in enumerate(todo):
            outbox = Outbox(folder / str(each))
            sender = await stack.enter_async_context(sending(place.address, outbox))
            learning.append(learn(events, outbox, sender, board))
        gone, *_ = await asyncio.gather(accidents(place, board, count), *learning)
        await until(lambda: len(board.got) >= count, "every answer on the board", DEADLINE)
    reading.cancel()
    return report(board, todo, gone)


def report(board: Measured, todo: list[list[Event]], gone: list[tuple[float, float]]) -> bool:
    """Print counts and delays, and tell whether all is well."""
    given = {event.id for events in todo for event in events}
    delays = {each: board.got[each] - board.given[each] for each in given}
    calm = [
        delay
        for each, delay in delays.items()
        if not any(
            board.given[each] <= end + 10 and board.got[each] >= start for start, end in gone
        )
    ]
    counted = sum(work.tries for work in board.state.work())
    print(f"{len(given)} answers of {len(todo)} learners in {SECONDS:g} s; Redis was gone for")
    print("  " + " and ".join(f"{end - start:.2f} s" for start, end in gone))
    print(f"on the board: {len(board.got)}, counted: {counted}, taken by the reader: {board.takes}")
    print(f"delay of all: {quantiles([*delays.values()])}")
    print(f"delay of the {len(calm)} far from an accident: {quantiles(calm)}")
    return {*board.got} == given and counted == len(given)


def quantiles(seconds: list[float]) -> str:
    """Write the median, the 95th percentile and the longest."""
    cuts = statistics.quantiles(seconds, n=20)
    shown = {"median": cuts[9], "95 %": cuts[18], "longest": max(seconds)}
    return ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in shown.items())


def main(arguments: list[str]) -> int:
    """Have a class, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.classroom")
    parser.add_argument("learners", nargs="?", type=count, default=300)
    parser.add_argument("fsync", nargs="?", choices=("always", "everysec", "no"), default="always")
    asked = parser.parse_args(arguments)
    program = find_server()
    print(f"{server_version(program)}, appendonly yes, appendfsync {asked.fsync}")
    with tempfile.TemporaryDirectory(prefix="class-") as home:
        folder = Path(home)
        with class_redis(program, folder / "redis", asked.fsync) as place:
            is_well = asyncio.run(class_of(asked.learners, place, folder / "learners"))
    print("every answer counted once" if is_well else "NOT every answer counted once")
    return not is_well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
