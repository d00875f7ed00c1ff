"""Take a picture of every lab in the middle of its story: python -m tests.browser.screenshots

Run with `make screenshots`. Usage: screenshots [--dark] [FOLDER]   (docs/labs when none is named)
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .jupyter import Course, chromium, jupyterlab, paint, run_all
from .presses import play
from .stories import STORIES, Story

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FOLDER = Path("docs/labs")
SIZE = {"width": 1280, "height": 2000}  # pixels; what is higher than the page is cut off
TYPED = [("ann", "SUBSCRIBE talk"), ("shop", 'PUBLISH talk "hello, Ann"')]


def take(page: Page, course: Course, story: Story, folder: Path, theme: str) -> None:
    """Play a story and save how its lab then looks; in lesson 2 the terminals, too."""
    [path] = course.folder.glob(f"{story.lesson:02}_*.ipynb")
    page.set_viewport_size(SIZE)
    run_all(page, course, path.name)
    paint(page, theme)
    cell = page.locator(".jp-CodeCell", has_text=re.compile(rf"lab\({story.lesson}\)"))
    play(cell, story.presses)
    cell.get_by_role("status").filter(has_text=re.compile(story.said)).wait_for()
    _save(page, cell, folder / f"lab-{story.lesson}.png")
    if story.lesson == 2:
        cell = page.locator(".jp-CodeCell", has_text="await terminals(")
        type_lines(page, cell)
        _save(page, cell, folder / "terminals.png")


def type_lines(page: Page, cell: Locator) -> None:
    """Let one terminal subscribe and the other publish."""
    for name, line in TYPED:
        cell.get_by_role("textbox", name=re.compile(f"^{name}: ")).fill(line)
        page.keyboard.press("Enter")
        cell.get_by_role("log", name=f"Terminal of {name}").filter(
            has_text="(integer) 1"
        ).wait_for()
    cell.get_by_role("log", name="Terminal of ann").filter(has_text="hello, Ann").wait_for()


def _save(page: Page, cell: Locator, path: Path) -> None:
    page.mouse.move(0, 0)  # nothing under the mouse is shown in another shade
    page.evaluate("document.activeElement.blur()")
    cell.locator(".jp-OutputArea-output").screenshot(path=path)
    print(f"{path}: {path.stat().st_size // 1000} kB")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    theme = "dark" if options.dark else "light"
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(Path(folder)) as course,
        chromium(width=1300) as page,
    ):
        page.emulate_media(reduced_motion="reduce")  # a picture shows nothing on its way
        for story in STORIES:
            take(page, course, story, options.folder, theme)


if __name__ == "__main__":
    main()
