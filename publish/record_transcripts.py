"""Run lessons on a real server and write down what their `real-only` cells print there.

Usage: python -m publish.record_transcripts [NOTEBOOK ...]      (none named: all in notebooks/)
COURSE_SERVER names the server's program; the transcripts of the course come from Redis 8.2, and
those of what came later from 8.6 (`make newest-redis`).
The notebooks themselves stay as they are.
"""

import os
import sys
from pathlib import Path

import nbformat

from .lesson import FOLDER
from .save_notebooks import run


def main(arguments: list[str]) -> int:
    """Record the transcripts of the notebooks named, and return the exit status."""
    os.environ |= {"COURSE_BROKER": "server", "COURSE_RECORD": "1"}
    for path in [Path(a) for a in arguments] or sorted(FOLDER.glob("*.ipynb")):
        run(nbformat.read(path, as_version=4), path)
        print(f"recorded {path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
