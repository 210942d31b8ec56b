"""Defines what a version of the code can write to a table: `attempts`, each a row as its own schema sees it
and the same row as the present schema would store it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import z3

from rung.migrations.carriers import Carrier, carrier_of
from rung.migrations.chains import Link, chained
from rung.migrations.encode import Encoder
from rung.migrations.expressions import Expression, columns
from rung.migrations.queries import Write
from rung.migrations.rollout import Code
from rung.migrations.rows import Refusal, Row, compute_generated, default_value, refusals, rules
from rung.migrations.schema import Column, Schema, Table
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
    convert,
    doubtful,
    fresh,
    fresh_name,
    is_no,
    negation,
    switch,
)
from rung.migrations.values import Value


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write by `code`: the row as its own schema has it (`view`), and as the present one stores it.

    `named` says when a column is named with a value, `given` which. `allowed`: its own schema accepts the
    row; `refused`: the present schema refuses a value or a column as such, before any constraint.
    """

    code: Code
    kind: Literal["insert", "update"]
    view: Row
    stored: Row
    given: Mapping[str, Term]
    named: Mapping[str, Value]
    allowed: Value
    refused: tuple[Refusal, ...]
    doubts: tuple[Doubt, ...]
    previous: Row | None = None


def attempts(
    schema: Schema, table: Table, code: Code, previous: Row | None, findings: Findings
) -> list[Attempt]:
    """Every way in which the code may write a row; an update changes `previous`. Facts go to `findings`."""
    own = code.writes.tables.get(table.name)
    if own is None or table.temporary:
        return []
    found = []
    if code.queries is None:
        found.append(_attempt(schema, table, code, own, None, None, findings))
        if previous is not None and _unknown_to(own, table):
            found.append(_attempt(schema, table, code, own, None, previous, findings))
        return found
    for query in code.queries.queries:
        if query.may_do_anything(code.writes):
            found.append(_attempt(schema, table, code, own, None, None, findings))
            if previous is not None:
                found.append(_attempt(schema, table, code, own, None, previous, findings))
        for write in query.writes:
            if code.writes.table(write.table) is not own:
                continue
            if write.kind == "insert":
                found.append(_attempt(schema, table, code, own, write, None, findings))
            elif previous is not None:
                found.append(_attempt(schema, table, code, own, write, previous, findings))
    return [*found, *_set_off(schema, table, code, own, previous, findings)]


def _set_off(
    schema: Schema, table: Table, code: Code, own: Table, previous: Row | None, findings: Findings
) -> Iterator[Attempt]:
    """What the database itself writes when the queries run: any values, in doubt."""
    assert code.queries is not None
    every = list(chained(schema, code.queries, table))
    for event, before in (("insert", None), ("update", previous)):
        links = [link for link in every if link.event == event]
        if links and (event == "insert" or before is not None):
            write = _named(table, links)
            attempt = _attempt(schema, table, code, own, write, before, findings)
            names = dict.fromkeys(link.by for link in links)
            doubts = [Doubt(YES, f"what {by} writes to `{table.name}`") for by in names]
            yield replace(attempt, doubts=(*attempt.doubts, *doubts))


def _named(table: Table, links: Sequence[Link]) -> Write | None:
    """An update of the columns that are known to be all that change."""
    named: set[str] = set()
    for link in links:
        if link.event == "insert" or link.named is None:
            return None
        named |= link.named
    return Write("update", table.name, dict.fromkeys(named))


def _unknown_to(own: Table, table: Table) -> bool:
    """Whether the table has columns that the code does not know: an update keeps their values."""
    return any(own.column(column.name) is None for column in table.columns)


