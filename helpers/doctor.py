"""What works in this notebook, each line tried and none assumed."""

import html
import platform
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import redis

from . import broker
from .broker.servers import NoServer, Server, kept_folder, start_server
from .errors import REAL_SERVER, CourseError

PROJECT = "redis-message-broker-course"
SCRATCH = "redis-course:doctor"
WORKS = "works"
NEEDS_REAL = f"needs a real server: {REAL_SERVER}"
LEFT = '<td style="text-align:left">'
MORE = "docs/what-the-embedded-broker-cannot-do.md"

Trial = Callable[[redis.Redis], bool]


@dataclass(frozen=True)
class Diagnosis:
    """What was tried, and what came out; shown as one line each."""

    lines: tuple[tuple[str, str], ...]

    @property
    def fit(self) -> bool:
        """Tell whether all that every lesson needs works here."""
        answers = dict(self.lines)
        return all(answers.get(what) == WORKS for what in LESSONS)

    def __repr__(self) -> str:
        width = max(len(what) for what, _ in self.lines)
        return "\n".join(f"{what:{width}}  {answer}" for what, answer in self.lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{LEFT}{html.escape(what)}</td>{LEFT}{html.escape(answer)}</td></tr>"
            for what, answer in self.lines
        )
        link = MORE.partition("/")[2].removesuffix(".md").replace("-", " ")
        return f'<table>{rows}</table><a href="../{MORE}">{link}</a>'


def doctor() -> Diagnosis:
    """Try what the lessons need, and tell for each whether it works here.

    Takes about a third of a second. On somebody's server only what the guard allows is tried.
    """
    lines = [
        ("Python", platform.python_version()),
        ("redis-py", _version("redis")),
        ("fakeredis", _version("fakeredis")),
    ]
    try:
        chosen = broker.broker()
    except CourseError as problem:
        return Diagnosis((("broker", str(problem)), *lines))
    where = chosen.url or "inside this notebook"
    with chosen.blocking_client() as side:
        trials = LESSONS | SOMETIMES
        tried = [(what, _try(trial, side)) for what, trial in trials.items()]
    private = [(what, _try_server(trial)) for what, trial in PRIVATE.items()]
    return Diagnosis((("broker", f"{chosen.version}, {where}"), *lines, *tried, *private))


def _version(package: str) -> str:
    found, wanted = metadata.version(package), _pin(package)
    if wanted in ("", found):
        return found
    return f"{found}, but the lessons were checked with {wanted}: install that version"


def _pin(package: str) -> str:
    with suppress(metadata.PackageNotFoundError):  # not installed: only its folder is on the path
        for requirement in metadata.requires(PROJECT) or ():
            if pinned := re.match(rf"{package}==([\w.]+)", requirement):
                return pinned[1]
    return ""


def _try(trial: Trial, side: redis.Redis) -> str:
    try:
        return WORKS if trial(side) else "gives a wrong answer"
    except CourseError:
        return "not tried on a server that is not yours alone: set COURSE_BROKER=server"
    except Exception as error:  # whatever it is, the other lines are wanted too
        return _why(error)
    finally:
        with suppress(redis.RedisError):  # a server that is gone holds nothing
            side.delete(SCRATCH)


def _why(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    if "needs a real server" in said:
        return NEEDS_REAL
    return "not on this server" if "unknown command" in said else f"fails: {said}"


def _hears(side: redis.Redis) -> bool:
    with side.pubsub() as subscriber:
        subscriber.subscribe(SCRATCH)
        subscriber.get_message(timeout=5)
        return side.publish(SCRATCH, "hello") == 1


def _hands_out(side: redis.Redis) -> bool:
    side.rpush(SCRATCH, "job")
    return side.blpop(SCRATCH, timeout=5) == (SCRATCH, "job")


def _waits(side: redis.Redis) -> bool:
    return side.blpop(SCRATCH, timeout=0.01) is None


def _keeps(side: redis.Redis) -> bool:
    side.xadd(SCRATCH, {"type": "order"}, id="1-1")
    return side.xrange(SCRATCH) == [("1-1", {"type": "order"})]


def _shares(side: redis.Redis) -> bool:
    side.xgroup_create(SCRATCH, "doctors", id="0", mkstream=True)
    side.xadd(SCRATCH, {"type": "order"}, id="1-1")
    side.xreadgroup("doctors", "ann", {SCRATCH: ">"})
    return side.xack(SCRATCH, "doctors", "1-1") == 1


def _knows_shards(side: redis.Redis) -> bool:
    return side.execute_command("SPUBLISH", SCRATCH, "hello") == 0


def _acknowledges_and_deletes(side: redis.Redis) -> bool:
    return side.execute_command("XACKDEL", SCRATCH, "doctors", "IDS", 1, "1-1") == [-1]


def _can_be_set(side: redis.Redis) -> bool:
    name = "client-output-buffer-limit"
    now = side.config_get(name).get(name) or "normal 0 0 0"
    return side.config_set(name, now)


def _can_be_watched(side: redis.Redis) -> bool:
    with side.monitor():
        return True


def _starts(server: Server, _: Path) -> bool:
    with redis.Redis(**server.options) as client:
        return client.ping()


def _remembers(server: Server, folder: Path) -> bool:
    with redis.Redis(**server.options) as client:
        client.set(SCRATCH, "kept")
    server.stop()
    again = start_server(folder=folder, appendonly="yes")
    with redis.Redis(**again.options) as client:
        kept = client.get(SCRATCH) == b"kept"
    again.stop()
    return kept


def _try_server(trial: Callable[[Server, Path], bool]) -> str:
    try:
        with kept_folder() as folder:
            server = start_server(folder=folder, appendonly="yes", appendfsync="always")
            worked = trial(server, folder)
            server.stop()
    except NoServer as why:
        return f"not here: {why}"
    except Exception as error:  # such as a disk that is full
        return _why(error)
    return f"{WORKS}, {server.version}" if worked else "gives a wrong answer"


LESSONS: dict[str, Trial] = {
    "publish and subscribe": _hears,
    "queues on lists": _hands_out,
    "waiting for a job": _waits,
    "history in streams": _keeps,
    "consumer groups": _shares,
    "sharded publish (Redis 7.0)": _knows_shards,
}
SOMETIMES: dict[str, Trial] = {
    "XACKDEL (Redis 8.2)": _acknowledges_and_deletes,
    "settings, buffer limits": _can_be_set,
    "MONITOR": _can_be_watched,
}
PRIVATE: dict[str, Callable[[Server, Path], bool]] = {
    "a private real server": _starts,
    "data that outlives a crash": _remembers,
}
