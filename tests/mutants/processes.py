"""Processes for trials: where the system can, one that has imported everything is copied."""

import multiprocessing

HOW = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES = multiprocessing.get_context(HOW)
PROCESSES.set_forkserver_preload([f"{__package__}.warm"])
