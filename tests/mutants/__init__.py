"""Small lies about Redis, each told to the embedded broker for one run: a lesson must notice it.

A lie that no lesson notices is a rule of Redis that the course states and never shows.
"""

from . import cluster, copies, groups, later, lists, pubsub, streams
from .lie import LIES, Lie

__all__ = ["LIES", "Lie", "cluster", "copies", "groups", "later", "lists", "pubsub", "streams"]
