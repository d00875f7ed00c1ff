"""A learner: logs in, runs a lesson from top to bottom, solves an exercise, saves the notebook."""

import time
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from publish.lesson import Cell, Lesson
from publish.saved_form import saved_outputs

from .browser import Browser, Kernel, Message, new_browser
from .room import PASSWORD

SHOWING = ("stream", "display_data", "execute_result", "error")
UNCOMPARED = "nbval-ignore-output"


@dataclass(frozen=True)
class Times:
    """Seconds since the login began."""

    server: float
    first_cell: float
    end: float


async def work(address: str, name: str, lesson: Lesson) -> Times:
    """Do all that one learner does. Raises RuntimeError where something is not as it should be."""
    begin = time.monotonic()
    path = f"my_notebooks/{lesson.path.name}"
    async with new_browser(address, name) as browser:
        await browser.log_in(PASSWORD)
        await browser.wait_for_server()
        server = time.monotonic()
        await browser.open_lab(path)
        notebook = await browser.ask("GET", f"contents/{path}")
        async with browser.kernel(path) as kernel:
            first, *others = lesson.code
            await _run(kernel, first)
            first_cell = time.monotonic()
            for cell in others:
                await _run(kernel, cell)
            await _solve(kernel, lesson)
        await _save(browser, path, notebook)
    return Times(server - begin, first_cell - begin, time.monotonic() - begin)


async def _run(kernel: Kernel, cell: Cell) -> None:
    shown = _shown(await kernel.run(cell.source))
    if UNCOMPARED not in cell.tags and (fresh := _text(shown)) != (saved := _saved_text(cell)):
        raise RuntimeError(f"{cell.id} showed {fresh!r}, and not {saved!r}")


async def _solve(kernel: Kernel, lesson: Lesson) -> None:
    """Write the solution of the first exercise as an own answer, and have it checked."""
    solution = next(cell for cell in lesson.code if cell.id.endswith("-x1-solution"))
    shown = _text(_shown(await kernel.run(solution.source.replace(", record=False", ""))))
    if "Passed" not in shown:
        raise RuntimeError(f"the exercise was not passed: {shown}")


async def _save(browser: Browser, path: str, notebook: dict[str, Any]) -> None:
    await browser.ask("PUT", f"contents/{path}", notebook | {"name": path})


def _shown(messages: list[Message]) -> list[NotebookNode]:
    outputs = [message for message in messages if message["msg_type"] in SHOWING]
    return saved_outputs(output_from_msg(message) for message in outputs)


def _text(outputs: list[NotebookNode]) -> str:
    return "\n".join(
        output.get("text")
        or output.get("data", {}).get("text/plain", "")
        or output.get("evalue", "")
        for output in outputs
    )


def _saved_text(cell: Cell) -> str:
    return "\n".join(output.text for output in cell.outputs)
