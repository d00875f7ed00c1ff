"""No stranger reaches a lesson's kernel; one that cannot be reached is started again."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat.v4 import new_code_cell, new_notebook

from tests.kernel import start
from tests.kernel.start import DIED, KERNEL_STARTS, SILENT, patiently, reached_kernel
from tools.engines import PYTEST, ROOT, Cell, cells_of

SECONDS_TO_ANSWER = 30
WINDOWS = pytest.mark.skipif(os.name == "nt", reason="Jupyter's kernels have ports on Windows")
# The first start of a kernel fails; then pytest does as always.
UNLUCKY = f"""
import sys, pytest
from tests import validation
start, starts = validation.reached_kernel, []
def reached_kernel(folder, **launch):
    starts.append(folder)
    if len(starts) == 1:
        raise RuntimeError("{DIED} to kernel_info")
    return start(folder, **launch)
validation.reached_kernel = reached_kernel
sys.exit(pytest.main(sys.argv[1:]))
"""
ON_FILES = f"""
from ipykernel.connect import get_connection_info
assert get_connection_info(unpack=True)["transport"] == "{"tcp" if os.name == "nt" else "ipc"}"
"""


@contextmanager
def started(manager: KernelManager) -> Iterator[BlockingKernelClient]:
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def answer(client: BlockingKernelClient, question: str) -> str:
    """Run code in the kernel and return what it prints."""
    texts: list[str] = []
    client.execute_interactive(
        question,
        timeout=SECONDS_TO_ANSWER,
        output_hook=lambda message: texts.append(message["content"].get("text", "")),
    )
    return "".join(texts)


def test_a_kernel_whose_port_was_taken_dies_with_the_words_that_are_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        manager = KernelManager(shell_port=taken.getsockname()[1], cache_ports=False)
        with started(manager) as client, pytest.raises(RuntimeError, match=DIED):
            client.wait_for_ready(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a process up")
def test_a_silent_kernel_is_given_up_with_the_words_that_are_waited_for() -> None:
    manager = KernelManager()
    with started(manager) as client:
        manager.signal_kernel(signal.SIGSTOP)
        with pytest.raises(RuntimeError, match=SILENT):
            client.wait_for_ready(timeout=1)


@WINDOWS
def test_kernels_listen_on_files_of_their_own_that_go_with_them(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        kernels = [reached_kernel(folder, cwd=str(tmp_path)) for _ in range(2)]
        assert [manager.transport for manager, _ in kernels] == ["ipc", "ipc"]
        assert len([*Path(folder).iterdir()]) == 2 * len(kernels[0][0].ports)
        assert len({answer(client, "import os; print(os.getpid())") for _, client in kernels}) == 2
        for manager, client in kernels:
            client.stop_channels()
            manager.shutdown_kernel()
        assert [*Path(folder).iterdir()] == []
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def kernel() -> Iterator[KernelManager]:
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        manager = start.new_kernel(folder, stderr=subprocess.DEVNULL)
        yield manager
        manager.shutdown_kernel(now=True)


def test_a_kernel_is_one_of_this_python(kernel: KernelManager) -> None:
    client = start.reach(kernel)
    assert answer(client, "import sys; print(sys.executable)") == f"{sys.executable}\n"
    client.stop_channels()


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a process up")
def test_a_silent_kernel_is_soon_asked_over_a_new_connection(
    kernel: KernelManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.reach(kernel).stop_channels()
    monkeypatch.setattr(start, "ASKED_AGAIN_AFTER", 0.2)
    kernel.signal_kernel(signal.SIGSTOP)
    clients = clients_of(kernel, woken_by=3, monkeypatch=monkeypatch)
    start.reach(kernel).stop_channels()
    assert len(clients) >= 3
    assert not any(client.channels_running for client in clients)


def clients_of(
    kernel: KernelManager, woken_by: int, monkeypatch: pytest.MonkeyPatch
) -> list[BlockingKernelClient]:
    """List the clients that ask from now on; the so manieth lets a stopped kernel go on."""
    connect, clients = kernel.client, []

    def client() -> BlockingKernelClient:
        clients.append(connect())
        if len(clients) == woken_by:
            kernel.signal_kernel(signal.SIGCONT)
        return clients[-1]

    monkeypatch.setattr(kernel, "client", client)
    return clients


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a process up")
def test_a_kernel_that_never_answers_is_given_up(kernel: KernelManager) -> None:
    kernel.signal_kernel(signal.SIGSTOP)
    with pytest.raises(RuntimeError, match=SILENT):
        start.reach(kernel, limit=1)


def test_a_lesson_starts_its_kernel_again_and_its_report_says_so(tmp_path: Path) -> None:
    lesson, report = tmp_path / "lesson.ipynb", tmp_path / "report.xml"
    cells = [new_code_cell("one = 1"), new_code_cell(ON_FILES)]
    nbformat.write(new_notebook(cells=cells), lesson)
    command = [sys.executable, "-c", UNLUCKY, *PYTEST[2:], f"--junitxml={report}", tmp_path]
    ran = subprocess.run(command, cwd=ROOT, timeout=120, check=False)
    assert ran.returncode == 0
    assert [*cells_of(report)] == [
        Cell("lesson", "Cell 0", passed=True, restarts=1),
        Cell("lesson", "Cell 1", passed=True),
    ]


@pytest.mark.parametrize("said", [f"{DIED} to kernel_info", f"{SILENT} 60 seconds"])
@pytest.mark.parametrize("deaths", range(KERNEL_STARTS + 1))
def test_a_kernel_that_is_not_reached_is_started_again_a_few_times(deaths: int, said: str) -> None:
    starts = []

    def begin() -> None:
        starts.append("one")
        if len(starts) <= deaths:
            raise RuntimeError(said)

    if deaths < KERNEL_STARTS:
        assert patiently(begin) == [said] * deaths
        assert len(starts) == deaths + 1
    else:
        with pytest.raises(RuntimeError, match=said):
            patiently(begin)
        assert len(starts) == KERNEL_STARTS


def test_another_fault_at_the_start_is_not_tried_again() -> None:
    starts = []

    def begin() -> None:
        starts.append("one")
        raise RuntimeError("Kernel info reqest timed out after 10 seconds!")

    with pytest.raises(RuntimeError, match="timed out"):
        patiently(begin)
    assert starts == ["one"]
