"""Defines what must not happen in a state: `write_goals`, a write of live code that is refused, and
`read_goals`, a value that live code meets and could not meet before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import z3

from rung.migrations.carriers import Carrier, Kind, carrier_of, keeps_values, same_type
from rung.migrations.expressions import columns as columns_of
from rung.migrations.happenings import Goal
from rung.migrations.history import History
from rung.migrations.keys import Reference, exclusions, failing, foreign_keys, key_columns, keys, reference
from rung.migrations.references import references_held
from rung.migrations.rollout import Code
from rung.migrations.rows import Refusal, Rule, clash, refusals, rules
from rung.migrations.schema import Check, ForeignKey, Name, Schema, Table
from rung.migrations.step_goals import own_clashes, same_columns, unchanged, unclear_writes
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
    is_yes,
    negation,
)
from rung.migrations.values import Value, fits
from rung.migrations.writes import Attempt, attempts, stored_as_seen


def write_goals(history: History, schema: Schema, table: Table, code: Code) -> list[Goal]:
    """A row that the code's own schema accepts and the present one refuses. Facts are assumed at once."""
    row = history.rows[0]
    own = code.writes.tables[table.name]
    findings = Findings()
    found: list[Goal] = []
    for attempt in attempts(schema, table, code, row.terms, findings):
        possible = attempt.allowed if attempt.kind == "insert" else all_of([attempt.allowed, row.exists])
        known = _known_rules(schema, table, code, attempt)
        demands = [rule for rule in rules(schema, table, stored=False) if rule not in known]
        refused = [*attempt.refused, *refusals(schema, demands, attempt.stored, False, findings)]
        unclear = unclear_writes(table)
        found += [_goal(refusal, possible, attempt, unclear) for refusal in refused]
        found += _key_goals(history, schema, table, attempt, possible, findings)
        obeyed = references_held(schema, foreign_keys(own), attempt.stored)
        for key in foreign_keys(table):
            if not is_yes(obeyed.get(reference(key), NO)) and set(key.columns) <= attempt.stored.keys():
                resolved = _still_resolved(history, key, attempt)
                for each, sure in obeyed.items():
                    resolved[each] = any_of([resolved.get(each, NO), sure])
                lost = {} if attempt.previous is None else row.lost
                goal = history.dangling(key, attempt.stored, possible, resolved, lost)
                found.append(_goal(goal.refusal, goal.condition, attempt))
        found += list(_unclear(schema, table, own, code, attempt, possible))
    history.prover.assume(findings.facts)
    return found


def _still_resolved(history: History, key: ForeignKey, attempt: Attempt) -> dict[Reference, Value]:
    """An update that leaves a reference as it is leaves it its row."""
    if attempt.previous is None:
        return {}
    same = unchanged(key.columns, attempt.previous, attempt.stored)
    return {known: all_of([sure, same]) for known, sure in history.rows[0].resolved.items()}


def _goal(refusal: Refusal, possible: Value, attempt: Attempt, unclear: Sequence[Doubt] = ()) -> Goal:
    condition = all_of([possible, refusal.condition])
    return Goal(refusal, condition, (*refusal.doubts, *attempt.doubts, *unclear), attempt)


def _known_rules(schema: Schema, table: Table, code: Code, attempt: Attempt) -> frozenset[Rule]:
    """Demands that the code's own schema makes of the very same values."""
    own = code.writes.tables[table.name]
    same = stored_as_seen(attempt.view, attempt.stored)
    return frozenset(
        rule for rule in rules(code.writes, own, stored=False) if _read(rule, own) <= same
    ) & frozenset(rules(schema, table, stored=False))


def _read(rule: Rule, table: Table) -> frozenset[str]:
    """The columns that a demand reads."""
    if rule.column is not None:
        return frozenset({rule.column})
    assert isinstance(rule.demand, Check)
    named = columns_of(rule.demand.expression)
    if named is None:
        return frozenset(column.name for column in table.columns)
    return frozenset(column.name for column in named)


