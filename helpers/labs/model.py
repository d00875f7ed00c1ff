"""What every lab has: clients of its own, one act at a time, a state, a story, and its faults."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from redis.asyncio import Redis

from .. import broker
from ..errors import CourseError
from ..picture.rows import Row, rows_of
from ..picture.text import write
from ..record import Record, Step, Unseen
from ..stage.frame import MOST_FRAMES, Frame
from ..stage.model import Stage
from ..stage.story import Story, read_story
from ..waiting import until
from .acts import Act, Action, Choice, Control, Entry, Finding, Goal, Number
from .commands import folded

REPLACED = "This lab was closed when its cell ran again: use the new one."


class NotPossible(Exception):
    """The reason why an act does nothing now; the next one removes it."""


class Lab:
    """Base class of a lab: its acts are coroutines without arguments, run by `do`.

    Nothing is sent before the first act. `state` is what the broker held and what the clients had
    received after the last one; an act may set `headline`, what has just come of it. `frames` are
    the moments after each act since the beginning. A lab never prints and never imports a widget.
    """

    number: ClassVar[int]
    title: ClassVar[str]
    can_go_on: ClassVar[bool] = False
    """Whether `go_on_from` can bring everything back to an earlier moment."""

    def __init__(self) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._turn = asyncio.Lock()
        self._clients: dict[str, Redis] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_replaced = False
        self._has_left_keys = False
        self._forget()

    def _forget(self) -> None:
        self.record = Record()
        self._news = Unseen(self.record)
        self.problem = self.hint = self.headline = ""
        self._is_open = False
        self._reached: set[int] = set()
        self.begin()
        self.frames = [self._frame("", 1)]

    # What each lab says for itself.

    def begin(self) -> None:
        """Set `state`, and whatever the lab remembers, to what they are before the first act.

        A `headline` set here stands above the empty stage.
        """
        raise NotImplementedError

    async def open(self) -> None:
        """Do what comes before the first action."""

    async def shut(self) -> None:
        """Close what the lab has opened beside its clients."""

    async def look(self) -> None:
        """Ask the broker, and set `state`."""
        raise NotImplementedError

    def stage(self) -> Stage:
        """Say what is where, from `state` alone."""
        raise NotImplementedError

    def acts(self) -> list[Control]:
        """Return what the learner can do and set, each at the place that it concerns."""
        raise NotImplementedError

    def goals(self) -> list[Goal]:
        """Return the three to five goals of the story, judged by `state` alone."""
        raise NotImplementedError

    def finding(self) -> Finding:
        """Return what the story has shown, once all goals are reached."""
        raise NotImplementedError

    def summary(self) -> str:
        """Say `state` in a sentence or two."""
        raise NotImplementedError

    def next_act(self) -> str:
        """Name the act with which the lab goes on by itself, "" where it does not."""
        return ""

    async def go_on_from(self, number: int) -> None:
        """Bring everything back to the moment of this number."""
        raise NotImplementedError

    # What all labs share.

    @classmethod
    def story(cls) -> Story | None:
        """Return the story that was recorded beside the lab's module, if one was."""
        path = Path(inspect.getfile(cls)).with_name("story.json")
        return read_story(path) if path.exists() else None

    def controls(self) -> list[Control]:
        """Return the lab's own controls, and the one that removes everything."""
        return [*self.acts(), Act("Start over", self.start_over)]

    def told_goals(self) -> list[Goal]:
        """Return the goals: one that was reached once stays so until the learner starts over."""
        goals = self.goals()
        self._reached.update(n for n, goal in enumerate(goals) if goal.is_reached)
        return [replace(goal, is_reached=n in self._reached) for n, goal in enumerate(goals)]

    def primary(self) -> str:
        """Name the act that leads to the first open goal, "" where there is none."""
        return next((goal.act for goal in self.told_goals() if not goal.is_reached), "")

    def is_finished(self) -> bool:
        """Tell whether every goal is reached."""
        return all(goal.is_reached for goal in self.told_goals())

    def key(self, name: str) -> str:
        """Name a key or a channel of this lab."""
        return f"lab:{self.number}:{name}"

    def named(self, name: str) -> str:
        """Return what the broker calls a client of this lab: no lesson, no other lab has it."""
        return f"lab{self.number}-{name}"

    def client(self, name: str) -> Redis:
        """Return the lab's client of this name, connected at first use and recorded."""
        if name not in self._clients:
            self._clients[name] = self.record.watch(broker.named_client(self.named(name)))
        return self._clients[name]

    def asker(self) -> Redis:
        """Return a client that no record shows; use it in `async with`."""
        return broker.broker().side_client()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task of this lab; if it fails, the lab says so."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def drop(self, name: str) -> None:
        """Close a client, as when its program dies, and wait until the broker has noticed."""
        client = self._clients.pop(name, None)
        if client is None:
            return
        await client.aclose()
        async with self.asker() as asker:

            async def is_gone() -> bool:
                return self.named(name) not in {c["name"] for c in await asker.client_list()}

            await until(is_gone, 5, lambda: f"the broker to notice {name}'s end")

    async def press(self, name: str) -> None:
        """Do the act of this name, as "Kill ann", unless it makes no sense at its turn."""
        [act] = [act for act in self._acts() if act.name == name]
        await self.do(act.do, name)

    def _acts(self) -> list[Act]:
        return [control for control in self.controls() if isinstance(control, Act)]

    async def resume(self, number: int) -> None:
        """Go on from an earlier moment, as the learner asks who looks back."""
        moment = f"press {number - 1}" if number > 1 else "the start"
        await self.do(partial(self.go_on_from, number), f"Go on from {moment}")

    async def choose(self, setting: str, value: Any) -> None:
        """Set what a control sets, then do what belongs to it; the view is told once.

        The actions that came before it have their turn first: they go by the old value.
        """
        [control] = [c for c in self.controls() if not isinstance(c, Act) and c.setting == setting]
        value = allowed(control, value)
        async with self._turn:
            setattr(self, setting, value)
            if not isinstance(control, Entry) and control.action:
                await self._do(control.action, f"{control.label}: {value}")
            self.changed()

    async def do(self, action: Action, name: str = "") -> None:
        """Run an action after those that came before it, then look, then tell the view.

        It never raises: what went wrong stands in `problem` until the learner starts over.
        """
        async with self._turn:
            await self._do(action, name)
            self.changed()

    async def _do(self, action: Action, name: str) -> None:
        self.hint = self.headline = ""
        act = next((act for act in self._acts() if act.name == name), None)
        with self._faults():
            await self._perform(action, act.why_not if act else "")
        with self._faults():
            if self._is_open:
                await self.look()
                self._remember(act.told if act else name)

    def _remember(self, did: str) -> None:
        """Keep this moment; what was refused is none, unless something else has changed."""
        frame = self._frame(did, self.frames[-1].number + 1)
        if not self.hint or frame.sent or frame.stage != self.frames[-1].stage:
            self.frames = [*self.frames[-MOST_FRAMES + 1 :], frame]

    def _frame(self, did: str, number: int) -> Frame:
        goals = [(goal.words, goal.is_reached) for goal in self.told_goals()]
        said = self.headline, self.summary()
        return Frame(number, self.stage(), did, *said, goals, self._commands_sent())

    def _commands_sent(self) -> Sequence[str]:
        """Write what was sent and received since the last time, in the words of the learner."""
        rows = self.rows(*self._news.since_last())
        return folded(write([self.plain_row(row) for row in rows]).splitlines()) if rows else ()

    def rows(self, steps: list[Step], earlier: Set[int]) -> list[Row]:
        """Make the rows that tell of an act; of too many, those at both ends."""
        return rows_of(steps, earlier)

    def plain_row(self, row: Row) -> Row:
        """Leave out what marks the keys and the clients of a lab, and what the stage shows."""
        parts = row.client, row.words, row.outcome, row.sender
        client, words, outcome, sender = map(self.without_prefix, parts)
        return Row(row.style, client, words, outcome, sender)

    def without_prefix(self, text: str) -> str:
        """Name keys and clients as the stage does."""
        return text.replace(self.key(""), "").replace(self.named(""), "")

    async def _perform(self, action: Action, why_not: str) -> None:
        if why_not := REPLACED if self._is_replaced else why_not:
            raise NotPossible(why_not)
        if not self._is_open and action != self.start_over:
            await self._begin_work()
        await action()

    async def _begin_work(self) -> None:
        await self._remove_keys()
        self._is_open = self._has_left_keys = True
        try:
            await self.open()
        except BaseException:
            await self._clean_up()
            raise

    async def start_over(self) -> None:
        """Close the clients, remove the keys, and forget everything."""
        await self._clean_up()
        self._forget()

    async def close(self) -> None:
        """Do the same for good: another lab takes this one's place."""
        async with self._turn:
            with self._faults():
                await self.start_over()
            self._is_replaced = True
            self.changed()

    def abandon(self) -> None:
        """Stop for good without a word to the broker, which is gone: its notebook starts over."""
        for task in self._tasks:
            task.cancel()
        self._clients.clear()
        self._is_open = self._has_left_keys = False
        self._is_replaced, self.hint = True, REPLACED
        self.changed()

    async def _clean_up(self) -> None:
        self._is_open = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            for name in list(self._clients):
                await self.drop(name)
        finally:
            await self.shut()
            if self._has_left_keys:
                await self._remove_keys()

    async def _remove_keys(self) -> None:
        async with self.asker() as asker:
            found = [key async for key in asker.scan_iter(match=self.key("*"), count=1000)]
            if found:
                await asker.unlink(*found)
        self._has_left_keys = False

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.problem = what_happened(error)
            self.changed()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except NotPossible as hint:
            self.hint = str(hint)
        except Exception as error:
            self.problem = what_happened(error)


def allowed(control: Choice | Entry | Number, value: Any) -> Any:
    """Return a value within the bounds of a control; raise ValueError for one of another kind."""
    match control:
        case Number():
            return min(max(int(value), control.low), control.high)
        case Choice() if value not in control.options:
            raise ValueError(f"{value!r} is none of {', '.join(control.options)}.")
    return str(value)


def what_happened(error: BaseException) -> str:
    """Say in one line what went wrong."""
    if isinstance(error, CourseError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."
