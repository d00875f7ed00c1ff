"""Faults of the built pages: links that lead nowhere, and what they would fetch from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

FETCHES = {"script", "img", "iframe", "link", "source", "video", "audio", "object", "embed", "use"}
# The address of the page itself, and of its neighbours: said, not fetched.
ONLY_SAYS = {"canonical", "author", "index", "search", "next", "prev", "copyright"}
FETCHED_BY_STYLE = re.compile(r"(?:url\(|@import )\s*['\"]?(\w+:)?//")
STYLE = re.compile(r"<style.*?</style>|style=\"[^\"]*\"", re.S)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.styles = "".join(STYLE.findall(text))
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        self.ids |= {named[name] for name in ("id", "name") if name in named}
        for name in {"href", "src", "data", "srcset"} & named.keys():
            fetches = tag in FETCHES and named.get("rel") not in ONLY_SAYS
            (self.fetched if fetches else self.links).append((named[name].split() or ["#"])[0])


def faults(folder: Path) -> list[str]:
    """Return one sentence for each fault of the pages and styles in `folder`."""
    pages = {
        path: _Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))
    }
    found = [fault for path in sorted(pages) for fault in _page_faults(path, pages, folder)]
    return found + [
        fault for path in sorted(folder.rglob("*.css")) for fault in _style(path, folder)
    ]


def _page_faults(path: Path, pages: dict[Path, _Page], folder: Path) -> Iterator[str]:
    name = path.relative_to(folder)
    for address in pages[path].fetched:
        if _is_elsewhere(address):
            yield f"{name} fetches {address} from elsewhere."
    if FETCHED_BY_STYLE.search(pages[path].styles):
        yield f"{name} fetches something from elsewhere."
    for address in pages[path].links + pages[path].fetched:
        if not _is_elsewhere(address) and not _leads_somewhere(address, path, pages):
            yield f"{name} has a link that leads nowhere: {address}"


def _is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "file")


def _leads_somewhere(address: str, path: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(urljoin(path.as_uri(), address))
    target = Path(unquote(parts.path))
    if target.is_dir():
        target /= "index.html"
    if target in pages and parts.fragment:
        return unquote(parts.fragment) in pages[target].ids
    return target.is_file()


def _style(path: Path, folder: Path) -> Iterator[str]:
    if FETCHED_BY_STYLE.search(path.read_text(encoding="utf-8")):
        yield f"{path.relative_to(folder)} fetches something from elsewhere."
