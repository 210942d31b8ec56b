"""Defines the goals of a step beside the demands of its table (conversions, types within types, late checks),
and what a constraint, an index or a write reads, by which goals are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import z3

from rung.migrations.carriers import Kind, carrier_of, keeps_values
from rung.migrations.expressions import SqlType, columns
from rung.migrations.happenings import Goal, Tracked
from rung.migrations.keys import Key, Reference, failing, foreign_keys, key_columns, keys
from rung.migrations.rollout import Moment
from rung.migrations.rows import Refusal, Row, Rule, clash
from rung.migrations.schema import Check, Exclusion, ForeignKey, Name, Table
from rung.migrations.steps import Insert
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    Term,
    all_of,
    any_of,
    equal,
    fresh_name,
    identical,
    negation,
)
from rung.migrations.values import Value
from rung.migrations.writes import Attempt


def later(goal: Goal, table: Table) -> Goal:
    """The goal of a constraint that may be checked only when the transaction ends."""
    constraint = table.constraint(goal.refusal.name)
    if constraint is None or isinstance(constraint, Check) or not constraint.deferrable:
        return goal
    doubt = Doubt(YES, f"when `{constraint.name}` is checked")
    return replace(goal, doubts=(*goal.doubts, doubt))


def own_parent(name: Name, key: ForeignKey, row: Row) -> Value:
    """The row of the table `name` refers to itself."""
    pairs = [(row.get(one), row.get(other)) for one, other in zip(key.columns, key.referenced, strict=False)]
    if key.table != name or not pairs:
        return NO
    return _equal(pairs)


def _equal(pairs: Sequence[tuple[Term | None, Term | None]]) -> Value:
    return all_of(
        [
            equal(one, other)
            if one is not None and other is not None and one.carrier.kind is other.carrier.kind
            else NO
            for one, other in pairs
        ]
    )


def like(other: Reference, key: ForeignKey, row: Row) -> Value:
    """The row refers by other columns of its own to the very row that the key names."""
    names, table, referenced = other
    if table != key.table or referenced != key.referenced or names == key.columns:
        return NO
    return _equal([(row.get(one), row.get(two)) for one, two in zip(names, key.columns, strict=True)])


def remade(column: str, before: Table, old: Row, row: Row) -> Iterator[Goal]:
    """Constraints over a converted column are made again; for another kind of type that may fail."""
    left, right = old[column].carrier.kind, row[column].carrier.kind
    if left is right:
        return
    numeric = (left, right) in ((Kind.INTEGER, Kind.NUMERIC), (Kind.INTEGER, Kind.FLOAT))
    held = {key.name for key in foreign_keys(before)}
    for name in dependent(before, column):
        if numeric and name not in held:
            continue
        reason = f"`{name}` over another type"
        refused = z3.Bool(fresh_name("refused"))
        refusal = Refusal("type", column, (column,), refused, refused, (Doubt(YES, reason),))
        yield Goal(refusal, refused, refusal.doubts)


def lost(column: str, old: Sequence[Row], rows: Sequence[Tracked], passes: Value) -> list[Goal]:
    """Two values of a converted column become one, or a value becomes NULL; both rows convert."""
    (before, other_before), (one, other) = old, rows
    left, right = before.get(column), other_before.get(column)
    if left is None or right is None:
        return []
    gone = all_of([negation(left.null), one.terms[column].null])
    merged = all_of(
        [
            negation(left.null),
            negation(right.null),
            left.value != right.value,
            equal(one.terms[column], other.terms[column]),
            other.exists,
        ]
    )
    condition = all_of([one.exists, passes, any_of([gone, merged])])
    doubts = (*one.terms[column].doubts, *other.terms[column].doubts)
    refusal = Refusal("loss", column, (column,), condition, condition, doubts)
    return [Goal(refusal, condition, doubts)]


def unchanged(names: Iterable[str], before: Mapping[str, Term], after: Mapping[str, Term]) -> Value:
    """The columns have the values that they had."""
    parts: list[Value] = []
    for name in names:
        left, right = before.get(name), after.get(name)
        if left is None or right is None or left.carrier.kind is not right.carrier.kind:
            return NO
        parts.append(identical(left, right))
    return all_of(parts)


def dependent(table: Table, column: str) -> list[str]:
    """The constraints and indexes whose expressions or references read the column."""
    found: list[str] = []
    for constraint in table.constraints:
        if isinstance(constraint, Check):
            named = columns(constraint.expression)
            if named is None or any(reference.name == column for reference in named):
                found.append(constraint.name)
        elif isinstance(constraint, ForeignKey) and column in constraint.columns:
            found.append(constraint.name)
        elif isinstance(constraint, Exclusion):
            # Its operators are those of the types that it was made for.
            found.append(constraint.name)
    for index in table.indexes:
        parts = [key.expression for key in index.keys if key.expression is not None]
        parts += [index.where] if index.where is not None else []
        if any(reference.name == column for part in parts for reference in columns(part) or ()):
            found.append(index.name)
    return found


_WHOLE = tuple(SqlType(name) for name in ("int2", "int4", "int8"))


def own_clashes(attempt: Attempt, table: Table, other: Row, findings: Findings) -> Value:
    """The row, as the code's own schema would have it, breaks a uniqueness there against `other`."""
    own = attempt.code.writes.tables[table.name]
    inner = Findings()
    clashes = [
        clash(attempt.code.writes, key, attempt.view, other, inner)
        for key in keys(own)
        if same_columns(key_columns(key), own, table)
    ]
    findings.add(apart(inner))
    return any_of(clashes)


