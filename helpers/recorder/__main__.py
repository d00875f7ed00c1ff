"""Record from a shell: print what passes as text, and write a picture at the end.

Usage: python -m helpers.recorder redis://127.0.0.1:6379 [--port N] [--picture FILE.svg]
Give programs the address that it prints. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import CourseError
from ..picture import Flow
from ..picture.rows import parts_of
from ..picture.text import write
from ..record import Unseen, tell
from .recorder import checked
from .relay import Relay

IN_SHELL = "--other-machine"
PAUSE = 0.05  # seconds between prints, which hold up what passes
ENDS = (signal.SIGINT, signal.SIGTERM)


async def listen(given: argparse.Namespace) -> Relay:
    """Record until a signal comes, and print each command as its reply passes."""
    passed, over = asyncio.Event(), asyncio.Event()
    relay = Relay(checked(given.upstream, given.other_machine, IN_SHELL), passed.set)
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


def writable(path: Path) -> None:
    """Look whether a picture can be written, before anything passes that it would show.

    Raises CourseError. A file that was not there is not there afterwards.
    """
    is_new = not path.exists()
    _told_in_a_sentence(path, lambda: path.open("a").close())
    if is_new:
        path.unlink()


def save(relay: Relay, path: Path) -> None:
    """Write the picture of all that has passed; raises CourseError."""
    flow = Flow(tell(relay.record), relay.record.clients)
    picture = flow._repr_mimebundle_()["image/svg+xml"]
    _told_in_a_sentence(path, lambda: path.write_text(picture, encoding="utf-8"))


def _told_in_a_sentence(path: Path, what: Callable[[], object]) -> None:
    try:
        what()
    except OSError as error:
        raise CourseError(
            f"The picture cannot be written to {path} ({error.strerror}): name another file."
        ) from None


def main(arguments: list[str] | None = None) -> int:
    """Record, and answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m helpers.recorder")
    parser.add_argument("upstream", help="the server's address, such as redis://127.0.0.1:6379")
    parser.add_argument("--port", type=int, default=0, help="of loopback, where programs connect")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="written at the end")
    parser.add_argument(
        IN_SHELL, action="store_true", help="the server is elsewhere, and that is meant"
    )
    given = parser.parse_args(arguments)
    try:
        if given.picture:
            writable(given.picture)
        relay = asyncio.run(listen(given))
        if given.picture:
            save(relay, given.picture)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before it listened: nothing has passed
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