def _attempt(
    schema: Schema,
    table: Table,
    code: Code,
    own: Table,
    write: Write | None,
    previous: Row | None,
    findings: Findings,
) -> Attempt:
    inner = Findings()
    kind: Literal["insert", "update"] = "insert" if previous is None else "update"
    given, named = _values(schema, table, code, own, write, kind, inner)
    view: dict[str, Term] = {}
    for column in own.columns:
        if column.generated is not None:
            continue
        home = carrier_of(code.writes, column.type)
        if previous is None:
            kept = default_value(code.writes, column, inner)
        else:
            kept = _seen(previous.get(column.name), home, column.name, inner)
        view[column.name] = (
            choose(named[column.name], given[column.name], kept) if column.name in given else kept
        )
    compute_generated(code.writes, own, view, inner)
    inner.errors.clear()
    stored: dict[str, Term] = {}
    refused: list[Refusal] = []
    for column in table.columns:
        if column.generated is not None:
            if column.name in given:
                condition = named[column.name]
                refused.append(Refusal("generated", column.name, (column.name,), condition, condition))
            continue
        if previous is not None:
            kept = previous[column.name]
        elif _same_default(own.column(column.name), column) and column.name in view:
            # One evaluation of the default serves both schemas.
            kept = _converted(view[column.name], schema, column, Findings())
        else:
            default = Findings()
            kept = default_value(schema, column, default)
            error = all_of([negation(named.get(column.name, NO)), any_of(default.errors)])
            if not is_no(error):
                doubts = tuple(default.doubts)
                refused.append(Refusal("type", column.name, (column.name,), error, error, doubts))
            default.errors.clear()
            inner.add(default)
        if column.name not in given:
            stored[column.name] = kept
            continue
        conversion = Findings()
        value = _converted(given[column.name], schema, column, conversion)
        inner.facts += conversion.facts
        error = all_of([named[column.name], any_of(conversion.errors)])
        if not z3.is_false(error):
            unclear = tuple(conversion.doubts)
            refused.append(Refusal("type", column.name, (column.name,), error, error, unclear))
        if column.identity == "always" and not _always(own.column(column.name)):
            condition = named[column.name]
            refused.append(Refusal("generated", column.name, (column.name,), condition, condition))
        stored[column.name] = choose(named[column.name], value, kept)
    computed = Findings()
    alike = _computed_alike(schema, table, code, own, view, stored)
    stored |= {name: view[name] for name in alike}
    unclear = compute_generated(schema, table, stored, computed, alike)
    if computed.errors:
        error = any_of(computed.errors)
        refused.append(Refusal("generated", table.name.name, (), error, error, unclear))
        computed.errors.clear()
    inner.add(computed)
    # A doubt on the code's own side matters as much: the row must surely be one that it may write.
    demands = rules(code.writes, own, stored=False)
    own_refusals = refusals(code.writes, demands, view, False, inner)
    allowed = all_of([refusal.accepted for refusal in own_refusals])
    doubts = (*inner.doubts, *(doubt for refusal in own_refusals for doubt in refusal.doubts))
    findings.facts += inner.facts
    return Attempt(code, kind, view, stored, given, named, allowed, tuple(refused), doubts, previous)


def _computed_alike(
    schema: Schema, table: Table, code: Code, own: Table, view: Row, stored: Row
) -> frozenset[str]:
    """The generated columns that both schemas compute in one way from the very same values."""
    if code.writes.functions != schema.functions:
        return frozenset()
    same = stored_as_seen(view, stored)
    found: set[str] = set()
    for column in table.columns:
        before = own.column(column.name)
        if column.generated is None or before is None or before.generated != column.generated:
            continue
        read = columns(column.generated.expression)
        carriers = carrier_of(code.writes, before.type), carrier_of(schema, column.type)
        if carriers[0] == carriers[1] and read is not None and {each.name for each in read} <= same:
            found.add(column.name)
    return frozenset(found)


def stored_as_seen(view: Row, stored: Row) -> set[str]:
    """The columns in which the present schema stores the very value that the code's own would."""
    return {
        name
        for name, term in stored.items()
        if (seen := view.get(name)) is not None
        and seen.value.eq(term.value)
        and seen.null.eq(term.null)
        and seen.carrier == term.carrier
    }


def _always(column: Column | None) -> bool:
    return column is not None and column.identity == "always"


def _values(
    schema: Schema,
    table: Table,
    code: Code,
    own: Table,
    write: Write | None,
    kind: Literal["insert", "update"],
    findings: Findings,
) -> tuple[dict[str, Term], dict[str, Value]]:
    """The values that the statement gives, and when it names each column."""
    given: dict[str, Term] = {}
    named: dict[str, Value] = {}
    for column in own.columns:
        here = table.column(column.name)
        if column.generated is not None or here is None or _always(column):
            continue
        home = carrier_of(code.writes, column.type)
        if write is not None:
            if column.name not in write.values and "*" not in write.values:
                continue
            given[column.name] = _written(write.values.get(column.name), code, home, column, findings)
            named[column.name] = YES
            continue
        nullable = column.not_null is None and column.identity is None
        given[column.name] = fresh(home, column.name, findings, nullable)
        optional = kind == "update" or not _same_default(column, here) or here.generated is not None
        named[column.name] = switch(f"names {column.name}") if optional else YES
    return given, named


def _written(value: Expression | None, code: Code, home: Carrier, column: Column, findings: Findings) -> Term:
    if value is None:
        return fresh(home, column.name, findings, column.not_null is None)
    return Encoder(code.writes, {}, findings=findings).value(value, home)


def _same_default(before: Column | None, after: Column) -> bool:
    """Leaving the column out means the same in both schemas as giving it some value."""
    if before is None or before.generated is not None:
        return False
    return (before.default, before.identity, before.type) == (after.default, after.identity, after.type)


def _seen(term: Term | None, home: Carrier, column: str, findings: Findings) -> Term:
    """A stored value as the code's own schema would have it."""
    if term is None:
        return doubtful(home, column, f"column `{column}` is gone", findings)
    if term.carrier.kind is home.kind and term.carrier.type.array == home.type.array:
        return Term(home, term.null, term.value, term.doubts)
    return doubtful(home, column, f"the changed type of `{column}`", findings)


def _converted(source: Term, schema: Schema, column: Column, findings: Findings) -> Term:
    target = carrier_of(schema, column.type)
    try:
        return convert(source, target, False, findings)
    except NotUnderstood as unclear:
        reason = str(unclear)
        refused = z3.Bool(fresh_name("refused"))
        findings.errors.append(all_of([negation(source.null), refused]))
        findings.doubts.append(Doubt(negation(source.null), reason))
        return doubtful(target, column.name, reason, findings)
