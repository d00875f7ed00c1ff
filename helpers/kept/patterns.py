"""Know what differs each time: random ids, times, addresses, processes and folders."""

from __future__ import annotations

import re

RANDOM = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"  # a UUID
    r"|(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}|[0-9]{32}"  # hexadecimal
    r"|(?=[A-Z]*[0-9])[0-9A-HJKMNP-TV-Z]{26}"  # a ULID
    r"|(?=[\w-]*[A-Za-z][0-9]+[A-Za-z])(?=[0-9A-Z_-]*[a-z])(?=[0-9a-z_-]*[A-Z])[\w-]{20,}"
    r")(?![0-9A-Za-z])"
)
ENTRY = re.compile(r"(\(?)([12]\d{12})(-(?:\d+|\*))?")
"""The id of an entry that a server chose: milliseconds and a number."""

CLOCK = re.compile(r"(?<![\w.])([12]\d{9})(?:\d{3})?(?:\.\d+)?(?!\w)")
"""Seconds or milliseconds since 1970, in this century."""

DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
DURATION = re.compile(r"(?<![\w.])(\d+\.\d)\d{3,}(?![\w.])")
ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\d.])")
LOGIN = re.compile(r"(?<=://)[^/\s@]*@")
FOLDER = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|var|opt|srv|mnt|Users)(?:/[\w.+-]+)*(?=/)")

HOST = "host"
PROCESSES = re.compile(rf"(?<={HOST}[.:-])\d+"), re.compile(rf"\d{{2,}}(?=@{HOST})")
FIELDS = {"pid": "pid", "hostname": HOST, "host": HOST, "ip_address": "address"}
"""Names of fields whose values tell of a machine, and what these are called."""


def plain(found: str) -> str:
    """Write a random id in one way: a UUID comes with hyphens or without."""
    return found.replace("-", "").lower() if re.fullmatch(r"[0-9A-Fa-f-]{32,36}", found) else found
