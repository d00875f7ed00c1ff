"""Write an edition as HTML: the body by nbconvert, around it a page of our own."""

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

HERE = Path(__file__).parent
ANCHOR = re.compile(r'<h([1-6]) id="([^"]*)">(.*?)<a class="anchor-link"[^>]*>.*?</a></h\1>', re.S)
NOT_QUOTED = "?/:@!$&'()*+,;="


def body(notebook: NotebookNode, prefix: str) -> str:
    """Return the cells as HTML; `prefix` keeps the anchors of several lessons apart."""
    html, _ = _exporter().from_notebook_node(notebook)
    return ANCHOR.sub(rf'<h\1 id="{prefix}-\2">\3</h\1>', html)


def anchor(prefix: str, title: str) -> str:
    """Return the anchor that `body` gives to a heading; nbconvert makes the part of the title."""
    return f"{prefix}-{quote(title.replace(' ', '-'), safe=NOT_QUOTED)}"


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="paper",
        extra_template_basedirs=[str(HERE / "templates")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def page(title: str, content: str) -> str:
    """Return a whole page; its title stands at the head of each sheet of paper."""
    template = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(title), content=content, running=in_css(title), style=_style()
    )


def in_css(text: str) -> str:
    """Return a text as it stands between the quotation marks of a style sheet."""
    return text.replace("\\", r"\\").replace('"', r"\"")


@cache
def _style() -> str:
    light, dark = HtmlFormatter(style="default"), HtmlFormatter(style="github-dark")
    night = dark.get_style_defs(".highlight")
    return "\n".join(
        [
            light.get_style_defs(".highlight"),
            f"@media screen and (prefers-color-scheme: dark) {{\n{night}\n}}",
            (HERE / "style.css").read_text(encoding="utf-8"),
        ]
    )
