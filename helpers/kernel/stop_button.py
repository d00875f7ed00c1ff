"""Let the stop button end a cell that waits.

ipykernel cancels the cell, but does so inside a signal's handler, which does not wake the event
loop: until something else happens, the loop sleeps on. A loop with a signal handler of its own is
woken by every signal, whoever handles it.
Follows https://docs.python.org/3/library/asyncio-eventloop.html#unix-signals

In a browser no signal reaches Python: there the page tells of its button on a channel.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

from .cells import Cells, request_of

CHANNEL = "redis-course-stop"  # publish/lite/stop.mjs sends


def listen_to_stop_button(shell: Any, cells: Cells) -> None:
    """Let the stop button of the page end the cell that runs, also while it waits."""
    if sys.platform == "emscripten":
        _listen_to_page(shell, cells)
    elif hasattr(shell, "kernel"):  # elsewhere Ctrl-C is the terminal's own matter
        wake_at_interrupts()


def wake_at_interrupts() -> None:
    """Wake the running loop at each interrupt; who handles it stays.

    Where a loop takes no signals, as on Windows, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGINT)
    with suppress(NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
        signal.signal(signal.SIGINT, handler)


def _listen_to_page(shell: Any, cells: Cells) -> None:
    import js
    from pyodide.ffi import create_proxy

    def told(event: Any) -> None:
        # Every kernel of the site hears it: it is for the one whose cell that page has asked for.
        asked_by = request_of(shell).get("header", {}).get("session")
        if cells.running.task is not None and asked_by == event.data:
            cells.running.task.cancel()

    channel = js.BroadcastChannel.new(CHANNEL)
    channel.onmessage = create_proxy(told)
