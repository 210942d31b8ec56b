"""Reads the numbers of documents, which JSON and YAML write alike, without losing a digit."""

import re
from decimal import Decimal

from rung.inputs.scalars import INT_MAX, INT_MIN

MAX_DIGITS = 40
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def read_number(text: str) -> int | Decimal:
    """The number that JSON writes as `text`; ValueError when it is too large or too long."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("expected a number")
    fraction, exponent = match.groups()
    # The texts are measured before they become numbers, which would take quadratic time or much memory.
    if len(text) > 2 * MAX_DIGITS or (exponent and len(exponent) > 5):
        raise ValueError(f"expected a number of at most {MAX_DIGITS} digits")
    if fraction is None and exponent is None:
        whole = int(text)
        if not INT_MIN <= whole <= INT_MAX:
            raise ValueError("expected an integer of at most 64 bits")
        return whole
    number = Decimal(text)
    _, digits, scale = number.as_tuple()
    assert isinstance(scale, int), "a JSON number is finite"
    if max(len(digits) + scale, 0) + max(-scale, 0) > MAX_DIGITS:
        raise ValueError(f"expected a number of at most {MAX_DIGITS} digits")
    return number
