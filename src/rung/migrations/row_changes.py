"""Defines what one step of a migration does to a row (`row_change`): values that come, change and go.

What the step demands of rows (constraints) is not looked at here. A step that is not understood leaves a row
of any values that the table accepts, in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import z3

from rung.migrations.carriers import Carrier, Kind, carrier_of
from rung.migrations.encode import Encoder
from rung.migrations.expression_text import to_sql
from rung.migrations.expressions import And, ColumnRef, Expression, walk
from rung.migrations.joins import Joins, unsure
from rung.migrations.rollout import Moment
from rung.migrations.rows import (
    Refusal,
    Row,
    any_row,
    compute_generated,
    default_value,
    masks,
    refusals,
    rules,
)
from rung.migrations.schema import Column, Schema, Table
from rung.migrations.steps import (
    AddColumn,
    AlterColumnType,
    Delete,
    Insert,
    RenameColumn,
    RenameEnumValue,
    SetExpression,
    Truncate,
    Update,
)
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    Term,
    all_of,
    any_of,
    choose,
    doubtful,
    fresh,
    fresh_name,
    is_no,
    negation,
    switch,
)
from rung.migrations.touches import obscures
from rung.migrations.triggers import assigned, fired
from rung.migrations.values import Value, text


@dataclass(frozen=True, slots=True)
class Change:
    """The row after the step, and whether it is there. `touched` are the columns whose values may differ,
    those in `converted` only in their type.

    `refusals` are errors of the step's own expressions, where it writes a row: where `concerns` holds.
    `errors` are those of its condition, which it meets at every row.
    `inserted` says for each row of an INSERT whether this is that row, `given` what its values are.
    """

    row: dict[str, Term]
    exists: Value
    touched: frozenset[str] = frozenset()
    refusals: tuple[Refusal, ...] = ()
    concerns: Value = YES
    inserted: tuple[Value, ...] = ()
    converted: frozenset[str] = frozenset()
    errors: tuple[Refusal, ...] = ()
    given: tuple[Row, ...] = ()

    @property
    def revalued(self) -> frozenset[str]:
        """The columns whose values may be others than before, as a reference compares them."""
        return self.touched - self.converted


def row_change(
    moment: Moment,
    before: Table | None,
    after: Table | None,
    row: Row,
    exists: Value,
    findings: Findings,
    replaced: frozenset[str],
) -> Change:
    """What the step makes of a row of the table `before` that is there where `exists` holds."""
    if after is None:
        return Change({}, NO)
    if before is None:
        empty = Findings()
        return Change(any_row(moment.after, after, "new", empty), NO)
    step = moment.step
    target = moment.before.table(step.table) if isinstance(step, _TABLE_STEPS) else None
    mine = target is not None and target.name == before.name
    reasons = obscures(moment, before, after)
    if reasons:
        return _unknown(moment.after, after, reasons, findings)
    match step:
        case Update() if mine:
            return _update(moment, after, step, row, exists, findings, replaced)
        case Insert() if mine:
            return _insert(moment, after, step, row, exists, findings)
        case Delete() if mine:
            return _delete(moment.before, before, step, row, exists, findings, replaced)
        case Truncate() if mine or step.cascade:
            return Change(dict(row), NO if mine else all_of([exists, switch("kept")]))
        case RenameEnumValue():
            return _relabelled(moment, before, step, row, exists)
        case _:
            return _reshaped(moment, before, after, row, exists, findings)


_TABLE_STEPS = (
    Update,
    Insert,
    Delete,
    Truncate,
    AddColumn,
    AlterColumnType,
    RenameColumn,
    SetExpression,
)


def _unknown(schema: Schema, table: Table, reasons: Sequence[str], findings: Findings) -> Change:
    """Any row that the table accepts, there or not: what a statement that is not understood leaves, if it
    does not fail."""
    inner = Findings()
    anything = any_row(schema, table, "unknown", inner)
    for refusal in refusals(schema, rules(schema, table, stored=True), anything, True, inner):
        inner.facts.append(refusal.accepted)
        inner.doubts += refusal.doubts
    findings.facts += inner.facts
    findings.doubts += inner.doubts
    findings.doubts += [Doubt(YES, reason) for reason in reasons]
    doubts = tuple(Doubt(YES, reason) for reason in reasons)
    failure = Refusal("error", str(table.name), (), z3.Bool(fresh_name("refused")), NO, doubts)
    return Change(anything, switch("there"), frozenset(anything), errors=(failure,))


def _delete(
    schema: Schema,
    table: Table,
    step: Delete,
    row: Row,
    exists: Value,
    findings: Findings,
    replaced: frozenset[str],
) -> Change:
    if step.joined or step.computes:
        joins = Joins.of(schema, step, table, row, findings)
        matched, errors, unclear = joins.matched(step, table, row, exists, replaced, findings)
        findings.doubts += unclear
    else:
        matched, errors = _matched(schema, table, step.where, row, exists, findings, replaced)
    return Change(dict(row), all_of([exists, negation(matched)]), errors=errors)


def _matched(
    schema: Schema,
    table: Table,
    where: Expression | None,
    row: Row,
    exists: Value,
    findings: Findings,
    replaced: frozenset[str],
) -> tuple[Value, tuple[Refusal, ...]]:
    """When the WHERE is true of the row; and when it fails, whatever becomes of the row."""
    if where is None:
        return YES, ()
    encoder = Encoder(schema, row, replaced)
    matched = encoder.truth(where).true
    findings.facts += encoder.findings.facts
    findings.doubts += encoder.findings.doubts
    error = all_of([exists, any_of(encoder.findings.errors)])
    if is_no(error):
        return matched, ()
    # Which parts of it are evaluated, and in what order, is for the server to choose.
    chosen = masks(where) or any(isinstance(part, And) for part in walk(where))
    doubts = [*encoder.findings.doubts, *([Doubt(error, f"an error in `{to_sql(where)}`")] if chosen else [])]
    refusal = Refusal("error", table.name.name, (), error, NO if chosen else error, tuple(doubts))
    return matched, (refusal,)


def _update(
    moment: Moment,
    table: Table,
    step: Update,
    row: Row,
    exists: Value,
    findings: Findings,
    replaced: frozenset[str],
) -> Change:
    schema = moment.before
    joins: Joins | None = None
    unclear: tuple[Doubt, ...] = ()
    if step.joined or step.computes:
        joins = Joins.of(schema, step, table, row, findings)
        matched, errors, unclear = joins.matched(step, table, row, exists, replaced, findings)
    else:
        matched, errors = _matched(schema, table, step.where, row, exists, findings, replaced)
    concerns = all_of([exists, matched])
    changed = dict(row)
    found: list[Refusal] = []
    for assignment in step.assignments:
        column = table.column(assignment.column)
        if column is None:
            continue
        carrier = carrier_of(schema, column.type)
        encoder = Encoder(schema, row if joins is None else joins.scope, replaced)
        value = encoder.value(assignment.value if joins is None else joins.read(assignment.value), carrier)
        findings.facts += encoder.findings.facts
        doubts = tuple(encoder.findings.doubts)
        found += [
            Refusal("type", column.name, (column.name,), error, error, doubts)
            for error in encoder.findings.errors
            if not z3.is_false(error)
        ]
        # What is in doubt of the value is in doubt of this column alone.
        assigned = choose(matched, unsure(value, doubts), row[column.name])
        changed[column.name] = unsure(assigned, unclear)
    noted = _noted(schema, table, "update", findings)
    changed |= {name: choose(matched, time, changed[name]) for name, time in noted.items()}
    found += _generated(schema, table, changed, findings)
    names = frozenset(assignment.column for assignment in step.assignments) | noted.keys()
    computed = frozenset(column.name for column in table.columns if column.generated is not None)
    return Change(changed, exists, names | computed, tuple(found), concerns, errors=errors)


def _generated(schema: Schema, table: Table, row: dict[str, Term], findings: Findings) -> list[Refusal]:
    """Compute the generated columns of the row; the answer says when that fails."""
    inner = Findings()
    doubts = compute_generated(schema, table, row, inner)
    error = any_of(inner.errors)
    inner.errors.clear()
    findings.add(inner)
    return [] if is_no(error) else [Refusal("generated", table.name.name, (), error, error, doubts)]


def _noted(schema: Schema, table: Table, event: str, findings: Findings) -> dict[str, Term]:
    """The columns that triggers set to the time of the write; of those that do more nothing is known."""
    names = {name for trigger in fired(table, event) for name in assigned(schema, table, trigger) or ()}
    found: dict[str, Term] = {}
    for column in table.columns:
        if column.name in names:
            term = fresh(carrier_of(schema, column.type), column.name, findings, nullable=False)
            found[column.name] = unsure(term, (Doubt(YES, f"the time of a write to `{table.name}`"),))
    return found


def _insert(
    moment: Moment, table: Table, step: Insert, row: Row, exists: Value, findings: Findings
) -> Change:
    """The row may be one of those inserted; each is a value of its own."""
    schema = moment.before
    assert step.rows is not None
    names = step.columns or tuple(column.name for column in table.columns)
    current, there = dict(row), exists
    found: list[Refusal] = []
    choices: list[Value] = []
    given: list[Row] = []
    for values in step.rows:
        chosen = switch("inserted")
        written = dict(zip(names, values, strict=False))
        inserted: dict[str, Term] = {}
        inner = Findings()
        for column in table.columns:
            value = written.get(column.name)
            if column.generated is not None:
                continue
            if value is None:
                inserted[column.name] = default_value(schema, column, inner)
            else:
                encoder = Encoder(schema, {}, findings=inner)
                inserted[column.name] = encoder.value(value, carrier_of(schema, column.type))
        inserted |= _noted(schema, table, "insert", inner)
        unclear = compute_generated(schema, table, inserted, inner)
        findings.facts += inner.facts
        findings.doubts += [doubt.where(chosen) for doubt in inner.doubts]
        # Of literals it is plain whether they fit.
        failing = z3.simplify(any_of(inner.errors))
        if not z3.is_false(failing):
            error = all_of([chosen, failing])
            doubts = (*inner.doubts, *unclear)
            found.append(Refusal("type", str(table.name), (), error, error, doubts))
        current = {name: choose(chosen, inserted[name], term) for name, term in current.items()}
        there = any_of([there, chosen])
        choices.append(chosen)
        given.append(inserted)
        findings.drawn += inner.drawn
    findings.facts.append(z3.AtMost(*choices, 1))
    touched, concerns = frozenset(current), any_of(choices)
    return Change(current, there, touched, tuple(found), concerns, tuple(choices), given=tuple(given))


def _relabelled(moment: Moment, table: Table, step: RenameEnumValue, row: Row, exists: Value) -> Change:
    changed = dict(row)
    touched = set()
    for column in table.columns:
        carrier = carrier_of(moment.after, column.type)
        is_it = carrier.kind is Kind.ENUM and carrier.type.name == step.enum.name
        if is_it and step.new_value in carrier.labels:
            term = row[column.name]
            renamed = z3.If(term.value == text(step.value), text(step.new_value), term.value)
            changed[column.name] = Term(carrier, term.null, renamed, term.doubts)
            touched.add(column.name)
    return Change(changed, exists, frozenset(touched))


def _reshaped(
    moment: Moment, before: Table, after: Table, row: Row, exists: Value, findings: Findings
) -> Change:
    """The row with the columns that the table has now; nothing changes where the step leaves them alone."""
    step = moment.step
    changed: dict[str, Term] = {}
    touched: set[str] = set()
    converted: set[str] = set()
    found: list[Refusal] = []
    for column in after.columns:
        source = column.name
        if isinstance(step, RenameColumn) and column.name == step.new_name and before.column(source) is None:
            source = step.column
        known = before.column(source)
        if known is None:
            if column.generated is not None:
                touched.add(column.name)
                continue
            changed[column.name] = default_value(moment.after, column, findings)
            findings.errors.clear()
            touched.add(column.name)
        elif column.generated is not None and known.generated != column.generated:
            touched.add(column.name)
        elif isinstance(step, AlterColumnType) and (
            known.type != column.type or (step.using is not None and step.column == column.name)
        ):
            inner = Findings()
            changed[column.name] = _retyped(moment, known, column, step.using, row, inner)
            findings.facts += inner.facts
            error = any_of(inner.errors)
            if not z3.is_false(error):
                doubts = tuple(inner.doubts)
                found.append(Refusal("type", column.name, (column.name,), error, error, doubts))
            findings.doubts += [doubt.where(exists) for doubt in inner.doubts]
            touched.add(column.name)
            if step.using is None and row[source].carrier.kind is changed[column.name].carrier.kind:
                converted.add(column.name)
        else:
            changed[column.name] = _kept(moment, column, row[source], findings)
    if any(column.name not in changed for column in after.columns):
        found += _generated(moment.after, after, changed, findings)
    return Change(changed, exists, frozenset(touched), tuple(found), exists, converted=frozenset(converted))


def _kept(moment: Moment, column: Column, term: Term, findings: Findings) -> Term:
    """A value that the step leaves: its type may have changed beneath it (an enum with one more label)."""
    carrier = carrier_of(moment.after, column.type)
    if carrier.kind is term.carrier.kind:
        return Term(carrier, term.null, term.value, term.doubts)
    return doubtful(carrier, column.name, f"the type of `{column.name}`", findings)


# Text becomes none of these by assignment: the statement needs USING.
_NOT_FROM_TEXT = frozenset(
    {
        Kind.BOOLEAN,
        Kind.INTEGER,
        Kind.NUMERIC,
        Kind.FLOAT,
        Kind.DATE,
        Kind.TIMESTAMP,
        Kind.TIMESTAMPTZ,
        Kind.TIME,
        Kind.UUID,
        Kind.BYTES,
        Kind.ENUM,
    }
)


def _retyped(
    moment: Moment, before: Column, after: Column, using: Expression | None, row: Row, findings: Findings
) -> Term:
    """The value that ALTER COLUMN TYPE makes of the row's."""
    target = carrier_of(moment.after, after.type)
    if using is not None:
        return Encoder(moment.before, row, findings=findings).value(using, target)
    source = row[before.name]
    if _never_assigned(source.carrier, target):
        findings.errors.append(YES)
        return doubtful(target, after.name, "no such conversion", Findings())
    return Encoder(moment.before, row, findings=findings).value(ColumnRef(before.name), target)


def _never_assigned(before: Carrier, after: Carrier) -> bool:
    if before.kind in (Kind.TEXT, Kind.PADDED):
        return after.kind in _NOT_FROM_TEXT
    pair = {before.kind, after.kind}
    return pair == {Kind.BOOLEAN, Kind.INTEGER}
