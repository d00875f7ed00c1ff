"""Bits of 32, as scripts count them with LuaBitOp.

Follows https://redis.io/docs/latest/develop/programmability/lua-api/#bitop-library
"""

from functools import reduce
from operator import and_, or_, xor
from typing import Any

LEAST = dict.fromkeys(("tobit", "bnot", "bswap", "band", "bor", "bxor"), 1)
LEAST |= dict.fromkeys(("lshift", "rshift", "arshift", "rol", "ror"), 2)
COMBINED = {"band": and_, "bor": or_, "bxor": xor}
RANGE = 2**32
DIGITS = 8


def number(value: Any, position: int, function: str) -> float:
    """Read an argument. Raises ValueError for what is no number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        kinds = {bytes: "string", bool: "boolean", type(None): "nil"}
        found = kinds.get(type(value), "table")
        raise ValueError(
            f"bad argument #{position} to '{function}' (number expected, got {found})"
        ) from None


def given(values: tuple[Any, ...], least: int, function: str) -> None:
    """Raise ValueError where arguments are missing."""
    if len(values) < least:
        missing = len(values) + 1
        raise ValueError(f"bad argument #{missing} to '{function}' (number expected, got no value)")


def counted(function: str, *values: Any) -> int:
    """Do what a function of this name does. Raises ValueError for what is no number."""
    given(values, LEAST[function], function)
    numbers = [number(value, n, function) for n, value in enumerate(values, 1)]
    first, *others = (round(found) % RANGE for found in numbers)
    if function in COMBINED:
        return _signed(reduce(COMBINED[function], others, first))
    return _signed(_moved(function, first, others[0] % 32 if others else 0))


def hexadecimal(*values: Any) -> bytes:
    """Write a number with so many digits, in capitals where their number is negative."""
    shown = b"%08x" % (counted("tobit", *values[:1]) % RANGE)
    digits = int(number(values[1], 2, "tohex")) if len(values) > 1 else DIGITS
    cut = shown[DIGITS - min(abs(digits), DIGITS) :]
    return cut.upper() if digits < 0 else cut


def _moved(function: str, bits: int, places: int) -> int:
    if function == "bnot":
        return ~bits
    if function == "bswap":
        return int.from_bytes(bits.to_bytes(4, "little"), "big")
    if function == "lshift":
        return bits << places
    if function == "rshift":
        return bits >> places
    if function == "arshift":
        return _signed(bits) >> places
    if function in ("rol", "ror"):
        turn = places if function == "rol" else 32 - places
        return bits << turn | bits >> (32 - turn)
    return bits


def _signed(bits: int) -> int:
    bits %= RANGE
    return bits - RANGE if bits >= RANGE // 2 else bits
