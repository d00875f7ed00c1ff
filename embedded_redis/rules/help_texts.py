"""Rules about commands that explain themselves: XINFO HELP, XGROUP HELP and OBJECT HELP."""

from ..engine._fakeredis import SimpleString
from ..engine.commands import command
from ..engine.core import EmbeddedSocket


class ContainersExplainThemselves(EmbeddedSocket):
    """HELP lists the subcommands of a command.

    Follows https://redis.io/docs/latest/commands/xinfo-help/
    """

    @command("xinfo|help")
    def xinfo_help(self) -> list[SimpleString]:
        return explained("XINFO", OF_XINFO)

    @command("xgroup|help")
    def xgroup_help(self) -> list[SimpleString]:
        return explained("XGROUP", OF_XGROUP)

    @command("object|help")
    def object_help(self) -> list[SimpleString]:
        return explained("OBJECT", OF_OBJECT)


RULES = (ContainersExplainThemselves,)


def explained(name: str, subcommands: str) -> list[SimpleString]:
    """Frame the list of subcommands as every HELP does."""
    title = f"{name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
    lines = [title, *subcommands.splitlines(), "HELP", "    Print this help."]
    return [SimpleString(line.encode()) for line in lines]


OF_XINFO = """\
CONSUMERS <key> <groupname>
    Show consumers of <groupname>.
GROUPS <key>
    Show the stream consumer groups.
STREAM <key> [FULL [COUNT <count>]
    Show information about the stream."""

OF_XGROUP = """\
CREATE <key> <groupname> <id|$> [option]
    Create a new consumer group. Options are:
    * MKSTREAM
      Create the empty stream if it does not exist.
    * ENTRIESREAD entries_read
      Set the group's entries_read counter (internal use).
CREATECONSUMER <key> <groupname> <consumer>
    Create a new consumer in the specified group.
DELCONSUMER <key> <groupname> <consumer>
    Remove the specified consumer.
DESTROY <key> <groupname>
    Remove the specified group.
SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]
    Set the current group ID and entries_read counter."""

OF_OBJECT = """\
ENCODING <key>
    Return the kind of internal representation used in order to store the value
    associated with a <key>.
FREQ <key>
    Return the access frequency index of the <key>. The returned integer is
    proportional to the logarithm of the recent access frequency of the key.
IDLETIME <key>
    Return the idle time of the <key>, that is the approximated number of
    seconds elapsed since the last access to the key.
REFCOUNT <key>
    Return the number of references of the value associated with the specified
    <key>."""
