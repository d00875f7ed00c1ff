"""Run what needs a real server, or show what one answered where there is none."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.exceptions import ResponseError

from .broker import broker
from .kernel import running_shell, show_beside

TRANSCRIPTS = Path(__file__).parent / "transcripts"

ABSENT = ("unknown command", "unknown subcommand", "needs a real server")

RECORDED = (
    "Recorded on a real server: this notebook has none, or lacks what the cell needs, so it shows "
    "the same whatever you change in it."
)

Lines = list[str]


def nothing_more() -> bool:
    """Tell that what runs needs nothing but the server."""
    return True


async def real_only(
    name: str,
    run: Callable[[], Awaitable[Lines]],
    command: tuple[str, ...] = (),
    needs: Callable[[], bool] = nothing_more,
) -> None:
    """Print the lines that `run` returns, or those recorded when it ran on a real server.

    With `command`, it runs where the broker knows that command: it is tried, on a key that does not
    exist. Without, it runs on a server that the course itself started, which it may configure.
    `needs` tells whether the rest is on this machine, such as a library of other people.
    COURSE_RECORD=1 writes down what a real server of the course answered. Raises FileNotFoundError
    when nothing was written down under this name.
    """
    transcript = TRANSCRIPTS / f"{name}.txt"
    recording = bool(os.environ.get("COURSE_RECORD")) and broker().kind == "server"
    runs = await _can_run(command) and needs()
    if not (transcript.exists() or (recording and runs)):
        raise FileNotFoundError(
            f"There is no transcript {name!r}: record it with python -m publish.record_transcripts."
        )
    if not runs:
        print(transcript.read_text(encoding="utf-8").rstrip("\n"))
        if running_shell():
            show_beside(RECORDED)
        return
    lines = "\n".join(await run())
    if recording:
        transcript.write_text(f"{lines}\n", encoding="utf-8")
    print(lines)


async def _can_run(command: tuple[str, ...]) -> bool:
    if not command:
        return broker().kind == "server"
    async with broker().side_client() as asker:
        try:
            await asker.execute_command(*command)
        except ResponseError as error:
            return not any(sign in str(error) for sign in ABSENT)
        return True
