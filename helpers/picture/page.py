"""A picture inside a page: its words can be read there too, and on a narrow page it scrolls."""

from __future__ import annotations

import re
from html import escape

# JupyterLab would take the arrow keys, with which one scrolls, for moving between cells.
KEYS = 'data-lm-suppress-shortcuts="true"'
SCROLLS = "overflow-x:auto"
WORDS = "margin:.3em 0;overflow-x:auto"


def in_page(svg: str, title: str, words: str) -> str:
    """Return HTML that shows a picture in its own size, with its words folded below it."""
    label = escape(f"{title}, scrolls sideways")
    return (
        f'<div {KEYS}><div role="region" tabindex="0" aria-label="{label}" '
        f'style="{SCROLLS}">{_bare(svg)}</div><details><summary>As text</summary>'
        f'<pre tabindex="0" style="{WORDS}">{escape(words)}</pre></details></div>'
    )


def _bare(svg: str) -> str:
    """Leave out what the page says itself, and what would make the picture small on a phone."""
    svg = re.sub(r"<title>.*?</title><desc>.*?</desc>", "", svg, count=1, flags=re.S)
    return svg.replace("max-width:100%;height:auto", "display:block", 1)
