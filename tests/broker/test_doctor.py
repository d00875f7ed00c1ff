"""The doctor tries what it reports, on each kind of broker, and leaves no trace."""

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from helpers import broker
from helpers.broker.clients import blocking_client
from helpers.broker.servers import Server, start_server
from helpers.doctor import LESSONS, Diagnosis

from ..real_servers import each_server, free_port, is_at_least

doctor = importlib.import_module("helpers.doctor")  # `helpers.doctor` may name the function

Fault = Callable[[Server, Path], None]
NEEDS_REAL = "needs a real server: set COURSE_BROKER=server"


@pytest.fixture(autouse=True)
def broker_ends() -> Iterator[None]:
    yield
    broker.close()


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "embedded")


def answers(diagnosis: Diagnosis) -> dict[str, str]:
    return dict(diagnosis.lines)


def test_the_embedded_broker_carries_every_lesson(embedded: None) -> None:
    diagnosis = doctor.doctor()
    assert diagnosis.fit
    told = answers(diagnosis)
    assert told["broker"] == "Redis 8.2 (fakeredis 2.41.0), inside this notebook"
    assert told["XACKDEL (Redis 8.2)"] == "works"
    assert told["settings, buffer limits"] == told["MONITOR"] == NEEDS_REAL
    with broker.broker().blocking_client() as side:
        assert side.keys("*") == []


@each_server()
def test_a_real_server_does_what_it_can(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "server")
    monkeypatch.setenv("COURSE_SERVER", str(program))
    diagnosis = doctor.doctor()
    told = answers(diagnosis)
    version = broker.broker().version
    assert diagnosis.fit
    assert told["settings, buffer limits"] == told["MONITOR"] == "works"
    assert told["a private real server"] == f"works, {version}"
    assert told["data that outlives a crash"] == f"works, {version}"
    new = is_at_least(version, "Redis 8.2")
    assert told["XACKDEL (Redis 8.2)"] == ("works" if new else "not on this server")
    with broker.broker().blocking_client() as side:
        assert side.keys("*") == []


@pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")
def test_somebodys_server_is_asked_only_what_the_guard_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = start_server(password="")
    monkeypatch.setenv("COURSE_BROKER", server.url)
    diagnosis = doctor.doctor()
    told = answers(diagnosis)
    assert diagnosis.fit
    assert told["MONITOR"] == told["settings, buffer limits"]
    assert (
        told["MONITOR"] == "not tried on a server that is not yours alone: set COURSE_BROKER=server"
    )
    broker.close()
    with redis.Redis.from_url(server.url) as theirs:
        assert theirs.keys("*") == []
    server.stop()


def test_a_broker_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "embeded")
    diagnosis = doctor.doctor()
    assert not diagnosis.fit
    assert answers(diagnosis)["broker"].startswith("COURSE_BROKER is neither embedded")


def test_a_missing_real_server_is_told(embedded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_SERVER", "no-such-program")
    told = answers(doctor.doctor())
    assert told["a private real server"].startswith("not here: ")
    assert told["data that outlives a crash"].startswith("not here: ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "gives a wrong answer"),
        (redis.ResponseError("unknown command 'X'"), "not on this server"),
        (KeyError("answer"), "fails: 'answer'"),
        (redis.ConnectionError("Connection closed by server."), "fails: Connection closed"),
    ],
)
def test_what_does_not_work_is_not_called_working(
    embedded: None, monkeypatch: pytest.MonkeyPatch, error: Exception | None, said: str
) -> None:
    def trial(_: redis.Redis) -> bool:
        if error:
            raise error
        return False

    monkeypatch.setitem(LESSONS, "consumer groups", trial)
    diagnosis = doctor.doctor()
    assert not diagnosis.fit
    assert answers(diagnosis)["consumer groups"].startswith(said)


@pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")
@pytest.mark.parametrize("what", list(doctor.PRIVATE))
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda server, folder: server.stop(), "fails: "),  # what follows meets a dead server
        (lambda server, folder: raise_(OSError(28, "No space left on device")), "fails: "),
        (lambda server, folder: raise_(redis.ConnectionError()), "fails: ConnectionError"),
    ],
    ids=["dead server", "full disk", "no words"],
)
def test_a_private_server_that_fails_is_told_in_one_line(
    embedded: None, monkeypatch: pytest.MonkeyPatch, what: str, fault: Fault, said: str
) -> None:
    trial = doctor.PRIVATE[what]

    def broken(server: Server, folder: Path) -> bool:
        fault(server, folder)
        return trial(server, folder)

    monkeypatch.setitem(doctor.PRIVATE, what, broken)
    told = answers(doctor.doctor())[what]
    assert told.startswith(said) and "\n" not in told


def raise_(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("trial", [*LESSONS.values(), *doctor.SOMETIMES.values()])
def test_a_trial_on_a_dead_server_is_told_in_one_line(trial: doctor.Trial) -> None:
    with blocking_client({"host": "127.0.0.1", "port": free_port()}) as nobody:
        told = doctor._try(trial, nobody)
    assert told.startswith("fails: ") and "\n" not in told


@pytest.mark.parametrize("what", list(LESSONS))
def test_every_trial_fails_on_a_broker_that_forgets(
    embedded: None, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    class Forgetful(redis.Redis):
        def execute_command(self, *args: object, **options: object) -> object:
            reply = super().execute_command(*args, **options)
            return "?" if reply in (None, [], 1, 0) or isinstance(reply, tuple | list) else reply

    with broker.broker().blocking_client() as side:
        liar = Forgetful(connection_pool=side.connection_pool)
        assert doctor._try(LESSONS[what], liar) != "works"


def test_another_version_than_the_checked_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: ["redis==7.9.9", "x"])
    said = doctor._version("redis")
    assert said.endswith(", but the lessons were checked with 7.9.9: install that version")
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: [f"redis=={redis.__version__}"])
    assert doctor._version("redis") == redis.__version__


def test_it_is_shown_one_line_each() -> None:
    diagnosis = Diagnosis((("broker", "<none>"), ("MONITOR", "works")))
    assert repr(diagnosis) == "broker   <none>\nMONITOR  works"
    table = diagnosis._repr_html_()
    assert "&lt;none&gt;" in table
    assert table.count("<td") == table.count("text-align:left") == 4  # JupyterLab's are right
    assert 'href="../docs/what-the-embedded-broker-cannot-do.md"' in table
