"""Defines `Teller`: a model of the solver retold as SQL that runs, a `Witness`.

A row that refers to others brings those along. What cannot be written (a value of a type whose literals are
not known) gives no witness, and then no refutation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import z3

from rung.migrations.carriers import Carrier, Kind
from rung.migrations.expression_text import quote_name, to_sql
from rung.migrations.happenings import Appearance, Happening, LiveWrite, Passed
from rung.migrations.history import History
from rung.migrations.keys import foreign_keys, keys
from rung.migrations.rows import Row, any_row, refusals, rules
from rung.migrations.schema import Check, ForeignKey, Name, Schema, Table
from rung.migrations.solve import Found, Prover
from rung.migrations.terms import YES, Findings, Term, any_of, negation
from rung.migrations.values import DAY, Value, literal, printed
from rung.migrations.verdicts import Event, Role
from rung.migrations.writes import Attempt

_DEPTH = 5


class Unprintable(Exception):  # noqa: N818 (no error: a signal within the teller, caught by its callers)
    """A value that no literal is known for."""


def table_name(name: Name) -> str:
    """The table as a statement names it."""
    if name.schema in (None, "public"):
        return quote_name(name.name)
    return f"{quote_name(name.schema)}.{quote_name(name.name)}"


def wishes(history: History, extra: Iterable[Term] = ()) -> list[Value]:
    """What makes a counterexample plain: few events, no references, everyday values."""
    found: list[Value] = []
    terms: list[Term] = list(extra)
    for happening in history.happenings:
        match happening:
            case LiveWrite(choice=choice, attempt=attempt):
                found.append(negation(choice))
                terms += attempt.given.values()
            case Appearance(values=values, table=table):
                terms += values.values()
                for key in foreign_keys(table):
                    optional = _nullable(table, key.columns)
                    found += [values[name].null for name in optional if name in values]
            case Passed():
                pass
    everyday = [z3.Or(term.null, plain) for term in terms if (plain := _everyday(term)) is not None]
    return [*found, *everyday]


def _nullable(table: Table, names: Iterable[str]) -> list[str]:
    """Those of the columns that may be NULL, as far as the columns themselves tell."""
    key = table.primary_key.columns if table.primary_key is not None else ()
    return [
        name
        for name in names
        if name not in key and (column := table.column(name)) is not None and column.not_null is None
    ]


def _everyday(term: Term) -> Value | None:
    value = term.value
    match term.carrier.kind:
        case Kind.INTEGER:
            return z3.And(value >= 0, value <= 30000)
        case Kind.NUMERIC | Kind.FLOAT:
            return z3.And(value >= 0, value <= 1000, z3.IsInt(value * 100))
        case Kind.TEXT | Kind.PADDED:
            return z3.InRe(value, z3.Star(z3.Range("a", "z")))
        case Kind.BYTES:
            return z3.InRe(value, z3.Star(z3.Range("\x01", "\x7f")))
        case Kind.DATE:
            return z3.And(value >= 18262, value <= 21914)
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ:
            return z3.And(value >= 18262 * DAY, value <= 21914 * DAY)
        case Kind.TIME:
            return z3.And(value >= 0, value < DAY)
        case _:
            return None


def literal_of(model: Any, term: Term) -> str:
    """The term's value in the model as a literal."""
    if z3.is_true(model.eval(term.null, model_completion=True)):
        return "NULL"
    value = z3.simplify(model.eval(term.value, model_completion=True))
    written = printed(term.carrier, value)
    if written is None:
        raise Unprintable
    return written


def printed_or_none(model: Any, term: Term) -> str | None:
    """The literal, or None where none is known."""
    try:
        return literal_of(model, term)
    except Unprintable:
        return None


def insert_sql(table: Table, values: Mapping[str, str], suffix: str = "", overrides: bool = True) -> str:
    """An INSERT of the values given as literals; unless it `overrides`, some may be refused."""
    target = f"INSERT INTO {table_name(table.name)}"
    if not values:
        return f"{target} DEFAULT VALUES{suffix}"
    always = any(column.identity == "always" and column.name in values for column in table.columns)
    overriding = " OVERRIDING SYSTEM VALUE" if always and overrides else ""
    names = ", ".join(map(quote_name, values))
    return f"{target} ({names}){overriding} VALUES ({', '.join(values.values())}){suffix}"


