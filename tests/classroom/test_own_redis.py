"""The Redis that the page on the class as a stream starts: each may do its part, and no more."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.broker import servers
from helpers.classroom.address import ClassAddress, read_class_address
from helpers.classroom.outbox import Outbox
from helpers.classroom.reader import REFUSED, Reader
from tests.real_servers import each_server, free_port

from ..waiting import until
from .kit import Board, answer, read_until, sending

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/the-class-as-a-stream.md").read_text(encoding="utf-8")
PORT = "6390"

pytestmark = each_server()


def command_of_the_page(program: Path, folder: Path, port: int) -> list[str]:
    """Return the command of the page, with another port, and a folder that goes."""
    [block] = re.findall(r"^redis-server (.*?)\n```", PAGE, re.M | re.S)
    told = block.replace("\\\n", " ").replace("my_class/redis", str(folder))
    return [str(program), *shlex.split(told.replace(PORT, str(port)))]


def address_of(user: str, port: int) -> ClassAddress:
    [url] = re.findall(rf"COURSE_CLASS=(redis://{user}:\S+?{PORT})`", PAGE)
    return read_class_address(url.replace(PORT, str(port)))


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    """Run a server that ends with the block, or with this process."""
    keeper = servers._launch("", "", "sh", "-c", f"exec {shlex.join(command)}")
    log = servers._Log(keeper)
    try:
        assert log.ready.wait(30) and log.is_up, log.last_line()
        yield
    finally:
        servers._end(keeper)


async def test_each_does_its_part_and_no_more_also_after_a_restart(
    program: Path, tmp_path: Path
) -> None:
    outbox, port = Outbox(tmp_path / "outbox"), free_port()
    learner, board = address_of("learner", port), address_of("board", port)
    for starts in (1, 2):
        with running(command_of_the_page(program, tmp_path, port)):
            async with sending(learner, outbox) as sender:
                outbox.put(answer(str(starts)))
                sender.wake()
                await until(lambda: not outbox.waiting(), "the answer to leave the outbox")
            reader = Reader(board, shown := Board())
            await read_until(reader, shown, starts)
            await reader.close()
            curious = Reader(learner, Board())
            assert (await anext(curious.rounds())).trouble == REFUSED
            await curious.close()