def _key_goals(
    history: History, schema: Schema, table: Table, attempt: Attempt, possible: Value, findings: Findings
) -> Iterator[Goal]:
    """The row agrees with another on a key, though not on one of the code's own."""
    if len(history.rows) < 2:
        return
    own = attempt.code.writes.tables[table.name]
    known = {(key.columns, key.nulls_distinct) for key in keys(own) if key.index is None}
    other = history.rows[1]
    same = stored_as_seen(attempt.view, attempt.stored)
    inner = Findings()
    kept = negation(own_clashes(attempt, table, other.terms, inner))
    for key in keys(table):
        alike = same_columns(key_columns(key), own, table) and key_columns(key) <= same
        if alike and (key in keys(own) or (key.columns, key.nulls_distinct) in known):
            continue
        clashing = Findings()
        condition = clash(schema, key, attempt.stored, other.terms, clashing)
        findings.facts += clashing.facts
        doubts = (*clashing.doubts, *inner.doubts)
        refusal = Refusal("unique", key.name, key.named, condition, condition, doubts)
        yield _goal(refusal, all_of([possible, other.exists, kept]), attempt)
    findings.facts += inner.facts


def _unclear(
    schema: Schema, table: Table, own: Table, code: Code, attempt: Attempt, possible: Value
) -> Iterator[Goal]:
    """What may refuse any row, for all that is known: each is a goal that stays in doubt."""
    reasons = [
        f"trigger `{trigger.name}` on `{table.name}`"
        for trigger in table.triggers
        if trigger.enabled
        and set(trigger.events) & {attempt.kind}
        and (trigger not in own.triggers or _demands_more(schema, table, own, code))
    ]
    reasons += [
        f"exclusion constraint `{found.name}`" for found in exclusions(table) if found not in exclusions(own)
    ]
    if (table.partitioning, table.bounds) != (own.partitioning, own.bounds):
        reasons.append(f"the partitions of `{table.name}`")
    if table.row_security and not own.row_security:
        reasons.append(f"the row security of `{table.name}`")
    reasons += [reason.reason for reason in table.opaque if reason not in own.opaque]
    reasons += [reason for index in table.indexes if index not in own.indexes for reason in failing(index)]
    reasons += [
        f"values of the changed type {column.type.name}"
        for column in own.columns
        if carrier_of(schema, column.type).kind is Kind.OTHER
        and not keeps_values(code.writes, schema, column.type)
    ]
    for reason in reasons:
        refused = z3.Bool(fresh_name("refused"))
        refusal = Refusal("trigger", reason, (), refused, refused, (Doubt(YES, reason),))
        yield _goal(refusal, possible, attempt)


def _demands_more(schema: Schema, table: Table, own: Table, code: Code) -> bool:
    """Whether the table asks more of columns that the code knows: an old trigger may not provide it."""
    known = {column.name for column in own.columns}
    new = set(rules(schema, table, stored=False)) - set(rules(code.writes, own, stored=False))
    return any(_read(rule, table) & known for rule in new) or any(
        (before := own.column(column.name)) is not None and before.type != column.type
        for column in table.columns
    )


