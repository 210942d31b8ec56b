"""Defines `Term`, an SQL value in the solver (NULL or a value of its carrier), and `convert`, casts on them.

What is known only in part is said so: an error is a condition under which the database refuses to go on,
a `Doubt` a condition under which the reading here may differ from the database's. Proofs hold whatever a
doubtful value is; a counterexample counts only where no doubt applies.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import NamedTuple

import z3

from rung.migrations.carriers import Carrier, Kind, integer_range
from rung.migrations.expression_text import type_to_sql
from rung.migrations.literals import is_read
from rung.migrations.values import DAY, INFINITY, NAN, Value, bounds, literal, real, sort_of, text

YES, NO = z3.BoolVal(True), z3.BoolVal(False)
MILLENNIUM = 946_684_800_000_000
"""The microseconds from 1970 to 2000, from where the server counts: halves are rounded away from there."""
BLANKS = z3.Star(z3.Re(" "))


class Doubt(NamedTuple):
    """Where `condition` holds, the reading may differ from the database's, because of `reason`.

    A `soft` doubt is about what happens besides (a trigger), not about the values: a replay can settle it.
    A `drawn` one is about which value a generator gave: surely one that no other row has.
    """

    condition: Value
    reason: str
    soft: bool = False
    drawn: bool = False

    def where(self, condition: Value) -> Doubt:
        """The doubt, where `condition` holds as well."""
        return self._replace(condition=all_of([condition, self.condition]))


@dataclass(frozen=True, slots=True)
class Term:
    """An SQL value: NULL where `null` holds, `value` otherwise.

    `written` is the text of a quoted literal, whose type is not settled yet.
    """

    carrier: Carrier
    null: Value
    value: Value
    doubts: tuple[Doubt, ...] = ()
    written: str | None = None


class NotUnderstood(Exception):  # noqa: N818 (no error: a signal within the encoder, always caught there)
    """A part of an expression that the solver cannot read exactly; its text says what."""


SWITCH = "?"
"""How the names of booleans begin that say whether something happened."""
FILLING = "_"
"""How the names of texts begin that are whatever is left of another, such as its blanks."""
_FRESH = count()


def switch(stem: str) -> Value:
    """A boolean that says whether something happened; `components` tells it from values by its name."""
    return z3.Bool(fresh_name(SWITCH + stem))


def fresh_name(stem: str) -> str:
    """A name that no other symbol has."""
    return f"{stem}!{next(_FRESH)}"


@dataclass(slots=True)
class Findings:
    """What reading some terms brought up: when the database refuses, what always holds, what is in doubt.

    `drawn` are values that a sequence or a generator of identifiers gave a column: no other row has them.
    """

    errors: list[Value] = field(default_factory=list)
    facts: list[Value] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    drawn: list[tuple[str, Value]] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        self.errors += other.errors
        self.facts += other.facts
        self.doubts += other.doubts
        self.drawn += other.drawn


# The library tells a constant by its name; by its number is many times faster.
_YES_ID, _NO_ID = YES.get_id(), NO.get_id()


def is_yes(condition: Value) -> bool:
    """Whether it is the constant true."""
    return bool(condition.get_id() == _YES_ID)


def is_no(condition: Value) -> bool:
    """Whether it is the constant false."""
    return bool(condition.get_id() == _NO_ID)


def any_of(conditions: list[Value]) -> Value:
    """Their disjunction, kept small."""
    present = [condition for condition in conditions if not is_no(condition)]
    return z3.Or(present) if len(present) > 1 else (present[0] if present else NO)


def all_of(conditions: list[Value]) -> Value:
    """Their conjunction, kept small."""
    present = [condition for condition in conditions if not is_yes(condition)]
    return z3.And(present) if len(present) > 1 else (present[0] if present else YES)


def negation(condition: Value) -> Value:
    if is_yes(condition) or is_no(condition):
        return NO if is_yes(condition) else YES
    return z3.Not(condition)


def fresh(carrier: Carrier, stem: str, findings: Findings, nullable: bool = True) -> Term:
    """Any value of the carrier, and NULL if `nullable`; its bounds go to the facts."""
    name = fresh_name(stem)
    value = z3.Const(name, sort_of(carrier.kind))
    findings.facts += bounds(carrier, value, name)
    return Term(carrier, z3.Bool(f"{name}#null") if nullable else NO, value)


def doubtful(carrier: Carrier, stem: str, reason: str, findings: Findings) -> Term:
    """Any value of the carrier or NULL, standing for what is not understood."""
    term = fresh(carrier, stem, findings)
    return replace(term, doubts=(Doubt(YES, reason),))


def null_of(carrier: Carrier) -> Term:
    value = z3.Const(f"null#{carrier.kind.value}", sort_of(carrier.kind))
    return Term(carrier, YES, value)


def choose(condition: Value, then: Term, otherwise: Term) -> Term:
    """`then` where the condition holds; both have one carrier kind."""
    if is_yes(condition) or is_no(condition):
        return then if is_yes(condition) else otherwise
    doubts = [doubt.where(condition) for doubt in then.doubts]
    other = negation(condition)
    doubts += [doubt.where(other) for doubt in otherwise.doubts]
    alike = then.null.get_id() == otherwise.null.get_id()
    null = then.null if alike else z3.If(condition, then.null, otherwise.null)
    return Term(then.carrier, null, z3.If(condition, then.value, otherwise.value), tuple(doubts))


def equal(left: Term, right: Term) -> Value:
    """Both are not NULL and equal, for terms of one kind."""
    return all_of([negation(left.null), negation(right.null), left.value == right.value])


def collated(term: Term) -> Term:
    """The text as MySQL and SQLite compare it, by a collation of which only that it is the same each time is
    known: letters of another case may be equal, and blanks at the end."""
    if term.carrier.kind not in (Kind.TEXT, Kind.PADDED):
        return term
    compared = z3.Function("collated", z3.StringSort(), z3.StringSort())(term.value)
    doubt = Doubt(negation(term.null), "how a collation compares text")
    return replace(term, value=compared, doubts=(*term.doubts, doubt))


def identical(left: Term, right: Term) -> Value:
    """IS NOT DISTINCT FROM, for terms of one kind."""
    both_null = all_of([left.null, right.null])
    return any_of([both_null, equal(left, right)])


def convert(source: Term, target: Carrier, explicit: bool, findings: Findings) -> Term:
    """The term as a value of `target`: by assignment, or by a cast where `explicit`.

    An assignment refuses what does not fit; a cast cuts text to its length. Domains are not checked here.
    """
    if z3.is_true(source.null):
        return null_of(target)
    if source.written is None:
        value = _change_kind(source, target, explicit, findings)
    else:
        value = literal(target, source.written)
        if value is None and not is_read(target, source.written):
            raise NotUnderstood(f"`{source.written}` as {type_to_sql(target.type)}")
        if value is None:
            reason = f"which {type_to_sql(target.type)} `{source.written}` is"
            return replace(fresh(target, "literal", findings, nullable=False), doubts=(Doubt(YES, reason),))
    term = Term(target, source.null, value, source.doubts)
    return _fit(term, source.carrier, explicit, findings)


def _change_kind(source: Term, target: Carrier, explicit: bool, findings: Findings) -> Value:
    value, present = source.value, negation(source.null)

    def refuse(condition: Value) -> None:
        findings.errors.append(all_of([present, condition]))

    def doubt(condition: Value, reason: str) -> None:
        findings.doubts.append(Doubt(all_of([present, condition]), reason))

    match source.carrier.kind, target.kind:
        case (Kind.OTHER, Kind.OTHER) if source.carrier.type == target.type:
            return value
        case (Kind.ENUM, Kind.ENUM) if _same_type(source.carrier, target):
            gone = [label for label in source.carrier.labels if label not in target.labels]
            if gone:
                refuse(any_of([value == text(label) for label in gone]))
            return value
        case (Kind.FLOAT, Kind.FLOAT) if target.width < source.carrier.width:
            raise NotUnderstood("rounding of a float")
        case (before, after) if before is after and before not in (Kind.OTHER, Kind.ENUM):
            return value
        case (Kind.INTEGER, Kind.NUMERIC):
            return z3.ToReal(value)
        case (Kind.INTEGER, Kind.FLOAT):
            exact = 1 << (53 if target.width == 8 else 24)
            doubt(z3.Or(value > exact, value < -exact), "rounding of a large integer to a float")
            return z3.ToReal(value)
        case (Kind.NUMERIC | Kind.FLOAT, Kind.INTEGER):
            refuse(z3.Or(value >= INFINITY, value <= -INFINITY))
            if source.carrier.kind is Kind.FLOAT:
                doubled = value * 2
                doubt(z3.And(z3.IsInt(doubled), z3.Not(z3.IsInt(value))), "rounding of a float")
            return _nearest(value)
        case (Kind.TEXT | Kind.ENUM, Kind.PADDED):
            return _stripped(value, findings)
        case (Kind.PADDED | Kind.ENUM, Kind.TEXT):
            return value
        case (Kind.BOOLEAN, Kind.TEXT):
            return z3.If(value, text("true"), text("false"))
        case (Kind.BOOLEAN, Kind.INTEGER) if explicit and target.width == 4:
            return z3.If(value, z3.IntVal(1), z3.IntVal(0))
        case (Kind.INTEGER, Kind.BOOLEAN) if explicit and source.carrier.width == 4:
            return value != 0
        case (Kind.INTEGER, Kind.TEXT):
            return z3.If(value >= 0, z3.IntToStr(value), z3.Concat(text("-"), z3.IntToStr(-value)))
        case (Kind.TEXT, Kind.ENUM) if explicit:
            refuse(z3.And([value != text(label) for label in target.labels]))
            return value
        case (Kind.DATE, Kind.TIMESTAMP):
            return value * DAY
        case (Kind.TIMESTAMP, Kind.DATE):
            return value / DAY
        case (Kind.TEXT, after) if explicit and after not in (Kind.BYTES, Kind.TEXT):
            return _parsed(value, target, present, findings)
        case _:
            before_text, after_text = type_to_sql(source.carrier.type), type_to_sql(target.type)
            raise NotUnderstood(f"conversion of {before_text} to {after_text}")


def _parsed(value: Value, target: Carrier, present: Value, findings: Findings) -> Value:
    """Text read as another type: digits as an integer are exact; `?` and the like no type accepts."""
    refused, result = z3.Bool(fresh_name("refused")), z3.Const(fresh_name("parsed"), sort_of(target.kind))
    findings.facts += bounds(target, result, result.decl().name())
    hopeless = value == text("?")
    reason = f"text read as {type_to_sql(target.type)}"
    if target.kind is Kind.INTEGER:
        digits = z3.InRe(value, z3.Plus(z3.Range("0", "9")))
        findings.doubts.append(Doubt(all_of([present, z3.Not(hopeless), z3.Not(digits)]), reason))
        findings.errors.append(all_of([present, z3.Not(digits), z3.Or(hopeless, refused)]))
        return z3.If(digits, z3.StrToInt(value), result)
    findings.doubts.append(Doubt(all_of([present, z3.Not(hopeless)]), reason))
    findings.errors.append(all_of([present, z3.Or(hopeless, refused)]))
    return result


def _same_type(left: Carrier, right: Carrier) -> bool:
    return (left.type.schema, left.type.name, left.type.array) == (
        right.type.schema,
        right.type.name,
        right.type.array,
    )


def _nearest(value: Value) -> Value:
    """The nearest integer, halves away from zero, as numeric rounds."""
    half = real(Fraction(1, 2))
    return z3.If(value >= 0, z3.ToInt(value + half), -z3.ToInt(half - value))


def _stripped(value: Value, findings: Findings) -> Value:
    """The text without its trailing blanks."""
    if z3.is_string_value(value):
        return text(value.as_string().rstrip(" ")) if "\\" not in value.as_string() else value
    result, blanks = z3.String(fresh_name("stripped")), z3.String(fresh_name(FILLING + "blanks"))
    findings.facts += [
        value == z3.Concat(result, blanks),
        z3.InRe(blanks, BLANKS),
        z3.Not(z3.SuffixOf(text(" "), result)),
    ]
    return result


def _fit(term: Term, before: Carrier, explicit: bool, findings: Findings) -> Term:
    """The term within the bounds of its carrier, or refused."""
    carrier, value, present = term.carrier, term.value, negation(term.null)
    if not _tighter(before, carrier):
        return term
    match carrier.kind:
        case Kind.INTEGER:
            low, high = integer_range(carrier)
            findings.errors.append(all_of([present, z3.Or(value < low, value > high)]))
            return term
        case Kind.NUMERIC:
            return _fit_numeric(term, findings)
        case Kind.TEXT:
            assert carrier.length is not None
            limit = z3.IntVal(carrier.length)
            long = z3.Length(value) > limit
            # Named parts and an equation are far easier for the solver than substrings.
            cut, excess = z3.String(fresh_name("cut")), z3.String(fresh_name("excess"))
            parts = z3.And(value == z3.Concat(cut, excess), z3.Length(cut) == limit)
            findings.facts.append(z3.Implies(long, parts))
            if not explicit:
                findings.errors.append(all_of([present, long, z3.Not(z3.InRe(excess, BLANKS))]))
            return replace(term, value=z3.If(long, cut, value))
        case Kind.PADDED:
            assert carrier.length is not None
            long = z3.Length(value) > carrier.length
            if explicit:
                cut = z3.SubString(value, 0, z3.IntVal(carrier.length))
                return replace(term, value=z3.If(long, _stripped(cut, findings), value))
            findings.errors.append(all_of([present, long]))
            return term
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ | Kind.TIME:
            assert carrier.precision is not None
            unit = 10 ** (6 - carrier.precision)
            start = 0 if carrier.kind is Kind.TIME else MILLENNIUM
            since = value - start
            up, down = (since + unit // 2) / unit, -((unit // 2 - since) / unit)
            return replace(term, value=z3.If(since >= 0, up, down) * unit + start)
        case _:
            return term


def _fit_numeric(term: Term, findings: Findings) -> Term:
    carrier, value = term.carrier, term.value
    assert carrier.precision is not None
    ten = real(Fraction(10) ** carrier.scale)
    rounded = z3.ToReal(_nearest(value * ten)) / ten
    finite = z3.And(value < INFINITY, value > -INFINITY)
    top = real(Fraction(10) ** (carrier.precision - carrier.scale))
    overflow = z3.Or(rounded >= top, rounded <= -top)
    refused = z3.Or(value == INFINITY, value == -INFINITY, z3.And(finite, overflow))
    findings.errors.append(all_of([negation(term.null), refused]))
    return replace(term, value=z3.If(value == NAN, value, rounded))


def _tighter(before: Carrier, after: Carrier) -> bool:
    """Whether a value of `before` may lie outside the bounds of `after`."""
    same = before.kind is after.kind
    match after.kind:
        case Kind.INTEGER:
            return not (same and before.width <= after.width)
        case Kind.NUMERIC:
            if after.precision is None:
                return False
            if before.kind is Kind.INTEGER:
                return True
            whole = after.precision - after.scale
            if not same or before.precision is None:
                return True
            return before.scale > after.scale or before.precision - before.scale > whole
        case Kind.TEXT | Kind.PADDED:
            if after.length is None:
                return False
            return before.length is None or before.length > after.length
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ | Kind.TIME:
            digits = 6 if after.precision is None else after.precision
            return digits < 6 and (before.precision is None or not same or before.precision > digits)
        case _:
            return False
