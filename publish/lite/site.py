"""The site: JupyterLab, the lessons and the kernel, as files that any web server can hand out."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..working_copies import MAP, ORIGINALS, map_of, working_copy
from . import pyodide
from .errors import run
from .lock import lock
from .server import COMPRESSED
from .wheels import HERE, ROOT, gather

PLACE = "static/pyodide"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
SETTINGS = "jupyter-config-data"
FIRST = "notebooks/00_start_here.ipynb"
READ = ("README.md", "docs", "notebooks", "LICENSE", "LICENSE-TEXT")  # what the lessons link to
# What JupyterLite's page does besides, each a module of its own behind the first.
APP = HERE / "app.mjs"
SCRIPTS = ("phone.mjs", "stop.mjs", "storage.mjs")
# On a phone JupyterLab breaks what a cell prints in the middle of words, and lets a wide table of a
# text, or its code, scroll where no key reaches it: made smaller or folded, it has room.
STYLE = """<style>
.jp-Notebook .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }
@media (max-width: 700px) {
  .jp-RenderedHTMLCommon.jp-RenderedMarkdown {
    table { font-size: 12px; }
    :is(th, td) { padding: 3px; }
    :is(th, td) code { overflow-wrap: anywhere; white-space: normal; }
    pre, pre code { white-space: pre-wrap !important; overflow-wrap: anywhere; }
  }
}
</style>"""
OVERRIDES = ROOT / "publish/jupyterlab/labconfig/default_setting_overrides.json"
EXTENSIONS = ROOT / "publish/jupyterlab/labextensions"
LOADING = "Loading JupyterLite..."
FIRST_VISIT = "first-visit.json"  # read by the pages that fetch the edition while somebody reads
CORE = "build/jlab_core.*.js"  # a third of JupyterLab; the rest is eighty small files
SIZE = "Loading, once: this page, and {:.0f} MB of Python. You can read on while Python loads."
NOT_SHOWN = ("jupyterlab_pygments",)  # comes with the builder, and a page would load it


def build(site: Path, work: Path) -> None:
    """Build the browser edition into `site`, which it replaces. Raises CannotBuild."""
    distribution = pyodide.fetch(work)
    platform = pyodide.platform(distribution)
    version = ".".join(platform["python"].split(".")[:2])
    standard, *wheels = gather(work, version, distribution)
    contents = _contents(work / "contents")
    shell(site, work, contents)
    install(site, distribution, wheels)
    shutil.copy(standard, site / PLACE)
    _tidy(site)
    _fetch_early(site)
    _add_scripts(site)
    _tell_size(site)
    _list_first_visit(site)
    # JupyterLab asks for a text's pictures beside its own page before it asks where they are.
    shutil.copytree(contents / "docs", site / "lab/docs")
    _first_page(site)


def shell(site: Path, work: Path, contents: Path | None = None) -> None:
    """Build JupyterLab alone, without Python and, where none are given, without contents."""
    shutil.rmtree(site, ignore_errors=True)
    empty = work / "empty"  # where the builder looks for files of its own
    empty.mkdir(parents=True, exist_ok=True)
    more = ("--contents", contents) if contents else ()
    where = ("--output-dir", site, "--lite-dir", empty, "--apps", "lab")
    run(sys.executable, "-m", "jupyterlite_core", "build", *where, *more, folder=empty)


def install(site: Path, distribution: Path, wheels: list[Path]) -> None:
    """Put Python and its packages into a site, and tell the kernel to look nowhere else."""
    folder = site / PLACE
    folder.mkdir(parents=True)
    for name in pyodide.LOADED:
        shutil.copy(distribution / name, folder)
    for wheel in wheels:
        shutil.copy(wheel, folder)
    locked = lock(pyodide.platform(distribution), wheels)
    (folder / pyodide.LOCK).write_text(json.dumps(locked), encoding="utf-8")
    settings = {
        "pyodideUrl": f"./{PLACE}/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": sorted(locked["packages"])},
    }
    configure(site, {"litePluginSettings": {KERNEL: settings}})


def configure(site: Path, changes: dict[str, Any]) -> None:
    """Change settings of a site, named as in JupyterLite's jupyter-config-data."""
    path = site / "jupyter-lite.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings[SETTINGS] |= changes
    path.write_text(json.dumps(settings), encoding="utf-8")