def read_goals(history: History, schema: Schema, table: Table, code: Code) -> list[Goal]:
    """A value in the table that the code's own schema excludes. Facts are assumed at once."""
    own = code.reads.tables[table.name]
    row = history.rows[0]
    findings = Findings()
    view: dict[str, Term] = {}
    found: list[Goal] = []
    inside: list[Value] = []
    for column in own.columns:
        stored, present = row.terms.get(column.name), table.column(column.name)
        if stored is None or present is None or not _used(code, own, column.name):
            continue
        home, here = carrier_of(code.reads, column.type), carrier_of(schema, present.type)
        term, outside = _seen(stored, home, here, findings)
        if home.kind is Kind.OTHER and not same_type(code.reads, schema, column.type):
            changed = Doubt(YES, f"values of the changed type {column.type.name}")
            term, outside = replace(term, doubts=(*term.doubts, changed)), z3.Bool(fresh_name("outside"))
        view[column.name] = term
        condition = all_of([row.exists, negation(stored.null), outside])
        doubts = (*stored.doubts, *term.doubts)
        refusal = Refusal("range", column.name, (column.name,), condition, condition, doubts)
        found.append(Goal(refusal, condition, doubts))
        inside.append(any_of([stored.null, negation(outside)]))
    enforced = frozenset(rules(schema, table, stored=True))
    same = {name for name in view if same_columns((name,), own, table)}
    demands = [
        rule
        for rule in rules(code.reads, own, stored=True)
        if _read(rule, own) <= view.keys() and not (rule in enforced and _read(rule, own) <= same)
    ]
    # A value outside its type is told as such, not by the constraints that it breaks besides.
    for refusal in refusals(code.reads, demands, view, True, findings):
        condition = all_of([row.exists, refusal.condition, *inside])
        found.append(Goal(refusal, condition, refusal.doubts))
    found += _lost_keys(history, schema, code, table, view, findings)
    kept = {reference(key) for key in foreign_keys(table) if key.validated}
    for key in foreign_keys(own):
        if key.validated and reference(key) not in kept and set(key.columns) <= view.keys():
            found.append(history.dangling(key, row.terms, row.exists, row.resolved, row.lost))
    history.prover.assume(findings.facts)
    return found


def _used(code: Code, table: Table, column: str) -> bool:
    """Whether the code reads the column, as far as its queries tell."""
    if code.queries is None:
        return True
    return any(
        query.may_do_anything(code.reads)
        or any(_reaches(code.reads, name, named, table, column) for name, named in query.uses)
        for query in code.queries.queries
    )


def _reaches(schema: Schema, name: Name, named: frozenset[str] | None, table: Table, column: str) -> bool:
    """Whether the column is read by the name of its table, or of a view."""
    known = schema.table(name)
    if known is not None:
        return known.name == table.name and (named is None or column in named)
    views = [view for view in schema.views.values() if view.name.name == name.name]
    return any(_reaches(schema, *used, table, column) for view in views for used in view.uses)


def _seen(stored: Term, home: Carrier, here: Carrier, findings: Findings) -> tuple[Term, Value]:
    """The stored value as one of the code's own type, and when it is none."""
    if home.kind is here.kind and (home.kind is not Kind.OTHER or home.type == here.type):
        outside = negation(fits(home, stored.value))
        term = Term(home, stored.null, stored.value, stored.doubts)
        return term, outside if home.bare != here.bare else z3.BoolVal(False)
    if home.kind is Kind.INTEGER and here.kind is Kind.NUMERIC:
        whole = z3.ToInt(stored.value)
        outside = z3.Or(z3.Not(z3.IsInt(stored.value)), negation(fits(home, whole)))
        return Term(home, stored.null, whole, stored.doubts), outside
    reason = f"values of type {here.type.name} where {home.type.name} was"
    unknown = fresh(home, "seen", findings)
    term = Term(home, stored.null, unknown.value, (*stored.doubts, Doubt(YES, reason)))
    return term, z3.Bool(fresh_name("outside"))


def _lost_keys(
    history: History, schema: Schema, code: Code, table: Table, view: Mapping[str, Term], findings: Findings
) -> Iterator[Goal]:
    """Two rows agree, as the code sees them, on what was a key."""
    if len(history.rows) < 2:
        return
    one, other = history.rows
    own, present = code.reads.tables[table.name], keys(table)
    for key in keys(own):
        names = key_columns(key)
        if key in present or not names <= view.keys():
            continue
        clashing = Findings()
        beside = {}
        for name in names & other.terms.keys():
            home, here = _carrier(code.reads, own, name), _carrier(schema, table, name)
            beside[name], _ = _seen(other.terms[name], home, here, clashing)
        same = clash(code.reads, key, view, beside, clashing)
        findings.facts += clashing.facts
        condition = all_of([one.exists, other.exists, same])
        doubts = tuple(clashing.doubts)
        refusal = Refusal("unique", key.name, key.named, condition, condition, doubts)
        yield Goal(refusal, condition, doubts)


def _carrier(schema: Schema, table: Table, name: str) -> Carrier:
    column = table.column(name)
    assert column is not None, "it is in both tables"
    return carrier_of(schema, column.type)
