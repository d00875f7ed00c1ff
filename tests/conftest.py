"""What all tests share: they choose their brokers themselves, and leave none to the next."""

import os
from collections.abc import Iterator

import pytest

from helpers import broker


def pytest_configure() -> None:
    # Whoever exported one of these for the lessons must not decide what the tests run on.
    for name in ("COURSE_BROKER", "COURSE_SERVER", "COURSE_RECORD"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def no_broker_is_left() -> Iterator[None]:
    """End the process's broker after each test: another test may choose another one."""
    yield
    broker.close()
