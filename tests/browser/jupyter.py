"""A private JupyterLab, one notebook in it, and its page in a headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client import BlockingKernelClient
from nbformat.v4 import new_code_cell, new_notebook

from publish.lab import SETTINGS as SETTINGS_OF_THE_COURSE
from publish.lab import WHERE
from publish.working_copies import working_copy

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
JUPYTERLAB = shutil.which("jupyter-lab", path=str(ROOT / ".venv/bin"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
# Deadlines, on a machine where others work, too; nothing waits for them to pass.
SECONDS_TO_START = 180.0
SECONDS_TO_ANSWER = 60.0
SECONDS_TO_RUN = 180.0
SECONDS_TO_END = 20.0
QUIET = """
--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync
"""
SWITCHES = """
--no-browser --allow-root --ip=127.0.0.1 --IdentityProvider.token= --ServerApp.password=
--ServerApp.port_retries=0 --ServerApp.disable_check_xsrf=True --KernelManager.transport=tcp
--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.expose_app_in_browser=True
--LabApp.news_url=
"""
SETTINGS = {
    # Without windowing every cell is in the page, also the one that is out of sight.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
}
# The prompt of a collapsed cell is empty.
ALL_HAVE_RUN = """() => {
    const prompts = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')];
    const state = document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status;
    return state === 'idle' && prompts.every(p => /^(\\[\\d+\\]:)?$/.test(p.textContent.trim()));
}"""


class Course:
    """A running JupyterLab with working copies of the lessons."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def renew(self, name: str) -> None:
        """End every kernel, and lay down a notebook afresh, as if it had never run."""
        self.end_kernels()
        copy = working_copy((NOTEBOOKS / name).read_text(encoding="utf-8"))
        (self.folder / name).write_text(copy, encoding="utf-8")

    def end_kernels(self) -> None:
        """End every kernel, and return once none is left."""
        for kernel in self._kernels():
            self._end(kernel["id"])
        _until(lambda: not self._kernels(), "the kernels to end")

    def _end(self, kernel: str) -> None:
        address = f"http://127.0.0.1:{self.port}/api/kernels/{kernel}"
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()
        except urllib.error.HTTPError:  # a kernel that is slow to go: until it is gone we wait
            return

    def until_connected(self) -> None:
        """Return once the kernel is idle and the page is connected to it: before, a run is lost."""
        _until(lambda: any(map(_is_ready, self._kernels())), "the page to reach its kernel")

    def _kernels(self) -> list[dict[str, Any]]:
        """List the kernels, as soon as the server can: it fails while one of them starts."""
        return _until(self._told_kernels, "the list of kernels")[0]

    def _told_kernels(self) -> tuple[list[dict[str, Any]]] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/kernels") as answer:
                return (json.load(answer),)
        except urllib.error.HTTPError as error:
            if error.code != 500:
                raise
        return None

    @contextmanager
    def kernel(self) -> Iterator[BlockingKernelClient]:
        """Give a client of the kernel that was started last: it sends, and hears replies alone.

        A reply comes whenever the kernel is ready. To hear all that it tells, one would have to be
        connected long before.
        """
        files = (self.folder / "runtime").glob("kernel-*.json")
        newest = max(files, key=lambda file: file.stat().st_mtime)
        client = BlockingKernelClient(connection_file=str(newest))
        client.load_connection_file()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            yield client
        finally:
            client.stop_channels()

    def ask(self, question: str) -> Any:
        """Ask the broker of the notebook: an expression in which `r` is a client."""
        with self.kernel() as kernel:
            return _answer(kernel, question)


def _answer(kernel: BlockingKernelClient, question: str) -> Any:
    code = (
        "import json\nfrom helpers import broker as _broker\n"
        f"async with _broker.broker().side_client() as r:\n    _answer = {question}\n"
    )
    told = kernel.execute(
        code,
        user_expressions={"it": "json.dumps(_answer)"},
        store_history=False,
        reply=True,
        timeout=SECONDS_TO_START,
    )["content"]
    assert told["status"] == "ok", told
    return json.loads(eval(told["user_expressions"]["it"]["data"]["text/plain"]))


@contextmanager
def jupyterlab(
    folder: Path, *command: str | Path, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Course]:
    """Run JupyterLab on working copies of the lessons, with the settings of `make lab`.

    `command` starts another, without these settings; what it starts beside it ends with it.
    """
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        copy = working_copy(notebook.read_text(encoding="utf-8"))
        (folder / notebook.name).write_text(copy, encoding="utf-8")
    for name, value in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    own = {} if command else dict.fromkeys(WHERE, str(SETTINGS_OF_THE_COURSE))
    where = f"--ServerApp.root_dir={folder}"
    started = [*(command or [JUPYTERLAB]), where]
    with serving(folder, folder, started, own | dict(variables)) as running:
        yield running


