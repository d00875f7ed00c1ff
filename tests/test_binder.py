"""What Binder would build from binder/: layers, versions, scripts. Nothing is built."""

import os
import re
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("repo2docker does not run on Windows", allow_module_level=True)

from repo2docker.app import Repo2Docker
from repo2docker.buildpacks.base import BuildPack

ROOT = Path(__file__).parent.parent


def chosen() -> BuildPack:
    """Return the build pack that repo2docker would take."""
    app = Repo2Docker()
    for kind in app.buildpacks:
        pack = kind(base_image=app.base_image)
        pack.platform = "linux/amd64"
        if pack.detect():
            return pack
    raise AssertionError("repo2docker finds nothing to build")


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> BuildPack:
    monkeypatch.chdir(ROOT)
    return chosen()


@pytest.fixture
def steps(pack: BuildPack) -> list[str]:
    """Return the lines of the Dockerfile, without remarks."""
    dockerfile = pack.render(build_args={"NB_UID": "1000", "NB_USER": "jovyan"})
    return [line for line in dockerfile.splitlines() if not line.startswith("#")]


def place(steps: list[str], pattern: str) -> int:
    found = [number for number, step in enumerate(steps) if re.search(pattern, step)]
    assert len(found) == 1, f"{len(found)} steps hold {pattern}"
    return found[0]


def test_the_folder_and_the_version_are_found(pack: BuildPack) -> None:
    named = (ROOT / "binder/runtime.txt").read_text().strip()
    assert type(pack).__name__ == "PythonBuildPack"
    assert pack.binder_dir == "binder"
    assert f"python-{pack.python_version}" == named


def test_a_changed_notebook_installs_nothing_again(steps: list[str]) -> None:
    servers = place(steps, r"apt-get install .*redis-server")
    packages = place(steps, r'pip install .*-r "binder/requirements.txt"')
    sources = place(steps, r"^COPY .* src/ \$\{REPO_DIR\}/$")
    project = place(steps, r"^RUN \./binder/postBuild$")
    assert servers < packages < sources < project
    copied = [step for step in steps[:sources] if step.startswith("COPY") and " src/" in step]
    assert copied == ["COPY --chown=1000:1000 src/binder/requirements.txt "
                      "${REPO_DIR}/binder/requirements.txt"]  # fmt: skip


def test_the_server_is_started_before_jupyterlab(steps: list[str]) -> None:
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in " ".join(steps)
    script = (ROOT / "binder/start").read_text().splitlines()
    assert script[-1] == 'exec "$@"'
    assert os.access(ROOT / "binder/start", os.X_OK)


def test_postbuild_fetches_no_dependency_again() -> None:
    script = (ROOT / "binder/postBuild").read_text()
    installs = re.findall(r"^.*pip install.*$", script, re.M)
    assert len(installs) == 1
    assert "--no-deps" in installs[0]
