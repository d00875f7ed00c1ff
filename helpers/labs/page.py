"""What the page of a lab has beside the widgets of ipywidgets: its headline, and its choices."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Headline(anywidget.AnyWidget):
    """What a lab shows and what went wrong; its style and its keys are the whole lab's."""

    _esm = HERE / "headline.js"
    _css = HERE / "lab.css"
    hint = traitlets.Unicode().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)


class Options(anywidget.AnyWidget):
    """A choice of one of several words: the button that is chosen says that it is pressed."""

    _esm = HERE / "options.js"
    description = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
