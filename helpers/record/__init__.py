"""Who sent what and who received what, in the broker's order."""

from .news import News
from .printable import printable
from .step import STRANGER, Delivery, Step
from .story import tell
from .stream_words import ids_in
from .traffic import BARRIER, Command, Message, Record

__all__ = [
    "BARRIER",
    "STRANGER",
    "Command",
    "Delivery",
    "Message",
    "News",
    "Record",
    "Step",
    "ids_in",
    "printable",
    "tell",
]
