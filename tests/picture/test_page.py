"""A picture inside a page: everybody can read it there, and it leaves the page alone."""

import re
from xml.etree import ElementTree

import pytest

from helpers import bars
from helpers.picture import Flow
from helpers.picture.lanes import title_of

from .test_picture import step
from .test_svg import CAST, LONG, steps

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = {
    "all": Flow(steps(), CAST),
    "long": Flow(LONG, CAST),
    "bars": bars({"<a & b>": 3, "c": 110}, 'messages "each"'),
}
every_picture = pytest.mark.parametrize("picture", PICTURES.values(), ids=list(PICTURES))


def html(picture: object) -> str:
    return picture._repr_mimebundle_()["text/html"]


def tree(picture: object) -> ElementTree.Element:
    return ElementTree.fromstring(html(picture))


@every_picture
def test_the_words_are_the_text_form(picture: object) -> None:
    pre = tree(picture).find(".//details/pre")
    assert pre is not None and pre.text == repr(picture)
    assert tree(picture).findtext(".//details/summary") == "As text"


@every_picture
def test_the_picture_is_an_image_with_a_name(picture: object) -> None:
    [svg] = tree(picture).iter(f"{SVG}svg")
    assert svg.get("role") == "img" and svg.get("aria-label")
    saved = ElementTree.fromstring(picture._repr_mimebundle_()["image/svg+xml"])
    assert svg.get("aria-label") == saved.get("aria-label") == saved.findtext(f"{SVG}title")


def test_the_name_says_whose_messages_they_are() -> None:
    def name(*clients: str) -> str:
        flow = Flow([step("PING", "PONG", client) for client in clients], CAST)
        return next(tree(flow).iter(f"{SVG}svg")).get("aria-label", "")

    assert name("ann") == "Message flow of ann"
    assert name("bob", "shop", "ann") == "Message flow of shop, ann and bob"
    assert title_of([], CAST) == "Message flow of nobody"


@every_picture
def test_what_scrolls_is_reached_by_keyboard_and_has_a_name(picture: object) -> None:
    scrolling = [e for e in tree(picture).iter() if "overflow-x:auto" in (e.get("style") or "")]
    assert [e.tag for e in scrolling] == ["div", "pre"]
    assert all(e.get("tabindex") == "0" for e in scrolling)
    assert scrolling[0].get("role") == "region" and scrolling[0].get("aria-label")
    focused = [e for e in tree(picture).iter() if e.get("tabindex") or e.tag == "summary"]
    kept = [e for e in focused if e.get("data-lm-suppress-shortcuts") == "true"]
    assert kept == focused and len(kept) == 3, "JupyterLab takes the arrow keys"


@every_picture
def test_it_keeps_its_size_and_says_nothing_twice(picture: object) -> None:
    [svg] = tree(picture).iter(f"{SVG}svg")
    assert svg.get("style") == "display:block;max-width:none"
    assert svg.find(f"{SVG}title") is None and svg.find(f"{SVG}desc") is None
    assert html(picture).count("<style>") == 1


@every_picture
def test_it_leaves_the_page_around_it_alone(picture: object) -> None:
    assert not any(e.get("id") for e in tree(picture).iter())
    names = {name for e in tree(picture).iter() for name in (e.get("class") or "").split()}
    assert all(name.startswith("rf-") for name in names)
    assert not re.search(r"href|url\(|@import|<script|<[^>]* on\w+=", html(picture))
