"""Sums of decimal numbers as Redis makes them: 64 bits in a long double, 17 decimals as text."""

from fractions import Fraction

BITS = 64  # of the mantissa
DECIMALS = 17


def added(first: bytes, second: bytes) -> bytes:
    """Add two numbers. Raises ValueError if one is infinite, hexadecimal or no number."""
    numbers = [_rounded(Fraction(text.decode())) for text in (first, second)]
    return _written(_rounded(sum(numbers, Fraction(0))))


def _rounded(number: Fraction) -> Fraction:
    """Return the nearest number that the mantissa can hold."""
    if not number:
        return number
    size = abs(number.numerator).bit_length() - number.denominator.bit_length()
    unit = Fraction(2) ** (size - BITS)
    if abs(number / unit) >= 2**BITS:
        unit *= 2
    return round(number / unit) * unit


def _written(number: Fraction) -> bytes:
    """Write a number without an exponent, and without zeros at the end."""
    digits = f"{abs(round(number * 10**DECIMALS)):0{DECIMALS + 1}d}"
    text = f"{digits[:-DECIMALS]}.{digits[-DECIMALS:]}".rstrip("0").rstrip(".")
    return (f"-{text}" if number < 0 and text != "0" else text).encode()