def apart(findings: Findings) -> Findings:
    """What is in doubt of rows that do not clash: values that a generator gave clash with no other."""
    return replace(findings, doubts=[doubt for doubt in findings.doubts if not doubt.drawn])


def unclear_writes(table: Table) -> list[Doubt]:
    """Why it is not known exactly what becomes of a row that is written to the table."""
    triggers = [
        f"trigger `{trigger.name}` on `{table.name}`"
        for trigger in table.triggers
        if trigger.enabled and set(trigger.events) & {"insert", "update"}
    ]
    found = [reason.reason for reason in table.opaque]
    if table.partitioning is not None or table.bounds is not None:
        found.append(f"partitions of `{table.name}`")
    return [
        *(Doubt(YES, reason, soft=True) for reason in triggers),
        *(Doubt(YES, reason) for reason in found),
    ]


def same_columns(names: Iterable[str], one: Table, other: Table) -> bool:
    """Whether both tables have the columns, of one type or both of whole numbers."""
    for name in names:
        left, right = one.column(name), other.column(name)
        if left is None or right is None:
            return False
        if left.type != right.type and not (left.type in _WHOLE and right.type in _WHOLE):
            return False
    return True


def reads(rule: Rule, touched: frozenset[str]) -> bool:
    if rule.column is not None:
        return rule.column in touched
    assert isinstance(rule.demand, Check)
    named = columns(rule.demand.expression)
    return bool(touched) and (named is None or any(column.name in touched for column in named))


def passes_over(step: Insert, key: Key) -> bool:
    """Whether a row that agrees with another on the key is not inserted, without an error."""
    if step.conflict is None or step.target is None or isinstance(step.target, str):
        return step.conflict is not None and step.target in (None, key.name)
    return sorted(step.target) == sorted(key.columns)


def changed_within(moment: Moment, before: Table, after: Table) -> Iterator[Goal]:
    """What is not known of the values where a type changed inside another, or a collation."""
    for column in after.columns:
        known = before.column(column.name)
        if known is None:
            continue
        reasons = []
        within = carrier_of(moment.after, column.type).kind is Kind.OTHER
        kept = keeps_values(moment.before, moment.after, column.type)
        if within and known.type == column.type and not kept:
            reasons.append(f"values of the changed type {column.type.name}")
        if known.collation != column.collation and any(
            column.name in key_columns(key) for key in keys(after)
        ):
            reasons.append(f"what another collation of `{column.name}` takes as equal")
        for reason in reasons:
            refused = z3.Bool(fresh_name("refused"))
            refusal = Refusal("type", column.name, (column.name,), refused, refused, (Doubt(YES, reason),))
            yield Goal(refusal, refused, refusal.doubts)


def computed(before: Table | None, after: Table) -> Iterator[Goal]:
    """What new indexes compute of the rows that are there may fail."""
    known = () if before is None else before.indexes
    for index in after.indexes:
        for reason in failing(index) if before is not None and index not in known else ():
            refused = z3.Bool(fresh_name("refused"))
            refusal = Refusal("type", index.name, (), refused, refused, (Doubt(YES, reason),))
            yield Goal(refusal, refused, refusal.doubts)
