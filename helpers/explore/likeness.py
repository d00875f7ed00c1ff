"""Tell whether two lives stand at the same point: in the same lines, with the same variables.

A life that has come there another way goes on as the first did. What it has in its hands is
compared part by part; where a part cannot be looked into, the two are taken to differ.
"""

from __future__ import annotations

import asyncio
import gc
import types
import weakref
from collections import deque
from collections.abc import Callable, Hashable
from enum import Enum
from typing import TYPE_CHECKING, Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline, PubSub
from redis.asyncio.connection import AbstractConnection

from .loop import SteppedLoop

if TYPE_CHECKING:
    from .life import Life

PLAIN = (str, bytes, int, type(None))
ROOTS = (types.ModuleType, type, types.CodeType, types.BuiltinFunctionType, Enum)
HIDDEN = ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "FutureIter")
PIPELINE = ("command_stack", "watching", "explicit_transaction", "connection")
PUBSUB = (
    *("channels", "patterns", "shard_channels", "pending_unsubscribe_channels"),
    *("pending_unsubscribe_patterns", "pending_unsubscribe_shard_channels"),
    *("ignore_subscribe_messages", "connection"),
)


class Unknown(Exception):
    """A thing that cannot be looked into."""


def likeness(life: Life, loop: SteppedLoop) -> Hashable:
    """Return the same for two lives that stand at the same point; for others, not."""
    look = _Look(life)
    try:
        tasks = tuple(look.at(task) for task in loop.tasks if not task.done())
        return tasks, tuple((when, look.at(args)) for when, args in loop.timers())
    except Unknown:
        return object()  # like nothing else


class _Look:
    """One look at everything that a life has in its hands; what comes twice is told by number."""

    def __init__(self, life: Life) -> None:
        self._numbers: dict[int, int] = {id(life): -1}
        self._alive: list[Any] = []  # so that nothing else gets the same id
        self._turns = {id(step.turn): number for number, step in enumerate(life.steps)}

    def at(self, thing: Any) -> Hashable:
        """Return something that is equal for two things that are alike."""
        kind = type(thing)
        if kind in PLAIN:
            return thing
        if kind is bool or kind is float:
            return kind.__name__, thing
        if isinstance(thing, ROOTS):
            return "root", id(thing)
        if kind is tuple:  # equal ones may be the same object, or not
            return kind.__name__, self.all(thing)
        number = self._numbers.get(id(thing))
        if number is not None:
            return "again", number
        self._numbers[id(thing)] = len(self._numbers)
        self._alive.append(thing)
        return self._inside(thing, kind)

    def _inside(self, thing: Any, kind: type) -> Hashable:
        for types_of_it, look in LOOKS:
            if isinstance(thing, types_of_it):
                return kind.__name__, id(kind), look(self, thing)
        if kind.__name__ in HIDDEN:
            return kind.__name__, self.all(gc.get_referents(thing))
        if isinstance(getattr(thing, "__dict__", None), dict):
            return id(kind), self.mapping(vars(thing))
        return kind.__name__, self._reduced(thing)

    def _reduced(self, thing: Any) -> Hashable:
        """Look at a thing as pickle would: at an iterator, a date, an object with slots."""
        try:
            return self.at(thing.__reduce_ex__(4))
        except (TypeError, AttributeError) as error:
            raise Unknown(type(thing).__name__) from error

    def all(self, things: Any) -> Hashable:
        """Look at several things in their order."""
        return tuple([self.at(thing) for thing in things])

    def mapping(self, things: Any) -> Hashable:
        """Look at keys and values in their order."""
        return tuple([(self.at(key), self.at(value)) for key, value in things.items()])

    def members(self, things: Any) -> Hashable:
        """Look at a set, whose order depends on chance."""
        if not all(type(thing) in PLAIN for thing in things):
            raise Unknown("a set of objects")
        return frozenset(things)

    def some(self, thing: Any, names: tuple[str, ...]) -> Hashable:
        """Look at these attributes only."""
        return tuple([self.at(getattr(thing, name, None)) for name in names])

    def frame(self, thing: Any) -> Hashable:
        """Look at a coroutine or a generator: where it stands, its variables, what it waits for."""
        code = getattr(thing, "cr_code", None)
        if code and code.co_name in PASSING_ON and code.co_filename.endswith(LIBRARY):
            return id(code), thing.cr_frame and thing.cr_frame.f_lasti, self.at(thing.cr_await)
        frame = next(getattr(thing, name) for name in FRAMES if hasattr(thing, name))
        if frame is None:
            return "finished"
        local = frame.f_locals
        held = gc.get_referents(thing)
        named = {id(local), *map(id, local.values())}
        stack = [part for part in held if id(part) not in named and not isinstance(part, NOT_HELD)]
        return id(frame.f_code), frame.f_lasti, self.mapping(local), self.all(stack)

    def function(self, thing: Any) -> Hashable:
        """Look at a function: its code, and what it has taken along."""
        cells = [_content(cell) for cell in thing.__closure__ or ()]
        return (
            id(thing.__code__),
            self.all(cells),
            self.at(thing.__defaults__),
            self.at(thing.__kwdefaults__),
        )

    def future(self, thing: Any) -> Hashable:
        """Look at a future: one that a step waits for, or what has come of it."""
        if id(thing) in self._turns:
            return "turn", self._turns[id(thing)]
        more = self.mapping(getattr(thing, "__dict__", {}))
        if not thing.done():
            inner = self.at(thing.get_coro()) if isinstance(thing, asyncio.Task) else None
            return "pending", inner, more
        if thing.cancelled():
            return "cancelled", more
        return "done", self.at(thing.exception() or thing.result()), more

    def connection(self, thing: Any) -> Hashable:
        """Look at a connection: which one it is, and what has come that nobody has read."""
        if not hasattr(thing, "loses"):  # of a client from elsewhere, as redis-py's Lock keeps one
            return "elsewhere", id(thing)
        if not thing.is_connected:
            return "closed"
        arrived = thing._parser._arrived
        unread = bytes(thing._reader._buffer), arrived._data[arrived._at :]
        return thing._writer.number, thing.loses, unread


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


