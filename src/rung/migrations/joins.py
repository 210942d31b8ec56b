"""Defines `Joins`: the expressions of an UPDATE or DELETE that joins other tables, read over one row.

Which rows of the others meet the row is not known: their columns may have any values of their types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import z3

from rung.migrations.carriers import carrier_of
from rung.migrations.encode import Encoder
from rung.migrations.expressions import And, ColumnRef, Comparison, Expression, columns, map_columns
from rung.migrations.keys import foreign_keys
from rung.migrations.rows import Refusal, Row, refers
from rung.migrations.schema import Column, ForeignKey, Schema, Table
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
            if joined is None:
                continue
            for column in joined.columns:
                nullable = source.optional or not _is_present(joined, column)
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
        self,
        step: Update | Delete,
        table: Table,
        row: Row,
        exists: Value,
        replaced: frozenset[str],
        findings: Findings,
    ) -> tuple[Value, tuple[Refusal, ...], tuple[Doubt, ...]]:
        """When the row meets others for which WHERE is true, when that fails, and what is in doubt of it.

        Nothing is in doubt of a row for which what WHERE asks of itself is not true. That a row meets no
        other can be seen by a replay.
        """
        parts = step.where.operands if isinstance(step.where, And) else (step.where,)
        own: list[Value] = []
        shared: list[Value] = []
        pairs: list[Expression] = []
        inner, outer = Encoder(self.schema, self.scope, replaced), Encoder(self.schema, self.scope, replaced)
        for part in parts:
            if part is None:
                continue
            read = self.read(part)
            used = columns(read)
            is_own = used is not None and all(column.name in row for column in used)
            pairs += [] if is_own else [read]
            (own if is_own else shared).append((inner if is_own else outer).truth(read).true)
        findings.facts += [*inner.findings.facts, *outer.findings.facts]
        findings.doubts += inner.findings.doubts
        meets = all_of([switch("matched"), *own, *shared])
        surely = [refers(key, row) for key in self._leading(step, table, pairs)]
        findings.facts += [z3.Implies(all_of([exists, *own, there]), meets) for there in surely]
        reasons = dict.fromkeys([self.doubt, *(doubt.reason for doubt in outer.findings.doubts)])
        doubts = [Doubt(all_of([exists, meets]), reason) for reason in reasons]
        doubts.append(Doubt(all_of([exists, *own, negation(meets)]), self.doubt, soft=True))
        errors = [*inner.findings.errors, *outer.findings.errors]
        errors += [z3.Bool(fresh_name("may fail"))] if step.computes else []
        found = [error for error in errors if not z3.is_false(error)]
        why = [Doubt(YES, reason) for reason in reasons]
        refusal = Refusal("error", step.table.name, (), all_of([exists, any_of(found)]), NO, tuple(why))
        return meets, (refusal,) if found else (), tuple(doubts)

    def _leading(self, step: Update | Delete, table: Table, pairs: Sequence[Expression]) -> list[ForeignKey]:
        """The foreign keys by which a row surely meets one of the only table joined: all that the two are
        asked to share is what the key says."""
        if len(step.joined) != 1 or len(step.sources) != 1 or step.sources[0].optional or step.computes:
            return []
        alias, other = step.sources[0].alias, self.schema.table(step.sources[0].table)
        return [
            key
            for key in foreign_keys(table)
            if other is not None and key.table == other.name and not other.row_security
            if key.validated and not key.deferrable
            if set(pairs) <= set(_equations(alias, key))
        ]


def _equations(alias: str, key: ForeignKey) -> Iterator[Expression]:
    for name, referenced in zip(key.columns, key.referenced, strict=True):
        own, other = ColumnRef(name), ColumnRef(_key(alias, referenced))
        yield Comparison("=", own, other)
        yield Comparison("=", other, own)


def _is_present(table: Table, column: Column) -> bool:
    """Whether the column is NULL in no row."""
    key = table.primary_key
    found = column.not_null is not None and column.not_null.validated
    return found or (key is not None and column.name in key.columns)


def _key(alias: str, column: str) -> str:
    return f"{alias}.{column}"


def unsure(term: Term, doubts: tuple[Doubt, ...]) -> Term:
    """The term, with more that is in doubt of it."""
    return replace(term, doubts=(*term.doubts, *doubts)) if doubts else term
