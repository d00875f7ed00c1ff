"""Run every lesson on every broker found on this machine and print a table.

Usage: python -m tools.engines      (`make engines`); exits with 1 when a cell differs anywhere.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from publish.unattended import ON_EMBEDDED
from tests.kernel.start import STARTED_AGAIN
from tests.real_servers import found_servers, missing_servers

ROOT = Path(__file__).parent.parent
# As `make test` validates the lessons; the settings of the project hold wherever a notebook lies.
PYTEST = ["-m", "pytest", "-q", "-c", "pyproject.toml", "--rootdir=.", "--dist", "loadscope"]
PYTEST += ["-p", "no:cacheprovider", "-p", "tests.validation"]
LONGEST_RUN = 900.0  # seconds


@dataclass(frozen=True)
class Engine:
    """Name a broker and the environment variables that choose it."""

    name: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Cell:
    """Tell how one cell of one lesson fared."""

    lesson: str
    name: str
    passed: bool
    fault: str = ""  # the first line of what was wrong
    restarts: int = 0  # of the lesson's kernel, told with its first cell


def engines() -> list[Engine]:
    """List the embedded broker and every real server found here."""
    real = [
        Engine(version, {"COURSE_BROKER": "server", "COURSE_SERVER": str(path)})
        for version, path in found_servers().items()
    ]
    return [Engine("embedded", ON_EMBEDDED), *real]


def run(engine: Engine, lessons: Sequence[str | Path] = ("notebooks",)) -> list[Cell]:
    """Run lessons on `engine`, every output compared with the saved one."""
    return validate(lessons, engine.variables)


def validate(
    lessons: Sequence[str | Path], variables: Mapping[str, str] = ON_EMBEDDED, workers: int = 2
) -> list[Cell]:
    """Run lessons as `make test` does; tell how each cell fared, nothing if the run broke down."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            sys.executable,
            *PYTEST,
            "-n",
            str(workers),
            f"--junitxml={report}",
            *lessons,
        ]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                cwd=ROOT,
                env=os.environ | variables,
                stdout=subprocess.DEVNULL,
                timeout=LONGEST_RUN,
                check=False,
            )
        return list(cells_of(report)) if report.exists() else []


def cells_of(report: Path) -> Iterator[Cell]:
    """Read from a report in JUnit's format how each cell fared."""
    for case in ElementTree.parse(report).iter("testcase"):
        found = [case.find(kind) for kind in ("failure", "error")]
        wrong = [element for element in found if element is not None]
        said = " ".join(element.get("message", "") for element in wrong).strip()
        lesson = case.get("classname", "").removesuffix(".ipynb").rpartition(".")[2]
        restarts = len(case.findall(f"properties/property[@name='{STARTED_AGAIN}']"))
        yield Cell(lesson, case.get("name", ""), not wrong, said.partition("\n")[0], restarts)


def table(results: dict[str, list[Cell]], seconds: dict[str, float]) -> str:
    """Draw one row a lesson, one column an engine: cells that agree, of cells that ran."""
    lessons = sorted({cell.lesson for cells in results.values() for cell in cells})
    rows = [["", *results]]
    rows += [[lesson, *(_score(cells, lesson) for cells in results.values())] for lesson in lessons]
    rows += [["seconds", *(f"{seconds[name]:.1f}" for name in results)]]
    first = max(len(row[0]) for row in rows)
    return "\n".join(
        row[0].ljust(first) + "".join(f"{text:>16}" for text in row[1:]) for row in rows
    )


def _score(cells: list[Cell], lesson: str) -> str:
    passed = [cell.passed for cell in cells if cell.lesson == lesson]
    return f"{sum(passed)} of {len(passed)}"


def faults(results: dict[str, list[Cell]]) -> list[str]:
    """Name each cell that differs, and each engine on which nothing ran."""
    wrong = [f"{name}: nothing ran" for name, cells in results.items() if not cells]
    for name, cells in results.items():
        wrong += [f"{name}: {cell.lesson} {cell.name}" for cell in cells if not cell.passed]
    return wrong


def main() -> int:
    """Print the table and each cell that differs; answer the exit code."""
    results, seconds = {}, {}
    for engine in engines():
        start = time.monotonic()
        results[engine.name] = run(engine)
        seconds[engine.name] = time.monotonic() - start
    print(table(results, seconds))
    for sentence in missing_servers().values():
        print(f"{sentence}.")
    wrong = faults(results)
    print("\n".join(wrong) or "The same saved outputs everywhere.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
