"""Play the story of a lab on its page: with the mouse, and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator

MOST_TABS = 40
IS_BEFORE_FOCUS = """field => Boolean(field.compareDocumentPosition(document.activeElement)
    & Node.DOCUMENT_POSITION_FOLLOWING)"""


def button(cell: Locator, label: str) -> Locator:
    return cell.get_by_role("button", name=label, exact=True)


def status(cell: Locator) -> Locator:
    return cell.get_by_role("status").first  # a question that is answered has another


def play(cell: Locator, presses: str) -> None:
    """Do as a story says, with the mouse."""
    for label, value in _one_by_one(cell, presses):
        if value is None:
            button(cell, label).click()
        else:
            choose(cell, label, value)


def choose(cell: Locator, label: str, value: str) -> None:
    """Set what has this label: one of several buttons, a list that opens, or a field."""
    if options := cell.get_by_role("group", name=label, exact=True).all():
        options[0].get_by_role("radio", name=value, exact=True).check(force=True)
    elif lists := cell.get_by_role("combobox", name=label, exact=True).all():
        lists[0].select_option(value)
    else:
        cell.get_by_label(label, exact=True).fill(value)
        cell.get_by_label(label, exact=True).blur()


def play_by_keys(cell: Locator, presses: str) -> None:
    """Do as a story says, with the keyboard alone."""
    for label, value in _one_by_one(cell, presses):
        if value is None:
            tab_to(button(cell, label))
            cell.page.keyboard.press("Space")
        else:
            choose_by_keys(cell, label, value)


def _one_by_one(cell: Locator, presses: str) -> Iterator[tuple[str, str | None]]:
    """Tell each label, with what is set there or None for a press; the lab then deals with it."""
    for press in presses.split(", "):
        label, is_setting, value = press.partition("=")
        yield label, value if is_setting else None
        cell.locator(".course-lab:not([data-busy])").wait_for()


def choose_by_keys(cell: Locator, label: str, value: str) -> None:
    """Set what has this label: the arrow keys choose among buttons or in a list, else one types."""
    page = cell.page
    for several in cell.get_by_role("combobox", name=label, exact=True).all():
        tab_to(several)
        return _down_to(several, value)
    options = cell.get_by_role("group", name=label, exact=True).get_by_role("radio")
    if not options.count():
        tab_to(cell.get_by_label(label, exact=True))
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
        page.keyboard.press("Enter")
        return
    tab_to(options.and_(cell.locator(":checked")))
    for _ in range(options.count()):
        if options.and_(cell.locator(":focus")).get_attribute("value") == value:
            return
        page.keyboard.press("ArrowRight")
    pytest.fail(f"The arrow keys do not lead to {value}")


def _down_to(several: Locator, value: str) -> None:
    for _ in range(several.get_by_role("option").count()):
        if several.input_value() == value:
            return
        several.page.keyboard.press("ArrowDown")
    pytest.fail(f"The arrow keys do not lead to {value}")


def tab_to(target: Locator) -> None:
    key = "Shift+Tab" if target.evaluate(IS_BEFORE_FOCUS) else "Tab"
    for _ in range(MOST_TABS):
        if target.evaluate("field => field === document.activeElement"):
            return
        target.page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to {target}")
