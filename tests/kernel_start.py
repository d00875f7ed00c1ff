"""Start a kernel again that dies or stays silent at its start: nbval would give up at once.

A kernel's ports are chosen, and let go, before it starts: until it binds them, seconds later on
busy cores, they are anybody's. See https://github.com/jupyter/jupyter_client/issues/154
About one start in a thousand stays silent, also on a quiet machine; why is not known.
"""

from collections.abc import Callable

KERNEL_STARTS = 3
# The words of jupyter_client. Nothing of a lesson has run by then.
DIED = "Kernel died before replying"
SILENT = "Kernel didn't respond in"


def patiently(start: Callable[[], None]) -> None:
    """Start a kernel, again with other ports when it cannot be reached."""
    for starts_left in reversed(range(KERNEL_STARTS)):
        try:
            start()
        except RuntimeError as error:
            if not str(error).startswith((DIED, SILENT)) or not starts_left:
                raise
        else:
            return
