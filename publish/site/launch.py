"""The links that open a lesson: on Binder, in the browser edition, as a file."""

from .. import navigation


def bar(notebook: str, file: str) -> str:
    """Make the links for a notebook; `file` is its own address, seen from the page."""
    return (
        '<nav class="launch" aria-label="Run this lesson">\n'
        f'<a href="{navigation.binder(notebook)}">Run on Binder</a>\n'
        f'<a href="{navigation.browser_edition(notebook)}">Run in the browser</a>\n'
        f'<a href="{file}" download>Download the notebook</a>\n</nav>\n'
    )


def links(notebook: str) -> str:
    """Name the two places where a lesson is alive, as links inside a sentence."""
    return (
        f"[on Binder]({navigation.binder(notebook)}) or "
        f"[in the browser edition]({navigation.browser_edition(notebook)})"
    )
