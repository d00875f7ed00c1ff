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
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel

from tests.kernel.start import DIED, KERNEL_STARTS, SILENT, listening_in, patiently
from tools.engines import NBVAL, ROOT, Cell, cells_of

SECONDS_TO_ANSWER = 30
WINDOWS = pytest.mark.skipif(os.name == "nt", reason="Jupyter's kernels have ports on Windows")
# The first start of a kernel fails; then pytest does as always.
UNLUCKY = f"""
import sys, pytest
from nbval.plugin import IPyNbFile
start, starts = IPyNbFile.setup, []
def setup(lesson):
    starts.append(lesson)
    if len(starts) == 1:
        raise RuntimeError("{DIED} to kernel_info")
    start(lesson)
IPyNbFile.setup = setup
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


def answer(kernel: RunningKernel, question: str) -> str:
    """Run code in the kernel and return what it prints."""
    asked = kernel.execute_cell_input(question, allow_stdin=False)
    kernel.await_reply(asked, timeout=SECONDS_TO_ANSWER)
    texts: list[str] = []
    while True:
        message = kernel.get_message("iopub", timeout=SECONDS_TO_ANSWER)
        kind, content = message["msg_type"], message["content"]
        if message["parent_header"].get("msg_id") != asked:
            continue
        if kind == "stream":
            texts.append(content["text"])
        elif kind == "status" and content["execution_state"] == "idle":
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
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder, listening_in(folder):
        kernels = [RunningKernel(CURRENT_ENV_KERNEL_NAME, cwd=str(tmp_path)) for _ in range(2)]
        assert [kernel.km.transport for kernel in kernels] == ["ipc", "ipc"]
        assert len([*Path(folder).iterdir()]) == 2 * len(kernels[0].km.ports)
        assert len({answer(kernel, "import os; print(os.getpid())") for kernel in kernels}) == 2
        for kernel in kernels:
            kernel.stop()
        assert [*Path(folder).iterdir()] == []
    assert [*tmp_path.iterdir()] == []


def test_a_lesson_starts_its_kernel_again_and_its_report_says_so(tmp_path: Path) -> None:
    lesson, report = tmp_path / "lesson.ipynb", tmp_path / "report.xml"
    cells = [new_code_cell("one = 1"), new_code_cell(ON_FILES)]
    nbformat.write(new_notebook(cells=cells), lesson)
    command = [sys.executable, "-c", UNLUCKY, *NBVAL[2:], f"--junitxml={report}", tmp_path]
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

    def start() -> None:
        starts.append("one")
        if len(starts) <= deaths:
            raise RuntimeError(said)

    if deaths < KERNEL_STARTS:
        assert patiently(start) == [said] * deaths
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
