"""What the theme and the notebooks' pages lack for a screen reader or a keyboard."""

from typing import Any

# The headings of the menu have no level; a fold is announced as its own words; a table that is
# too wide can be scrolled with the keys; a box to tick has no name.
REPAIRS = {
    'class="caption" role="heading"': 'class="caption" role="heading" aria-level="2"',
    '<summary aria-label="Toggle hidden content">': "<summary>",
    '<div class="table-wrapper': '<div tabindex="0" role="group" aria-label="Table" '
    'class="table-wrapper',
    '<input class="task-list-item-checkbox"': '<input aria-label="To do" '
    'class="task-list-item-checkbox"',
}


def repair(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Repair what a page is made of, just before it is written (Sphinx: html-page-context)."""
    for part in {"body", "furo_navigation_tree"} & context.keys():
        for wrong, right in REPAIRS.items():
            context[part] = context[part].replace(wrong, right)


def setup(app: Any) -> dict[str, bool]:
    """Register the repairs; the theme adds its menu at the usual priority, which is 500."""
    app.connect("html-page-context", repair, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
