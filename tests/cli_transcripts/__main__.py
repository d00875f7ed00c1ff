"""Record every transcript anew: python -m tests.cli_transcripts

Needs redis-cli and redis-server of the same version. To add a step, write its line without the
prompt into a transcript: `ann| PING`.
"""

import sys

from helpers.broker.servers import start_server
from tests.real_servers import found_servers

from .redis_cli import record, redis_cli_version
from .transcript import read_steps, transcripts


def main() -> int:
    server = found_servers().get(f"Redis {redis_cli_version()}")
    if server is None:
        print("No redis-cli with a redis-server of its version is here.")
        return 1
    running = start_server(server, password="", enable_debug_command="yes")
    for path in transcripts():
        steps = record(read_steps(path.read_text("utf-8")), running.port, compare=False)
        path.write_text("".join(map(str, steps)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
