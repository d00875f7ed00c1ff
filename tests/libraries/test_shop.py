"""A shop counts what a real library does, and nothing of it outlives the shop."""

import tempfile
from pathlib import Path

import pytest
from redis import ConnectionError as NobodyThere
from redis import Redis

from helpers.libraries import shop
from helpers.libraries.keeper import members
from helpers.libraries.needs import missing
from tests.real_servers import each_server, until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.mark.long
@each_server()
async def test_rq_loses_the_job_of_a_worker_that_is_killed(program: Path) -> None:
    async with shop("rq", server=program) as here:
        worker = await here.worker(pause="before order-2")
        await here.send(3)
        await worker.at_pause()
        worker.kill()
        found = await here.outcome()
    assert (found.lost, found.twice, found.comes_back) == (["order-2"], [], "not")
    assert found.left == {"failed jobs": 1}


async def test_workers_and_server_are_gone_afterwards() -> None:
    async with shop("rq") as here:
        worker = await here.worker()
        assert worker._process
        session = worker._process._session
        assert members(session)
        options = here._server.options
    until(lambda: members(session) == set(), "the end of who was killed")
    with pytest.raises(NobodyThere):
        Redis(**options).ping()


async def test_temporary_files_of_who_is_killed_go_with_the_shop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        await a_worker_of_celery_is_killed(Path(folder))


async def a_worker_of_celery_is_killed(folder: Path) -> None:
    async with shop("celery") as here:
        worker = await here.worker()
        assert [*folder.glob("*/pymp-*")]  # Celery's, for what its processes tell each other
        assert not [*folder.glob("pymp-*")]
        worker.kill()
    until(lambda: not [*folder.iterdir()], "all of it to go")