@contextmanager
def serving(
    folder: Path, home: Path, command: Sequence[str | Path | None], variables: Mapping[str, str]
) -> Iterator[Course]:
    """Run a command that serves a folder, with everything of JupyterLab's own kept in `home`."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    own = {name: str(home / place) for name, place in places.items()}
    port = free_port()
    switches = [*SWITCHES.split(), f"--port={port}"]
    log = (home / "log.txt").open("w")
    server = subprocess.Popen(
        [*command, *switches],
        cwd=folder,
        stdout=log,
        stderr=log,
        env=os.environ | own | {"COURSE_BROKER": "embedded"} | variables,
        start_new_session=True,
    )
    try:
        _until(lambda: _answers(port), "JupyterLab to answer")
        yield Course(folder, port)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:  # it waits for a kernel that does not end
            os.killpg(server.pid, signal.SIGKILL)
        log.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_ready(kernel: dict[str, Any]) -> bool:
    return kernel["connections"] > 0 and kernel["execution_state"] == "idle"


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=2).close()
    except OSError:
        return False
    return True


def _until(condition: Callable[[], Any], what: str) -> Any:
    """Return what the condition answers, as soon as that is not empty."""
    end = time.monotonic() + SECONDS_TO_START
    while not (answer := condition()):
        assert time.monotonic() < end, f"waited {SECONDS_TO_START:g} seconds for {what}"
        time.sleep(0.1)
    return answer


@contextmanager
def chromium(width: int = 1200) -> Iterator[Page]:
    """Open a page in a headless Chromium."""
    from playwright.sync_api import sync_playwright  # the other tests go without it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        page = browser.new_page(viewport={"width": width, "height": 1400})
        page.set_default_timeout(SECONDS_TO_RUN * 1000)
        yield page
        browser.close()


def paint(page: Page, theme: str, system: str = "") -> None:
    """Let JupyterLab be light or dark, and the system, too: the same unless told otherwise."""
    page.emulate_media(color_scheme=system or theme)
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})",
        f"JupyterLab {theme.capitalize()}",
    )
    is_light = str(theme == "light").lower()
    page.wait_for_selector(f"body[data-jp-theme-light={is_light}]", state="attached")
    # JupyterLab covers the change with its splash screen, and takes that away twice, with an error,
    # when the theme changes again before it has faded.
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def run_all(page: Page, course: Course, name: str) -> None:
    """Open a notebook afresh, run all its cells, and return once each has run."""
    page.goto("about:blank")  # a page would ask for the kernel that is about to end
    course.renew(name)
    open_notebook(page, course, name)
    course.until_connected()
    run_what_is_open(page)


def lay_down(page: Page, course: Course, name: str, cells: Sequence[str]) -> None:
    """Open a new notebook with these cells of code; nothing has run."""
    page.goto("about:blank")
    course.end_kernels()
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"display_name": "", "language": "", "name": "python3"}
    nbformat.write(notebook, course.folder / name)
    open_notebook(page, course, name)
    course.until_connected()


def run_what_is_open(page: Page) -> None:
    """Run all cells of the notebook on the page, and return once each has run."""
    page.click('div.lm-MenuBar-itemLabel:has-text("Run")')
    page.click('.lm-Menu-item[data-command="runmenu:run-all"]')
    page.wait_for_function(ALL_HAVE_RUN, timeout=SECONDS_TO_RUN * 1000)


def open_notebook(page: Page, course: Course, name: str) -> None:
    """Open a notebook as it lies there; return once its cells are in the page."""
    cells = json.loads((course.folder / name).read_text(encoding="utf-8"))["cells"]
    page.goto(f"http://127.0.0.1:{course.port}/lab/tree/{name}?reset", wait_until="commit")
    page.wait_for_function(
        "n => document.querySelectorAll('.jp-Notebook .jp-CodeCell').length >= n",
        arg=sum(cell["cell_type"] == "code" for cell in cells),
    )
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')


def reopen(page: Page, course: Course, name: str) -> None:
    """Save a notebook, end its kernel, and open it again: the next day."""
    command(page, "docmanager:save")
    page.goto("about:blank")
    course.end_kernels()
    open_notebook(page, course, name)
    course.until_connected()  # before, JupyterLab loads no widget


def restart_kernel(page: Page, course: Course) -> None:
    """Start the kernel again below the open page."""
    # It ends when the question has been answered and the kernel is there again.
    page.evaluate("() => void (window.again = jupyterapp.commands.execute('kernelmenu:restart'))")
    page.click(".jp-Dialog .jp-mod-accept")
    page.evaluate("() => window.again.then(() => null)")
    course.until_connected()


@contextmanager
def as_wide_as(page: Page, width: int) -> Iterator[None]:
    """Let the window be so many pixels wide, with JupyterLab's side panel folded away."""
    before = page.viewport_size
    assert before
    command(page, "application:toggle-left-area")
    page.set_viewport_size({"width": width, "height": 900})
    try:
        yield
    finally:
        page.set_viewport_size(before)
        command(page, "application:toggle-left-area")


def cells_of(page: Page) -> list[list[str]]:
    """List the cells of the open notebook: the kind and the source of each."""
    return page.evaluate(
        "jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
        ".map(cell => [cell.cell_type, cell.source])"
    )


def command(page: Page, name: str) -> None:
    """Do what a menu of JupyterLab does, and return once it is done."""
    page.evaluate("name => jupyterapp.commands.execute(name)", name)