# Where a command passes through redis-py: the step that waits at the gate says all.
LIBRARY = tuple(f"redis/asyncio/{name}.py" for name in ("client", "connection", "retry"))
LIBRARY += tuple(name.replace("/", "\\") for name in LIBRARY)
PASSING_ON = {
    *("execute_command", "call_with_retry", "_send_command_parse_response", "parse_response"),
    *("read_response", "send_command", "send_packed_command"),
}
FRAMES = ("cr_frame", "gi_frame", "ag_frame")
NOT_HELD = (types.FrameType, types.CellType, types.CodeType, types.FunctionType)
LOOKS: list[tuple[Any, Callable[[_Look, Any], Hashable]]] = [
    (dict, _Look.mapping),
    ((list, tuple, deque), _Look.all),
    ((set, frozenset), _Look.members),
    ((types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType), _Look.frame),
    (types.FunctionType, _Look.function),
    (types.MethodType, lambda look, m: (look.at(m.__func__), look.at(m.__self__))),
    (asyncio.Future, _Look.future),
    (AbstractConnection, _Look.connection),
    (ConnectionPool, lambda look, pool: look.all(pool._available_connections)),
    (Pipeline, lambda look, pipeline: look.some(pipeline, PIPELINE)),
    (Redis, lambda look, client: look.some(client, ("connection_pool", "connection"))),
    (PubSub, lambda look, pubsub: look.some(pubsub, PUBSUB)),
    (asyncio.StreamReader, lambda look, reader: bytes(reader._buffer)),
    (asyncio.Handle, lambda look, h: (getattr(h, "_when", 0), h.cancelled())),
    (asyncio.AbstractEventLoop, lambda look, loop: ()),
    (BaseException, lambda look, error: look.all(error.args)),
    (weakref.ref, lambda look, ref: ()),
]
