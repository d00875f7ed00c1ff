"""Python for the browser: the files of Pyodide that a page loads, from its npm package."""

import json
import tarfile
from pathlib import Path
from typing import Any

from .errors import run

VERSION = "314.0.6"  # the one that jupyterlite-pyodide-kernel 0.8.6 was built for
LOADED = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"


def fetch(work: Path) -> Path:
    """Unpack Pyodide below `work`, once, and return its folder. Raises CannotBuild without npm."""
    folder = work / f"pyodide-{VERSION}" / "package"
    if not (folder / LOCK).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        package = run("npm", "pack", f"pyodide@{VERSION}", "--silent", folder=folder.parent)
        with tarfile.open(folder.parent / package.split()[-1]) as archive:
            archive.extractall(folder.parent, filter="data")
    return folder


def platform(folder: Path) -> dict[str, Any]:
    """Return what the lock file says about the platform, such as the version of Python."""
    return json.loads((folder / LOCK).read_text(encoding="utf-8"))["info"]
