"""What every lab has: clients of its own, one action at a time, a state, a sentence for a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from redis.asyncio import Redis

from .. import broker
from ..errors import CourseError
from ..record import Record
from ..stage.model import Stage
from ..waiting import within
from . import acts
from .controls import Action, Button, Control
from .drawing import Drawing

REPLACED = "This lab was closed when its cell ran again: use the new one."


class NotPossible(Exception):
    """The reason why a button does nothing now; the next press removes it."""


class Lab:
    """Base class of a lab: its actions are coroutines without arguments, run by `do`.

    Nothing is sent before the first action. `state` is what the broker held and what the clients
    had received after the last one. A lab never prints and never imports a widget.
    """

    number: ClassVar[int]
    title: ClassVar[str]

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
        self.problem = self.hint = ""
        self._is_open = False
        self.begin()

    # What each lab says for itself.

    def begin(self) -> None:
        """Set `state`, and whatever the lab remembers, to what they are before the first action."""
        raise NotImplementedError

    async def open(self) -> None:
        """Do what comes before the first action."""

    async def shut(self) -> None:
        """Close what the lab has opened beside its clients."""

    async def look(self) -> None:
        """Ask the broker, and set `state`."""
        raise NotImplementedError

    def actions(self) -> list[Control]:
        """Return what the learner can press and set."""
        raise NotImplementedError

    def picture(self) -> Drawing:
        """Draw `state`."""
        raise NotImplementedError

    def stage(self) -> Stage:
        """Say what is where, from `state` alone."""
        raise NotImplementedError

    def acts(self) -> list[acts.Control]:
        """Return what the learner can do and set, each at the place that it concerns."""
        raise NotImplementedError

    def goals(self) -> list[acts.Goal]:
        """Return the three to five steps of the story, judged by `state` alone."""
        raise NotImplementedError

    def finding(self) -> acts.Finding:
        """Return what the story has shown, once all goals are reached."""
        raise NotImplementedError

    def summary(self) -> str:
        """Say `state` in a sentence or two."""
        raise NotImplementedError

    # What all labs share.

    def controls(self) -> list[Control]:
        """Return the lab's own controls, and the one that removes everything."""
        return [*self.actions(), Button("Start over", self.start_over)]

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
        async with self.asker() as asker, within(5, lambda: f"the broker to notice {name}'s end"):
            while self.named(name) in {c["name"] for c in await asker.client_list()}:
                await asyncio.sleep(0)  # not a pause: other tasks need a turn

    async def set(self, setting: str, value: Any) -> None:
        """Set what a control sets, after the actions that came before it: they go by the old."""
        async with self._turn:
            setattr(self, setting, value)
            self.changed()

    async def do(self, action: Action) -> None:
        """Run an action after those that came before it, then look, then tell the view.

        It never raises: what went wrong stands in `problem` until the learner starts over.
        """
        async with self._turn:
            self.hint = ""
            with self._faults():
                await self._perform(action)
            if self._is_open:
                with self._faults():
                    await self.look()
            self.changed()

    async def _perform(self, action: Action) -> None:
        if self._is_replaced:
            raise NotPossible(REPLACED)
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


def what_happened(error: BaseException) -> str:
    """Say in one line what went wrong."""
    if isinstance(error, CourseError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."
