"""The packages that the kernel loads: downloaded, pruned, compiled, packed again."""

import re
import shutil
import sys
import zipfile
from pathlib import Path

from .errors import run

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
COMPILE = HERE / "compile.mjs"
KERNEL = HERE / "kernel.txt"

# No lesson gets near these files. A pattern is searched in the path inside of a wheel.
LEFT_OUT = re.compile(
    r"""
    (^|/)tests?/                                # a package's own tests
  | \.pyi$ | (^|/)py\.typed$                    # types, for editors
  | \.dist-info/(RECORD|entry_points\.txt)$     # what an installer would read
  | \.data/                                     # manual pages
  | ^pygments/styles/(?!__init__|_mapping|default|monokai)
  | ^pygments/formatters/(?!__init__|_mapping|terminal|html|other)
  | ^pygments/lexers/(?!__init__|_mapping|python|special|shell)   # 250 languages
  | ^IPython/sphinxext/
  | ^IPython/terminal/(?!(pt_inputhooks/)?__init__)             # there is no terminal
  | ^IPython/testing/(plugin/|tools|decorators|ipunittest)
  | ^redis/(asyncio/)?(multidb|http)/           # several servers in several places
  | ^redis/commands/(search|timeseries|bf|json|vectorset)/  # the embedded broker has none
  | ^psygnal/(containers/|testing)
  | ^wcwidth/table_grapheme_overrides/_known_   # of terminals; wcwidth goes without them
  | ^anywidget/(lab|nb)extension/               # what JupyterLab shows: the site has it elsewhere
    """,
    re.VERBOSE,
)

# What a browser has no use for: processes, terminals, mail, and the letters of old computers.
NOT_IN_A_BROWSER = re.compile(
    r"""
    ^(multiprocessing|wsgiref|xmlrpc|idlelib|ensurepip|venv|turtledemo|tkinter|curses)/
  | ^(imaplib|mailbox|smtplib|poplib|ftplib|nntplib|turtle|_pyio|pickletools|plistlib)\.py$
  | ^(_pydatetime|compileall|modulefinder|wave)\.py$
  | ^_pyrepl/(?!(__init__|pager|utils|types|trace)\.py)          # help() and a debugger need those
  | ^asyncio/(windows_events|windows_utils|proactor_events)\.py$
  | ^(concurrent/interpreters|http/server)(/|\.py$)
  | ^encodings/(?!__init__|aliases|utf_|ascii|latin_1|cp437|cp1252|idna|punycode|unicode_escape
        |raw_unicode_escape|hex_codec|base64_codec|zlib_codec)
    """,
    re.VERBOSE,
)
STANDARD = "python_stdlib"

# The kernel asks for these by name at every start, and the course does without: packages of our
# own answer, without content or with what is in shim/. jedi completes names more cleverly than
# IPython alone, and is slow to import; micropip and piplite install what nobody may install here.
SHIM = HERE / "shim"
ANSWERED = ("jedi", "micropip", "piplite")
KERNEL_OWN = ("ipykernel", "pyodide_kernel")


def gather(work: Path, python: str, pyodide: Path) -> list[Path]:
    """Return the standard library, and the wheels of the kernel and of the course.

    `python` is the version in the browser, such as 3.14. Raises CannotBuild.
    """
    downloaded, unpacked, packed = (work / name for name in ("downloaded", "unpacked", "packed"))
    for folder in (unpacked, packed):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for wheel in [
        *download(downloaded, python, KERNEL),
        _course(work),
        *of_the_kernel(*KERNEL_OWN),
    ]:
        _unpack(wheel, unpacked / wheel.stem, LEFT_OUT)
    _unpack(pyodide / f"{STANDARD}.zip", unpacked / STANDARD, NOT_IN_A_BROWSER)
    for name in ANSWERED:
        _answer(unpacked, name)
    run("node", COMPILE, pyodide, unpacked)
    wheels = sorted(unpacked.glob("*-none-any"))
    standard = _pack(unpacked / STANDARD, packed / f"{STANDARD}.zip")
    return [standard, *(_pack(folder, packed / f"{folder.name}.whl") for folder in wheels)]


def download(folder: Path, python: str, requirements: Path) -> list[Path]:
    """Download pure wheels for a version of Python, exactly those listed. Raises CannotBuild."""
    shutil.rmtree(folder, ignore_errors=True)
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--platform", "any")
    wanted = ("--python-version", python, "--dest", folder, "--requirement", requirements)
    run(sys.executable, "-m", "pip", "download", *options, *wanted)
    return sorted(folder.glob("*.whl"))


def _course(work: Path) -> Path:
    folder = work / "course"
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT)
    return next(folder.glob("*.whl"))


def of_the_kernel(*names: str) -> list[Path]:
    """Return wheels that come with JupyterLite's kernel."""
    folder = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension")
    return [next(folder.glob(f"static/pypi/{name}-*.whl")) for name in names]


def _unpack(wheel: Path, folder: Path, left_out: re.Pattern[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [n for n in archive.namelist() if not left_out.search(n)])


def _answer(unpacked: Path, name: str) -> None:
    wheel = unpacked / f"{name}-0.0.0-py3-none-any"
    about = wheel / f"{name}-0.0.0.dist-info"
    about.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.0\n"
    (about / "METADATA").write_text(text, encoding="utf-8")
    if (SHIM / name).exists():
        shutil.copytree(SHIM / name, wheel / name, ignore=shutil.ignore_patterns("__pycache__"))


def _pack(folder: Path, wheel: Path) -> Path:
    """Make the same bytes of the same files: no time of day, and one order."""
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return wheel
