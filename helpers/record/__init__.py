"""Who sent what and who received what, in the broker's order."""

from .exchange import Exchange
from .held import HeldGroup, HeldList, HeldStream
from .holdings import Held
from .printable import printable
from .step import STRANGER, Delivery, Step
from .story import tell
from .stream_words import ids_in
from .traffic import BARRIER, Closing, Command, Message, Record, Remark, commands_in
from .unseen import Unseen
from .waits import Waiting

__all__ = [
    "BARRIER",
    "STRANGER",
    "Closing",
    "Command",
    "Delivery",
    "Exchange",
    "Held",
    "HeldGroup",
    "HeldList",
    "HeldStream",
    "Message",
    "Record",
    "Remark",
    "Step",
    "Unseen",
    "Waiting",
    "commands_in",
    "ids_in",
    "printable",
    "tell",
]
