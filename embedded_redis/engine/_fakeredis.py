"""The private parts of fakeredis that the rules build on, named in this one place.

Another version than PROVED_ON may have moved any of these names.
"""

from fakeredis._command_args_parsing import Float, Int, StringTest
from fakeredis._commands import SUPPORTED_COMMANDS, Key, Signature
from fakeredis._core import CommandItem, Database, FakeServer, Item
from fakeredis._helpers import (
    OK,
    QUEUED,
    NoResponse,
    SimpleError,
    SimpleString,
)
from fakeredis._msgs import FLAG_LEAVE_EMPTY_VAL, FLAG_NO_SCRIPT, FLAG_TRANSACTION
from fakeredis._socket import AsyncFakeSocket
from fakeredis.commands_mixins.sortedset_mixin import ScoreTest
from fakeredis.model import (
    ClientInfo,
    ExpiringMembersSet,
    Hash,
    StreamEntryKey,
    StreamGroup,
    XStream,
    ZSet,
)
from fakeredis.model._command_info import get_command_info
from fakeredis.model._stream import PelEntry, StreamConsumerInfo
from fakeredis.model._stream import _lp_str_size as listpack_size

__all__ = [
    "FLAG_LEAVE_EMPTY_VAL",
    "FLAG_NO_SCRIPT",
    "FLAG_TRANSACTION",
    "OK",
    "QUEUED",
    "SUPPORTED_COMMANDS",
    "AsyncFakeSocket",
    "ClientInfo",
    "CommandItem",
    "Database",
    "ExpiringMembersSet",
    "FakeServer",
    "Float",
    "Hash",
    "Int",
    "Item",
    "Key",
    "NoResponse",
    "PelEntry",
    "ScoreTest",
    "Signature",
    "SimpleError",
    "SimpleString",
    "StreamConsumerInfo",
    "StreamEntryKey",
    "StreamGroup",
    "StringTest",
    "XStream",
    "ZSet",
    "get_command_info",
    "listpack_size",
]
