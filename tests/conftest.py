"""What all tests share: they choose their brokers themselves."""

import os


def pytest_configure() -> None:
    # Whoever exported one of these for the lessons must not decide what the tests run on.
    for name in ("COURSE_BROKER", "COURSE_SERVER", "COURSE_RECORD"):
        os.environ.pop(name, None)
