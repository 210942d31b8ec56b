"""Defines `partial`: what is known of a value that is not read exactly: its type, when it is NULL, and that
making it never fails.

Each reading is any such value, in doubt: a proof holds whatever it is. What may fail for some arguments, or
is not known to be of this kind, is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import z3

from rung.migrations.carriers import BOOLEAN, INT4, NUMERIC, TEXT, Carrier, Kind, carrier_of
from rung.migrations.expression_text import to_sql, type_to_sql
from rung.migrations.expressions import Call, Cast, Constant, Expression, SqlType
from rung.migrations.schema import Schema
from rung.migrations.terms import (
    MILLENNIUM,
    NO,
    YES,
    Doubt,
    Findings,
    NotUnderstood,
    Term,
    all_of,
    any_of,
    fresh,
    fresh_name,
    is_no,
    negation,
)
from rung.migrations.values import DAY, FIRST_DAY, LAST_DAY, Value

_JSON = ("json", "jsonb")
_TEXTUAL = (Kind.TEXT, Kind.PADDED)
_MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
_JSONB = Carrier(Kind.OTHER, SqlType("jsonb"))
_CLOCKS = {
    "clock_timestamp": "timestamptz",
    "current_date": "date",
    "current_timestamp": "timestamptz",
    "localtimestamp": "timestamp",
    "now": "timestamptz",
    "statement_timestamp": "timestamptz",
    "transaction_timestamp": "timestamptz",
}
_IDENTIFIERS = ("gen_random_uuid", "uuidv4", "uuidv7")
_LAST_YEAR = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""What no clock shows any more, in microseconds since 1970."""

# functions by the letters of what they take (t: text, i: integer, j: json), and what they give
_STRICT = {
    ("ascii", "t"): INT4,
    ("initcap", "t"): TEXT,
    ("json_typeof", "j"): TEXT,
    ("jsonb_strip_nulls", "j"): _JSONB,
    ("jsonb_typeof", "j"): TEXT,
    ("left", "ti"): TEXT,
    ("md5", "t"): TEXT,
    ("position", "tt"): INT4,
    ("replace", "ttt"): TEXT,
    ("reverse", "t"): TEXT,
    ("right", "ti"): TEXT,
    ("starts_with", "tt"): BOOLEAN,
    ("strpos", "tt"): INT4,
    ("translate", "ttt"): TEXT,
}
_FIELDS = ("epoch", "year", "quarter", "month", "week", "day", "dow", "doy", "hour", "minute", "second")
_SPAN = re.compile(r"[0-9]{1,3} (year|month|week|day|hour|minute|second)s?", re.IGNORECASE)


