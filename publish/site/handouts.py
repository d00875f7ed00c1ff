"""The page of the handouts: links to what `make handouts` has built, if it has."""

from itertools import groupby
from pathlib import Path

FORMS = {".html": "read", ".pdf": "PDF"}
MISSING = (
    "This site was built without the handouts: `make handouts`, and then `make site`, add them.\n"
)


def page(folder: Path) -> str:
    """Make the page from the files that lie in `folder`."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.suffix in FORMS)
    listed = [_line(list(group)) for _, group in groupby(files, lambda file: file.with_suffix(""))]
    return "# Handouts\n\n" + ("\n".join(listed) + "\n" if listed else MISSING)


def _line(files: list[Path]) -> str:
    # Plain links: the files are laid beside the pages, and no pages themselves.
    forms = ", ".join(f'<a href="handouts/{f.as_posix()}">{FORMS[f.suffix]}</a>' for f in files)
    name = files[0].with_suffix("").as_posix()
    return f"- {name.replace('_', ' ').replace('-', ' ').replace('/', ', ')}: {forms}"
