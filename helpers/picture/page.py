"""A picture inside a page: its words can be read there too, and on a narrow page it scrolls."""

from __future__ import annotations

import re
from html import escape

# JupyterLab would take the arrow keys, with which one scrolls, for moving between cells: it asks
# the element that has the focus.
KEYS = 'data-lm-suppress-shortcuts="true"'
# A page's style would make it as narrow as the page: JupyterLab's does.
OWN_SIZE = "display:block;max-width:none"
SCROLLS = "overflow-x:auto"
WORDS = "margin:.3em 0;overflow-x:auto"


def in_page(svg: str, title: str, words: str) -> str:
    """Return HTML that shows a picture in its own size, with its words folded below it."""
    label = escape(f"{title}, scrolls sideways")
    return (
        f'<div><div role="region" tabindex="0" aria-label="{label}" {KEYS} '
        f'style="{SCROLLS}">{_bare(svg)}</div><details><summary {KEYS}>As text</summary>'
        f'<pre tabindex="0" {KEYS} style="{WORDS}">{escape(words)}</pre></details></div>'
    )


def _bare(svg: str) -> str:
    """Leave out what the page says itself, and what would make the picture small on a phone."""
    svg = re.sub(r"<title>.*?</title><desc>.*?</desc>", "", svg, count=1, flags=re.S)
    return svg.replace("max-width:100%;height:auto", OWN_SIZE, 1)
