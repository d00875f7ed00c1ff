"""Complete the name of a command."""

from embedded_redis import known_commands


def complete(text: str) -> list[str]:
    """Name the commands of Redis 8.2 that begin like this, in alphabetical order.

    Subcommands are named once their command is complete: "xgroup c". Other servers may lack one.
    See https://redis.io/docs/latest/commands/
    """
    wanted = " ".join(text.upper().split()) + (" " if text.strip() and text[-1:].isspace() else "")
    names = (name.upper().replace("|", " ") for name in known_commands())
    return sorted(
        name
        for name in names
        if wanted and name.startswith(wanted) and name.count(" ") == wanted.count(" ")
    )
