"""Defines `Joins`: the expressions of an UPDATE or DELETE that joins other tables, read over one row.

Which rows of the others meet the row is not known: their columns may have any values of their types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import z3

from rung.migrations.carriers import carrier_of
from rung.migrations.encode import Encoder
from rung.migrations.expressions import And, ColumnRef, Expression, columns, map_columns
from rung.migrations.rows import Refusal, Row
from rung.migrations.schema import Schema, Table
from rung.migrations.steps import Delete, Update
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    Term,
    all_of,
    any_of,
    fresh,
    fresh_name,
    negation,
    switch,
)
from rung.migrations.values import Value


@dataclass(frozen=True, slots=True)
class Joins:
    """`scope` has the row's columns and those of the tables joined, by the names that `named` gives them.

    `doubt` says why a value of theirs is not known.
    """

    schema: Schema
    scope: Row
    named: Callable[[ColumnRef], Expression]
    doubt: str

    @staticmethod
    def of(schema: Schema, step: Update | Delete, table: Table, row: Row, findings: Findings) -> Joins:
        doubt = f"which rows a statement about `{table.name}` joins"
        scope = dict(row)
        for source in step.sources:
            joined = schema.table(source.table)
            for column in () if joined is None else joined.columns:
                nullable = source.optional or column.not_null is None
                term = fresh(carrier_of(schema, column.type), column.name, findings, nullable)
                scope[_key(source.alias, column.name)] = replace(term, doubts=(Doubt(YES, doubt),))

        def named(column: ColumnRef) -> Expression:
            if column.table in (step.alias or step.table.name, None) and column.name in row:
                return ColumnRef(column.name)
            aliases = [one.alias for one in step.sources] if column.table is None else [column.table]
            known = [key for alias in aliases if (key := _key(alias, column.name)) in scope]
            if len(known) == 1:
                return ColumnRef(known[0])
            return column if column.table is None else ColumnRef(_key(column.table, column.name))

        return Joins(schema, scope, named, doubt)

    def read(self, expression: Expression) -> Expression:
        """The expression, over the scope."""
        return map_columns(expression, self.named)

    def matched(
        self, step: Update | Delete, row: Row, exists: Value, replaced: frozenset[str], findings: Findings
    ) -> tuple[Value, tuple[Refusal, ...], tuple[Doubt, ...]]:
        """When the row meets others for which WHERE is true, when that fails, and what is in doubt of it.

        Nothing is in doubt of a row for which what WHERE asks of itself is not true. That a row meets no
        other can be seen by a replay.
        """
        parts = step.where.operands if isinstance(step.where, And) else (step.where,)
        own: list[Value] = []
        shared: list[Value] = []
        inner, outer = Encoder(self.schema, self.scope, replaced), Encoder(self.schema, self.scope, replaced)
        for part in parts:
            if part is None:
                continue
            read = self.read(part)
            used = columns(read)
            is_own = used is not None and all(column.name in row for column in used)
            (own if is_own else shared).append((inner if is_own else outer).truth(read).true)
        findings.facts += [*inner.findings.facts, *outer.findings.facts]
        findings.doubts += inner.findings.doubts
        meets = all_of([switch("matched"), *own, *shared])
        reasons = dict.fromkeys([self.doubt, *(doubt.reason for doubt in outer.findings.doubts)])
        doubts = [Doubt(all_of([exists, meets]), reason) for reason in reasons]
        doubts.append(Doubt(all_of([exists, *own, negation(meets)]), self.doubt, soft=True))
        errors = [*inner.findings.errors, *outer.findings.errors]
        errors += [z3.Bool(fresh_name("may fail"))] if step.computes else []
        found = [error for error in errors if not z3.is_false(error)]
        why = [Doubt(YES, reason) for reason in reasons]
        refusal = Refusal("error", step.table.name, (), all_of([exists, any_of(found)]), NO, tuple(why))
        return meets, (refusal,) if found else (), tuple(doubts)


def _key(alias: str, column: str) -> str:
    return f"{alias}.{column}"


def unsure(term: Term, doubts: tuple[Doubt, ...]) -> Term:
    """The term, with more that is in doubt of it."""
    return replace(term, doubts=(*term.doubts, *doubts)) if doubts else term
