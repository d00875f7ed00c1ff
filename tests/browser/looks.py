"""Whether everybody can use what is on the page: axe-core, contrast of pictures, motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .jupyter import ROOT, paint

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

AXE = next(ROOT.glob(".venv-publish/node_modules/axe-core/axe.min.js"), None)
# Of each fault that hinders somebody the first place, in one line.
FAULTS = """async root => (await axe.run(root)).violations
    .filter(fault => ['serious', 'critical'].includes(fault.impact))
    .map(fault => fault.id + ': ' + fault.nodes[0].html)"""
# axe-core leaves out what is drawn. A text is compared with the last filled shape that covers it,
# and where nothing is drawn behind it, with the ground on which the picture stands.
PALE = """root => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const ratio = (one, other) => Math.max(one / other, other / one);
    const covers = (shape, text) => {
        const [a, b] = [shape.getBoundingClientRect(), text.getBoundingClientRect()];
        const [x, y] = [b.x + b.width / 2, b.y + b.height / 2];
        return a.left <= x && x <= a.right && a.top <= y && y <= a.bottom;
    };
    const fill = shape => getComputedStyle(shape).fill;
    const ground = part => {
        const colour = getComputedStyle(part).backgroundColor;
        return /, 0\\)$/.test(colour) && part.parentElement ? ground(part.parentElement) : colour;
    };
    return [...root.querySelectorAll('svg text')].flatMap(text => {
        const below = [...text.ownerSVGElement.querySelectorAll('rect, circle')].filter(shape =>
            fill(shape) !== 'none' && covers(shape, text)
            && shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING);
        const behind = below.length ? fill(below.at(-1)) : ground(text);
        const contrast = ratio(light(fill(text)), light(behind));
        return contrast < 4.5 ? [`${text.textContent}: ${contrast.toFixed(1)}`] : [];
    });
}"""
# In pixels, as they are on the page: a picture that is scaled down has smaller ones.
LETTERS = """root => [
    ...[...root.querySelectorAll('svg text')]
        .filter(text => text.checkVisibility())
        .map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a),
    ...[...root.querySelectorAll('.course-lab *')]
        .filter(part => part.checkVisibility() && !part.closest('svg, .course-fresh'))
        .filter(part => [...part.childNodes].some(each => each.nodeType === 3 && each.data.trim()))
        .map(part => parseFloat(getComputedStyle(part).fontSize)),
]"""
# What stands for a missing kernel in ipywidgets: an icon before each part.
CHAINS = """root => [...root.querySelectorAll('.jupyter-widgets-disconnected')]
    .filter(part => getComputedStyle(part, '::before').content !== 'none').length"""
SHADE = """root => [root.querySelector('.rf-card, .course-place'), document.body].map(part => {
    const style = getComputedStyle(part);
    const colour = part.ownerSVGElement ? style.fill : style.backgroundColor;
    const [r, g, b] = colour.match(/[\\d.]+/g);
    return +r + +g + +b > 382 ? 'light' : 'dark';
})"""
# Words that stand on other words, by a pixel or two more than the room of their letters. What is
# for screen readers alone, and what is scrolled away, is left out.
COVERED = """root => {
    const found = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
        const part = text.parentElement;
        if (!text.data.trim() || !part.checkVisibility({visibilityProperty: true})) continue;
        if (part.closest('.course-unseen, .course-sent, title, desc, style')) continue;
        if (part.closest('.course-links')?.clientWidth <= 1) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const isDrawn = part.ownerSVGElement;
        const boxes = isDrawn ? [part.getBoundingClientRect()] : range.getClientRects();
        for (const box of boxes) found.push([text.data.trim(), box]);
    }
    const shared = (low, high, other, top) => Math.min(high, top) - Math.max(low, other);
    return found.flatMap(([one, a], at) => found.slice(at + 1)
        .filter(([, b]) => shared(a.left, a.right, b.left, b.right) > 2
            && shared(a.top, a.bottom, b.top, b.bottom) > 3)
        .map(([other]) => `${one} / ${other}`));
}"""
AT_REST = """root => Promise.allSettled(
    root.getAnimations({subtree: true}).map(motion => motion.finished)).then(() => null)"""
MOVES = """root => root.getAnimations({subtree: true}).length
    + root.querySelectorAll('animate, animateMotion, animateTransform, set').length"""


def hindrances(page: Page, cell: Locator, theme: str) -> list[str]:
    """List what hinders somebody in the output of a cell, in the light or in the dark."""
    _add_axe(page)
    paint(page, theme)
    output = cell.locator(".jp-OutputArea-output")
    return [*output.evaluate(FAULTS), *output.evaluate(PALE)]


def hindrances_of_all(page: Page, selector: str) -> list[str]:
    """List what hinders somebody in everything that a selector finds on the page."""
    _add_axe(page)
    return page.evaluate(f"({FAULTS})([...document.querySelectorAll({selector!r})])")


def _add_axe(page: Page) -> None:
    if AXE is None:
        pytest.skip("axe-core is not installed: make test-browser gets it where npm is")
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))


def smallest_letters(cell: Locator) -> float:
    """Return the height of the smallest letters of the pictures on show, in pixels."""
    return smallest_letters_of(cell.locator(".jp-OutputArea-output"))


def smallest_letters_of(root: Locator) -> float:
    """Return the height of the smallest letters on show below a part of a page, in pixels."""
    return min(root.evaluate(LETTERS))


def shades(cell: Locator) -> list[str]:
    """Tell whether a picture and the page around it are light or dark."""
    return cell.locator(".jp-OutputArea-output").evaluate(SHADE)


def broken_chains(cell: Locator) -> int:
    """Count the icons with which ipywidgets marks what has no kernel."""
    return cell.locator(".jp-OutputArea-output").evaluate(CHAINS)


def at_rest(root: Locator) -> None:
    """Wait until nothing below a part of a page moves: what does is pale, and elsewhere."""
    root.evaluate(AT_REST)


def covered(root: Locator) -> list[str]:
    """List the words below a part of a page that stand on other words."""
    return root.evaluate(COVERED)


def moves(cell: Locator) -> bool:
    """Tell whether anything in the output of a cell moves by itself, for whoever allows it."""
    return cell.locator(".jp-OutputArea-output").evaluate(MOVES) > 0
