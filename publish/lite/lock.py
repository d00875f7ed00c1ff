"""The lock file of Pyodide: which packages there are, and what their bytes must be."""

import hashlib
import re
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any


def lock(platform: dict[str, Any], wheels: list[Path]) -> dict[str, Any]:
    """Make the lock file of these wheels; `platform` is what Pyodide's own lock says of itself."""
    entries = [_entry(wheel) for wheel in wheels]
    return {"info": platform, "packages": {entry["name"]: entry for entry in entries}}


def _entry(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(archive.read(metadata).decode())
    return {
        "name": re.sub(r"[-_.]+", "-", about["Name"]).lower(),
        "version": about["Version"],
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
        "imports": _imports(names),
        "depends": [],  # all are loaded together when the kernel starts
    }


def _imports(names: list[str]) -> list[str]:
    tops = {re.sub(r"\.pyc?$", "", name.split("/")[0]) for name in names}
    return sorted(top for top in tops if top.isidentifier())
