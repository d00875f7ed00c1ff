"""The story of a lab, as a lesson's page plays it: its moments, and the same in words.

The page plays them with the module that shows a lab in a notebook. Without JavaScript there are the
lab's saved picture and these words.
"""

import json
import re
import shutil
from html import escape
from pathlib import Path

from nbformat import NotebookNode

from helpers import stage
from helpers.stage.frame import Frame
from helpers.stage.plain import LOOKS, plain
from helpers.stage.story import Story, read_story
from publish.cells import markdown
from publish.lesson import Lab

from . import launch

STAGE = Path(stage.__file__).parent
LESSONS = STAGE.parent / "lessons"
SHOWN = re.compile(r"await lab\((\d+)\)")


def number_of(part: Lab) -> str:
    """Return the number of the lab that a cell shows, "" where it shows none that has a story."""
    found = SHOWN.search(part.shows.source)
    return found[1] if found and _path(found[1]).exists() else ""


def block(number: str, notebook: str) -> NotebookNode:
    """Return what stands below the picture of a lab: where it is played, and its story in words."""
    steps = "".join(map(_told, read_story(_path(number)).frames))
    return markdown(
        f'<div class="story" data-story="{_name(number)}">\n'
        f"<details><summary>The story in words</summary><ol>{steps}</ol></details>\n</div>\n\n"
        f"One way through it. To find your own, run the lesson {launch.links(notebook)}."
    )


def lay_beside(folder: Path) -> None:
    """Write what the pages fetch into `folder`: the stage, and the moments of every story."""
    for name in ("stage.js", "stage.css"):
        shutil.copy(STAGE / name, folder)
    (folder / "stories").mkdir()
    for path in sorted(LESSONS.glob("l*/story.json")):
        number = path.parent.name.removeprefix("l")
        text = json.dumps(moments(read_story(path)), ensure_ascii=False)
        (folder / "stories" / _name(number)).write_text(text, encoding="utf-8")


def moments(story: Story) -> dict[str, object]:
    """Return what the stage needs to play a story."""
    return {"looks": LOOKS, "frames": plain(story.frames)}


def _path(number: str) -> Path:
    return LESSONS / f"l{int(number):02}" / "story.json"


def _name(number: str) -> str:
    return f"{int(number):02}.json"


def _told(frame: Frame) -> str:
    did = f"<strong>{escape(frame.did)}.</strong> " if frame.did else ""
    said = " ".join(filter(None, [frame.headline, frame.summary]))
    return f"<li>{did}{escape(said)}</li>"
