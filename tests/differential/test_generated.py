"""What is written from a real server is what the real server says today."""

import asyncio

import pytest

from .engines import REFERENCE, real_engine, why_missing
from .report import OF_LIBRARY, PAGE, page, page_of_library
from .table import TABLE, ask, table

pytestmark = pytest.mark.skipif(bool(why_missing(REFERENCE)), reason=why_missing(REFERENCE))


def test_the_table_of_commands_is_that_of_redis() -> None:
    entries = asyncio.run(ask(real_engine(REFERENCE), "COMMAND"))
    assert table(entries) == TABLE.read_text(encoding="utf-8")


def test_the_pages_on_what_cannot_be_done_are_current() -> None:
    advice = "run python -m tests.differential.report"
    assert PAGE.read_text(encoding="utf-8") == page(), advice
    assert OF_LIBRARY.read_text(encoding="utf-8") == page_of_library(), advice
