"""Let the stop button end a cell that waits.

ipykernel cancels the cell, but does so inside a signal's handler, which does not wake the event
loop: until something else happens, the loop sleeps on. A loop with a signal handler of its own is
woken by every signal, whoever handles it.
Follows https://docs.python.org/3/library/asyncio-eventloop.html#unix-signals
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress


def wake_at_interrupts(told: Callable[[], None]) -> None:
    """Wake the running loop at each interrupt, and call `told` then; who handles it stays.

    Where a loop takes no signals, as on Windows and in a browser, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGINT)
    with suppress(NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, told)
        signal.signal(signal.SIGINT, handler)
