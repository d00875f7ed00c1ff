"""What a visitor of Binder gets: its packages, postBuild and start, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .jupyter import CHROMIUM, ROOT, Course, free_port, jupyterlab, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed"),
]
TOLD = "orders that a latecomer finds      queue 1   stream 4"  # at the end of lesson 1
FOUND_CHOICE = """() => JSON.parse(document.querySelector('#jupyter-config-data').textContent)
    .disabledExtensions"""
ON_THE_SERVER = "import asyncio, helpers; print(asyncio.run(helpers.connect('shop').ping()))"


@dataclass(frozen=True)
class Binder:
    """A copy of the project, where Binder's scripts have run, and its JupyterLab."""

    project: Path
    python: Path
    course: Course
    server: str  # the address of the server that `start` starts


def run(*command: str | Path, cwd: Path, variables: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (variables or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def copied(folder: Path) -> Path:
    """Copy the files that are, or would be, committed."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(lambda name: (ROOT / name).is_file(), listed.splitlines()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def binder(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Binder]:
    home = tmp_path_factory.mktemp("binder")
    project, environment = copied(home / "project"), home / "environment"
    run("sh", "publish/environment.sh", environment, "binder/requirements.txt", cwd=project)
    port = str(free_port())
    variables = {
        "HOME": str(home),
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
        "COURSE_BINDER_PORT": port,
    }
    run(project / "binder/postBuild", cwd=project, variables=variables)
    start = (project / "binder/start", "jupyter-lab")
    with jupyterlab(project / "notebooks", *start, variables=variables) as course:
        yield Binder(project, environment / "bin/python", course, f"redis://127.0.0.1:{port}")
        page.goto("about:blank")  # a page that stays would miss its server, aloud


def test_lesson_1_runs_to_its_end(page: Page, binder: Binder) -> None:
    run_all(page, binder.course, "01_queue_or_stream.ipynb")
    assert page.locator(".jp-OutputArea-output", has_text=TOLD).count() == 1
    assert page.locator("[data-mime-type$=stderr]").count() == 0
    assert page.locator(".jp-CodeCell", has_text="lab(1)").get_by_role("button").count() > 0


def test_nobody_is_asked_about_a_newsletter(page: Page, binder: Binder) -> None:
    page.goto(f"http://127.0.0.1:{binder.course.port}/lab")
    assert "@jupyterlab/apputils-extension:announcements" in page.evaluate(FOUND_CHOICE)


def test_a_real_server_waits_for_whoever_chooses_it(binder: Binder) -> None:
    chosen = {"COURSE_BROKER": binder.server}
    told = run(binder.python, "-c", ON_THE_SERVER, cwd=binder.project, variables=chosen)
    assert told.strip() == "True"
