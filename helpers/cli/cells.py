"""What a cell calls: one line typed into a terminal, or terminals to type into."""

from __future__ import annotations

import asyncio
from itertools import chain, count
from typing import TYPE_CHECKING

from ..errors import with_widgets
from ..kernel import awaited, on_beginning_again
from ..session import connect
from .session import Session
from .terminal import Terminal

if TYPE_CHECKING:
    from .view import TerminalsView

CAST = ("shop", "ann", "bob", "carol")

_terminals: dict[str, Terminal] = {}
_shown: list[TerminalsView] = []
_leaving: set[asyncio.Task[None]] = set()


@awaited
async def redis_cli(line: str, name: str = "cli", *, protocol: int = 2) -> None:
    """Type a line into the terminal called `name`, and print what redis-cli prints.

    The terminal is kept, so that MULTI or SELECT hold for the next line; `protocol` counts for its
    first. An empty line prints what a subscriber has received since. Raises CourseError as
    `Terminal` does, and TimeoutError when a subscriber's broker does not answer.
    Follows https://redis.io/docs/latest/develop/tools/cli/
    """
    if name not in _terminals:
        _terminals[name] = Terminal(name, protocol=protocol, connect=connect)
    terminal = _terminals[name]
    printed = await (terminal.type(line) if line.strip() else terminal.arrived())
    if printed:
        print(printed)


@awaited
async def terminals(*names: str) -> TerminalsView:
    """Return terminals to type into, side by side, for the last line of a cell to show.

    Without names there are two, called shop and ann. Each connects when its first line is typed,
    and speaks RESP2. A cell that runs again closes the ones it showed before. Raises CourseError
    when a name cannot be a client's, when there is no broker, and where no widgets are installed.
    Follows https://redis.io/docs/latest/develop/tools/cli/
    """
    with_widgets("Terminals on a page")
    # Here, so that terminals can be used where no widgets are installed.
    from .view import TerminalsView

    while _shown:
        await _shown.pop().close()
    wanted = names or CAST[:2]
    others = chain(CAST, (f"terminal-{number}" for number in count(len(CAST) + 1)))
    spare = (name for name in others if name not in wanted)
    _shown.append(TerminalsView([_session(name) for name in wanted], lambda: _session(next(spare))))
    return _shown[0]


def _session(name: str) -> Session:
    return Session(Terminal(name, connect=connect))


@on_beginning_again
def _leave_terminals() -> None:
    """Let go of every connection; what is typed later goes to the notebook's new broker."""
    _terminals.clear()
    for view in _shown:
        task = asyncio.get_running_loop().create_task(view.close())  # which nobody else holds
        _leaving.add(task)
        task.add_done_callback(_leaving.discard)
