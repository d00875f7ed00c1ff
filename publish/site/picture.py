"""A picture of a lesson inside a page: it follows the page's own light and dark."""

import re
from html import escape


def figure(svg: str, words: str) -> str:
    """Return a picture as a page shows it, with its words folded below it.

    Its colours follow the `color-scheme` of the page, which site.css lets follow the page's switch.
    """
    return (
        '<figure class="picture"><div class="drawing" role="group" tabindex="0" '
        f'aria-label="Picture">{_one_line(svg)}</div><figcaption><details>'
        f"<summary>The picture in words</summary><pre>{escape(words)}</pre>"
        "</details></figcaption></figure>"
    )


def _one_line(svg: str) -> str:
    # In Markdown an empty line would end the picture.
    return re.sub(r"\n+", " ", svg)
