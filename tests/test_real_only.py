"""What needs a real server runs where it can, and shows what one answered elsewhere."""

from importlib import import_module
from pathlib import Path

import pytest
import redis

from helpers import broker, real_only
from helpers.broker.servers import Server, start_server
from helpers.real_only import RECORDED, TRANSCRIPTS
from publish.saved_form import saved_outputs

from .kernel.live_kernel import live_kernel
from .real_servers import each_server, missing_servers
from .stage import EMBEDDED, EVERY_ENGINE, REAL, Stage, staged

embedded = staged(EMBEDDED)
real = staged(REAL or {"none": None})
everywhere = staged(EVERY_ENGINE)

KNOWN = ("XLEN", "no-such-key")
UNKNOWN = ("XNOSUCHCOMMAND", "no-such-key")
needs_a_server = pytest.mark.skipif(not REAL, reason="; ".join(missing_servers().values()))


@pytest.fixture(autouse=True)
def transcripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # `helpers.real_only` is the function, which hides the module that it comes from.
    monkeypatch.setattr(import_module("helpers.real_only"), "TRANSCRIPTS", tmp_path)
    (tmp_path / "01-test.txt").write_text("written down\nearlier\n", encoding="utf-8")
    return tmp_path


async def run() -> list[str]:
    return ["ran", "now: 주문"]


RAN, WRITTEN = "ran\nnow: 주문\n", "written down\nearlier\n"


async def test_without_a_command_the_embedded_broker_shows_the_transcript(
    embedded: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await real_only("01-test", run)
    assert capsys.readouterr().out == WRITTEN


@needs_a_server
async def test_without_a_command_a_server_of_the_course_runs_it(
    real: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await real_only("01-test", run)
    assert capsys.readouterr().out == RAN


async def test_with_a_command_it_runs_where_that_is_known(
    everywhere: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await real_only("01-test", run, command=KNOWN)
    await real_only("01-test", run, command=UNKNOWN)
    await real_only("01-test", run, command=("XINFO", "NOSUCHSUBCOMMAND"))
    await real_only("01-test", run, command=("XLEN", "wrong", "arguments"))
    assert capsys.readouterr().out == RAN + WRITTEN + WRITTEN + RAN


async def test_it_runs_only_where_all_is_there_that_it_needs(
    everywhere: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await real_only("01-test", run, command=KNOWN, needs=lambda: True)
    await real_only("01-test", run, command=KNOWN, needs=lambda: False)
    await real_only("01-test", run, command=UNKNOWN, needs=lambda: True)
    assert capsys.readouterr().out == RAN + WRITTEN + WRITTEN


async def test_what_the_embedded_broker_has_not_is_shown(
    embedded: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await real_only("01-test", run, command=("DEBUG", "SLEEP", "0"))
    assert capsys.readouterr().out == WRITTEN


@needs_a_server
async def test_recording_writes_down_what_was_printed(
    real: Stage,
    transcripts: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COURSE_RECORD", "1")
    await real_only("01-test", run)
    await real_only("02-new", run)
    assert capsys.readouterr().out == RAN * 2
    for name in ("01-test", "02-new"):
        assert (transcripts / f"{name}.txt").read_bytes() == RAN.encode()


async def test_only_real_servers_are_recorded(
    embedded: Stage, transcripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_RECORD", "1")
    await real_only("01-test", run, command=KNOWN)
    assert (transcripts / "01-test.txt").read_text(encoding="utf-8") == WRITTEN


@needs_a_server
async def test_what_cannot_run_is_not_recorded(
    real: Stage, transcripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_RECORD", "1")
    await real_only("01-test", run, needs=lambda: False)
    assert (transcripts / "01-test.txt").read_text(encoding="utf-8") == WRITTEN
    with pytest.raises(FileNotFoundError, match="There is no transcript '02-new'"):
        await real_only("02-new", run, needs=lambda: False)
    assert not (transcripts / "02-new.txt").exists()


async def test_an_unknown_transcript_is_an_error_on_every_broker(everywhere: Stage) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        await real_only("99-none", run)
    assert str(caught.value).startswith("There is no transcript '99-none'")


async def test_an_error_of_what_runs_is_not_hidden(everywhere: Stage) -> None:
    async def fails() -> list[str]:
        raise redis.ResponseError("unknown command in the lesson itself")

    with pytest.raises(redis.ResponseError, match="in the lesson itself"):
        await real_only("01-test", fails, command=KNOWN)


@each_server()
async def test_somebodys_server_runs_only_what_is_tried_first(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs: Server = start_server(program, password="")
    monkeypatch.setenv("COURSE_BROKER", theirs.url)
    try:
        await real_only("01-test", run)
        await real_only("01-test", run, command=KNOWN)
        await real_only("01-test", run, command=UNKNOWN)
    finally:
        broker.close()
        theirs.stop()
    assert capsys.readouterr().out == WRITTEN + RAN + WRITTEN


def test_a_notebook_says_that_it_is_recorded_and_saves_no_word_of_that() -> None:
    cell = "await real_only('02-slow-subscriber', run)"
    with live_kernel() as kernel:
        kernel.run("from helpers import connect, real_only\nasync def run(): return ['ran']")
        shown = kernel.run(cell)
    pages = [o.data["text/html"] for o in shown.outputs if o.output_type == "display_data"]
    assert pages == [f"<p>{RECORDED}</p>"]
    assert [output.output_type for output in saved_outputs(shown.outputs)] == ["stream"]


def test_each_transcript_of_the_course_ends_with_one_line_break() -> None:
    transcripts = list(TRANSCRIPTS.glob("*.txt"))
    assert transcripts
    for transcript in transcripts:
        text = transcript.read_text(encoding="utf-8")
        assert text.endswith("\n") and not text.endswith("\n\n"), transcript.name