@dataclass(slots=True)
class Teller:
    """Tells one model. `inserted` are the parents that are there already, with `samples` their rows. No row
    of the table `childless` is to have the values `absent`: a reference to it is to dangle."""

    model: Any
    inserted: set[tuple[Name, tuple[str, ...]]] = field(default_factory=set)
    samples: dict[Name, list[dict[str, str]]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    childless: Name | None = None

    def holds(self, condition: Value) -> bool:
        return bool(z3.is_true(self.model.eval(condition, model_completion=True)))

    def literals(self, row: Row, table: Table) -> dict[str, str]:
        """The row's values, without what the database computes."""
        return {
            column.name: literal_of(self.model, row[column.name])
            for column in table.columns
            if column.generated is None and column.name in row
        }

    def events(self, happenings: Sequence[Happening]) -> list[Event]:
        """Everything that happened, in order."""
        told: list[Event] = []
        several = sum(isinstance(each, Appearance) and self.holds(each.choice) for each in happenings) + sum(
            isinstance(each, LiveWrite) and each.attempt.kind == "insert" and self.holds(each.choice)
            for each in happenings
        )
        for happening in happenings:
            match happening:
                case Appearance(choice=choice, schema=schema, table=table, values=values):
                    if self.holds(choice):
                        told += self.insertion(schema, table, self.literals(values, table), "setup", None)
                case LiveWrite(choice=choice, schema=schema, table=table, attempt=attempt):
                    if self.holds(choice):
                        told += self.attempt(schema, table, attempt, several > 1)
                case Passed(moment):
                    told += [Event("migration", statement) for statement in moment.statements]
        return told

    def insertion(
        self,
        schema: Schema,
        table: Table,
        values: Mapping[str, str],
        role: Role,
        code: str | None,
        without: Collection[str] = (),
        check: bool = True,
    ) -> list[Event]:
        """An INSERT, after those of the rows that it refers to, but not by the columns `without`."""
        told: list[Event] = []
        for key in foreign_keys(table):
            if not set(key.columns) <= set(without):
                told += self._parents(schema, table, key, values, role, code, _DEPTH)
        loosened = _unvalidated(table) if role == "setup" and check else []
        told += [Event(role, drop, code) for drop, _ in loosened]
        # code gives no value for what its own schema always generates
        told.append(Event(role, insert_sql(table, values, overrides=role != "live"), code))
        told += [Event(role, add, code) for _, add in loosened]
        return told

    def _parents(
        self,
        schema: Schema,
        table: Table,
        key: ForeignKey,
        values: Mapping[str, str],
        role: Role,
        code: str | None,
        depth: int,
    ) -> list[Event]:
        wanted = [values.get(name) or _default_literal(table, name) for name in key.columns]
        if any(value in (None, "NULL") for value in wanted):
            return []
        parent = schema.tables.get(key.table)
        fixed = {name: value for name, value in zip(key.referenced, wanted, strict=True) if value is not None}
        if parent is None or depth == 0:
            raise Unprintable
        if parent.name == table.name and all(values.get(name) == value for name, value in fixed.items()):
            return []
        absent = self.absent if parent.name == self.childless else {}
        if absent and all(fixed.get(name) == value for name, value in absent.items()):
            # What the row refers to besides brings along the very row that is not to be there.
            raise Unprintable
        mark = (parent.name, tuple(f"{name}={value}" for name, value in sorted(fixed.items())))
        if mark in self.inserted:
            return []
        self.inserted.add(mark)
        others = self.samples.setdefault(parent.name, [])
        avoided = {
            name: self.absent[referenced]
            for further in foreign_keys(parent)
            if further.table == self.childless
            for name, referenced in zip(further.columns, further.referenced, strict=True)
            if referenced in self.absent
        }
        row = sample_row(schema, parent, fixed, others, absent, avoided)
        self.samples[parent.name].append(row)
        told: list[Event] = []
        for further in foreign_keys(parent):
            told += self._parents(schema, parent, further, row, role, code, depth - 1)
        told.append(Event(role, insert_sql(parent, row, " ON CONFLICT DO NOTHING"), code))
        return told

    def attempt(
        self, schema: Schema, table: Table, attempt: Attempt, several: bool, without: Collection[str] = ()
    ) -> list[Event]:
        """A write by live code."""
        values = {
            name: literal_of(self.model, term)
            for name, term in attempt.given.items()
            if self.holds(attempt.named[name])
        }
        if attempt.kind == "insert":
            return self.insertion(schema, table, values, "live", attempt.code.name, without)
        told: list[Event] = []
        for key in foreign_keys(table):
            if not set(key.columns) <= set(without) and set(key.columns) & values.keys():
                told += self._parents(schema, table, key, values, "live", attempt.code.name, _DEPTH)
        assigned = ", ".join(f"{quote_name(name)} = {value}" for name, value in values.items())
        if not assigned:
            # An UPDATE that leaves every value as it is still has the row checked.
            first = quote_name(table.columns[0].name)
            assigned = f"{first} = {first}"
        sql = f"UPDATE {table_name(table.name)} SET {assigned}{self._which(table, attempt, several)}"
        return [*told, Event("live", sql, attempt.code.name)]

    def _which(self, table: Table, attempt: Attempt, several: bool) -> str:
        if not several or attempt.previous is None:
            return ""
        key = table.primary_key
        names = key.columns if key is not None else tuple(attempt.previous)
        pairs = [(name, literal_of(self.model, attempt.previous[name])) for name in names]
        tests = [f"{quote_name(name)} IS NOT DISTINCT FROM {value}" for name, value in pairs]
        return f" WHERE {' AND '.join(tests)}"

    def shown(self, row: Row, columns: Sequence[str]) -> str:
        """The values that matter, for a message."""
        parts = []
        for name in columns or tuple(row):
            if name in row:
                try:
                    parts.append(f"{name} = {literal_of(self.model, row[name])}")
                except Unprintable:
                    parts.append(f"{name} = …")
        return ", ".join(parts)


def _default_literal(table: Table, name: str) -> str | None:
    column = table.column(name)
    default = None if column is None else column.default
    value = getattr(default, "value", None)
    return None if value is None else (f"'{value}'" if isinstance(value, str) else str(value))


def _unvalidated(table: Table) -> list[tuple[str, str]]:
    """How to take away, and put back, the constraints that rows from before need not obey."""
    name = table_name(table.name)
    return [
        (
            f"ALTER TABLE {name} DROP CONSTRAINT {quote_name(check.name)}",
            f"ALTER TABLE {name} ADD CONSTRAINT {quote_name(check.name)} "
            f"CHECK ({to_sql(check.expression)}) NOT VALID",
        )
        for check in table.constraints
        if isinstance(check, Check) and check.enforced and not check.validated
    ]


def _parsed(carrier: Carrier, written: str) -> Value | None:
    """The value of a literal as it is printed here."""
    return literal(carrier, written[1:-1].replace("''", "'") if written.startswith("'") else written)


def _other(term: Term, written: str) -> Value:
    """The term is NULL, or another value than the literal."""
    value = _parsed(term.carrier, written)
    return YES if value is None else z3.Or(term.null, term.value != value)


def sample_row(
    schema: Schema,
    table: Table,
    fixed: Mapping[str, str],
    others: Sequence[Mapping[str, str]] = (),
    absent: Mapping[str, str] = MappingProxyType({}),
    avoided: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """A row that the table accepts beside `others`, with the literals `fixed`: not with all of those that are
    to be `absent`, nor with any of those `avoided`."""
    findings = Findings()
    row = any_row(schema, table, "sample", findings)
    prover = Prover()
    for refusal in refusals(schema, rules(schema, table, stored=False), row, False, findings):
        prover.assume([refusal.accepted])
        findings.doubts += refusal.doubts
    for name, written in fixed.items():
        value = _parsed(row[name].carrier, written)
        if value is None:
            raise Unprintable
        prover.assume([negation(row[name].null), row[name].value == value])
    for key in keys(table):
        for other in others:
            values = [
                (row[name], _parsed(row[name].carrier, other.get(name, "?"))) for name in key.columns if name
            ]
            differ = [term.value != value for term, value in values if value is not None]
            if differ and len(differ) == len(values):
                prover.assume([z3.Or(*differ, *(term.null for term, _ in values))])
    for name in avoided.keys() - fixed.keys():
        prover.assume([_other(row[name], avoided[name])])
    if absent:
        prover.assume([any_of([_other(row[name], written) for name, written in absent.items()])])
    prover.assume(findings.facts)
    prover.doubts += findings.doubts
    optional = [row[name].null for name in _nullable(table, row) if name not in fixed]
    everyday = [z3.Or(term.null, plain) for term in row.values() if (plain := _everyday(term)) is not None]
    answer = prover.ask(z3.BoolVal(True), wishes=[*optional, *everyday])
    if not isinstance(answer, Found):
        raise Unprintable
    teller = Teller(answer.model)
    return {
        name: fixed.get(name, value)
        for name, value in teller.literals(row, table).items()
        if value != "NULL" or name in fixed
    }
