"""Who sent what and who received what, in the broker's order."""

from .news import News
from .story import Delivery, Step, tell
from .traffic import BARRIER, Command, Message, Record

__all__ = ["BARRIER", "Command", "Delivery", "Message", "News", "Record", "Step", "tell"]
