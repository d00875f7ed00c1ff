"""Small slips are answered with a sentence that says what to do."""

import gc
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import helpers
from helpers import errors, lab
from helpers.cli import redis_cli, terminals
from helpers.errors import CourseError
from helpers.waiting import Messages, NoSuchMessage

FORGOTTEN: list[tuple[Callable[[], Any], str]] = [
    (lambda: helpers.check("1.1", print), "check('1.1', print)"),
    (lambda: helpers.read(None), "read(None)"),
    (lambda: helpers.until_blocked(object()), "until_blocked(...)"),
    (lambda: helpers.start_cluster(3, model=True), "start_cluster(3, model=True)"),
    (lambda: lab(1), "lab(1)"),
    (lambda: terminals("shop", "ann"), "terminals('shop', 'ann')"),
    (lambda: redis_cli("PING"), "redis_cli('PING')"),
]


@pytest.mark.parametrize(("call", "written"), FORGOTTEN, ids=[w for _, w in FORGOTTEN])
def test_a_forgotten_await_is_named_and_warns_of_nothing(
    call: Callable[[], Any], written: str
) -> None:
    with warnings.catch_warnings(record=True) as warned:
        gc.collect()  # what earlier tests have left is not told here
        warned.clear()
        warnings.simplefilter("always")
        assert repr(call()) == f"Write `await` in front: await {written}"
        gc.collect()
    assert not [each for each in warned if "never awaited" in str(each.message)]


async def test_awaited_it_does_its_work() -> None:
    assert repr(await helpers.check("9.9")) == "Not yet: there is no exercise '9.9'."


@pytest.mark.parametrize("name", [5, None, b"shop", "", "my shop"])
def test_what_is_no_name_gets_a_sentence(name: Any) -> None:
    with pytest.raises(CourseError, match="cannot be a client's name"):
        helpers.connect(name)


@pytest.mark.parametrize("show", [lambda: lab(1), lambda: terminals()], ids=["lab", "terminals"])
async def test_without_widgets_one_learns_what_to_install(
    show: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="%pip install ipywidgets anywidget"):
        await show()


def test_a_message_that_has_not_arrived() -> None:
    with pytest.raises(NoSuchMessage, match="nothing has arrived since the last read"):
        Messages()[-1]
    assert Messages([{"a": 1}, {"b": 2}])[1:] == [{"b": 2}]


def test_no_kernel_is_prepared_where_no_shell_runs() -> None:
    from helpers.kernel import kernel

    assert "IPython" not in sys.modules or kernel(list) is None
