"""Check that notebooks have the form in which `make save` leaves them.

Usage: python -m tests.publish.saved_form NOTEBOOK ...      (a hook of .pre-commit-config.yaml)
An editor adds settings of its own, and cells that ran out of order keep their numbers.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from publish.save_notebooks import normalise


def has_saved_form(path: Path) -> bool:
    """Tell whether normalising the notebook would change no byte; nothing is run or written."""
    notebook = nbformat.read(path, as_version=4)
    normalise(notebook)
    return nbformat.writes(notebook) + "\n" == path.read_text(encoding="utf-8")


def problems(paths: Iterable[Path]) -> Iterator[str]:
    """Say in one sentence each which notebooks have another form, and what to do."""
    for path in paths:
        if not has_saved_form(path):
            yield f"{path} is not as it was saved: run make save NB={path}"


if __name__ == "__main__":
    found = [*problems(map(Path, sys.argv[1:]))]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
