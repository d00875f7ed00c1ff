"""Write the tables of commands and of settings that a real Redis 8.2 has.

python -m tests.differential.table
"""

import asyncio
from pathlib import Path
from typing import Any

from .engines import REFERENCE, Real, real_engine
from .replies import read_reply, request

ENGINE = Path(__file__).parents[2] / "embedded_redis/engine"
TABLE = ENGINE / "commands_of_redis_8_2.tsv"
SETTINGS = ENGINE / "settings_of_redis_8_2.tsv"
HEAD = ("name", "arity", "flags", "first_key", "last_key", "key_step")


async def ask(engine: Real, *words: str) -> Any:
    reader, writer = await engine.connect()
    writer.write(request(*words))
    reply = await read_reply(reader)
    writer.close()
    await writer.wait_closed()
    return reply


def rows(entries: list[Any]) -> list[str]:
    """Write one row for each command and subcommand."""
    written = []
    for name, arity, flags, first, last, step, _, _, _, subcommands in entries:
        cells = (name, arity, ",".join(flags) or "-", first, last, step)
        written.append("\t".join(map(str, cells)))
        written += rows(subcommands)
    return written


def table(entries: list[Any]) -> str:
    """Write the table, a heading above it."""
    return "\n".join(["\t".join(HEAD), *sorted(rows(entries)), ""])


def main() -> None:
    entries = asyncio.run(ask(real_engine(REFERENCE), "COMMAND"))
    TABLE.write_text(table(entries), encoding="utf-8")
    settings = asyncio.run(ask(real_engine(REFERENCE), "CONFIG", "GET", "*"))
    SETTINGS.write_text("\n".join(["name", *sorted(settings[::2]), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
