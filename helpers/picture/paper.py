"""What all pictures are drawn on: a card with a title, a description, and one set of colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape

CHAR = 7.3  # pixels that a character takes
MARGIN = 14  # pixels

# Every class begins with `rf-`: where a page takes the SVG inline, its styles reach the whole page.
STYLE = """
.rf-card{fill:#fff;stroke:#87919c} .rf-t{fill:#1c2733} .rf-m{fill:#56626f} .rf-b{font-weight:700}
.rf-lane{stroke:#87919c} .rf-dot{fill:#1c2733;stroke:#1c2733} .rf-store{fill:#fff3dc;stroke:#8a4b00}
.rf-wait{stroke:#8a4b00} .rf-error{fill:#fff;stroke:#b3261e}
.rf-message{stroke:#0b5cad;fill:#0b5cad} .rf-pmessage{stroke:#7a1fa2;fill:#7a1fa2}
.rf-smessage{stroke:#00695c;fill:#00695c} .rf-element,.rf-entry{stroke:#8a4b00;fill:#8a4b00}
@media (prefers-color-scheme:dark){
.rf-card{fill:#15191e;stroke:#6a7683} .rf-t{fill:#e8ebef} .rf-m{fill:#aab4bf}
.rf-lane{stroke:#6a7683} .rf-dot{fill:#e8ebef;stroke:#e8ebef} .rf-store{fill:#3a2c12;stroke:#ffc46b}
.rf-wait{stroke:#ffc46b} .rf-error{fill:#15191e;stroke:#ff8f87}
.rf-message{stroke:#7ab8ff;fill:#7ab8ff} .rf-pmessage{stroke:#d7a5ff;fill:#d7a5ff}
.rf-smessage{stroke:#6fd6c0;fill:#6fd6c0} .rf-element,.rf-entry{stroke:#ffc46b;fill:#ffc46b}}
""".strip().replace("\n", "")

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"


def card(width: float, height: float, title: str, description: str) -> Iterator[str]:
    """Open a picture of this size in pixels; what it shows is said in words as well."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{escape(title)}" '
        f'style="max-width:100%;height:auto" font-size="12" font-family="{FONT}">'
    )
    yield f"<title>{escape(title)}</title><desc>{escape(description)}</desc><style>{STYLE}</style>"
    yield (
        f'<rect class="rf-card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>'
    )


def write_at(x: float, y: float, words: str, kind: str, more: str = "") -> str:
    """Write words at a place, with their spaces kept."""
    return f'<text class="{kind}" x="{x}" y="{y}" xml:space="preserve"{more}>{escape(words)}</text>'


def finished(parts: Iterable[str]) -> str:
    """Join the parts, and give each the light colours as attributes too.

    Where a page drops styles, as GitHub's view of a notebook does, a shape would be black.
    """
    return re.sub(r'class="([^"]+)"([^>]*)', _coloured, "\n".join(parts))


def _coloured(found: re.Match[str]) -> str:
    names, rest = found.groups()
    colours = {key: value for name in names.split() for key, value in _light()[name].items()}
    if "fill:none" in rest:
        colours["fill"] = "none"
    added = "".join(f' {key}="{value}"' for key, value in colours.items() if f"{key}=" not in rest)
    return f'class="{names}"{added}{rest}'


@cache
def _light() -> dict[str, dict[str, str]]:
    """Read what the style sheet says of each class, the dark theme aside."""
    rules: dict[str, dict[str, str]] = {}
    for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE.split("@media")[0]):
        for name in re.findall(r"\.([\w-]+)", names):
            rules.setdefault(name, {}).update(part.split(":") for part in body.split(";"))
    return rules
