"""Tell every lie to the lessons and print which cell notices it; then those of our own code.

Usage: python -m tests.mutants [--workers N] [LIE ...]      (`make mutants`; no name: all of them)
Exits with 1 when a lie is not noticed, or when a lesson notices none.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.asked import count

from . import LIES, Lie
from .explorer import EXPLORER_LIES
from .moments import MOMENT_LIES
from .pictures import PICTURE_LIES
from .trial import BROKEN, Caught, catch

OWN_LIES = EXPLORER_LIES | PICTURE_LIES | MOMENT_LIES
NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


def lessons_for(lie: Lie) -> list[Path]:
    """List the lessons, the one that should notice the lie in front."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return sorted(paths, key=lambda path: not path.name.startswith(lie.lesson))


def try_on_all(lie: Lie) -> Caught | None:
    """Tell a lie to one lesson after another, until one notices it."""
    return next(filter(None, (catch(lie.name, lesson) for lesson in lessons_for(lie))), None)


def differing() -> list[str]:
    """Name the lessons that differ without any lie: they would seem to notice every one."""
    found = (catch(None, lesson) for lesson in sorted(NOTEBOOKS.glob("*.ipynb")))
    return [f"differs without any lie: {caught}" for caught in found if caught]


def report(results: dict[str, Caught | None]) -> list[str]:
    """Say in one line each what is wrong: lies that nobody noticed, lessons that notice nothing."""
    wrong = [
        f"not noticed: {n}. {LIES[n].rule} {LIES[n].page}" for n, c in results.items() if not c
    ]
    wrong += [f"{n}: {c.fault}" for n, c in results.items() if c and c.fault.startswith(BROKEN)]
    if results.keys() == LIES.keys():
        noticing = {caught.lesson for caught in results.values() if caught}
        silent = sorted({path.stem for path in NOTEBOOKS.glob("*.ipynb")} - noticing)
        wrong += [f"lesson {lesson} notices no lie" for lesson in silent]
    return wrong


def of_our_own(names: list[str]) -> list[str]:
    """Tell the lies of our own code to its tests; say in one line each which were not noticed."""
    wrong = []
    for lie in (OWN_LIES[name] for name in names if name in OWN_LIES):
        failed = lie.failed()
        print(f"{lie.tests}: {lie.name}\n    {failed[:160] or 'NOT NOTICED'}", flush=True)
        if not failed:
            wrong.append(f"not noticed: {lie.name}. {lie.rule}")
    return wrong


def main() -> int:
    """Print one line a lie while they are tried, then what is wrong; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("lies", nargs="*", metavar="LIE", help="a name; none: all of them")
    parser.add_argument("--workers", type=count, default=2, help="tried at a time (default 2)")
    given = parser.parse_args()
    if unknown := set(given.lies) - LIES.keys() - OWN_LIES.keys():
        parser.error(f"there is no lie called {', '.join(sorted(unknown))}")
    if wrong := differing():
        print("\n".join(wrong))
        return 1
    chosen = [LIES[name] for name in given.lies or LIES if name in LIES]
    results: dict[str, Caught | None] = {}
    with ThreadPoolExecutor(given.workers) as workers:
        for lie, caught in zip(chosen, workers.map(try_on_all, chosen), strict=True):
            results[lie.name] = caught
            told = str(caught) if caught else "NOT NOTICED"
            print(f"{len(results):3} of {len(chosen)}  {lie.name}\n    {told[:160]}", flush=True)
    wrong = report(results) + of_our_own(given.lies or [*OWN_LIES])
    print("\n".join(wrong) or f"All {len(results)} lies were noticed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
