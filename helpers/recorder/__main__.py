"""Record from a shell: print what passes as text, and write a picture at the end.

Usage: python -m helpers.recorder redis://127.0.0.1:6379 [--port N] [--picture FILE.svg]
Give programs the address that it prints. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ..errors import CourseError
from ..picture import Flow
from ..picture.rows import parts_of
from ..picture.text import write
from ..record import Unseen, tell
from .recorder import checked
from .relay import Relay

PAUSE = 0.05  # seconds between prints, which hold up what passes
ENDS = (signal.SIGINT, signal.SIGTERM)


async def listen(given: argparse.Namespace) -> Relay:
    """Record until a signal comes, and print each command as its reply passes."""
    passed, over = asyncio.Event(), asyncio.Event()
    relay = Relay(checked(given.upstream, given.other_machine), passed.set)
    await relay.start(given.port)

    def end() -> None:
        over.set()
        passed.set()

    for number in ENDS:
        asyncio.get_running_loop().add_signal_handler(number, end)
    print(f"redis://127.0.0.1:{relay.port} passes on to {relay.upstream}", flush=True)
    unseen = Unseen(relay.record)
    while not over.is_set():
        await passed.wait()
        passed.clear()
        show(unseen)
        with suppress(TimeoutError):  # many at once cost little more than one
            await asyncio.wait_for(over.wait(), PAUSE)
    await relay.stop()
    show(unseen)
    return relay


def show(unseen: Unseen) -> None:
    """Print what is new."""
    steps, earlier = unseen.since_last()
    if steps:
        print(write([row for part in parts_of(steps, earlier) for row in part.rows()]), flush=True)


def save(relay: Relay, path: Path) -> None:
    """Write the picture of all that has passed."""
    flow = Flow(tell(relay.record), relay.record.clients)
    path.write_text(flow._repr_mimebundle_()["image/svg+xml"], encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Record, and answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m helpers.recorder")
    parser.add_argument("upstream", help="the server's address, such as redis://127.0.0.1:6379")
    parser.add_argument("--port", type=int, default=0, help="of loopback, where programs connect")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="written at the end")
    parser.add_argument(
        "--other-machine", action="store_true", help="the server is elsewhere, and that is meant"
    )
    given = parser.parse_args(arguments)
    try:
        relay = asyncio.run(listen(given))
        if given.picture:
            save(relay, given.picture)
    except (CourseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
