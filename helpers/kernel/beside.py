"""Show a line below a cell that is no part of what the cell shows."""

from __future__ import annotations

from html import escape


def show_beside(text: str, display_id: str | None = None, update: bool = False) -> None:
    """Show a line on the page of a notebook, or with an id put it in the place of an earlier one.

    HTML alone: a lesson's saved form has none, so no run of it differs from another. Besides,
    JupyterLab breaks plain text inside of words.
    """
    from IPython.display import display  # here: only a shell calls this

    shown = {"text/html": f"<p>{escape(text)}</p>" if text else ""}
    display(shown, raw=True, display_id=display_id, update=update)
