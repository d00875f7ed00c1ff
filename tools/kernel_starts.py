"""Start kernels one after another while all cores are busy, and count those that stay silent.

Usage: python -m tools.kernel_starts [STARTS]      (`make kernel-starts`; 300 unless told)

Each kernel is asked over one connection, once a second, as Jupyter's clients ask. One that has
answered nothing for 30 seconds is silent: where its threads stand is printed (faulthandler), and
whether a new connection wakes it. Exits with 1 when a kernel was silent or died.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median
from subprocess import STDOUT

from jupyter_client.manager import KernelManager

from tests.kernel.start import SILENT, new_kernel, reach
from tools.asked import count
from tools.repeat import company

STARTS = 300
BATCH = 25
PATIENCE = 30.0  # seconds; a start takes some on busy cores
# SIGUSR1 lets it tell where each of its threads stands.
TELLING = (
    "import faulthandler, signal;"
    "faulthandler.register(signal.SIGUSR1, all_threads=True);"
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
)
PROGRAM = (sys.executable, "-c", TELLING, "-f", "{connection_file}")
ANSWERED, WOKEN, MUTE, DEAD = "answered", "silent, woken anew", "silent for good", "died"


def start_one() -> str:
    """Start a kernel, ask it, end it; tell how it fared."""
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        said = Path(folder, "said")
        with said.open("w") as output:
            kernel = new_kernel(folder, PROGRAM, stdout=output, stderr=STDOUT)
        try:
            return fared(kernel, said)
        finally:
            kernel.shutdown_kernel(now=True)


def fared(kernel: KernelManager, said: Path) -> str:
    """Ask a kernel over one connection; look into one that is silent."""
    client = kernel.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        return ANSWERED
    except RuntimeError as error:
        return looked_into(kernel, said) if str(error).startswith(SILENT) else DEAD
    finally:
        client.stop_channels()


def looked_into(kernel: KernelManager, said: Path) -> str:
    """Print where the threads of a silent kernel stand; tell whether a new connection wakes it."""
    kernel.signal_kernel(signal.SIGUSR1)
    time.sleep(1)  # nothing tells that it has written
    print(said.read_text(), flush=True)
    with suppress(RuntimeError):
        reach(kernel, PATIENCE).stop_channels()
        return WOKEN
    return MUTE


def main() -> int:
    """Start as many kernels as asked and print the count."""
    parser = argparse.ArgumentParser(prog="python -m tools.kernel_starts")
    parser.add_argument("starts", nargs="?", type=count, default=STARTS)
    starts = parser.parse_args().starts
    counts, seconds = Counter[str](), []
    while len(seconds) < starts:
        with company():  # which ends by itself after some minutes
            for _ in range(min(BATCH, starts - len(seconds))):
                began = time.monotonic()
                counts[start_one()] += 1
                seconds.append(time.monotonic() - began)
        print(f"{len(seconds)} of {starts}: {dict(counts)}", flush=True)
    print(f"ipykernel {version('ipykernel')}, {starts} starts on busy cores: {dict(counts)}")
    print(f"{median(seconds):.1f} s each, at most {max(seconds):.1f} s")
    return 0 if counts[ANSWERED] == starts else 1


if __name__ == "__main__":
    sys.exit(main())
