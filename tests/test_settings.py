"""A wrong setting of a make target ends in a sentence, whatever it is, and never in a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

WRONG = {  # what the Makefile lets a person set: wrong values, and the modules that are given them
    "HUB_ARGS": ("publish.hub", "--port=many", "--port=0", "--port=65536", "--ip=192.0.2.1"),
    "PORT": ("publish.lite.server {lite}", "many", "-1", "65536"),
    "NB": ("publish.save_notebooks", "absent.ipynb", "README.md", "notebooks"),
    "NB, of transcripts": ("publish.record_transcripts", "absent.ipynb", "README.md"),
    "LIE": ("tests.mutants", "absent"),
    "STARTS": ("tools.kernel_starts", "many", "0", "-1"),
    "SERVERS": ("tools.slow_server", "absent"),
    "REPEAT_ARGS": ("tools.repeat", "--runs=0", "--minutes=0", "--engine=absent", "absent.ipynb"),
    "KILLED_ARGS": ("tools.killed", "many", "0", "1 seed"),
    "LIBRARIES_ARGS": ("tools.libraries", "--library=absent", "--times=0", "--server=absent"),
    "CLASS_ARGS": ("tools.classroom", "many", "0", "30 sometimes"),
}
# Which Python opens which of Jupyter's programs, and one of its classes.
JUPYTER = {".venv": ("publish.lab", "ServerApp"), ".venv-hub": ("publish.hub", "JupyterHub")}
# These are handed to programs that tell what is wrong themselves, or need what is not here.
OF_OTHERS = {"LAB_ARGS", "LITE_ARGS", "WORKERS", "BROWSERS", "CHROMIUM", "HUB_LOAD_ARGS"}
# And what may be said behind `python -m` only.
IN_A_SHELL = {
    "mutants": ("tests.mutants", "--workers=0"),
    "slowly": ("tests.differential.slowly", "--servers=0"),
    "bench": ("tools.bench", "absent", "engines absent"),
    "floor": ("tools.floor", "many", "0"),
    "bench-lite": ("tests.lite.bench", "many", "0"),
}
CASES = [(module, wrong) for module, *values in (WRONG | IN_A_SHELL).values() for wrong in values]


def test_every_variable_that_a_person_may_set_is_tried_or_is_somebody_else_s() -> None:
    made = set(re.findall(r"^\s*([A-Z_]+) *[:+]=", MAKEFILE, re.M)) | {"MAKE", "DISPLAY"}
    used = set(re.findall(r"\$\(([A-Z_]+)\)", MAKEFILE)) - made - {"WAYLAND_DISPLAY", "OS"}
    assert used == {name.partition(",")[0] for name in WRONG} | OF_OTHERS


@pytest.mark.parametrize(("module", "wrong"), CASES, ids=[" ".join(case) for case in CASES])
def test_it_ends_in_a_sentence(module: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    ended = run(sys.executable, module.format(lite=tmp_path), wrong, tmp_path)
    said = (ended.stderr or ended.stdout).strip().splitlines()
    assert ended.returncode in (1, 2)
    assert said and "Traceback" not in ended.stderr
    assert said[0].startswith("usage:") or len(said) == 1, ended.stderr


@pytest.mark.parametrize("dashes", ["--", "--{}."])
@pytest.mark.parametrize(("room", "program"), JUPYTER.items())
def test_jupyter_does_not_pass_over_a_misspelt_option(
    room: str, program: tuple[str, str], dashes: str, tmp_path: Path
) -> None:
    python, [module, owner] = ROOT / room / "bin/python", program
    if not python.exists():
        pytest.skip(f"there is no {room} here")
    before = dashes.format(owner)
    ended = run(str(python), module, f"{before}prot=9999", tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"There is no option {before}prot: did you mean {before}port?\n"


def run(python: str, module: str, options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", *module.split(), *options.split()]
    clean = {name: text for name, text in os.environ.items() if not name.startswith("COURSE_")}
    environment = clean | {"COURSE_FOLDER": str(folder / "class")}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
