"""How results and hints look on a page: a mark, a word and a colour that say the same.

The colours follow the page, as JupyterLab's theme sets it, and not the system.
"""

from __future__ import annotations

import re
from html import escape

MARK_RIGHT, MARK_WRONG, MARK_HINT = "✓", "✗", "→"
RIGHT = "light-dark(#116329,#57d375)"
WRONG = "light-dark(#9a3412,#ffa98a)"
HINT = "light-dark(#0550ae,#8cc4ff)"
SURFACE = "font-family:var(--jp-content-font-family,system-ui,sans-serif);line-height:1.5"
MONOSPACED = "font-family:var(--jp-code-font-family,ui-monospace,monospace)"
# Lines break between words; inside a word only where it would not fit at all.
BREAKS = "white-space:pre-wrap;overflow-wrap:anywhere;word-break:normal;min-width:0"
WHOLE = "float:none;width:auto"  # JupyterLab gives a term a fifth of the line, and it stands out


def box(colour: str, mark: str, word: str, *inside: str) -> str:
    """Write HTML of a result: its mark and word first, then what belongs to it."""
    head = f'<b style="color:{colour}"><span aria-hidden="true">{mark}</span> {word}</b>'
    first, *rest = inside
    return (
        f'<div role="status" style="{SURFACE};border-left:.3em solid {colour};'
        f'padding:.2em .8em;margin:.3em 0;max-width:60em">'
        f"<div>{head} {first}</div>{''.join(rest)}</div>"
    )


def words(text: str) -> str:
    """Write a text as HTML; what stands between backticks is code."""
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text, quote=False))


def line(text: str) -> str:
    """Write a sentence on a line of its own."""
    return f'<div style="margin-top:.3em">{words(text)}</div>'


def beside(rows: dict[str, str]) -> str:
    """Write values under each other, each behind its label."""
    cells = "".join(
        f'<dt style="margin:0;{WHOLE};font-weight:normal">{label}</dt>'
        f'<dd style="margin:0;{WHOLE};{BREAKS}">{escape(value)}</dd>'
        for label, value in rows.items()
    )
    grid = "display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1em 1.2em"
    return f'<dl style="{grid};{MONOSPACED};margin:.3em 0">{cells}</dl>'


def printed(label: str, text: str) -> str:
    """Write what a program printed."""
    return f'{line(label)}<pre style="margin:.2em 0;{MONOSPACED};{BREAKS}">{escape(text)}</pre>'
