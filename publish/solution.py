"""The first line of a solution: JupyterLab shows it in place of the cell that is folded away."""

LABEL = "# A solution (click to open)"


def unlabelled(source: str) -> str:
    """Return the code of a solution alone, for pages where nothing is clicked."""
    return source.removeprefix(f"{LABEL}\n")
