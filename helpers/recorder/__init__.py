"""A place between any programs and a real server: what they say to each other, as a picture."""

from .recorder import Recorder, record

__all__ = ["Recorder", "record"]
