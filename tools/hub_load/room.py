"""A hub that is started for a measurement, on loopback, in a folder that goes with it."""

import asyncio
import os
import random
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import aiohttp

from publish.unattended import UNATTENDED

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "classroom/jupyterhub_config.py"
PASSWORD = "thirty-in-a-room"
PATIENCE = 60.0  # seconds, for a hub to start or to end
HOST = "127.0.0.1"
PORTS = range(8100, 10_000)
TIED = ("setpriv", "--pdeathsig", "TERM")  # the hub ends with the measurement, however that ends


@dataclass(frozen=True)
class Room:
    """A hub that runs: its address, and the folder where all that belongs to it lies."""

    address: str
    folder: Path
    process: asyncio.subprocess.Process


@asynccontextmanager
async def opened_room(settings: dict[str, str]) -> AsyncIterator[Room]:
    """Start a hub as `make hub` does, and end it. Raises RuntimeError with the end of its log."""
    with tempfile.TemporaryDirectory(prefix="hub-load-") as name:
        folder = Path(name)
        public, hub, proxy = _free_ports(3)
        with (folder / "hub.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *TIED,
                *(sys.executable, "-m", "jupyterhub", "-f", str(CONFIG), f"--port={public}"),
                f"--JupyterHub.hub_port={hub}",
                f"--ConfigurableHTTPProxy.api_url=http://{HOST}:{proxy}",
                env=os.environ | settings | _own(folder),
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                cwd=ROOT,
            )
        room = Room(f"http://{HOST}:{public}", folder, process)
        try:
            await _answering(room)
            yield room
        finally:
            await _ended(process)


def _own(folder: Path) -> dict[str, str]:
    return UNATTENDED | {
        "COURSE_FOLDER": str(folder),
        "COURSE_PASSWORD": PASSWORD,
        "TMPDIR": str(folder),
    }


def _free_ports(count: int) -> list[int]:
    """Choose ports that the system hands out to nobody, so that they are still free in a second."""
    free = (port for port in random.sample(PORTS, len(PORTS)) if _is_free(port))
    return [*islice(free, count)]


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) != 0


async def _answering(room: Room) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            if room.process.returncode is not None:
                raise RuntimeError(f"the hub has ended:\n{end_of_log(room.folder)}")
            with suppress(aiohttp.ClientError):
                async with session.get(f"{room.address}/hub/health") as reply:
                    if reply.status == 200:
                        return
            await asyncio.sleep(0.1)  # another process starts, and sends no word


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ask a hub to end, with all that it started."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def end_of_log(folder: Path, lines: int = 20) -> str:
    """Return the last lines that a hub wrote."""
    return "\n".join((folder / "hub.log").read_text(errors="replace").splitlines()[-lines:])
