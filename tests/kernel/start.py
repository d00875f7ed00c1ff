"""Start the kernel of a lesson where no other program can come between it and the tests.

Jupyter chooses a kernel's ports and lets them go before the kernel starts: until it binds them,
seconds later on busy cores, they are anybody's. Then the kernel dies, or its client meets a
stranger first, never asks again, and waits for a kernel that cannot tell it anything.
So these kernels listen on files instead, as they can everywhere but on Windows.
See https://github.com/jupyter/jupyter_client/issues/154

ipykernel 7 has also been seen to leave a request unread (the same wait in vain, by files too):
https://github.com/ipython/ipykernel/issues/1554
A kernel that nobody reaches is therefore started again, and the report of the run says so.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from jupyter_client.manager import KernelManager

KERNEL_STARTS = 3
STARTED_AGAIN = "kernel started again"  # a property of a lesson's first cell, in reports
# The words of jupyter_client. Nothing of a lesson has run by then.
DIED = "Kernel died before replying"
SILENT = "Kernel didn't respond in"


@contextmanager
def listening_in(folder: str) -> Iterator[None]:
    """Let nbval's kernels listen on files in `folder`, which must stay as long as they do."""
    files = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(folder, "socket"))}
    with patch("nbval.kernel.KernelManager", partial(KernelManager, **files)):
        yield


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
