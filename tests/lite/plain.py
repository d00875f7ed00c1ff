"""Build a plain JupyterLite beside the browser edition: python -m tests.lite.plain

The same JupyterLab, Pyodide and kernel, packages as they are published, and one notebook with one
cell. Runs in the environment that `make lite` made.
"""

import json
import sys
from pathlib import Path

from publish.lite import pyodide
from publish.lite.__main__ import WORK
from publish.lite.errors import CannotBuild
from publish.lite.site import configure, install, shell
from publish.lite.wheels import KERNEL_OWN, download, of_the_kernel

SITE = Path("build/lite-plain")
NAME = "plain.ipynb"
REQUIREMENTS = Path(__file__).parent / "plain.txt"
CELL = {
    "id": "only",
    "cell_type": "code",
    "source": "1 + 1",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
ABOUT = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": ABOUT, "cells": [CELL]}


def build(site: Path, work: Path) -> None:
    """Build it into `site`, below `work` whatever is only needed meanwhile. Raises CannotBuild."""
    distribution = pyodide.fetch(work.parent / WORK.name)
    version = ".".join(pyodide.platform(distribution)["python"].split(".")[:2])
    contents = work / "contents/notebooks"
    contents.mkdir(parents=True, exist_ok=True)
    (contents / NAME).write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    shell(site, work, contents.parent)
    published = download(work / "downloaded", version, REQUIREMENTS)
    install(site, distribution, [*published, *of_the_kernel(*KERNEL_OWN, "piplite")])
    configure(site, {"exposeAppInBrowser": True})  # so that the page can be asked


if __name__ == "__main__":
    try:
        build(SITE.resolve(), SITE.resolve().with_name("lite-plain-work"))
    except CannotBuild as problem:
        sys.exit(str(problem))
