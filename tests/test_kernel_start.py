"""A kernel that cannot be reached is started again; another fault is not hidden."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jupyter_client.manager import KernelManager

from tests.kernel_start import DIED, KERNEL_STARTS, SILENT, patiently


@contextmanager
def kernel_on(port: int) -> Iterator[KernelManager]:
    manager = KernelManager(shell_port=port, cache_ports=False)
    manager.start_kernel(stderr=subprocess.DEVNULL)
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def test_a_kernel_whose_port_was_taken_dies_with_the_words_that_are_waited_for() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        kernel_on(taken.getsockname()[1]) as kernel,
    ):
        client = kernel.client()
        client.start_channels()
        with pytest.raises(RuntimeError, match=DIED):
            client.wait_for_ready(timeout=60)
        client.stop_channels()


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a process up")
def test_a_silent_kernel_is_given_up_with_the_words_that_are_waited_for() -> None:
    manager = KernelManager()
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        manager.signal_kernel(signal.SIGSTOP)
        with pytest.raises(RuntimeError, match=SILENT):
            client.wait_for_ready(timeout=1)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("said", [f"{DIED} to kernel_info", f"{SILENT} 60 seconds"])
@pytest.mark.parametrize("deaths", range(KERNEL_STARTS + 1))
def test_a_kernel_that_is_not_reached_is_started_again_a_few_times(deaths: int, said: str) -> None:
    starts = []

    def start() -> None:
        starts.append("one")
        if len(starts) <= deaths:
            raise RuntimeError(said)

    if deaths < KERNEL_STARTS:
        patiently(start)
        assert len(starts) == deaths + 1
    else:
        with pytest.raises(RuntimeError, match=said):
            patiently(start)
        assert len(starts) == KERNEL_STARTS


def test_another_fault_at_the_start_is_not_tried_again() -> None:
    starts = []

    def start() -> None:
        starts.append("one")
        raise RuntimeError("Kernel info reqest timed out after 10 seconds!")

    with pytest.raises(RuntimeError, match="timed out"):
        patiently(start)
    assert starts == ["one"]
