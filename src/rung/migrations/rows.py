"""Defines a row in the solver (`Row`: a term for each column) and what a table refuses of it (`Refusal`).

A CHECK refuses a row for which it is false; NULL is accepted. A stored row obeys the validated constraints,
a row being written all that are enforced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, assert_never

import z3

from rung.migrations.carriers import TEXT, Kind, carrier_of
from rung.migrations.encode import VOLATILE, Encoder
from rung.migrations.expression_text import to_sql
from rung.migrations.expressions import (
    Between,
    Call,
    Case,
    Cast,
    Constant,
    Expression,
    Not,
    Opaque,
    Or,
    columns,
    walk,
)
from rung.migrations.keys import Key
from rung.migrations.schema import (
    Check,
    Column,
    Domain,
    ForeignKey,
    Name,
    NotNull,
    PrimaryKey,
    Schema,
    Table,
)
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    Term,
    all_of,
    any_of,
    collated,
    equal,
    fresh,
    is_no,
    negation,
    null_of,
)
from rung.migrations.values import Value

Row = Mapping[str, Term]
Breach = Literal[
    "not null",
    "check",
    "domain",
    "type",
    "generated",
    "unique",
    "foreign key",
    "loss",
    "range",
    "trigger",
    "error",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The database refuses a row where `condition` holds; `name` is the constraint's, or the column's.

    `certain` leaves out the errors of parts that need not have been evaluated when a row was accepted.
    `referenced` is the table in which a foreign key finds no row, by the columns `matching`. An `error` is
    one of a statement itself, whatever becomes of the row.
    """

    breach: Breach
    name: str
    columns: tuple[str, ...]
    condition: Value
    certain: Value
    doubts: tuple[Doubt, ...] = ()
    referenced: Name | None = None
    matching: tuple[str, ...] = ()

    @property
    def accepted(self) -> Value:
        """What is known of a row that was accepted."""
        return negation(self.certain)


def any_row(schema: Schema, table: Table, stem: str, findings: Findings) -> dict[str, Term]:
    """Any row of the right types; generated columns are computed."""
    row = {
        column.name: fresh(carrier_of(schema, column.type), f"{stem}.{column.name}", findings)
        for column in table.columns
    }
    compute_generated(schema, table, row, findings)
    return row


def compute_generated(
    schema: Schema,
    table: Table,
    row: dict[str, Term],
    findings: Findings,
    known: frozenset[str] = frozenset(),
) -> tuple[Doubt, ...]:
    """Set the generated columns of `row` from the others, unless they are `known`; the answer is what is in
    doubt of them.

    That is in doubt of these columns alone, but for whether a row can be computed at all.
    """
    unclear: list[Doubt] = []
    for column in table.columns:
        if column.generated is not None and column.name not in known:
            encoder = Encoder(schema, row)
            value = encoder.value(column.generated.expression, carrier_of(schema, column.type))
            inner = encoder.findings
            row[column.name] = replace(value, doubts=(*value.doubts, *inner.doubts))
            unclear += inner.doubts
            if inner.errors:
                inner.doubts = [doubt._replace(soft=True) for doubt in inner.doubts]
                findings.add(inner)
            else:
                findings.facts += inner.facts
    return tuple(unclear)


def default_value(schema: Schema, column: Column, findings: Findings) -> Term:
    """What the column gets where a statement does not name it. One that varies may be any value but NULL."""
    carrier = carrier_of(schema, column.type)
    default = column.default
    if default is None:
        default = next((domain.default for domain in carrier.domains if domain.default is not None), None)
    if column.identity is not None or (default is not None and varies(default)):
        term = fresh(carrier, f"default.{column.name}", findings, nullable=False)
        reason = f"the default of `{column.name}`"
        drawn = column.identity is not None or (default is not None and _is_unique(default))
        if drawn:
            findings.drawn.append((column.name, term.value))
        return Term(carrier, NO, term.value, (Doubt(YES, reason, drawn=drawn),))
    if default is None:
        return null_of(carrier)
    if carrier.kind is Kind.OTHER and _is_literal(default):
        # The database has read the literal already, when the default was set.
        term = fresh(carrier, f"default.{column.name}", findings, nullable=False)
        return replace(term, doubts=(Doubt(YES, f"the default of `{column.name}`"),))
    return Encoder(schema, {}, findings=findings).value(default, carrier)


