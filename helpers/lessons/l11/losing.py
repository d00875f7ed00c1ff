"""Exercise 11.1: read in recorded traffic which orders nobody has any more."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, missing, repeated
from .recorded import DEAD, RECORDED, packed, recorded
from .recording import Misread, Noted, Recording, recording
from .taking import Copying, Grouping, Popping, Tagging, Way

DONE = "It is in `done`: what is done is not lost, whatever the broker holds of it."
IN_HAND = "{who} took it and lives, so {who} still has it in hand."
SENDING = ("LPUSH", "XADD")  # in what was recorded
REMOVALS = ("LREM", "XACK", "HDEL")
TUPLE = "Each of `commands` is a tuple: (client, words, reply)."
HINTS = {
    "NoneType": "The reply to a pop is None when its time was over.",
    "tuple indices": TUPLE,
    "to unpack": TUPLE,
}
VAIN = "A reply to {removal} is 0: that removed nothing."
STEPS = (
    "take",
    "take let_go",
    "take let_go let_go",  # said again, in vain
    "take let_go done",
    "take done",
    "take done let_go",
)


@dataclass(frozen=True)
class Fate:
    """What has become of an order: who had it last, and why it is lost or not."""

    who: str
    why: str
    is_lost: bool = False


class Story:
    """Orders that are sent and taken, a worker who dies, and what has become of each order."""

    def __init__(self, trial: Trial, play: Recording, way: Way) -> None:
        names = trial.random.sample(["ann", "bob", "carol", "dave", "erin"], 3)
        self.dead, self.living, self.sweeper = names
        self.done: list[str] = []
        self.fates: dict[str, Fate] = {}
        self._way, self._play, self._random = way, play, trial.random

    @property
    def lost(self) -> list[str]:
        """The orders that nobody has any more."""
        return [order for order, fate in self.fates.items() if fate.is_lost]

    async def tell(self, orders: list[str], times: int) -> None:
        """Let each fate happen so many times; the orders that are left over wait in the end."""
        fates = [*self._all_fates()] * times
        plan = self._random.sample(fates, len(fates))
        await self._way.join(self._play.client("shop"))
        await self._play.in_vain(self._way.wait(self._play.client(self.dead), self.dead))
        await self._send(orders[: len(plan)])
        for who, steps in plan:
            await self._work(who, steps.split())
        await self._send(orders[len(plan) :])
        await self._sweep()

    def _all_fates(self) -> Iterator[tuple[str, str]]:
        for who in (self.dead, self.living):
            yield from ((who, steps) for steps in STEPS)
        if isinstance(self._way, Tagging):
            yield self.dead, "pop"
        if self._way.held:
            yield from [(self.dead, "take")] * len(self._way.swept)  # for the sweep

    async def _send(self, orders: list[str]) -> None:
        await self._way.send(self._play.client("shop"), orders)
        self.fates |= {order: Fate("", self._way.waits) for order in orders}

    async def _work(self, who: str, steps: list[str]) -> None:
        """Let a worker take an order, and do some steps with it."""
        way, worker = self._way, self._play.client(who)
        is_popped = steps[0] == "pop"
        order = await (way.pop if is_popped else way.take)(worker, who)
        self._is_held(who, order, is_popped)
        for step in steps[1:]:
            if step == "done":
                self._is_done(who, order)
            else:
                await way.let_go(worker, who, order)
                self._is_gone(who, order, way.gone)

    def _is_held(self, who: str, order: str, is_popped: bool = False) -> None:
        if is_popped or not self._way.held:
            self._is_gone(who, order, Popping.gone)
        else:
            self.fates[order] = Fate(who, self._way.held.format(who=who))

    def _is_done(self, who: str, order: str) -> None:
        self.done.append(order)
        self.fates[order] = Fate(who, DONE)

    def _is_gone(self, who: str, order: str, gone: str) -> None:
        if order not in self.done:
            is_lost = who == self.dead
            self.fates[order] = Fate(who, (gone if is_lost else IN_HAND).format(who=who), is_lost)

    async def _sweep(self) -> None:
        """Let somebody rescue most of what the dead one has, which lets some go before it dies."""
        held = self._way.held.format(who=self.dead)
        found = [order for order, fate in self.fates.items() if fate == Fate(self.dead, held)]
        sweeper, name = self._play.client(self.sweeper), self.sweeper
        for place, order in enumerate(found[:-1] if self._way.held else []):
            await self._way.take_over(sweeper, name, self.dead, order)
            self._is_held(name, order)
            steps = self._way.swept[place % len(self._way.swept)]
            if "let_go" in steps:
                await self._way.let_go(sweeper, name, order)
                self._is_gone(name, order, self._way.gone)
            if "late" in steps:
                await self._way.let_go(self._play.client(self.dead), self.dead, order)


@exercise(
    "11.1",
    "lost",
    hints=(
        "For each order: in how many places does the broker hold it, and who took away the last?",
        "Count for each order: each RPUSH, LPUSH, XADD and HSET is a place more, each pop, LREM, "
        "XACK and HDEL one less, if its reply says that there was something. Note who did it.",
        "XACK names ids, and HDEL tags: keep a dict from the reply of XADD, and from the tag of "
        "HSET, to the order. Lost is what is in no place, not in `done`, and was last taken away "
        "by `dead`.",
    ),
)
async def reads_what_is_lost(trial: Trial, lost: Answer) -> str:
    for way in (Popping, Copying, Tagging, Grouping):
        await _reads(trial, lost, way(), times=1)
    if trial.number == 3:
        for way in (Tagging, Grouping):
            await _reads(trial, lost, way(), times=5)
    await _reads_what_was_recorded(trial, lost)
    return "it names what is lost, and nothing else, also in the traffic of Celery and taskiq."


async def _reads(trial: Trial, lost: Answer, way: Way, times: int) -> None:
    numbers = trial.random.sample(range(1, 300), 20 * times)  # some begin as others do
    async with recording(trial) as play:
        story = Story(trial, play, way)
        await story.tell([f"order-{number}" for number in numbers], times)
        commands = play.commands()
    given = (play.commands(), [*story.done], story.dead)
    _judge(await trial.run(lost, *given, hints=HINTS), story.dead, story.fates, commands)


async def _reads_what_was_recorded(trial: Trial, lost: Answer) -> None:
    """Judge by real traffic: what was not packed in the end is lost."""
    for (library, settings), way in RECORDED.items():
        commands, done = recorded(library, settings), packed(library, settings)
        gone = Fate(DEAD, way.gone.format(who=DEAD), is_lost=True)
        texts = _texts([words for _, words, _ in commands if words[0] in SENDING])
        sent = [order for order in texts if order.startswith("order-")]
        fates = {order: Fate("", DONE) if order in done else gone for order in sent}
        given = copy.deepcopy(commands)
        found = await trial.run(lost, given, [*done], DEAD, hints=HINTS)
        _judge(found, DEAD, fates, commands)


def _judge(found: Any, dead: str, fates: dict[str, Fate], commands: list[Noted]) -> None:
    if not isinstance(found, list):
        lost = [order for order, fate in fates.items() if fate.is_lost]
        expect_same("what it returns", found, lost, "Return a list of names.")
    unknown = missing(found, [*fates])
    expect_same("what it names, though nobody sent it", unknown, [], "Name orders as in `done`.")
    expect_same("what it names twice", repeated(found), [], "Name each order once.")
    for order, fate in fates.items():
        if (order in found) != fate.is_lost:
            said = ("not lost, and it names it", "lost, and it does not name it")[fate.is_lost]
            what = f"{order} is {said}. Recorded of it:"
            told = [*_about(order, commands)]
            raise Misread(what, told, " ".join([f"{dead} died. {fate.why}", *_in_vain(told)]))


def _in_vain(told: list[Noted]) -> list[str]:
    """Say of a removal that there was nothing to remove."""
    vain = [words[0] for _, words, reply in told if words[0] in REMOVALS and reply == 0]
    return [VAIN.format(removal=name) for name in vain[:1]]


def _about(order: str, commands: list[Noted]) -> Iterator[Noted]:
    """Yield the commands that speak of an order, or of its id or tag."""
    names = {order}
    for client, words, reply in commands:
        if order in words and words[0] in ("XADD", "HSET"):
            names.add(reply if words[0] == "XADD" else words[2])
        if names & {*words, *_texts(reply)}:
            yield client, words, reply


def _texts(reply: Any) -> Iterator[str]:
    """Yield the texts in a reply, however deep."""
    if isinstance(reply, str):
        yield reply
    parts = reply.values() if isinstance(reply, dict) else reply if isinstance(reply, list) else ()
    for part in parts:
        yield from _texts(part)
