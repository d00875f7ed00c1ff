"""Kernels with redis-py and nothing else: what a learner's memory is compared with."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import mean

from jupyter_client.manager import start_new_kernel

from .memory import having, processes

SOURCE = "import redis, redis.asyncio"


def bare_kernel(count: int, folder: str) -> float:
    """Return the mean PSS in MB of `count` kernels that run at once and have imported redis-py."""
    mark = f"TMPDIR={folder}"
    with ExitStack() as kernels:
        for _ in range(count):
            kernels.enter_context(_kernel(folder))
        return mean(process.pss() for process in processes(having(mark)) if process.is_kernel)


@contextmanager
def _kernel(folder: str) -> Iterator[None]:
    manager, client = start_new_kernel(env={"TMPDIR": folder, "PATH": ""}, startup_timeout=120)
    try:
        client.execute_interactive(SOURCE, timeout=120)
        yield
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
