"""Defines `Encoder`: expressions read as z3 terms, with SQL's three-valued logic kept exactly.

A condition becomes a `Truth`: when it is true, and when it is false (neither: NULL). A condition that is not
understood is an uninterpreted function of the columns it reads: the same text over the same values has the
same outcome (PostgreSQL demands that of a CHECK), nothing else is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple, assert_never

import z3

from rung.migrations.carriers import (
    BOOLEAN,
    INT4,
    INT8,
    NUMERIC,
    TEXT,
    Carrier,
    Kind,
    carrier_of,
    integer_range,
)
from rung.migrations.encode_calls import call
from rung.migrations.expression_text import quote_name, to_sql
from rung.migrations.expressions import (
    And,
    Arithmetic,
    Between,
    BooleanTest,
    Call,
    Case,
    Cast,
    ColumnRef,
    Comparison,
    ComparisonOperator,
    Concatenation,
    Constant,
    Expression,
    InList,
    IsDistinct,
    IsNull,
    Like,
    Negative,
    Not,
    Opaque,
    Or,
    Parameter,
    Quantified,
    columns,
    map_columns,
    walk,
)
from rung.migrations.schema import Schema
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    NotUnderstood,
    Term,
    all_of,
    any_of,
    choose,
    collated,
    convert,
    doubtful,
    fresh_name,
    negation,
    null_of,
)
from rung.migrations.values import DAY, INFINITY, Value, literal, real, sort_of, text

_UNTYPED = Carrier(Kind.TEXT, TEXT.type)
_TEXTUAL = (Kind.TEXT, Kind.PADDED)
_VOLATILE_NAMES = (
    "now current_timestamp current_date current_time localtime localtimestamp clock_timestamp "
    "statement_timestamp transaction_timestamp timeofday random gen_random_uuid uuid_generate_v4 "
    "uuid_generate_v1 uuidv4 uuidv7 nextval currval lastval current_user session_user user txid_current"
)
VOLATILE = frozenset(_VOLATILE_NAMES.split())
"""Functions that may answer differently each time."""


class Truth(NamedTuple):
    """When a condition is true, and when it is false; it is NULL where neither holds."""

    true: Value
    false: Value


def _inverse(truth: Truth) -> Truth:
    return Truth(truth.false, truth.true)


@dataclass(slots=True)
class Encoder:
    """Reads expressions over one row: `scope` gives the value of each column.

    Errors, facts and doubts that come up are gathered in `findings`. `replaced` names the functions that
    a migration redefines: they need not answer as before.
    """

    schema: Schema
    scope: Mapping[str, Term]
    replaced: frozenset[str] = frozenset()
    findings: Findings = field(default_factory=Findings)

    def truth(self, expression: Expression) -> Truth:
        """The condition's truth."""
        try:
            return self._truth(expression)
        except NotUnderstood as unclear:
            return self._opaque(expression, str(unclear))

    def value(self, expression: Expression, target: Carrier | None, explicit: bool = False) -> Term:
        """The expression's value, converted to `target`; if not understood, any value or an error.

        Without a target it has a type of its own; a literal that has none is text.
        """
        mark = len(self.findings.errors)
        try:
            term = self._scalar(expression)
            if target is None and term.written is None:
                return term
            return convert(term, target or TEXT, explicit, self.findings)
        except NotUnderstood as unclear:
            del self.findings.errors[mark:]
            reason = f"`{to_sql(expression)}`: {unclear}"
            self.findings.errors.append(z3.Bool(fresh_name("may fail")))
            self.findings.doubts.append(Doubt(YES, reason))
            return doubtful(target or TEXT, "unknown", reason, self.findings)

    # conditions

    def _truth(self, expression: Expression) -> Truth:
        match expression:
            case Constant("boolean", value):
                return Truth(YES, NO) if value else Truth(NO, YES)
            case And(parts):
                truths = [self.truth(part) for part in parts]
                return Truth(all_of([part.true for part in truths]), any_of([part.false for part in truths]))
            case Or(parts):
                truths = [self.truth(part) for part in parts]
                return Truth(any_of([part.true for part in truths]), all_of([part.false for part in truths]))
            case Not(operand):
                return _inverse(self.truth(operand))
            case IsNull(operand, negated):
                null = self._scalar(operand).null
                answer = Truth(null, negation(null))
                return _inverse(answer) if negated else answer
            case BooleanTest(operand, test, negated):
                inner = self.truth(operand)
                held = {"true": inner.true, "false": inner.false}.get(test)
                if held is None:
                    held = negation(any_of([inner.true, inner.false]))
                answer = Truth(held, negation(held))
                return _inverse(answer) if negated else answer
            case Comparison(operator, left, right):
                return self._comparison(operator, left, right)
            case IsDistinct(left, right, negated):
                one, other = self._compare(self._unified(self._scalar(left), self._scalar(right)))
                same_nulls = all_of([one.null, other.null])
                present = [negation(one.null), negation(other.null)]
                same = any_of([same_nulls, all_of([*present, one.value == other.value])])
                answer = Truth(negation(same), same)
                return _inverse(answer) if negated else answer
            case InList(operand, items, negated):
                answer = self._quantified("=", operand, items, every=False)
                return _inverse(answer) if negated else answer
            case Quantified(operator, operand, items, every):
                return self._quantified(operator, operand, items, every)
            case Between(operand, low, high, negated, symmetric):
                answer = self._between(operand, low, high)
                if symmetric:
                    swapped = self._between(operand, high, low)
                    answer = Truth(any_of([answer.true, swapped.true]), all_of([answer.false, swapped.false]))
                return _inverse(answer) if negated else answer
            case Like():
                return self._like(expression)
            case _:
                term = self._scalar(expression)
                if term.written is not None:
                    term = convert(term, BOOLEAN, False, self.findings)
                if term.carrier.kind is not Kind.BOOLEAN:
                    raise NotUnderstood("a condition that is not boolean")
                present = negation(term.null)
                return Truth(all_of([present, term.value]), all_of([present, negation(term.value)]))

    def _between(self, operand: Expression, low: Expression, high: Expression) -> Truth:
        above, below = self._comparison(">=", operand, low), self._comparison("<=", operand, high)
        return Truth(all_of([above.true, below.true]), any_of([above.false, below.false]))

    def _quantified(
        self, operator: ComparisonOperator, operand: Expression, items: Sequence[Expression], every: bool
    ) -> Truth:
        truths = [self._comparison(operator, operand, item) for item in items]
        true, false = [part.true for part in truths], [part.false for part in truths]
        return Truth(all_of(true), any_of(false)) if every else Truth(any_of(true), all_of(false))

    def _comparison(self, operator: ComparisonOperator, left: Expression, right: Expression) -> Truth:
        one, other = self._compare(self._unified(self._scalar(left), self._scalar(right)))
        present = all_of([negation(one.null), negation(other.null)])
        if z3.is_false(present):
            return Truth(NO, NO)
        outcome = self._compared(operator, one, other)
        return Truth(all_of([present, outcome]), all_of([present, negation(outcome)]))

    def _compare(self, pair: tuple[Term, Term]) -> tuple[Term, Term]:
        """Both terms as the server compares them."""
        if self.schema.dialect == "postgres":
            return pair
        one, other = (collated(term) for term in pair)
        if one.carrier.kind is Kind.TEXT or one.carrier.kind is Kind.PADDED:
            self.findings.doubts += [*one.doubts[-1:], *other.doubts[-1:]]
        return one, other

    def _compared(self, operator: ComparisonOperator, one: Term, other: Term) -> Value:
        left, right = one.value, other.value
        if operator in ("=", "<>"):
            if one.carrier.kind is Kind.OTHER:
                self.findings.doubts.append(Doubt(YES, f"values of type {one.carrier.type.name}"))
            same = left == right
            return same if operator == "=" else negation(same)
        match one.carrier.kind:
            case Kind.TEXT | Kind.PADDED if self.schema.dialect != "postgres":
                raise NotUnderstood("the order of a collation")
            case Kind.TEXT | Kind.PADDED | Kind.BYTES | Kind.OTHER:
                return _against_empty(operator, left, right)
            case Kind.BOOLEAN:
                left, right = _as_number(left), _as_number(right)
            case Kind.ENUM:
                left, right = _position(left, one.carrier.labels), _position(right, one.carrier.labels)
            case _:
                pass
        ordered = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
        return ordered[operator]

    def _like(self, expression: Like) -> Truth:
        operand, pattern = self._scalar(expression.operand), expression.pattern
        if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
            raise NotUnderstood("LIKE with a computed pattern")
        if self.schema.dialect != "postgres":
            raise NotUnderstood("LIKE by a collation")
        if expression.case_insensitive or operand.carrier.kind is not Kind.TEXT:
            raise NotUnderstood("ILIKE" if expression.case_insensitive else "LIKE on a type other than text")
        escape = "\\" if expression.escape is None else expression.escape
        matched = z3.InRe(operand.value, _pattern(pattern.value, escape))
        present = negation(operand.null)
        answer = Truth(all_of([present, matched]), all_of([present, z3.Not(matched)]))
        return _inverse(answer) if expression.negated else answer

    def _opaque(self, expression: Expression, reason: str) -> Truth:
        """A condition of which only its text is known, as a function of the columns it reads."""
        named = columns(expression)
        used = None if named is None else sorted({column.name for column in named})
        reason = f"`{to_sql(expression)}` ({reason})"
        if used is None or any(name not in self.scope for name in used) or self._is_volatile(expression):
            name = fresh_name("opaque")
            null, value, error, certain = z3.Bool(f"{name}#null"), z3.Bool(name), z3.Bool(f"{name}#error"), NO
        else:
            # Columns by position: the text then survives a rename.
            numbered = {name: f"#{index}" for index, name in enumerate(used)}
            key = to_sql(map_columns(expression, lambda column: ColumnRef(numbered[column.name])))
            if any(isinstance(part, Opaque) for part in walk(expression)):
                key = to_sql(expression)
            arguments = [part for name in used for part in _argument(self.scope[name])]
            sorts = [argument.sort() for argument in arguments]
            null, value, error = (
                z3.Function(f"{key}#{part}", *sorts, z3.BoolSort())(*arguments)
                if arguments
                else z3.Bool(f"{key}#{part}")
                for part in ("null", "value", "error")
            )
            # The built-in operators are strict: NULL where an operand is.
            strict = isinstance(expression, Opaque) and expression.reason.startswith("operator")
            certain = any_of([self.scope[name].null for name in used]) if strict else NO
            self.findings.facts.append(z3.Implies(certain, null))
        self.findings.doubts.append(Doubt(negation(certain), reason))
        self.findings.errors.append(all_of([negation(certain), error]))
        return Truth(z3.And(z3.Not(null), value), z3.And(z3.Not(null), z3.Not(value)))

    def _is_volatile(self, expression: Expression) -> bool:
        for part in walk(expression):
            if isinstance(part, Call) and (part.name in VOLATILE or part.name in self.replaced):
                return True
            if isinstance(part, Opaque):
                written = part.text.lower()
                if (
                    any(f"{name}(" in written for name in (*VOLATILE, *self.replaced))
                    or "current_" in written
                ):
                    return True
        return False

    # values

    def _scalar(self, expression: Expression) -> Term:
        match expression:
            case Constant():
                return _constant(expression)
            case ColumnRef(name):
                found = self.scope.get(name)
                if found is None:
                    raise NotUnderstood(f"column `{quote_name(name)}`")
                self.findings.doubts += found.doubts
                return replace(found, carrier=found.carrier.bare)
            case Cast(operand, type_):
                target = carrier_of(self.schema, type_)
                if target.domains:
                    raise NotUnderstood(f"cast to the domain {type_.name}")
                return convert(self._scalar(operand), target, True, self.findings)
            case Arithmetic(operator, left, right):
                return self._arithmetic(operator, self._scalar(left), self._scalar(right))
            case Negative(operand):
                term = self._scalar(operand)
                carrier = term.carrier.bare if term.carrier.kind is Kind.INTEGER else INT4
                return self._arithmetic("-", Term(carrier, NO, z3.IntVal(0)), term)
            case Concatenation(left, right):
                one, other = self._scalar(left), self._scalar(right)
                if one.carrier.kind not in _TEXTUAL or other.carrier.kind not in _TEXTUAL:
                    raise NotUnderstood("|| on a type other than text")
                null = any_of([one.null, other.null])
                return Term(TEXT, null, z3.Concat(one.value, other.value))
            case Case(branches, default):
                return self._case(branches, default)
            case Call(name, arguments, schema):
                if self.schema.dialect != "postgres" and name in ("nullif", "lower", "upper"):
                    raise NotUnderstood(f"function `{name}`")
                if schema is not None or name in self.replaced or name in VOLATILE:
                    raise NotUnderstood(f"function `{name}`")
                return call(name, [self._scalar(argument) for argument in arguments], self)
            case Opaque(_, reason):
                raise NotUnderstood(reason)
            case Parameter(name):
                raise NotUnderstood(f"parameter `{name}`")
            case (
                Comparison()
                | IsNull()
                | IsDistinct()
                | BooleanTest()
                | InList()
                | Quantified()
                | Between()
                | And()
                | Or()
                | Not()
                | Like()
            ):
                truth = self.truth(expression)
                return Term(BOOLEAN, negation(any_of([truth.true, truth.false])), truth.true)
            case _:
                assert_never(expression)

    def _case(self, branches: Sequence[tuple[Expression, Expression]], default: Expression | None) -> Term:
        results = [self._scalar(result) for _, result in branches]
        last = None if default is None else self._scalar(default)
        typed = self.alike([*results, last] if last is not None else results)
        answer = typed[-1] if last is not None else null_of(typed[0].carrier)
        for (condition, _), result in reversed(list(zip(branches, typed, strict=False))):
            answer = choose(self.truth(condition).true, result, answer)
        return answer

    def _arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        one, other = self._unified(left, right, arithmetic=True)
        kind, null = one.carrier.kind, any_of([one.null, other.null])
        if kind is Kind.INTEGER:
            wide = max(one.carrier, other.carrier, key=lambda carrier: carrier.width)
            result = _calculated(operator, one.value, other.value)
            low, high = integer_range(wide)
            self.findings.errors.append(all_of([negation(null), z3.Or(result < low, result > high)]))
            return Term(wide.bare, null, result)
        if kind is Kind.NUMERIC and operator in ("+", "-", "*"):
            special = [
                z3.Or(part.value >= INFINITY, part.value <= -INFINITY)
                for part in (one, other)
                if not z3.is_rational_value(part.value)
            ]
            unusual = all_of([negation(null), any_of(special)])
            self.findings.doubts.append(Doubt(unusual, "arithmetic on NaN or infinity"))
            anything = z3.Real(fresh_name("special"))
            result = _calculated(operator, one.value, other.value)
            return Term(NUMERIC, null, z3.If(any_of(special), anything, result))
        raise NotUnderstood(f"{operator} on {kind.value}")

    def _unified(self, left: Term, right: Term, arithmetic: bool = False) -> tuple[Term, Term]:
        """Both terms as one kind, as the database's operator resolution has it."""
        if arithmetic and Kind.INTEGER is left.carrier.kind is right.carrier.kind:
            return left, right
        one, other = self.alike([left, right])
        return one, other

    def alike(self, terms: Sequence[Term]) -> list[Term]:
        """The terms as one kind: quoted literals take the others' type, numbers the wider one."""
        typed = [term for term in terms if term.written is None and not z3.is_true(term.null)]
        if not typed:
            return list(terms)
        target = max(typed, key=lambda term: _RANK.get(term.carrier.kind, 0)).carrier.bare
        return [self._promoted(term, target) for term in terms]

    def _promoted(self, term: Term, target: Carrier) -> Term:
        if z3.is_true(term.null):
            return null_of(target)
        if term.written is not None:
            read = literal(target, term.written)
            if read is None:
                raise NotUnderstood(f"`{term.written}` as {target.type.name}")
            return Term(target, NO, read)
        before, after = term.carrier.kind, target.kind
        if before is after and (after not in (Kind.OTHER, Kind.ENUM) or term.carrier.type == target.type):
            return term
        match before, after:
            case (Kind.INTEGER, Kind.NUMERIC):
                return Term(NUMERIC, term.null, z3.ToReal(term.value))
            case (Kind.INTEGER, Kind.FLOAT) if term.carrier.width < 8 and target.width == 8:
                return Term(target, term.null, z3.ToReal(term.value))
            case (Kind.NUMERIC, Kind.FLOAT) if z3.is_rational_value(term.value):
                # As a double, which is what the comparison is made in.
                return Term(target, term.null, real(Fraction(float(term.value.as_fraction()))))
            case (Kind.PADDED, Kind.TEXT):
                return replace(term, carrier=target)
            case (Kind.DATE, Kind.TIMESTAMP):
                return Term(target, term.null, term.value * DAY)
            case _:
                raise NotUnderstood(f"{before.value} with {after.value}")


