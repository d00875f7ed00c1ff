"""Start a kernel, though its port may be lost to somebody else: nbval would give up at once.

A kernel's ports are chosen, and let go, before it starts: until it binds them, seconds later on
busy cores, they are anybody's. See https://github.com/jupyter/jupyter_client/issues/154
"""

from collections.abc import Callable

KERNEL_STARTS = 3
DIED = "Kernel died before replying"  # the words of jupyter_client


def patiently(start: Callable[[], None]) -> None:
    """Start a kernel, again with other ports when it dies before it has run anything."""
    for starts_left in reversed(range(KERNEL_STARTS)):
        try:
            start()
        except RuntimeError as error:
            if DIED not in str(error) or not starts_left:
                raise
        else:
            return
