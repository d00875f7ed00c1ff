"""What the pages for instructors promise is there: links, commands, the dev container's too."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from publish.lab import command
from publish.navigation import repository

ROOT = Path(__file__).parents[2]
ROOMS = (ROOT / "docs/rooms.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/instructors-guide.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DEVCONTAINER = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")


def test_the_nbgitpuller_link_leads_to_this_course() -> None:
    [link] = re.findall(r"^https://HUB/\S+$", ROOMS, re.M)
    asked = parse_qs(urlsplit(link).query)
    folder = repository().rpartition("/")[2]
    assert asked["repo"] == [repository()]
    assert asked["urlpath"] == [f"lab/tree/{folder}/README.md"]
    assert f"cd {folder} && " in ROOMS


@pytest.mark.parametrize("text", [ROOMS, GUIDE, DEVCONTAINER], ids=["rooms", "guide", "container"])
def test_every_target_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"make ([a-z][a-z-]+|\.venv/installed)\b", text)) - {"sure", "what"}
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.M)) | {".venv/installed"}
    assert named and named <= targets


@pytest.mark.parametrize("size", ["Thirty in a room", "Three hundred", "Three thousand"])
def test_each_size_has_a_checklist_for_the_day_before(size: str) -> None:
    [chapter] = re.findall(rf"^## {size}\n.*?(?=^## )", GUIDE, re.M | re.S)
    assert len(re.findall(r"^- \[ \] ", chapter.partition("The day before:")[2], re.M)) >= 4


def test_the_dev_container_forwards_the_port_that_jupyterlab_gets() -> None:
    container = json.loads(re.sub(r"^\s*//.*$", "", DEVCONTAINER, flags=re.M))
    [port] = container["forwardPorts"]
    assert f"--port {port}" in container["postAttachCommand"]
    assert command("--port", str(port))[-2:] == ["--port", str(port)]
