"""Imported once, by the process that is copied for each trial: do what every copy would do anew."""

from nbformat.v4 import new_output

from embedded_redis import embedded_server

from . import trial

__all__ = ["trial"]

new_output("stream")  # compiles the schema of notebooks
embedded_server()  # reads fakeredis' table of commands
