"""Defines `Encoder`: expressions read as z3 terms, with SQL's three-valued logic kept exactly.

A condition becomes a `Truth`: when it is true, and when it is false (neither: NULL). A condition that is not
understood is an uninterpreted function of the columns it reads: the same text over the same values has the
same outcome (PostgreSQL demands that of a CHECK), nothing else is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple, assert_never

import z3

from rung.migrations import partial
from rung.migrations.alike import alike
from rung.migrations.carriers import (
    BOOLEAN,
    INT4,
    INT8,
    NUMERIC,
    TEXT,
    Carrier,
    Kind,
    carrier_of,
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
    SqlType,
    columns,
    map_columns,
    walk,
)
from rung.migrations.operators import calculated, compared, pattern
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
from rung.migrations.values import Value, real, sort_of, text

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
    _partly: bool = False
    """Whether a value of which little is known will do; a condition is read exactly, or by its text."""

    def truth(self, expression: Expression) -> Truth:
        """The condition's truth."""
        partly, self._partly = self._partly, False
        try:
            return self._truth(expression)
        except NotUnderstood as unclear:
            return self._opaque(expression, str(unclear))
        finally:
            self._partly = partly

    def value(self, expression: Expression, target: Carrier | None, explicit: bool = False) -> Term:
        """The expression's value, converted to `target`; if not understood, any value or an error.

        Without a target it has a type of its own; a literal that has none is text.
        """
        mark = len(self.findings.errors)
        try:
            return self._value(expression, target, explicit)
        except NotUnderstood as unclear:
            del self.findings.errors[mark:]
            self._partly = self.schema.dialect == "postgres"
            with suppress(NotUnderstood):
                return self._value(expression, target, explicit)
            del self.findings.errors[mark:]
            reason = f"`{to_sql(expression)}`: {unclear}"
            self.findings.errors.append(z3.Bool(fresh_name("may fail")))
            self.findings.doubts.append(Doubt(YES, reason))
            return doubtful(target or TEXT, "unknown", reason, self.findings)
        finally:
            self._partly = False

    def _value(self, expression: Expression, target: Carrier | None, explicit: bool) -> Term:
        term = self._scalar(expression)
        if target is None and term.written is None:
            return term
        return self._converted(term, target or TEXT, explicit)

    def _converted(self, term: Term, target: Carrier, explicit: bool) -> Term:
        """The term as a value of `target`; where that will do, as whatever text it is."""
        try:
            return convert(term, target, explicit, self.findings)
        except NotUnderstood:
            if not self._partly:
                raise
            return convert(partial.converted(term, target, self.findings), target, explicit, self.findings)

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
                one, other = self._compare(*alike([self._scalar(left), self._scalar(right)]))
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
        one, other = self._compare(*alike([self._scalar(left), self._scalar(right)]))
        present = all_of([negation(one.null), negation(other.null)])
        if z3.is_false(present):
            return Truth(NO, NO)
        outcome = compared(operator, one, other, self.findings, collated=self.schema.dialect != "postgres")
        return Truth(all_of([present, outcome]), all_of([present, negation(outcome)]))

    def _compare(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Both terms as the server compares them."""
        if self.schema.dialect == "postgres":
            return left, right
        one, other = collated(left), collated(right)
        if one.carrier.kind is Kind.TEXT or one.carrier.kind is Kind.PADDED:
            self.findings.doubts += [*one.doubts[-1:], *other.doubts[-1:]]
        return one, other

    def _like(self, expression: Like) -> Truth:
        operand, written = self._scalar(expression.operand), expression.pattern
        if not isinstance(written, Constant) or not isinstance(written.value, str):
            raise NotUnderstood("LIKE with a computed pattern")
        if self.schema.dialect != "postgres":
            raise NotUnderstood("LIKE by a collation")
        if expression.case_insensitive or operand.carrier.kind is not Kind.TEXT:
            raise NotUnderstood("ILIKE" if expression.case_insensitive else "LIKE on a type other than text")
        escape = "\\" if expression.escape is None else expression.escape
        matched = z3.InRe(operand.value, pattern(written.value, escape))
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
        if not (isinstance(expression, Opaque) and expression.harmless):
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
                if self._partly and isinstance(operand, Opaque) and operand.form == "array":
                    return self._array(operand.parts, target.type)
                return self._converted(self._scalar(operand), target, True)
            case Arithmetic("+" | "-", Call() as left, away) if self._partly and partial.is_clock(left):
                return partial.moved(self._scalar(left), away, self.findings)
            case Arithmetic(operator, left, right):
                return calculated(operator, self._scalar(left), self._scalar(right), self.findings)
            case Negative(operand):
                term = self._scalar(operand)
                carrier = term.carrier.bare if term.carrier.kind is Kind.INTEGER else INT4
                return calculated("-", Term(carrier, NO, z3.IntVal(0)), term, self.findings)
            case Concatenation(left, right):
                one, other = self._scalar(left), self._scalar(right)
                if self._partly and one.carrier.kind is other.carrier.kind is Kind.OTHER:
                    return partial.operated("||", [one, other], self.findings)
                if one.carrier.kind not in _TEXTUAL or other.carrier.kind not in _TEXTUAL:
                    raise NotUnderstood("|| on a type other than text")
                null = any_of([one.null, other.null])
                return Term(TEXT, null, z3.Concat(one.value, other.value))
            case Case(branches, default):
                return self._case(branches, default)
            case Call(name, arguments, schema):
                if self.schema.dialect != "postgres" and name in ("nullif", "lower", "upper"):
                    raise NotUnderstood(f"function `{name}`")
                if schema is not None or name in self.replaced or (name in VOLATILE and not self._partly):
                    raise NotUnderstood(f"function `{name}`")
                given = [self._scalar(argument) for argument in arguments]
                try:
                    return call(name, given, self.findings)
                except NotUnderstood:
                    if not self._partly:
                        raise
                    return partial.called(self.schema, name, given, self.findings)
            case Opaque(form="array", parts=[_, *_] as parts) if self._partly:
                element = alike([self._scalar(part) for part in parts])[0].carrier
                type_ = TEXT.type if element.kind is Kind.TEXT else element.type
                return partial.listed(replace(type_, array=1), self.findings)
            case Opaque(form="operator", name=name, parts=parts) if self._partly:
                return partial.operated(name, [self._scalar(part) for part in parts], self.findings)
            case Opaque(reason=reason):
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

    def _array(self, parts: Sequence[Expression], type_: SqlType) -> Term:
        """An array of what can become values of its type."""
        element = carrier_of(self.schema, replace(type_, array=0))
        if not type_.array or element.domains:
            raise NotUnderstood(f"an array as {type_.name}")
        for part in parts:
            self._converted(self._scalar(part), element, True)
        return partial.listed(type_, self.findings)

    def _case(self, branches: Sequence[tuple[Expression, Expression]], default: Expression | None) -> Term:
        results = [self._scalar(result) for _, result in branches]
        last = None if default is None else self._scalar(default)
        typed = alike([*results, last] if last is not None else results)
        answer = typed[-1] if last is not None else null_of(typed[0].carrier)
        for (condition, _), result in reversed(list(zip(branches, typed, strict=False))):
            answer = choose(self.truth(condition).true, result, answer)
        return answer


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
