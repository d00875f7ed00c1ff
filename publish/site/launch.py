"""The links that open a lesson: on Binder, in the browser edition, as a file."""

from .. import navigation

ALONE = (
    '<p class="launch-note">The file needs the folder of the course around it: '
    '<a href="../index.html#on-your-own-machine">on your own machine</a>.</p>\n'
)


def lesson(notebook: str) -> str:
    """Return the links of a lesson's page."""
    return _bar(notebook, f'<a href="{notebook}" download>Download the notebook</a>') + ALONE


def course(first: str) -> str:
    """Return the links of the front page; they begin with the notebook named `first`."""
    return _bar(first, f'<a href="{navigation.archive()}">Download the course</a>')


def links(notebook: str) -> str:
    """Return the two places where a lesson is alive, as links inside a sentence."""
    return (
        f"[on Binder]({navigation.binder(notebook)}) or "
        f"[in the browser edition]({navigation.browser_edition(notebook)})"
    )


def _bar(notebook: str, download: str) -> str:
    return (
        '<nav class="launch" aria-label="Run it">\n'
        f'<a href="{navigation.binder(notebook)}">Run on Binder</a>\n'
        f'<a href="{navigation.browser_edition(notebook)}">Run in the browser</a>\n'
        f"{download}\n</nav>\n"
    )
