"""A picture of a lesson inside a page: it follows the page's own light and dark."""

import re
from html import escape

DARK = re.compile(r"@media \(prefers-color-scheme:dark\)\{(.*?\})\}", re.S)


def figure(svg: str, words: str) -> str:
    """Put a picture into a page, with its words folded below it.

    The page's switch between light and dark is not the browser's: a picture that asks the browser
    alone stays white on a page that was switched to dark.
    """
    return (
        '<figure class="picture"><div class="drawing" role="group" tabindex="0" '
        f'aria-label="Picture">{_one_line(_themed(svg))}</div><figcaption><details>'
        f"<summary>The picture in words</summary><pre>{escape(words)}</pre>"
        "</details></figcaption></figure>"
    )


def _themed(svg: str) -> str:
    switched = r'body[data-theme="dark"]{\1}'
    asked = r'@media (prefers-color-scheme:dark){body:not([data-theme="light"]){\1}}'
    return DARK.sub(switched + asked, svg)


def _one_line(svg: str) -> str:
    # In Markdown an empty line would end the picture.
    return re.sub(r"\n+", " ", svg)
