"""Without COURSE_CLASS nothing is sent: every socket of a kernel is watched through a lesson.

What Python does with a socket is told by its audit events; what the process holds is asked of the
system. The kernel itself listens on files. The same watch sees a class where there is one.
See https://docs.python.org/3/library/audit_events.html
"""

import json
from pathlib import Path

import pytest

from publish.lesson import read
from tests.kernel.live_kernel import NOTEBOOKS, LiveKernel, live_kernel
from tests.real_servers import found_servers

from .kit import class_redis

SERVERS = [*found_servers().values()]
LESSON = next(NOTEBOOKS.glob("02_*.ipynb"))
WATCH = """
import sys, threading
_places, _modules = [], []
_WATCHED = {"socket." + each for each in ("connect", "sendto", "sendmsg", "getaddrinfo", "bind")}

def _see(event, given):
    if event in _WATCHED:
        _places.append((event, str(given[1] if event != "socket.getaddrinfo" else given[:2])))
    elif event == "subprocess.Popen":
        _places.append((event, str(given[1])))

sys.addaudithook(_see)
"""
TELL = """
import json, psutil
print(json.dumps({
    "places": [p for p in _places if p[1].startswith(("(", "["))],
    "held": [str(c.raddr) for c in psutil.Process().net_connections("inet") if c.raddr],
    "sender": sorted(m for m in sys.modules if m.startswith("helpers.classroom.")),
    "threads": sorted(t.name for t in threading.enumerate() if t.name == "class"),
}))
"""
ANSWERS = """
print(predict("2.1", 1), quiz("2", 1, 1), quiz("2", 1, 2))
asked = quiz("2")
asked.view.choose("2.2", 0)
async def announce(*given): return None
print(await check("2.1", announce))
"""


def seen_in_a_lesson(folder: Path) -> dict:
    """Run a lesson from its first cell to its last, answer, and return what was seen."""
    with live_kernel("embedded", folder) as kernel:
        _run(kernel, WATCH)
        for cell in read(LESSON).code:
            kernel.run(cell.source)
        _run(kernel, "from helpers import check, predict, quiz")
        _run(kernel, ANSWERS)
        return json.loads(_run(kernel, TELL).splitlines()[-1])


def _run(kernel: LiveKernel, source: str) -> str:
    shown = kernel.run(source)
    assert shown.ended and shown.status == "ok", shown.error
    return shown.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_without_a_class_no_socket_is_used_and_no_sender_is_imported(folder: Path) -> None:
    seen = seen_in_a_lesson(folder)
    assert seen["places"] == [] and seen["held"] == [] and seen["threads"] == []
    assert seen["sender"] == ["helpers.classroom.event", "helpers.classroom.telling"]


@pytest.mark.skipif(not SERVERS, reason="there is no real server here")
def test_with_a_class_its_address_is_the_only_one_that_is_spoken_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with class_redis(SERVERS[0], tmp_path / "redis") as place:
        monkeypatch.setenv("COURSE_CLASS", place.url)
        seen = seen_in_a_lesson(folder)
        assert {where for _, where in seen["places"]} >= {f"('127.0.0.1', {place.port})"}
        strangers = [each for each in seen["places"] if str(place.port) not in each[1]]
        assert strangers == []
        assert [str(place.port) in each for each in seen["held"]] == [True]
        assert "helpers.classroom.sender" in seen["sender"] and seen["threads"] == ["class"]
