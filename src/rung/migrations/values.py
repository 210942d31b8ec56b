"""Defines what values are in the solver: the sort of a `Carrier`, its bounds, its literals, their print.

| kind | sort | meaning |
| --- | --- | --- |
| boolean | Bool | |
| integer | Int | |
| numeric, float | Real | `INFINITY` < `NAN` stand above all finite values, as in PostgreSQL's order |
| text, blank-padded, bytes, enum | String | code points; padded text without its trailing blanks; the label |
| date, time, timestamps | Int | days, or microseconds, since 1970-01-01 |
| uuid | Int | the 128-bit number |
| other | Int | an identity: equal numbers are equal values, nothing else |
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Any, assert_never
from uuid import UUID

import z3

from rung.migrations.carriers import Carrier, Kind, integer_range
from rung.migrations.expression_text import quote_text

Value = Any
"""A z3 expression; the library ships no types."""

# Above every constant that is read (a larger one is refused), so that comparisons order them rightly.
LIMIT = 10**400
INFINITY, NAN = LIMIT, LIMIT + 1
DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# 4713 BC to 294276 AD as PostgreSQL has it; the ends stand for -infinity and infinity.
_LAST_DAY = 2_145_031_948
_FIRST_DAY = -2_440_588


@cache
def sort_of(kind: Kind) -> Any:
    """The sort of the values of a kind."""
    match kind:
        case Kind.BOOLEAN:
            return z3.BoolSort()
        case Kind.NUMERIC | Kind.FLOAT:
            return z3.RealSort()
        case Kind.TEXT | Kind.PADDED | Kind.BYTES | Kind.ENUM:
            return z3.StringSort()
        case (
            Kind.INTEGER | Kind.DATE | Kind.TIMESTAMP | Kind.TIMESTAMPTZ | Kind.TIME | Kind.UUID | Kind.OTHER
        ):
            return z3.IntSort()
        case _:
            assert_never(kind)


def bounds(carrier: Carrier, value: Value, name: str) -> list[Value]:
    """What holds of each value of the type (`name` is unique to the value); domains are not looked at."""
    match carrier.kind:
        case Kind.BOOLEAN | Kind.OTHER:
            return []
        case Kind.INTEGER:
            low, high = integer_range(carrier)
            return [value >= low, value <= high]
        case Kind.NUMERIC if carrier.precision is not None:
            unscaled = z3.Int(f"{name}#unscaled")
            top = 10**carrier.precision
            scaled = z3.ToReal(unscaled) * real(Fraction(10) ** -carrier.scale)
            finite = z3.And(unscaled > -top, unscaled < top, value == scaled)
            return [z3.Or(value == NAN, finite)]
        case Kind.NUMERIC | Kind.FLOAT:
            finite = z3.And(value > -LIMIT, value < LIMIT)
            return [z3.Or(value == NAN, value == INFINITY, value == -INFINITY, finite)]
        case Kind.TEXT:
            return [] if carrier.length is None else [z3.Length(value) <= carrier.length]
        case Kind.PADDED:
            trimmed = z3.Not(z3.SuffixOf(z3.StringVal(" "), value))
            return [trimmed] if carrier.length is None else [trimmed, z3.Length(value) <= carrier.length]
        case Kind.BYTES:
            return []
        case Kind.ENUM:
            return [z3.Or([value == text(label) for label in carrier.labels])]
        case Kind.DATE:
            return [value >= _FIRST_DAY, value <= _LAST_DAY]
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ:
            return [value >= _FIRST_DAY * DAY, value <= _LAST_DAY * DAY, *_fraction(carrier, value)]
        case Kind.TIME:
            return [value >= 0, value <= DAY, *_fraction(carrier, value)]
        case Kind.UUID:
            return [value >= 0, value < 1 << 128]
        case _:
            assert_never(carrier.kind)


def ends() -> tuple[int, int]:
    """The timestamps that stand for -infinity and infinity."""
    return _FIRST_DAY * DAY, _LAST_DAY * DAY


def fits(carrier: Carrier, value: Value) -> Value:
    """Whether a value of the carrier's kind lies within the carrier's bounds; free of other symbols."""
    if carrier.kind is Kind.NUMERIC and carrier.precision is not None:
        top = real(Fraction(10) ** (carrier.precision - carrier.scale))
        whole = z3.IsInt(value * real(Fraction(10) ** carrier.scale))
        return z3.Or(value == NAN, z3.And(value > -top, value < top, whole))
    return z3.And(bounds(carrier, value, ""))


def _fraction(carrier: Carrier, value: Value) -> list[Value]:
    digits = 6 if carrier.precision is None else carrier.precision
    return [] if digits >= 6 else [value % 10 ** (6 - digits) == 0]


def text(value: str) -> Value:
    """A string constant; the library reads backslash escapes in it, so those are built from characters."""
    if "\\" not in value and value.isascii():
        return z3.StringVal(value)
    units = [z3.Unit(z3.CharVal(ord(letter))) for letter in value]
    if not units:
        return z3.StringVal("")
    return units[0] if len(units) == 1 else z3.Concat(*units)


def real(number: Decimal | int | Fraction) -> Value:
    """A rational constant."""
    fraction = Fraction(number)
    return z3.Q(fraction.numerator, fraction.denominator)


_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?\Z")
_ZONE = re.compile(r"(.*[0-9])(?:Z|z|\+00(?::?00)?)\Z")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,390}(?:\.[0-9]{0,390})?\s*\Z")
_UUID = re.compile(r"(\{)?(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}(?(1)\})\Z")
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


def literal(carrier: Carrier, written: str) -> Value | None:
    """The value that a quoted literal has as this type, or None where it is not read exactly here.

    None is also the answer for text that the database would refuse. A bound (`varchar(3)`) is not applied.
    """
    match carrier.kind:
        case Kind.BOOLEAN:
            word = written.strip().lower()
            return z3.BoolVal(word in _TRUE) if word in _TRUE | _FALSE else None
        case Kind.INTEGER:
            return z3.IntVal(int(written)) if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", written) else None
        case Kind.NUMERIC:
            special = _special(written)
            return special if special is not None else _number(written)
        case Kind.FLOAT:
            special = _special(written)
            if special is not None or not _NUMBER.match(written) or carrier.width != 8:
                return special
            return real(Fraction(float(written)))
        case Kind.TEXT:
            return text(written)
        case Kind.PADDED:
            return text(written.rstrip(" "))
        case Kind.BYTES:
            plain = "\\" not in written and written.isascii()
            return text(written) if plain else _hexadecimal(written)
        case Kind.ENUM:
            return text(written) if written in carrier.labels else None
        case Kind.DATE:
            return _days(written)
        case Kind.TIMESTAMP:
            return day_and_time(written)
        case Kind.TIMESTAMPTZ:
            zoned = _ZONE.match(written)
            endless = written in ("infinity", "-infinity")
            return day_and_time(zoned[1] if zoned else written) if zoned or endless else None
        case Kind.TIME:
            return _clock(written)
        case Kind.UUID:
            return z3.IntVal(int(re.sub("[-{}]", "", written), 16)) if _UUID.match(written) else None
        case Kind.OTHER:
            return None
        case _:
            assert_never(carrier.kind)


def _special(written: str) -> Value | None:
    word = written.strip().lower()
    found = {"nan": NAN, "infinity": INFINITY, "inf": INFINITY, "-infinity": -INFINITY, "-inf": -INFINITY}
    return None if word not in found else real(found[word])


def _number(written: str) -> Value | None:
    if not _NUMBER.match(written):
        return None
    try:
        return real(Decimal(written.strip()))
    except InvalidOperation:
        return None


def _hexadecimal(written: str) -> Value | None:
    if not re.fullmatch(r"\\x(?:[0-9a-fA-F]{2})*", written):
        return None
    return text(bytes.fromhex(written[2:]).decode("latin-1"))


def _days(written: str) -> Value | None:
    if written in ("infinity", "-infinity"):
        return z3.IntVal(_LAST_DAY if written == "infinity" else _FIRST_DAY)
    match = _DATE.match(written)
    if not match:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return z3.IntVal((day - _EPOCH.date()).days)


def _clock(written: str) -> Value | None:
    match = _TIME.match(written)
    if not match:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    micros = int((match[4] or "").ljust(6, "0"))
    return z3.IntVal(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)


def day_and_time(written: str) -> Value | None:
    """The microseconds of a date with a time, or of its midnight; None where it is not read exactly here."""
    head, separator, tail = written.replace("T", " ", 1).partition(" ")
    days, micros = _days(head), _clock(tail) if separator else z3.IntVal(0)
    if days is None or micros is None or (separator and not _DATE.match(head)):
        return None
    return z3.IntVal(days.as_long() * DAY + micros.as_long())


# Values of types that are only compared for equality: one that each accepts, by the type's name.
_SAMPLES = {
    "json": "{}",
    "jsonb": "{}",
    "inet": "127.0.0.1",
    "cidr": "127.0.0.0/8",
    "macaddr": "08:00:2b:01:02:03",
    "interval": "1 day",
    "timetz": "12:00:00+00",
    "money": "1.00",
    "xml": "<a/>",
    "tsvector": "a",
    "tsquery": "a",
    "point": "(0,0)",
    "oid": "1",
    "name": "a",
    "char": "a",
    "jsonpath": "$",
    "int4range": "[1,2)",
    "int8range": "[1,2)",
    "numrange": "[1,2)",
    "daterange": "[2020-01-01,2020-01-02)",
    "tsrange": "[2020-01-01,2020-01-02)",
    "tstzrange": "[2020-01-01,2020-01-02)",
    "hstore": "",
    "ltree": "a",
    "citext": "a",
}


def printed(carrier: Carrier, value: Value) -> str | None:
    """A constant as an SQL literal; None where the type's values cannot be written from what is known."""
    match carrier.kind:
        case Kind.BOOLEAN:
            return "true" if z3.is_true(value) else "false"
        case Kind.INTEGER:
            return str(value.as_long())
        case Kind.NUMERIC | Kind.FLOAT:
            return _printed_number(value.as_fraction(), carrier)
        case Kind.TEXT | Kind.ENUM | Kind.PADDED:
            characters = python_text(value)
            return None if "\x00" in characters else quote_text(characters)
        case Kind.BYTES:
            characters = python_text(value)
            return f"'\\x{characters.encode('latin-1').hex()}'" if characters.isascii() else None
        case Kind.DATE:
            return _printed_moment(value.as_long() * DAY, "%Y-%m-%d", "")
        case Kind.TIMESTAMP:
            return _printed_moment(value.as_long(), "%Y-%m-%d %H:%M:%S.%f", "")
        case Kind.TIMESTAMPTZ:
            return _printed_moment(value.as_long(), "%Y-%m-%d %H:%M:%S.%f", "+00")
        case Kind.TIME:
            return _printed_moment(min(value.as_long(), DAY - 1), "%H:%M:%S.%f", "")
        case Kind.UUID:
            return quote_text(str(UUID(int=value.as_long() % (1 << 128))))
        case Kind.OTHER:
            if carrier.type.array:
                return "'{}'"
            sample = _SAMPLES.get(carrier.type.name) if carrier.type.name else None
            return None if sample is None else quote_text(sample)
        case _:
            assert_never(carrier.kind)


def python_text(value: Value) -> str:
    """A string constant's characters."""
    escaped: str = value.as_string()
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), escaped)


def _printed_number(number: Fraction, carrier: Carrier) -> str | None:
    for special, word in ((NAN, "NaN"), (INFINITY, "Infinity"), (-INFINITY, "-Infinity")):
        if number == special:
            return quote_text(word)
    if carrier.kind is Kind.FLOAT:
        nearest = float(number) if abs(number) < 10**300 else 0.0
        return repr(nearest) if Fraction(nearest) == number else None
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
        if digits > 60:
            return None
    sign, written = "-" if number < 0 else "", str(abs(int(number * 10**digits))).rjust(digits + 1, "0")
    return f"{sign}{written[:-digits]}.{written[-digits:]}" if digits else sign + written


def _printed_moment(micros: int, form: str, zone: str) -> str | None:
    if micros == _LAST_DAY * DAY:
        return "'infinity'"
    if micros == _FIRST_DAY * DAY:
        return "'-infinity'"
    try:
        moment = _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None
    return quote_text(moment.strftime(form) + zone) if moment.year >= 1000 else None