_GENERATORS = frozenset(
    {"nextval", "gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7"}
)


def varies(default: Expression) -> bool:
    """Whether the default is a built-in that answers anew each time, and never NULL (`now()`)."""
    return _called(default) in VOLATILE


def _is_literal(default: Expression) -> bool:
    """Whether it is a constant, or an array of some."""
    while isinstance(default, Cast):
        default = default.operand
    if isinstance(default, Opaque) and default.form == "array":
        return all(isinstance(part, Constant) for part in default.parts)
    return isinstance(default, Constant) and default.kind != "null"


def _is_unique(default: Expression) -> bool:
    return _called(default) in _GENERATORS


def _called(default: Expression) -> str | None:
    while isinstance(default, Cast):
        default = default.operand
    return default.name if isinstance(default, Call) and default.schema is None else None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a table demands of each row by itself: NOT NULL, a CHECK, or a domain of a column."""

    column: str | None
    demand: NotNull | Check | Domain


def rules(schema: Schema, table: Table, stored: bool) -> tuple[Rule, ...]:
    """The table's demands; of a `stored` row only what was validated counts."""
    found: list[Rule] = []
    for column in table.columns:
        if column.not_null is not None and (column.not_null.validated or not stored):
            found.append(Rule(column.name, NotNull()))
        found += [Rule(column.name, domain) for domain in carrier_of(schema, column.type).domains]
    for constraint in table.constraints:
        if isinstance(constraint, Check) and constraint.enforced and (constraint.validated or not stored):
            found.append(Rule(None, constraint))
        if isinstance(constraint, PrimaryKey):
            found += [Rule(name, NotNull()) for name in constraint.columns]
    return tuple(dict.fromkeys(found))


def refusals(
    schema: Schema,
    demands: Iterable[Rule],
    row: Row,
    stored: bool,
    findings: Findings,
    replaced: frozenset[str] = frozenset(),
) -> list[Refusal]:
    """When each demand is not met by the row. Facts go to `findings`; each refusal carries its own doubts."""
    found: list[Refusal] = []
    for rule in demands:
        match rule.demand:
            case NotNull():
                assert rule.column is not None
                found.append(null_refusal(rule.column, row[rule.column]))
            case Check():
                found.append(check_refusal(schema, rule.demand, row, findings, replaced))
            case Domain():
                assert rule.column is not None
                found += domain_refusals(schema, rule.demand, rule.column, row[rule.column], stored, findings)
            case _:
                assert_never(rule.demand)
    return found


def null_refusal(column: str, term: Term) -> Refusal:
    doubts = () if z3.is_false(term.null) else term.doubts
    return Refusal("not null", column, (column,), term.null, term.null, doubts)


def check_refusal(
    schema: Schema, check: Check, row: Row, findings: Findings, replaced: frozenset[str] = frozenset()
) -> Refusal:
    """The rows for which the CHECK is false, or fails to evaluate."""
    encoder = Encoder(schema, row, replaced)
    truth = encoder.truth(check.expression)
    inner = encoder.findings
    findings.facts += inner.facts
    used = tuple(sorted(name for name in row if _names(check.expression, name)))
    error = any_of(inner.errors)
    raised = Doubt(error, f"an error in `{to_sql(check.expression)}`")
    certain = (
        all_of([truth.false, negation(error)]) if masks(check.expression) else any_of([truth.false, error])
    )
    doubts = (*inner.doubts, raised) if inner.errors else tuple(inner.doubts)
    return Refusal("check", check.name, used, any_of([truth.false, error]), certain, doubts)


