"""What all pictures are drawn on: a card with a title, a description, and one set of colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from itertools import groupby

CHAR = 7.3  # pixels that a character takes
SMALL = 6.7  # of a small one, which is 11 pixels high
MARGIN = 14  # pixels

# Every class begins with `rf-`: where a page takes the SVG inline, its styles reach the whole page.
# Inside a page a picture takes the page's theme; as a document or an image, what it is asked for.
STYLE = """
svg:root{color-scheme:light dark}
.rf-card,.rf-error{fill:light-dark(#fff,#15191e)}
.rf-broker{fill:light-dark(#f3f5f7,#1d232a)}
.rf-card,.rf-broker,.rf-lane{stroke:light-dark(#87919c,#6a7683)}
.rf-t,.rf-dot{fill:light-dark(#1c2733,#e8ebef)}
.rf-dot{stroke:light-dark(#1c2733,#e8ebef)}
.rf-m{fill:light-dark(#56626f,#aab4bf)}
.rf-b{font-weight:700}
.rf-store{fill:light-dark(#fff3dc,#3a2c12)}
.rf-store,.rf-wait,.rf-element,.rf-entry{stroke:light-dark(#8a4b00,#ffc46b)}
.rf-element,.rf-entry{fill:light-dark(#8a4b00,#ffc46b)}
.rf-error{stroke:light-dark(#b3261e,#ff8f87)}
.rf-message{stroke:light-dark(#0b5cad,#7ab8ff);fill:light-dark(#0b5cad,#7ab8ff)}
.rf-pmessage{stroke:light-dark(#7a1fa2,#d7a5ff);fill:light-dark(#7a1fa2,#d7a5ff)}
.rf-smessage{stroke:light-dark(#00695c,#6fd6c0);fill:light-dark(#00695c,#6fd6c0)}
""".strip()

FRAMES = {"rf-card", "rf-broker"}
# What a part takes over from the group that it stands in.
LOOK = re.compile(r' (?:class|style|text-anchor|fill-opacity|stroke-[a-z]+)="[^"]*"')
LINE = 400  # characters of SVG, where a part is no longer
# A double quote takes two characters in a notebook, which is JSON; words have none unescaped.
OTHER_QUOTES = str.maketrans("\"'", "'\"")

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"


def card(width: float, height: float, title: str, description: str) -> Iterator[str]:
    """Open a picture of this size in pixels; what it shows is said in words as well."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{escape(title)}" '
        f'style="max-width:100%;height:auto" font-size="12" font-family="{FONT}" '
        'class="rf-t">'
    )
    yield f"<title>{escape(title)}</title><desc>{escape(description)}</desc><style>{STYLE}</style>"
    yield (
        f'<rect class="rf-card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>'
    )


def write_at(x: float, y: float, words: str, kind: str = "", more: str = "") -> str:
    """Write words at a place, their spaces kept; those of no kind have the colour of the card.

    What keeps the spaces is said at each text: browsers do not inherit it.
    """
    known = f' class="{kind}"' if kind else ""
    words = words.rstrip()
    kept = ' xml:space="preserve"' if words != " ".join(words.split()) else ""
    return f'<text{known} x="{x}" y="{y}"{kept}{more}>{escape(words)}</text>'


def gathered(parts: Iterable[str]) -> Iterator[str]:
    """Put frames first and words last, and say once what parts that look alike have in common."""
    for look, alike in groupby(sorted(filter(None, parts), key=_layer), _look_of):
        run = list(alike)
        if look and len(run) > 1:
            yield f"<g{look}>{''.join(map(_without_look, run))}</g>"
        else:
            yield from run


def _layer(part: str) -> tuple[int, str]:
    look = _look_of(part)
    if any(f'"{frame}"' in look for frame in FRAMES):
        return 0, ""  # a smaller frame lies on a larger one: these keep their sequence
    return (2 if part.startswith("<text") else 1), look


def _look_of(part: str) -> str:
    return "".join(LOOK.findall(part.partition(">")[0]))


def _without_look(part: str) -> str:
    begin, end, rest = part.partition(">")
    return LOOK.sub("", begin) + end + rest


def finished(parts: Iterable[str]) -> str:
    """Join the parts, keep the rules that one of them needs, and repeat the light colours.

    Where a page drops styles, as GitHub's view of a notebook does, a shape would be black, and in
    a browser that does not know `light-dark` as well.
    """
    drawn = "\n".join(_lines(parts))
    used = {name for names in re.findall(r'class="([^"]+)"', drawn) for name in names.split()}
    drawn = drawn.replace(STYLE, "".join(_rules_for(used)))
    return re.sub(r'class="([^"]+)"([^>]*)', _coloured, drawn).translate(OTHER_QUOTES)


def _lines(parts: Iterable[str]) -> Iterator[str]:
    """Gather parts in lines: in a notebook each line is indented and quoted."""
    line = ""
    for part in parts:
        if line and len(line) + len(part) > LINE:
            yield line
            line = ""
        line += part
    yield line


def _rules_for(used: set[str]) -> Iterator[str]:
    for rule in STYLE.splitlines():
        names = re.findall(r"\.(rf-[\w-]+)", rule)
        if not names or used.intersection(names):
            yield rule


def _coloured(found: re.Match[str]) -> str:
    names, rest = found.groups()
    colours = {key: value for name in names.split() for key, value in _light()[name].items()}
    if "fill:none" in rest:
        colours["fill"] = "none"
    added = "".join(f' {key}="{value}"' for key, value in colours.items() if f"{key}=" not in rest)
    return f'class="{names}"{added}{rest}'


@cache
def _light() -> dict[str, dict[str, str]]:
    """Read what the style sheet says of each class in the light theme."""
    rules: dict[str, dict[str, str]] = {}
    light = re.sub(r"light-dark\(([^,]*),[^)]*\)", r"\1", STYLE)
    for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", light):
        for name in re.findall(r"\.([\w-]+)", names):
            rules.setdefault(name, {}).update(part.split(":") for part in body.split(";"))
    return rules
