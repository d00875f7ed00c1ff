"""What a person may ask of a measurement."""

from argparse import ArgumentTypeError


def count(text: str) -> int:
    """Read how often or how many, 1 at least. Raises ArgumentTypeError, which argparse tells."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)
