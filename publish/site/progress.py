"""A line for each page that is made, in place of the generator's own report."""

from typing import Any


def tell(app: Any, _page: Any) -> None:
    """Name the page that was just read (Sphinx: doctree-read)."""
    print(f"     {app.env.docname}", flush=True)


def setup(app: Any) -> dict[str, bool]:
    """Register the line."""
    app.connect("doctree-read", tell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
