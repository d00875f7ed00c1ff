"""Lay down copies of the lessons to work in; never touch what somebody wrote or ran.

Usage: python -m publish.working_copies [FOLDER]
The copies go into my_notebooks/ in FOLDER, or beside the lessons.
The lessons in notebooks/ keep their outputs, for whoever reads them. A copy in my_notebooks/ has
none, so that no answer stands there before its question, and belongs to whoever works in it. Its
metadata name the edition that it was made from, and the checksum of each of its cells. Another
edition takes the place of a copy that was not used. Into one that was, JupyterLab brings it when
the copy is opened: it finds it in .editions/, and tells by the checksums which cells the learner
has changed (publish/jupyterlab/labextensions/redis-course-return). Needs nothing but Python.
"""

import hashlib
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from .lesson import Notebook, parsed

ROOT = Path(__file__).parent.parent
ORIGINALS = "notebooks"
COPIES = "my_notebooks"
MAP = "map.md"
EDITIONS = ".editions"  # in the folder of the copies; each start rewrites it
EDITION, HANDED_OUT = "edition", "handed_out"  # keys of a copy's metadata
_TO_THE_MAP = "../README.md#the-lessons"
_TABLE = re.compile(r"<!-- lessons: .*?-->\n(.*?)<!-- end of lessons -->", re.S)


def working_copy(text: str) -> str:
    """Return a lesson as one begins it: nothing has run, and its edition is named.

    Its link to the map leads to the copies' own map. Raises ValueError when `text` is no notebook.
    """
    notebook = parsed(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        cell["source"] = cell["source"].replace(_TO_THE_MAP, MAP)
    notebook["metadata"] = {
        key: value for key, value in notebook["metadata"].items() if key != "widgets"
    } | {EDITION: edition(notebook), HANDED_OUT: _checksums(notebook)}
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def edition(notebook: Notebook) -> str:
    """Return a name for what is written in a notebook, whatever its cells show."""
    cells = [[cell["cell_type"], cell["source"]] for cell in notebook["cells"]]
    written = [cell for cell in cells if cell[1].strip()]  # an editor adds blank cells
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:16]


def _checksums(notebook: Notebook) -> dict[str, str]:
    """Return CRC-32 of each cell's text, by the cell's id: static/merge.js has the same."""
    cells = (cell for cell in notebook["cells"] if "id" in cell)
    return {cell["id"]: f"{zlib.crc32(cell['source'].encode()):08x}" for cell in cells}


def map_of(readme: str) -> str:
    """Return the map of the copies: README's table of the lessons, without its last column."""
    found = _TABLE.search(readme)
    rows = found[1].replace(f"]({ORIGINALS}/", "](").splitlines() if found else []
    table = ["|".join(row.split("|")[:4]) + "|" for row in rows]
    return "\n".join(["# The lessons", "", *table, "", "Each start rewrites this page."]) + "\n"


def lay_down(course: Path = ROOT, folder: Path | None = None) -> Iterator[str]:
    """Make the copies that are missing; say in one sentence each what the learner should know.

    They go into `folder`, or where the course is. Raises OSError when it cannot be written to.
    """
    copies = (folder or course) / COPIES
    for made in (copies, copies / EDITIONS):
        made.mkdir(exist_ok=True)
    readme = (course / "README.md").read_text(encoding="utf-8")
    _write(copies / MAP, map_of(readme))
    for original in sorted((course / ORIGINALS).glob("*.ipynb")):
        try:
            text = working_copy(original.read_text(encoding="utf-8"))
        except ValueError:
            yield f"{_shown(original)} is no notebook: git checkout {ORIGINALS} brings it back."
        else:
            _write(copies / EDITIONS / original.name, text)
            yield from _lay_down(copies / original.name, text)


def _lay_down(path: Path, text: str) -> Iterator[str]:
    """Write a copy to `path`, unless somebody has used what is there."""
    if not path.exists():
        _write(path, text)
        return
    try:
        there = parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield f"{_shown(path)} cannot be read: rename or delete it and start again."
        return
    if there["metadata"].get(EDITION) == parsed(text)["metadata"][EDITION]:
        return
    if not _was_used(there):
        _write(path, text)
    elif EDITION in there["metadata"]:
        yield f"{_shown(path)} has a new edition: open it in JupyterLab; what you wrote stays."
    else:
        yield f"{_shown(path)} is not the course's: rename it and start again to get the lesson."


def _was_used(copy: Notebook) -> bool:
    ran = any(cell.get("outputs") or cell.get("execution_count") for cell in copy["cells"])
    return ran or copy["metadata"].get(EDITION) != edition(copy)


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole, so that no half of one is ever left."""
    written = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        written.write_text(text, encoding="utf-8", newline="\n")
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _shown(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def main(arguments: Sequence[str] = ()) -> int:
    """Lay down the copies, print what a learner should know, and return the exit status."""
    try:
        for sentence in lay_down(ROOT, *map(Path, arguments)):
            print(sentence)
    except OSError as error:
        why = error.strerror or error
        print(f"{COPIES} cannot be written to ({why}): make room for it there.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
