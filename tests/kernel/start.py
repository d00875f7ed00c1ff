"""Start the kernel of a lesson where no other program can come between it and the tests.

Jupyter chooses a kernel's ports and lets them go before the kernel starts: until it binds them,
seconds later on busy cores, they are anybody's. Then the kernel dies, or its client meets a
stranger first, never asks again, and waits for a kernel that cannot tell it anything.
So these kernels listen on files instead, as they can everywhere but on Windows.
See https://github.com/jupyter/jupyter_client/issues/154

ipykernel 7.0 to 7.3 could also leave a request unread, by files too: a reply was written past the
stream that reads the same socket, and swallowed its wake-up. Only a new connection woke it. 7.4.0
writes through the stream. Who has waited for two seconds asks over a new connection all the same:
that costs nothing, and a kernel that is merely slow answers it as well.
See https://github.com/ipython/ipykernel/issues/1554 and
https://github.com/ipython/ipykernel/pull/1529

A kernel that dies, or that answers nobody, is started again, and the report of the run says so.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

KERNEL_STARTS = 3
STARTED_AGAIN = "kernel started again"  # a property of a lesson's first cell, in reports
# The words of jupyter_client. Nothing of a lesson has run by then.
DIED = "Kernel died before replying"
SILENT = "Kernel didn't respond in"
ASKED_AGAIN_AFTER = 2.0  # seconds of silence
LONGEST_START = 60.0  # seconds
PROGRAM = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")


class ThisPython(KernelSpecManager):
    """The one kernel that tests start: that of the Python they run on, whatever is installed."""

    program: Sequence[str] = PROGRAM

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=[*self.program], language="python", display_name=kernel_name)


def new_kernel(folder: str, program: Sequence[str] = PROGRAM, **launch: Any) -> KernelManager:
    """Start a kernel that listens on files in `folder`, which must stay as long as it does."""
    files = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(folder, "socket"))}
    specs = ThisPython()
    specs.program = program
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs, **files)
    manager.start_kernel(**launch)
    return manager


def reached_kernel(folder: str, **launch: Any) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel and return it with a client that it has answered. Raises RuntimeError."""
    manager = new_kernel(folder, **launch)
    try:
        return manager, reach(manager)
    except RuntimeError:
        manager.shutdown_kernel(now=True)
        raise


def reach(manager: KernelManager, limit: float = LONGEST_START) -> BlockingKernelClient:
    """Ask a kernel until it answers, each time over a new connection. Raises RuntimeError."""
    end = time.monotonic() + limit
    while True:
        try:
            return _asked(manager)
        except RuntimeError as error:
            if not str(error).startswith(SILENT) or time.monotonic() > end:
                raise


def _asked(manager: KernelManager) -> BlockingKernelClient:
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=ASKED_AGAIN_AFTER)
    except RuntimeError:
        client.stop_channels()
        raise
    return client


def patiently(start: Callable[[], None]) -> list[str]:
    """Start a kernel, again when it cannot be reached; tell why each start in vain was one."""
    in_vain: list[str] = []
    while True:
        try:
            start()
        except RuntimeError as error:
            in_vain.append(str(error))
            if not in_vain[-1].startswith((DIED, SILENT)) or len(in_vain) == KERNEL_STARTS:
                raise
        else:
            return in_vain