_RANK = {
    Kind.INTEGER: 1,
    Kind.NUMERIC: 2,
    Kind.FLOAT: 3,
    Kind.PADDED: 1,
    Kind.TEXT: 2,
    Kind.DATE: 1,
    Kind.TIMESTAMP: 2,
}


def _argument(term: Term) -> tuple[Value, Value]:
    """A column as arguments of an uninterpreted function; the value under a NULL must not count."""
    neutral = z3.Const(f"neutral#{term.carrier.kind.value}", sort_of(term.carrier.kind))
    return term.null, z3.If(term.null, neutral, term.value)


def _constant(constant: Constant) -> Term:
    match constant.kind, constant.value:
        case "null", _:
            return null_of(_UNTYPED)
        case "boolean", value:
            return Term(BOOLEAN, NO, z3.BoolVal(bool(value)))
        case "integer", int(value):
            carrier = INT4 if -(2**31) <= value < 2**31 else INT8
            return Term(carrier, NO, z3.IntVal(value))
        case "numeric", value:
            number = Fraction(str(value))
            if abs(number) >= 10**390:
                raise NotUnderstood("a number of more than 390 digits")
            return Term(NUMERIC, NO, real(number))
        case _, value:
            written = str(value)
            return Term(_UNTYPED, NO, text(written), written=written)


