"""What only the measurement needs: to pack an order is to say so at the packing table."""

import os
import socket


def pack_it(order: str) -> None:
    """Pack an order: the effect, which is counted; a worker may be held before or after it."""
    for moment in ("before", "packed", "after"):
        say(f"{moment} {order}")


def lease(usual: int) -> int:
    """Return the library's own lease in seconds, or the short one of a job that takes too long."""
    return int(os.environ.get("LEASE", usual))


def say(moment: str) -> None:
    """Say it at the packing table, and go on when answered."""
    with socket.socket(socket.AF_UNIX) as table:
        table.connect(os.environ["PACKING"])
        table.sendall(f"{os.environ['WORKER']} {moment}\n".encode())
        table.recv(1)
