"""The page of the handouts: links to what `make handouts` has built, if it has."""

from pathlib import Path

from ..lesson import Lesson

FORMS = {".html": "HTML", ".pdf": "PDF"}
WHOLE = "course.pdf"
MISSING = "This site was built without handouts: `make handouts`, and then `make site`, add them.\n"
HEAD = "| lesson | for students | for instructors |\n|---|---|---|\n"


def page(folder: Path, course: list[Lesson]) -> str:
    """Return the page from the files that lie in `folder`."""
    if not any(folder.glob("*.pdf")):
        return f"# Handouts\n\n{MISSING}"
    rows = "\n".join(_row(lesson, folder) for lesson in course)
    return f"# Handouts\n\n{_whole(folder)}{HEAD}{rows}\n"


def _whole(folder: Path) -> str:
    if not (folder / WHOLE).exists():
        return ""
    link = f'<a href="handouts/{WHOLE}">the whole course, PDF</a>'
    return f"For students, all lessons in one: {link}.\n\n"


def _row(lesson: Lesson, folder: Path) -> str:
    name = lesson.path.stem
    links = (_links(folder, f"{name}.{audience}") for audience in ("student", "instructor"))
    return f"| {lesson.heading} | {' | '.join(links)} |"


def _links(folder: Path, name: str) -> str:
    # Plain links: the files are laid beside the pages, and are not pages themselves.
    there = [end for end in FORMS if (folder / f"{name}{end}").exists()]
    return " ".join(f'<a href="handouts/{name}{end}">{FORMS[end]}</a>' for end in there)
