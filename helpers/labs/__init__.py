"""One live lab a lesson: press buttons and see what the broker holds and who received what."""

from .opening import lab

__all__ = ["lab"]
