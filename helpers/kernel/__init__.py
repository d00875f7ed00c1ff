"""What the course asks of the kernel that runs its cells: to stop, to say why, to begin again."""

from .again import on_beginning_again
from .beside import show_beside
from .first_aid import awaited
from .kernel import Kernel, kernel, running_shell

__all__ = ["Kernel", "awaited", "kernel", "on_beginning_again", "running_shell", "show_beside"]
