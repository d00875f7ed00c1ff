"""Record what any programs say to a real server, as the lessons record their own clients."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from ..errors import CourseError
from ..kept import Kept, stable, this_machine
from ..picture import Flow
from ..record import Unseen
from .accidents import ANY
from .relay import Relay
from .upstream import Upstream

T = TypeVar("T")
IN_PYTHON = "other_machine=True"


async def record(upstream: str, *, port: int = 0, other_machine: bool = False) -> Recorder:
    """Listen on a port of loopback, pass everything on to the server at `upstream`, and note it.

    `upstream` is an address such as `redis://127.0.0.1:6379`; `port` 0 takes a free port. A server
    on another machine has to be asked for by `other_machine=True`: what clients send then leaves
    this one. Passwords pass through and are not noted. It ends with the kernel, or by `close()`.
    Raises CourseError when nobody answers there, or it is on another machine.
    """
    recorder = Recorder(checked(upstream, other_machine))
    await asyncio.to_thread(recorder.start, port)
    return recorder


def checked(upstream: str, other_machine: bool, consent: str = IN_PYTHON) -> Upstream:
    """Read the address of a server; raises CourseError when it is one elsewhere, unasked.

    `consent` is what to write, where this is called from, to say that it is meant.
    """
    there = Upstream.at(upstream)
    if not (there.is_here or other_machine):
        raise CourseError(
            f"{there} is not on this machine: what your clients send would leave it. "
            f"If that is what you want, say so by {consent}."
        )
    return there


class Recorder:
    """A place between clients and a real server, that can also do accidents to the clients.

    A client is named as it has named itself (CLIENT SETNAME), else by its library and a number;
    `clients` has the names. The work is done in a thread, so a cell may wait for its programs.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._relay = Relay(upstream)
        self._unseen = Unseen(self._relay.record)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self, port: int = 0) -> None:
        """Begin to listen; raises CourseError when that cannot be."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._relay.start(port), self._loop).result()
        except BaseException:
            self._end_thread()
            raise

    @property
    def url(self) -> str:
        """Return the address to give to programs, without a password."""
        return f"redis://127.0.0.1:{self._relay.port}"

    def url_for(self, client: str) -> str:
        """Return an address for one client alone, however many connections it has.

        All that comes in there is known by this name, whatever it calls itself.
        """
        return f"redis://127.0.0.1:{self._let(self._relay.open_door, client)}"

    @property
    def clients(self) -> list[str]:
        """Return the names of the clients that have sent a command."""
        return self._do(lambda: [*self._relay.record.clients])

    def flow(self, last: int | None = None) -> Flow:
        """Picture what has passed since the last call; `last` keeps only so many commands."""
        steps, earlier = self._do(self._unseen.since_last)
        return Flow(steps[-last:] if last else steps, self.clients, earlier)

    def keep(self, path: str | Path, names: str = "") -> Kept:
        """Write all that has passed into a file, short and the same on every machine.

        `names` is a pattern of words that stay in sight in messages, such as `order-[0-9]+`.
        """
        kept = self.kept(names)
        kept.write(Path(path))
        return kept

    def kept(self, names: str = "") -> Kept:
        """Return all that has passed, as `keep` would write it."""
        return self._do(lambda: Kept(stable(self._relay.record, names, this_machine())))

    def unplug(self) -> None:
        """Be out of reach for every client: break all connections, and refuse new ones."""
        self._let(self._relay.unplug)

    def plug(self) -> None:
        """Be in reach again, at the same addresses."""
        self._let(self._relay.plug)

    def remark(self, client: str, what: str) -> None:
        """Note what happens to a client now that no command says; a kept record shows it."""
        self._do(lambda: self._relay.record.remark(client, what))

    def cut(self, client: str, after: int = 0) -> None:
        """Break off a client's connection in place of the command that comes after so many."""
        self._do(lambda: setattr(self._relay.accidents[client], "commands_left", after))

    def lose_reply(self, client: str, command: str = ANY) -> None:
        """Lose the next reply to this client, or the next one to this command.

        The server has carried it out; the client only sees its connection break.
        """
        self._do(lambda: self._relay.accidents[client].replies_to_lose.append(command.upper()))

    def delay(self, client: str, seconds: float) -> None:
        """Let each reply to a client take so much longer; 0 ends that."""
        self._do(lambda: setattr(self._relay.accidents[client], "delay", seconds))

    def freeze(self, client: str) -> None:
        """Let nothing pass to or from a client, as when its machine stands still."""
        self._do(lambda: self._relay.accidents[client].moving.clear())

    def thaw(self, client: str) -> None:
        """Let everything pass again, what was held back included."""
        self._do(lambda: self._relay.accidents[client].moving.set())

    def close(self) -> None:
        """Listen no more, and break off what is open; what was noted stays."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._relay.stop(), self._loop).result()
            self._end_thread()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _let(self, act: Callable[..., Coroutine[Any, Any, T]], *given: Any) -> T:
        """Let the relay do something in its thread; raises CourseError when that has ended."""
        if not self._thread.is_alive():
            raise CourseError("This recorder is closed: begin another one with record().")
        return asyncio.run_coroutine_threadsafe(act(*given), self._loop).result()

    def _do(self, what: Callable[[], T]) -> T:
        """Do something in the thread to which the record belongs, or here when that has ended."""
        if not self._thread.is_alive():
            return what()

        async def there() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result()

    def __repr__(self) -> str:
        return f"Recorder: {self.url} passes on to {self._relay.upstream}"
