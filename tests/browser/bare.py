"""A stage in a page of its own, without JupyterLab: its states are those of a lab that was played.

What the page asks and presses is kept in `window.asked`.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from helpers.labs.acts import Act
from helpers.labs.model import Lab
from helpers.labs.view import LabView
from helpers.stage.plain import plain

from .jupyter import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

State = dict[str, Any]
STAGE = ROOT / "helpers/stage"
SYNCED = (
    *("looks", "shown", "controls", "values", "hint", "problem"),
    *("primary", "next_act", "finding", "answered", "can_go_on", "turns"),
)
PAGE = """<!doctype html><html lang="en" style="color-scheme:light dark"><title>Stage</title>
<style>body{margin:16px;background:light-dark(#fff,#111)}</style><style>%s</style>
<main><div><div id="lab"></div></div></main>"""
SPILLED = """() => [...document.querySelectorAll('#lab *')]
    .filter(part => part.checkVisibility() && !part.closest('.course-unseen, .course-links, pre'))
    .filter(part => part.getBoundingClientRect().right > innerWidth)
    .map(part => part.outerHTML.slice(0, 100))"""
# What a page of anywidget has of its model.
MODEL = """([module, states, frames]) => {
    const heard = {};
    let state = {...states};
    window.asked = [];
    window.model = {
        get: name => state[name],
        set: (name, value) => (state[name] = value),
        save_changes: () => window.tell({}),
        send: content => {
            window.asked.push(content);
            if (content.ask) (heard['msg:custom'] ?? []).forEach(hear => hear({frames}));
        },
        on: (name, hear) => (heard[name] = [...(heard[name] ?? []), hear]),
        tell: name => (heard[name] ?? []).forEach(hear => hear()),
        off: (name, hear) => (heard[name] = (heard[name] ?? []).filter(each => each !== hear)),
    };
    window.tell = news => {
        Object.assign(state, news);
        (heard.change ?? []).forEach(hear => hear());
    };
    const address = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    return import(address).then(({default: {render}}) => {
        window.render = render;
        const el = document.getElementById('lab');
        window.leave = render({model: window.model, el});
    });
}"""


def states_of(kind: type[Lab], presses: list[str]) -> tuple[list[State], list[State]]:
    """Play a lab; return the page's state at the beginning and after each press, and the frames.

    `Label=value` sets something.
    """
    with ThreadPoolExecutor(1) as thread:  # in this one runs the loop of playwright
        return thread.submit(asyncio.run, _played(kind, presses)).result()


async def _played(kind: type[Lab], presses: list[str]) -> tuple[list[State], list[State]]:
    view = LabView(kind())
    states = [_state(view)]
    for press in presses:
        label, is_setting, value = press.partition("=")
        settings = {c.label: c.setting for c in view.model.controls() if not isinstance(c, Act)}
        act = view.model.choose(settings[label], value) if is_setting else view.model.press(press)
        await act
        states.append(_state(view))
    frames = plain(view.model.frames)
    await view.model.close()
    return states, frames


def _state(view: LabView) -> State:
    return json.loads(json.dumps({name: getattr(view.page, name) for name in SYNCED}))


def open_stage(page: Page, state: State, frames: list[State]) -> None:
    """Show a stage in this state; as earlier moments it is told these."""
    page.set_content(PAGE % (STAGE / "stage.css").read_text())
    page.evaluate(MODEL, [(STAGE / "stage.js").read_text(), state, frames])


def tell(page: Page, state: State) -> None:
    """Let the page hear of another state."""
    page.evaluate("state => window.tell(state)", state)
