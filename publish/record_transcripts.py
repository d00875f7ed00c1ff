"""Run lessons on a real server and write down what their `real-only` cells print there.

Usage: python -m publish.record_transcripts [NOTEBOOK ...]      (none named: all in notebooks/)
COURSE_SERVER names the server's program; the transcripts of the course come from Redis 8.2, and
those of what came later from 8.6 (`make newest-redis`).
The notebooks themselves stay as they are.
"""

import os
import sys

from .save_notebooks import CellFailed, NoNotebook, named, notebook_at, run


def main(arguments: list[str]) -> int:
    """Record the transcripts of the notebooks named, and return the exit status."""
    os.environ |= {"COURSE_BROKER": "server", "COURSE_RECORD": "1"}
    for path in named(arguments):
        try:
            run(notebook_at(path), path)
        except (CellFailed, NoNotebook) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"recorded {path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