def called(schema: Schema, name: str, arguments: Sequence[Term], findings: Findings) -> Term:
    """What a built-in function gives."""
    if any(own.name == name for own in schema.functions):
        raise NotUnderstood(f"function `{name}`")
    reason = f"function `{name}`"
    nulls = [argument.null for argument in arguments]
    letters = "".join(map(_letter, arguments))
    match name, arguments:
        case _, [] if name in _CLOCKS:
            term = _any(carrier_of(schema, SqlType(_CLOCKS[name])), NO, reason, findings)
            unit = DAY if term.carrier.kind is Kind.DATE else 1
            findings.facts += [term.value >= MILLENNIUM // unit, term.value < _LAST_YEAR // unit]
            return term
        case _, [] if name in _IDENTIFIERS:
            return _any(carrier_of(schema, SqlType("uuid")), NO, reason, findings)
        case ("concat", [_, *_]):
            return _any(TEXT, NO, reason, findings)
        case ("concat_ws", [_, _, *_]) if letters[0] == "t":
            return _any(TEXT, nulls[0], reason, findings)
        case ("jsonb_build_array", _):
            return _any(_JSONB, NO, reason, findings)
        case ("jsonb_build_object", _) if len(arguments) % 2 == 0 and all(map(is_no, nulls[::2])):
            return _any(_JSONB, NO, reason, findings)
        case ("to_jsonb", [term]) if term.written is None:
            return _any(_JSONB, term.null, reason, findings)
        case ("split_part", [_, _, place]) if letters == "tti" and _is_not_zero(place):
            return _any(TEXT, any_of(nulls), reason, findings)
        case ("substr" | "substring", [_, _]) if letters == "ti":
            return _any(TEXT, any_of(nulls), reason, findings)
        case ("substr" | "substring", [_, _, length]) if letters == "tii" and _is_not_negative(length):
            return _any(TEXT, any_of(nulls), reason, findings)
        case ("extract", [field, moment]) if field.written in _FIELDS and moment.carrier.kind in _MOMENTS:
            # of what is endless some fields are NULL
            null = any_of([moment.null, z3.Bool(fresh_name("endless"))])
            return _any(NUMERIC, null, reason, findings)
        case ("timezone", [zone, moment]) if str(zone.written).lower() == "utc" and (
            moment.carrier.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
        ):
            with_zone = moment.carrier.kind is Kind.TIMESTAMPTZ
            other = carrier_of(schema, SqlType("timestamp" if with_zone else "timestamptz"))
            return replace(moment, carrier=other)
        case _ if (name, letters) in _STRICT:
            return _any(_STRICT[name, letters], any_of(nulls), reason, findings)
        case _:
            raise NotUnderstood(reason)


def operated(name: str, operands: Sequence[Term], findings: Findings) -> Term:
    """What an operator gives."""
    reason = f"operator `{name}`"
    nulls = [operand.null for operand in operands]
    letters = "".join(map(_letter, operands))
    match name, letters:
        case "->" | "->>", "jt" | "ji":
            carrier = TEXT if name == "->>" else operands[0].carrier
            return _any(carrier, any_of([*nulls, z3.Bool(fresh_name("absent"))]), reason, findings)
        case "?", "jt" if operands[0].carrier.type.name == "jsonb":
            return _any(BOOLEAN, any_of(nulls), reason, findings)
        case "||" | "@>" | "<@", "jj" if all(each.carrier.type.name == "jsonb" for each in operands):
            return _any(_JSONB if name == "||" else BOOLEAN, any_of(nulls), reason, findings)
        case _:
            raise NotUnderstood(reason)


def moved(clock: Term, span: Expression, findings: Findings) -> Term:
    """What a clock shows, so much later or earlier; no year that comes of it is out of range."""
    match span:
        case Cast(Constant("string", str(written)), SqlType("interval")) if _SPAN.fullmatch(written):
            carrier = clock.carrier
            if carrier.kind is Kind.DATE:
                carrier = carrier_of(Schema(), SqlType("timestamp"))
            return _any(carrier, clock.null, f"interval `{written}`", findings)
        case _:
            raise NotUnderstood(f"`{to_sql(span)}` from now")


def is_clock(call: Call) -> bool:
    """Whether it tells the time."""
    return call.name in _CLOCKS and not call.arguments


def listed(type_: SqlType, findings: Findings) -> Term:
    """An array of values, which have been looked at."""
    return _any(Carrier(Kind.OTHER, type_), NO, "an array", findings)


def converted(source: Term, target: Carrier, findings: Findings) -> Term:
    """A value as text, which every value has, or a moment as the clocks of a zone tell it."""
    before = source.carrier
    reason = f"conversion of {type_to_sql(before.type)} to {type_to_sql(target.type)}"
    if source.written is None and target.kind is Kind.TEXT:
        term = _any(TEXT, source.null, reason, findings)
        if before.kind is not Kind.UUID:
            return term
        written = z3.Function("uuid as text", z3.IntSort(), z3.StringSort())(source.value)
        read = z3.Function("text as uuid", z3.StringSort(), z3.IntSort())(written)
        findings.facts += [z3.Length(written) == 36, read == source.value]
        return replace(term, value=written)
    if before.kind in _MOMENTS and target.kind in _MOMENTS:
        micros = source.value * DAY if before.kind is Kind.DATE else source.value
        told = _rezoned(micros, negation(source.null), findings)
        value = told / DAY if target.kind is Kind.DATE else told
        doubt = Doubt(YES, "the time zone of the session")
        findings.doubts.append(doubt)
        return Term(replace(target.bare, precision=None), source.null, value, (doubt,))
    raise NotUnderstood(reason)


def _rezoned(micros: Value, present: Value, findings: Findings) -> Value:
    """The time by the clock of the session's zone, or of what that clock showed: less than a day away."""
    moved = z3.Int(fresh_name("zone"))
    first, last = FIRST_DAY * DAY, LAST_DAY * DAY
    endless = z3.Or(micros == first, micros == last)
    result = z3.If(endless, micros, micros + moved)
    findings.facts += [moved > -DAY, moved < DAY]
    findings.errors.append(all_of([present, z3.Not(endless), z3.Or(result <= first, result >= last)]))
    return result


def _any(carrier: Carrier, null: Value, reason: str, findings: Findings) -> Term:
    term = fresh(carrier, "some", findings, nullable=False)
    doubt = Doubt(YES, reason)
    findings.doubts.append(doubt)
    return replace(term, null=null, doubts=(doubt,))


def _letter(term: Term) -> str:
    """What a function takes the value for; a quoted literal is text, where it is not told otherwise."""
    kind, type_ = term.carrier.kind, term.carrier.type
    if kind in _TEXTUAL:
        return "t"
    if kind is Kind.INTEGER and term.carrier.width <= 4:
        return "i"
    return "j" if kind is Kind.OTHER and type_.name in _JSON and not type_.array else "?"


def _is_not_zero(term: Term) -> bool:
    return bool(z3.is_int_value(term.value) and term.value.as_long() != 0)


def _is_not_negative(term: Term) -> bool:
    return bool(z3.is_int_value(term.value) and term.value.as_long() >= 0)
