"""What a visitor of Binder or of a hub gets: its packages, postBuild and start, in its own folders.

A hub mounts a home that an image knows nothing of, so an image for one keeps the course elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from publish.working_copies import working_copy

from ..real_servers import found_servers, missing_servers
from .jupyter import (
    CHROMIUM,
    ROOT,
    Course,
    free_port,
    jupyterlab,
    open_notebook,
    run_all,
    serving,
)
from .returning import (
    COME,
    NAME,
    PROGRESS,
    left_last_week,
    the_lesson_begins_anew_and_comes_back,
    today_s_lesson_has_last_week_s_work,
    until_told,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not found_servers(), reason="; ".join(missing_servers().values())),
]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOBODY = 65534  # the number of the user who owns nothing
TOLD = "orders that a latecomer finds      queue 1   stream 4"  # at the end of lesson 1
FOUND_CHOICE = """() => JSON.parse(document.querySelector('#jupyter-config-data').textContent)
    .disabledExtensions"""
ON_THE_SERVER = "import asyncio, helpers; print(asyncio.run(helpers.connect('shop').ping()))"


@dataclass(frozen=True)
class Image:
    """A copy of the project, and the environment into which Binder's scripts have installed it."""

    project: Path
    environment: Path

    def variables(self, home: Path, port: int) -> dict[str, str]:
        """Return what is set where it is started."""
        path = f"{self.environment / 'bin'}:{os.environ['PATH']}"
        return {"HOME": str(home), "PATH": path, "COURSE_BINDER_PORT": str(port)}


@dataclass(frozen=True)
class Binder:
    """A started image, and its JupyterLab."""

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
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Do what is done when an image is built, but for the packages of the system."""
    folder = tmp_path_factory.mktemp("image")
    project, environment = copied(folder / "course"), folder / "environment"
    run("sh", "publish/environment.sh", environment, "binder/requirements.txt", cwd=project)
    path = {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
    run(project / "binder/postBuild", cwd=project, variables=path)
    # An image has it from Debian; any real server answers to its name.
    (environment / "bin/redis-server").symlink_to(next(iter(found_servers().values())))
    return Image(project, environment)


@pytest.fixture(scope="module")
def binder(page: Page, image: Image) -> Iterator[Binder]:
    port = free_port()
    variables = image.variables(image.project.parent, port)
    start = (image.project / "binder/start", "jupyter-lab")
    with jupyterlab(image.project / "notebooks", *start, variables=variables) as course:
        python = image.environment / "bin/python"
        yield Binder(image.project, python, course, f"redis://127.0.0.1:{port}")
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


# Lesson 1 as a learner's JupyterLab would run it, in whatever folder this is started.
LESSON = "my_notebooks/01_queue_or_stream.ipynb"
RUN_LESSON = f"""
import nbformat
from nbclient import NotebookClient
lesson = nbformat.read({LESSON!r}, 4)
NotebookClient(lesson, resources={{"metadata": {{"path": "my_notebooks"}}}}).execute()
print(*(o.get("text", "") for cell in lesson.cells for o in cell.get("outputs", [])))
"""


def start(image: Image, home: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Start the image with this home, and run lesson 1 to its end in place of JupyterLab."""
    variables = image.variables(home, free_port())
    # What `start` leaves running, its server, ends with the shell that waits for it here.
    script = '"$@"; status=$?; trap "" TERM; kill 0; exit $status'
    command = ["setsid", "bash", "-c", script, "bash", str(image.project / "binder/start")]
    return subprocess.run(
        [*command, "python", "-c", RUN_LESSON],
        cwd=image.project,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **more,
    )


@pytest.fixture(scope="module")
def hub(image: Image) -> Iterator[Image]:
    """The same image with the course outside of any home, where everybody may read it."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Image(copied(Path(folder, "srv/course")), image.environment)


@pytest.fixture
def home(hub: Image) -> Iterator[Path]:
    with TemporaryDirectory(dir=hub.project.parent) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def files_of(project: Path) -> dict[Path, int]:
    """Return when each file was written, but for what Python compiles where it may."""
    files = (path for path in project.rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in files if "__pycache__" not in path.parts}


def test_lesson_1_runs_in_an_empty_home(hub: Image, home: Path) -> None:
    before = files_of(hub.project)
    ran = start(hub, home)
    assert TOLD in ran.stdout, ran.stderr
    assert len([*(home / "my_notebooks").glob("*.ipynb")]) == len(LESSONS)
    assert files_of(hub.project) == before


def test_last_weeks_home_keeps_what_was_written_and_gets_the_new_lessons(
    hub: Image, home: Path
) -> None:
    copies = home / "my_notebooks"
    copies.mkdir()
    earlier = json.loads((ROOT / "notebooks/01_queue_or_stream.ipynb").read_text())
    earlier["cells"][0]["source"] = ["# An earlier edition"]
    unused = working_copy(json.dumps(earlier))
    used = unused.replace("An earlier edition", "An earlier edition, with my notes")
    (copies / "01_queue_or_stream.ipynb").write_text(unused)
    (copies / "02_publish_subscribe.ipynb").write_text(used)
    (copies / "mine.ipynb").write_text("my own")
    ran = start(hub, home)
    assert TOLD in ran.stdout, ran.stderr
    assert "02_publish_subscribe.ipynb has a new edition" in ran.stdout
    assert (copies / "02_publish_subscribe.ipynb").read_text() == used
    assert (copies / "mine.ipynb").read_text() == "my own"
    assert "An earlier edition" not in (copies / "01_queue_or_stream.ipynb").read_text()


def test_last_weeks_home_gets_todays_text_when_the_lesson_is_opened(
    page: Page, hub: Image, home: Path
) -> None:
    (home / "my_notebooks").mkdir()
    (home / "my_notebooks" / NAME).write_text(json.dumps(left_last_week()))
    (home / "my_notebooks/.progress.json").write_text(json.dumps(PROGRESS))
    command = (hub.project / "binder/start", "jupyter-lab")
    with serving(home, home, command, hub.variables(home, free_port())) as course:
        try:
            open_notebook(page, course, f"my_notebooks/{NAME}")
            until_told(page, COME)
            today_s_lesson_has_last_week_s_work(page, "my_notebooks")
            the_lesson_begins_anew_and_comes_back(page, "my_notebooks")
        finally:
            page.goto("about:blank")  # a page that stays would miss its server, aloud


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start it as somebody else")
def test_a_home_that_cannot_be_written_to_is_one_sentence(hub: Image, home: Path) -> None:
    ran = start(hub, home, user=NOBODY)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert f"{home} cannot be written to" in ran.stderr
    assert [*home.iterdir()] == []
