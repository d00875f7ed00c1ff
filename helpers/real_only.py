"""Run what needs a real server, or show what one answered where there is none."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.exceptions import ResponseError

from .broker import broker

TRANSCRIPTS = Path(__file__).parent / "transcripts"

ABSENT = ("unknown command", "needs a real server")

Lines = list[str]


async def real_only(
    name: str, run: Callable[[], Awaitable[Lines]], command: tuple[str, ...] = ()
) -> None:
    """Print the lines that `run` returns, or those recorded when it ran on a real server.

    With `command`, it runs where the broker knows that command: it is tried, on a key that does not
    exist. Without, it runs on a server that the course itself started, which it may configure.
    COURSE_RECORD=1 writes down what was printed. Raises FileNotFoundError for an unknown `name`.
    """
    transcript = TRANSCRIPTS / f"{name}.txt"
    if await _can_run(command):
        lines = await run()
        if os.environ.get("COURSE_RECORD"):
            transcript.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        lines = transcript.read_text(encoding="utf-8").splitlines()
    print("\n".join(lines))


async def _can_run(command: tuple[str, ...]) -> bool:
    if not command:
        return broker().kind == "server"
    async with broker().side_client() as asker:
        try:
            await asker.execute_command(*command)
        except ResponseError as error:
            return not any(
                sign in str(error) for sign in ("unknown command", "needs a real server")
            )
        return True
