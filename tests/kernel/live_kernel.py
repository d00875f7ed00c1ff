"""A kernel that a test runs cells in, interrupts, and ends: what a page would show is collected."""

import os
import queue
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from tests.kernel.start import patiently

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
START_LIMIT = 60.0  # seconds, on busy cores
SHOWING = ("stream", "display_data", "execute_result", "error")


@dataclass
class Shown:
    """What one run of a cell showed; `ended` is false where it was still running at the limit."""

    ended: bool = False
    seconds: float = 0.0
    status: str = ""
    outputs: list[NotebookNode] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)

    @property
    def error(self) -> list[str]:
        """The lines of the error, if there is one."""
        lines = [o.traceback for o in self.outputs if o.output_type == "error"]
        return "\n".join(lines[0]).splitlines() if lines else []

    @property
    def text(self) -> str:
        """All that is shown as text, but errors."""
        texts = (o.get("text") or o.get("data", {}).get("text/plain", "") for o in self.outputs)
        return "\n".join(texts)


class LiveKernel:
    """A kernel on which cells run one after another, as they do on a page."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(
        self, source: str, limit: float = 60.0, *, stop_when: str = "", stop_after: float = 0.0
    ) -> Shown:
        """Run a cell for `limit` seconds at most; interrupt it after a text, or after seconds.

        `seconds` counts from the interrupt, if there is one, and from the beginning otherwise.
        """
        asked = self.client.execute(source)
        shown, began, stopped = Shown(), time.monotonic(), False
        while time.monotonic() - began < limit and not shown.ended:
            wants = (stop_when and stop_when in shown.text) or (
                stop_after and time.monotonic() - began > stop_after
            )
            if wants and not stopped:
                self.manager.interrupt_kernel()
                stopped, began = True, time.monotonic()
            self._listen(asked, shown)
        shown.seconds = time.monotonic() - began
        if shown.ended:
            reply = self.client.get_shell_msg(timeout=limit)
            while reply["parent_header"].get("msg_id") != asked:
                reply = self.client.get_shell_msg(timeout=limit)
            shown.status = reply["content"]["status"]
        return shown

    def _listen(self, asked: str, shown: Shown) -> None:
        try:
            message = self.client.get_iopub_msg(timeout=0.05)
        except queue.Empty:
            return
        if message["parent_header"].get("msg_id") != asked:
            return
        kind, content = message["msg_type"], message["content"]
        if kind in SHOWING:
            shown.outputs.append(output_from_msg(message))
        elif kind == "update_display_data":
            shown.updates.append(content["data"])
        elif kind == "status" and content["execution_state"] == "idle":
            shown.ended = True


@contextmanager
def live_kernel(broker: str = "embedded", folder: Path = NOTEBOOKS) -> Iterator[LiveKernel]:
    """Start a kernel that works in `folder`; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        files = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(sockets, "socket"))}
        manager = KernelManager(kernel_name="python3", **files)
        manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        client: BlockingKernelClient | None = None

        def start() -> None:
            nonlocal client
            if client is not None:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
            manager.start_kernel(env=os.environ | {"COURSE_BROKER": broker}, cwd=str(folder))
            client = manager.blocking_client()
            client.start_channels()
            client.wait_for_ready(timeout=START_LIMIT)

        try:
            patiently(start)
            yield LiveKernel(manager, client)
        finally:
            if client is not None:
                client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