def masks(expression: Expression) -> bool:
    """Whether a part may go unevaluated though the whole is not false, so that its errors stay unseen."""
    lazy = (Or, Not, Case)
    return any(
        isinstance(part, lazy)
        or (isinstance(part, Call) and part.name == "coalesce")
        or (isinstance(part, Between) and (part.negated or part.symmetric))
        for part in walk(expression)
    )


def _names(expression: Expression, column: str) -> bool:
    named = columns(expression)
    return named is None or any(reference.name == column for reference in named)


def domain_refusals(
    schema: Schema, domain: Domain, column: str, term: Term, stored: bool, findings: Findings
) -> list[Refusal]:
    """What a domain refuses of a column's value."""
    found = []
    if domain.not_null is not None and (domain.not_null.validated or not stored):
        doubts = () if z3.is_false(term.null) else term.doubts
        found.append(Refusal("domain", str(domain.name), (column,), term.null, term.null, doubts))
    for check in domain.checks:
        if check.enforced and (check.validated or not stored):
            inner = check_refusal(schema, check, {"value": term}, findings)
            name = check.name or str(domain.name)
            found.append(Refusal("domain", name, (column,), inner.condition, inner.certain, inner.doubts))
    return found


def clash(schema: Schema, key: Key, one: Row, other: Row, findings: Findings) -> Value:
    """Two rows agree on the key; doubts and facts go to `findings`."""
    parts = []
    for position, name in enumerate(key.columns):
        if name:
            left, right = one.get(name), other.get(name)
            if left is None or right is None:
                return NO
            findings.doubts += [*left.doubts, *right.doubts]
        else:
            assert key.index is not None
            expression = key.index.keys[position].expression
            left, right = _key_terms(schema, expression, key, one, other, findings)
        if schema.dialect != "postgres":
            left, right = collated(left), collated(right)
            findings.doubts += [*left.doubts, *right.doubts]
        same = equal(left, right)
        parts.append(same if key.nulls_distinct else any_of([all_of([left.null, right.null]), same]))
    if key.index is not None and key.index.where is not None:
        for row in (one, other):
            parts.append(Encoder(schema, row, findings=findings).truth(key.index.where).true)
    return all_of(parts)


def differ(key: Key, rows: Iterable[Row]) -> bool:
    """Whether the rows are literals in the key, and no two of them the same."""
    seen: dict[tuple[int, ...], list[Value]] = {}
    for row in rows:
        terms = [row.get(name) for name in key.columns]
        values = [z3.simplify(term.value) for term in terms if term is not None and is_no(term.null)]
        if len(values) < len(key.columns) or not all(map(_is_literal_value, values)):
            return False
        # A literal has one number wherever it stands, as long as it is kept.
        found = tuple(value.get_id() for value in values)
        if found in seen:
            return False
        seen[found] = values
    return bool(seen)


def _is_literal_value(value: Value) -> bool:
    return bool(
        z3.is_int_value(value)
        or z3.is_rational_value(value)
        or z3.is_string_value(value)
        or z3.is_true(value)
        or z3.is_false(value)
    )


def _key_terms(
    schema: Schema, expression: Expression | None, key: Key, one: Row, other: Row, findings: Findings
) -> tuple[Term, Term]:
    if expression is None:
        reason = f"a key of the index `{key.name}`"
        unknown = fresh(TEXT, "key", findings)
        findings.doubts.append(Doubt(YES, reason))
        return unknown, fresh(TEXT, "key", findings)
    left = Encoder(schema, one, findings=findings).value(expression, None)
    right = Encoder(schema, other, findings=findings).value(expression, None)
    return left, right


def refers(key: ForeignKey, row: Row) -> Value:
    """The row refers to some row of the other table: all its columns are there (MATCH SIMPLE)."""
    return all_of([negation(row[name].null) for name in key.columns if name in row])