def _contents(folder: Path) -> Path:
    """Copy what a learner reads, and nothing beside it; the lessons as copies to work in."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.check_output(["git", "ls-files", *READ], text=True, cwd=ROOT)
    for name in listed.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for lesson in (folder / ORIGINALS).glob("*.ipynb"):
        copy = working_copy(lesson.read_text(encoding="utf-8"))
        lesson.write_text(copy, encoding="utf-8")
    text = map_of((folder / "README.md").read_text(encoding="utf-8"))
    (folder / ORIGINALS / MAP).write_text(text, encoding="utf-8")
    return folder


def _tidy(site: Path) -> None:
    """Add the course's settings; remove what no reader's browser should ever load."""
    ours = json.loads((HERE / "jupyter-lite.json").read_text(encoding="utf-8"))[SETTINGS]
    theirs = json.loads((site / "jupyter-lite.json").read_text(encoding="utf-8"))[SETTINGS]
    shown = [e for e in theirs["federated_extensions"] if e["name"] not in NOT_SHOWN]
    defaults = json.loads(OVERRIDES.read_text(encoding="utf-8"))
    loaded = [*shown, *_extensions(site)]
    configure(site, ours | {"federated_extensions": loaded, "settingsOverrides": defaults})
    for name in NOT_SHOWN:
        shutil.rmtree(site / "extensions" / name, ignore_errors=True)
    for pattern in ("*.map", "rspack.config*.js"):
        for path in site.rglob(pattern):
            path.unlink()


def _extensions(site: Path) -> Iterator[dict[str, str]]:
    """Add the course's extensions of JupyterLab, and say how each is loaded."""
    for folder in sorted(EXTENSIONS.iterdir()):
        shutil.copytree(folder, site / "extensions" / folder.name)
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        yield {"name": package["name"], **package["jupyterlab"]["_build"]}


def _fetch_early(site: Path) -> None:
    """Let a page ask for Python while it still loads JupyterLab, not only when that is done."""
    names = sorted(path.name for path in (site / PLACE).iterdir())
    # Without an icon in the page itself a browser looks for one outside of the site.
    links = ['<link rel="icon" href="../icon-120x120.png" />']
    links += [f'<link rel="prefetch" href="../{PLACE}/{name}" />' for name in names]
    _add_to_head(site, *links)


def _add_scripts(site: Path) -> None:
    """Let the page do what JupyterLite alone does not, each in a module of its own."""
    app = APP.read_text(encoding="utf-8")
    scripts = ((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    modules = (f'<script type="module">\n{app}\n{script}</script>' for script in scripts)
    _add_to_head(site, STYLE, *modules)


def _add_to_head(site: Path, *more: str) -> None:
    _replace(site / "lab/index.html", "</head>", f"{''.join(more)}</head>")


def _list_first_visit(site: Path) -> None:
    """List what a page of the course's site may fetch before somebody opens the edition."""
    files = [
        *site.glob(CORE),
        *sorted((site / PLACE).iterdir(), key=lambda path: -path.stat().st_size),
    ]
    listed = {
        "megabytes": round(sum(map(bytes_sent, files)) / 1e6),
        "files": [path.relative_to(site).as_posix() for path in files],
    }
    (site / FIRST_VISIT).write_text(json.dumps(listed), encoding="utf-8")


def _tell_size(site: Path) -> None:
    """Say while the page loads how much there is to load, and what to do meanwhile."""
    size = sum(map(bytes_sent, (site / PLACE).iterdir())) / 1e6
    _replace(site / "lab/index.html", LOADING, SIZE.format(size))


def bytes_sent(path: Path) -> int:
    """Return how many bytes a web server sends of a file."""
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in COMPRESSED else len(content)


def _first_page(site: Path) -> None:
    """Let the bare address open lesson 0, or what ?path= names."""
    opens = f"location.replace('lab/index.html' + (location.search || '?path={FIRST}'));"
    _replace(site / "index.html", "await import('./config-utils.js');", opens)
    icon = '<link rel="icon" href="icon-120x120.png" />'
    _replace(site / "index.html", "<head>", f"<head>{icon}")


def _replace(page: Path, old: str, new: str) -> None:
    """Put `new` into the one place of a page that has `old`."""
    text = page.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{page.name} of JupyterLite has changed"
    page.write_text(text.replace(old, new), encoding="utf-8")
