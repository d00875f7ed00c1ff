"""The real redis-cli on a pseudo-terminal, typed into step by step."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import replace

import redis

from tests.real_servers import until

from .transcript import Step, masked

DEADLINE = 10.0  # seconds
QUIET = 0.5  # seconds after which nothing more is expected, when recording anew
PROMPT = re.compile(r"(not connected> |127\.0\.0\.1:6379\S*> )\Z")
LISTENS = re.compile(r"[PS]?SUBSCRIBE \w")
SURROUNDINGS = {"TERM": "dumb", "LC_ALL": "C", "REDISCLI_HISTFILE": os.devnull}


def redis_cli_version() -> str:
    """Tell the version of the redis-cli of this machine; empty where there is none."""
    program = shutil.which("redis-cli")
    if not program:
        return ""
    return subprocess.check_output([program, "--version"], text=True, timeout=DEADLINE).split()[1]


class RedisCli:
    """One redis-cli, in a terminal without colours."""

    def __init__(self, port: int, protocol: int) -> None:
        self._port = port
        self._screen, terminal = _quiet_terminal()
        command = ["redis-cli", "-p", str(port), *(["-3"] if protocol == 3 else [])]
        self._process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=os.environ | SURROUNDINGS,
        )
        os.close(terminal)
        self._bytes = b""
        self.prompt = ""
        self.listens = False
        self.read(None)

    def type(self, line: str) -> None:
        os.write(self._screen, line.encode() + b"\n")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def read(self, expected: str | None) -> str:
        """Return what is printed until the prompt.

        A redis-cli that listens has none: then what was `expected`, or else silence, is the end.
        """
        give_up = time.monotonic() + DEADLINE
        while (left := give_up - time.monotonic()) > 0:
            text = masked(self._bytes.decode(), self._port)
            prompt = PROMPT.search(text)
            if prompt or (self.listens and text == f"{expected}\n"):
                break
            if not self._more(left if expected is not None else QUIET) and self.listens:
                break
        self.prompt, self._bytes = (prompt[0] if prompt else ""), b""
        return text.removesuffix(self.prompt).removesuffix("\n")

    def _more(self, seconds: float) -> bool:
        if not select.select([self._screen], [], [], seconds)[0]:
            return False
        self._bytes += os.read(self._screen, 65536)
        return True

    def close(self) -> None:
        self._process.kill()
        self._process.wait(DEADLINE)
        os.close(self._screen)


def _quiet_terminal() -> tuple[int, int]:
    """Open a pseudo-terminal that neither echoes what is typed nor changes line breaks."""
    import pty
    import termios

    screen, terminal = pty.openpty()
    settings = termios.tcgetattr(terminal)
    settings[1] &= ~termios.OPOST
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
    return screen, terminal


def record(steps: list[Step], port: int, *, compare: bool) -> list[Step]:
    """Do the steps in real redis-clis; `compare` stops reading at what was printed before."""
    with redis.Redis(port=port) as side:
        side.flushall()
    with ExitStack() as leaving:
        clis: dict[str, RedisCli] = {}
        for step in steps:
            if step.who not in clis:
                clis[step.who] = RedisCli(port, step.protocol)
                leaving.callback(clis[step.who].close)
        return [_done(clis[s.who], s, port, s.printed if compare else None) for s in steps]


def _done(cli: RedisCli, step: Step, port: int, expected: str | None) -> Step:
    prompt = cli.prompt if step.kind in "|~" else ""
    if step.kind == "^":
        cli.interrupt()
        cli.listens = False
    elif step.kind != "<":
        cli.type(step.line)
    if step.kind == "~":
        until(lambda: _clients(port, "b"), f"{step.line} to block")
        return replace(step, prompt=prompt, printed="")
    if LISTENS.match(step.line):
        cli.listens = True
    printed = cli.read(expected)
    if step.kind == "^":
        until(lambda: not _clients(port, "P"), "the subscriber to be gone")
    return replace(step, prompt=prompt, printed=printed)


def _clients(port: int, flag: str) -> int:
    """Count clients with a flag, by one that is gone before the next step counts or kills some."""
    with redis.Redis(port=port) as side:
        return sum(flag in client["flags"] for client in side.client_list())
