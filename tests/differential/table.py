"""Write the table of commands that the embedded broker has, from a real Redis 8.2.

python -m tests.differential.table
"""

import asyncio
from pathlib import Path
from typing import Any

import embedded_redis.redis_8_2 as table

from .engines import REFERENCE, Real, real_engine
from .replies import read_reply, request

HEAD = '''\
"""The commands of Redis 8.2.3, as its COMMAND lists them; written by tests.differential.table.

A row holds the name, the arity, the flags, and the first key, last key and step of the keys.
Follows https://redis.io/docs/latest/commands/command/
"""

COMMANDS_OF_REDIS_8_2 = """\\
'''


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
        written.append(f"{name} {arity} {','.join(flags) or '-'} {first} {last} {step}")
        written += rows(subcommands)
    return written


def module_text(entries: list[Any]) -> str:
    """Write the module that holds the table."""
    return HEAD + "\n".join(sorted(rows(entries))) + '\n"""\n'


def main() -> None:
    entries = asyncio.run(ask(real_engine(REFERENCE), "COMMAND"))
    Path(table.__file__).write_text(module_text(entries), encoding="utf-8")


if __name__ == "__main__":
    main()
