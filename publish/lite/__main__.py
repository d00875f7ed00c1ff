"""Build the browser edition: python -m publish.lite [FOLDER]"""

import sys
from pathlib import Path

from .errors import CannotBuild
from .site import build

SITE = Path("build/lite")
WORK = Path("build/lite-work")


def main(arguments: list[str]) -> int:
    """Build into the folder that is named, or into build/lite, and return the exit status."""
    site = Path(arguments[0]) if arguments else SITE
    try:
        build(site.resolve(), WORK.resolve())
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"The browser edition is in {site} ({size / 1e6:.0f} MB). Look at it: make lite-serve")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
