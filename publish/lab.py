"""Open the lessons in JupyterLab, as copies to work in.

Usage: python -m publish.lab [OPTION ...]      (the options are JupyterLab's)
The settings in publish/jupyterlab are for all editions: no question about a newsletter, pages of
text shown and not edited, and of a widget a picture is saved with the notebook, for the next day.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

from . import working_copies
from .options import are_others, unknown
from .working_copies import COPIES, ROOT

SETTINGS = ROOT / "publish" / "jupyterlab"
WHERE = ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH")  # where JupyterLab finds settings, and extensions
USUAL = ("--allow-root", "--no-browser", "--ip", "--port", "--LabApp.default_url")
FIRST = f"{COPIES}/00_start_here.ipynb"


def command(*options: str) -> list[str]:
    """Return the command that starts JupyterLab on the first lesson."""
    where = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    return [sys.executable, "-m", "jupyterlab", *where, *options]


def variables() -> dict[str, str]:
    """Return the environment with the course's settings: the learner's own come first."""
    return os.environ | {name: _with_ours(name) for name in WHERE}


def _with_ours(name: str) -> str:
    return os.pathsep.join(filter(None, [os.environ.get(name, ""), str(SETTINGS)]))


def _unknown(options: list[str]) -> Iterator[str]:
    if are_others(options, *USUAL):
        from jupyter_server.serverapp import ServerApp  # they take a second or two
        from jupyterlab.labapp import LabApp

        yield from unknown(options, [LabApp, ServerApp])


def main(options: list[str]) -> int:
    """Lay down the copies and run JupyterLab, or say why not; return the exit status."""
    for fault in _unknown(options):
        print(fault, file=sys.stderr)
        return 1
    if failed := working_copies.main():
        return failed
    try:
        return subprocess.run(command(*options), env=variables(), check=False).returncode
    except KeyboardInterrupt:  # JupyterLab got it, too, and has ended
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
