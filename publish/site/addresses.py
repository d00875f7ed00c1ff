"""Where the links of lessons and documents lead on the site."""

import posixpath
import re
from pathlib import Path

from .. import navigation

TARGET = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=[)\s])")
ON_THE_SITE = re.compile(r"notebooks/\w+\.ipynb|docs/[\w/-]+\.(md|svg|png)")


def resolved(text: str, folder: str = "") -> str:
    """Return a Markdown text of `folder` with its links as they lead on the site.

    README is the front page. What the site does not take in is linked in the repository.
    """
    return TARGET.sub(lambda found: _address(found[1], found[2] or "", folder), text)


def _address(target: str, anchor: str, folder: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, target))
    if path == "README.md":
        return posixpath.relpath("index.md", folder or ".") + anchor
    if ON_THE_SITE.fullmatch(path) and Path(path).exists():
        return target + anchor.lower()  # as the site names its headings; JupyterLab keeps capitals
    return f"{navigation.repository()}/{_kind(path)}/HEAD/{path}{anchor}"


def _kind(path: str) -> str:
    return "tree" if Path(path).is_dir() else "blob"
