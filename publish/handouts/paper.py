"""Print HTML as PDF by a headless Chromium: tagged, with an outline, nothing from the network."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = """
--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync
"""
# Where no font has a character, all such characters look the same.
HAS_KOREAN = """() => {
    const [one, other] = ["한", "국"].map(character => {
        const pencil = document.createElement("canvas").getContext("2d");
        pencil.font = "20px sans-serif";
        pencil.fillText(character, 0, 30);
        return pencil.canvas.toDataURL();
    });
    return one !== other;
}"""


class NoBrowser(Exception):
    """An error in one sentence: what is missing for printing."""


class Printer:
    """A browser's page that prints one document after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def write(self, html: str, path: Path) -> None:
        """Print a page of HTML into the file at `path`."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "page.html"
            source.write_text(html, encoding="utf-8")
            self._page.goto(source.as_uri(), wait_until="load")
            self._page.pdf(
                path=path,
                prefer_css_page_size=True,
                print_background=True,
                tagged=True,
                outline=True,
            )

    def has_korean(self) -> bool:
        """Tell whether a font on this machine has the words in Korean of lesson 0."""
        return self._page.evaluate(HAS_KOREAN)


@contextmanager
def printer() -> Iterator[Printer]:
    """Open a browser for printing. Raises NoBrowser where there is none that starts."""
    program = _chromium()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=QUIET.split())
        except Error as error:
            raise NoBrowser(f"Chromium did not start: {str(error).splitlines()[0]}") from None
        page = browser.new_page(color_scheme="light")
        page.route(re.compile("^(https?|wss?)://"), lambda route: route.abort())
        yield Printer(page)
        browser.close()


def _chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    if found is None:
        raise NoBrowser(
            f"Chromium was not found{f' as {named}' if named else ''}: install it (on Debian or"
            " Ubuntu: apt install chromium), or name it: make handouts CHROMIUM=/path/to/chrome."
        )
    return found
