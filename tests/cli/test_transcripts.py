"""Our terminal prints what redis-cli printed, reply by reply, on every broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import broker
from helpers.broker import Broker, choice
from helpers.broker.servers import Server, start_server
from helpers.cli import Terminal
from helpers.waiting import until_blocked
from tests.cli_transcripts.redis_cli import record, redis_cli_version
from tests.cli_transcripts.transcript import (
    REAL,
    RECORDED_ON,
    Step,
    masked,
    read_steps,
    transcripts,
)
from tests.real_servers import found_servers
from tests.waiting import until

NO_ARGUMENTS = ", with args beginning with: \n"
ALL = [pytest.param(path, id=path.stem) for path in transcripts()]
EVERYWHERE = [pytest.param(path, id=path.stem) for path in transcripts() if REAL not in path.stem]
SERVERS = {name: program for name, program in found_servers().items()}
AS_RECORDED = {name: SERVERS[name] for name in SERVERS if name.startswith(RECORDED_ON)}
OTHERS = {name: SERVERS[name] for name in SERVERS if name not in AS_RECORDED}


class Player:
    """Do the steps of a transcript at our terminals."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._terminals: dict[str, Terminal] = {}
        self._typing: dict[str, asyncio.Task[str]] = {}

    async def play(self, steps: list[Step]) -> list[Step]:
        for who, protocol in {step.who: step.protocol for step in steps}.items():
            self._terminals[who] = Terminal(who, protocol=protocol)
        await next(iter(self._terminals.values())).type("FLUSHALL")
        try:
            return [await self._step(step) for step in steps]
        finally:
            for terminal in self._terminals.values():
                await terminal.close()

    async def _step(self, step: Step) -> Step:
        terminal = self._terminals[step.who]
        prompt = masked(terminal.prompt, self._port) if step.kind in "|~" else ""
        printed = await self._printed(step, terminal)
        return Step(step.who, step.kind, prompt, step.line, masked(printed, self._port))

    async def _printed(self, step: Step, terminal: Terminal) -> str:
        if step.kind == "^":
            await terminal.interrupt()
            await self._until_gone(step.who)
            return ""
        if step.kind == "~":
            self._typing[step.who] = asyncio.create_task(terminal.type(step.line))
            await until_blocked(terminal)
            return ""
        if step.kind == "<":
            waiting = self._typing.pop(step.who, None)
            return await (asyncio.wait_for(waiting, 5) if waiting else terminal.arrived())
        return await terminal.type(step.line)

    async def _until_gone(self, who: str) -> None:
        """Wait for the broker to notice: a server sees a closed connection a little later."""
        async with broker.broker().side_client() as side:

            async def is_gone() -> bool:
                return who not in {client["name"] for client in await side.client_list()}

            await until(is_gone, f"{who} to be gone")


def use(server: Server | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """Make `server`, or else a new embedded broker, that of the notebook; return its port."""
    where = {"host": "127.0.0.1", "port": server.port if server else 6379}
    chosen = (
        Broker("server", server.url, server.version, where, where, lambda: None)
        if server
        else choice._embedded()
    )
    monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
    return where["port"]


def text(steps: list[Step]) -> str:
    return "".join(map(str, steps))


def as_said_by(server: Server | None, recorded: str) -> str:
    """Word a recording as this server does: 8.6 names no arguments where there are none."""
    newest = server is not None and server.version.startswith("Redis 8.6")
    return recorded.replace(NO_ARGUMENTS, "\n") if newest else recorded


@pytest.fixture(scope="module", params=AS_RECORDED.values(), ids=list(AS_RECORDED))
def recorded_on(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = start_server(request.param, password="", enable_debug_command="yes")
    yield server
    server.stop()


@pytest.fixture(scope="module", params=[None, *OTHERS.values()], ids=["embedded", *OTHERS])
def another(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    server = start_server(request.param, password="") if request.param else None
    yield server
    if server:
        server.stop()


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_other_brokers(
    path: Path, another: Server | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = path.read_text("utf-8")
    played = text(await Player(use(another, monkeypatch)).play(read_steps(recorded)))
    assert played == as_said_by(another, recorded)


@pytest.mark.parametrize("path", ALL)
async def test_the_server_of_the_recording(
    path: Path, recorded_on: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = path.read_text("utf-8")
    assert text(await Player(use(recorded_on, monkeypatch)).play(read_steps(recorded))) == recorded


@pytest.mark.parametrize("path", ALL)
def test_the_recording_is_current(path: Path, recorded_on: Server) -> None:
    if f"Redis {redis_cli_version()}" != recorded_on.version:
        pytest.skip("no redis-cli of the version of the recording is here")
    recorded = path.read_text("utf-8")
    assert text(record(read_steps(recorded), recorded_on.port, compare=True)) == recorded


def test_enough_lines_are_compared() -> None:
    steps = [step for path in transcripts() for step in read_steps(path.read_text("utf-8"))]
    assert sum(step.kind in "|~" for step in steps) >= 600
    assert sum(step.kind in "|~" for step in steps if step.protocol == 3) >= 60