def _calculated(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "%" if z3.is_int_value(right) and right.as_long() > 0:
            # The sign is the dividend's, as in C.
            return z3.If(left >= 0, left % right, -((-left) % right))
        case _:
            raise NotUnderstood(f"operator {operator}")


def _as_number(value: Value) -> Value:
    return z3.If(value, z3.IntVal(1), z3.IntVal(0))


def _position(value: Value, labels: Sequence[str]) -> Value:
    answer = z3.IntVal(len(labels))
    for index, label in reversed(list(enumerate(labels))):
        answer = z3.If(value == text(label), z3.IntVal(index), answer)
    return answer


def _against_empty(operator: ComparisonOperator, left: Value, right: Value) -> Value:
    """Text is ordered by its collation, of which only this is known: nothing is less than the empty text."""
    empty = text("")
    if z3.is_string_value(right) and right.as_string() == "":
        return {">": left != empty, "<=": left == empty, ">=": YES, "<": NO}[operator]
    if z3.is_string_value(left) and left.as_string() == "":
        return {"<": right != empty, ">=": right == empty, "<=": YES, ">": NO}[operator]
    raise NotUnderstood("the order of a collation")


def _pattern(pattern: str, escape: str) -> Value:
    """A LIKE pattern as a regular expression."""
    any_letter, parts = z3.AllChar(z3.ReSort(z3.StringSort())), [z3.Re("")]
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            following = next(letters, None)
            if following is None:
                raise NotUnderstood("a LIKE pattern that ends with its escape")
            parts.append(z3.Re(text(following)))
        elif letter == "%":
            parts.append(z3.Star(any_letter))
        else:
            parts.append(any_letter if letter == "_" else z3.Re(text(letter)))
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]
