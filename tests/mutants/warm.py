"""Imported once, by the process that is copied for each trial: do what every copy would do anew."""

import pytest_asyncio
from nbformat.v4 import new_output

import helpers.exercises.view
import helpers.labs.view
import helpers.replay.page
from embedded_redis import embedded_server

from . import explorer, moments, pictures, trial

__all__ = ["explorer", "helpers", "moments", "pictures", "pytest_asyncio", "trial"]

new_output("stream")  # compiles the schema of notebooks
embedded_server()  # reads fakeredis' table of commands
