"""What Redis refuses is told in three lines; the learner's own mistakes as Python tells them."""

import re
from collections.abc import Iterator

import pytest

from tests.kernel.live_kernel import LiveKernel, live_kernel

SETUP = "import asyncio\nimport helpers\nfrom helpers import connect\nann = connect('ann')"
ALREADY = "This cell has probably run already"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        assert running.run(SETUP).status == "ok"
        yield running


def error(kernel: LiveKernel, source: str) -> list[str]:
    shown = kernel.run(source)
    assert shown.status == "error"  # so that Run All ends here
    return COLOURS.sub("", "\n".join(shown.error)).splitlines()


def test_an_entry_that_is_there_already(kernel: LiveKernel) -> None:
    add = "await ann.xadd('events', {'n': 1}, id='1-1')"
    place, advice, last = error(kernel, f"{add}\n{add}")
    assert place == f"Line 2: {add}"
    assert advice.startswith(ALREADY)
    assert last.startswith("ResponseError: The ID specified in XADD is equal or smaller")


def test_a_group_that_is_there_already(kernel: LiveKernel) -> None:
    make = "await ann.xgroup_create('groups', 'packing', mkstream=True)"
    assert error(kernel, f"{make}\n{make}")[1:][0].startswith(ALREADY)


def test_the_line_of_the_learners_own_function_is_quoted_too(kernel: LiveKernel) -> None:
    lines = error(
        kernel,
        "async def spoil():\n    await ann.set('text', 'a')\n    await ann.rpush('text', 'b')\n"
        "await spoil()",
    )
    assert lines == [
        "Line 4: await spoil()   (in spoil: await ann.rpush('text', 'b'))",
        "ResponseError: WRONGTYPE Operation against a key holding the wrong kind of value",
    ]


def test_a_deadline_of_a_helper(kernel: LiveKernel) -> None:
    lines = error(kernel, "await helpers.until_blocked(ann, deadline=0.1)")
    assert lines[0].startswith("Line 1: ") and lines[-1].startswith("TimeoutError: Waited 0.1")
    assert len(lines) == 2


@pytest.mark.parametrize(
    "wait", ["blpop('left')", "xread({'kept': 0}, block=0)", "blmove('left', 'right', 0)"]
)
def test_a_wait_that_what_is_there_has_ended(kernel: LiveKernel, wait: str) -> None:
    kernel.run("await ann.rpush('left', 'a', 'b', 'c')\nawait ann.xadd('kept', {'n': 1})")
    lines = error(kernel, f"await ann.{wait}\nawait helpers.until_blocked(ann, deadline=0.1)")
    assert lines[1].startswith(ALREADY)
    assert re.fullmatch(
        r"TimeoutError: Waited 0.1 seconds for ann \(whose [A-Z]+ was answered\) "
        r"to wait in a blocking command\.",
        lines[2],
    )


def test_a_task_that_somebody_cancelled_is_no_stop(kernel: LiveKernel) -> None:
    lines = error(
        kernel, "task = asyncio.create_task(ann.blpop('none'))\ntask.cancel()\nawait task"
    )
    assert lines[1].startswith("What this cell waits for was cancelled")


def test_a_learners_own_mistake_keeps_the_traceback_of_python(kernel: LiveKernel) -> None:
    lines = error(kernel, "undefined")
    assert any("Traceback (most recent call last)" in line for line in lines)
    assert lines[-1] == "NameError: name 'undefined' is not defined"


def test_a_server_that_is_gone() -> None:
    with live_kernel("server") as kernel:
        kernel.run(SETUP)
        kernel.run("await ann.ping()\nfrom helpers import broker\nbroker.broker()._end()")
        kernel.run("await ann.ping()")
        lines = error(kernel, "await ann.ping()")
        assert lines[0] == "Line 1: await ann.ping()" and len(lines) == 3
        assert lines[1].startswith("No broker answers any more")
        assert lines[2].startswith("ConnectionError: ")
