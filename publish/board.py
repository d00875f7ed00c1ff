"""Open the instructor's board in JupyterLab, as a copy beside those of the lessons.

Usage: python -m publish.board [OPTION ...]      (the options are JupyterLab's)
"""

import sys
from pathlib import Path

from . import lab
from .working_copies import COPIES, ROOT, working_copy

ORIGINAL = Path("classroom/board.ipynb")


def lay_down(course: Path = ROOT) -> Path:
    """Make the copy where there is none; return its place in the course. Raises OSError."""
    copy = Path(COPIES, ORIGINAL.name)
    if not (course / copy).exists():
        (course / COPIES).mkdir(exist_ok=True)
        text = working_copy((course / ORIGINAL).read_text(encoding="utf-8"))
        (course / copy).write_text(text, encoding="utf-8", newline="\n")
    return copy


def main(options: list[str]) -> int:
    """Lay down the copy and run JupyterLab on it; return the exit status."""
    try:
        copy = lay_down()
    except OSError as error:
        print(f"{COPIES} cannot be written to ({error.strerror or error}).", file=sys.stderr)
        return 1
    return lab.main([f"--LabApp.default_url=/lab/tree/{copy.as_posix()}", *options])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
