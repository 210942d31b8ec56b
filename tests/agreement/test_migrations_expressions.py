"""The solver reads a condition as PostgreSQL evaluates it: true, false, NULL or an error, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import z3

from rung.diagnostics import Diagnostic, Source
from rung.migrations.apply import replay
from rung.migrations.carriers import carrier_of
from rung.migrations.dialects.postgres import read
from rung.migrations.encode import Encoder
from rung.migrations.expressions import Expression
from rung.migrations.oracle import Database, start
from rung.migrations.schema import Check, Name, Schema, Table
from rung.migrations.terms import NotUnderstood, Term, convert, doubtful, null_of
from rung.migrations.values import text
from tests.agreement.migrations_world import PRELUDE, Column, Drawer

CASES = 400


def outcome_here(schema: Schema, table: Table, condition: Expression, row: dict[str, str]) -> str:
    """What the solver makes of the condition over the row; `unclear` where it leaves it open."""
    encoder = Encoder(schema, {})
    scope: dict[str, Term] = {}
    for column in table.columns:
        carrier = carrier_of(schema, column.type)
        written = row[column.name]
        if written == "NULL":
            scope[column.name] = null_of(carrier)
            continue
        plain = written.strip("'")
        untyped = Term(carrier, z3.BoolVal(False), text(plain), written=plain)
        try:
            scope[column.name] = convert(untyped, carrier, False, encoder.findings)
        except NotUnderstood as unclear:
            scope[column.name] = doubtful(carrier, column.name, str(unclear), encoder.findings)
    encoder.scope = scope
    truth = encoder.truth(condition)
    findings = encoder.findings
    error = z3.Or([z3.BoolVal(False), *findings.errors])
    answers = {
        "error": error,
        "true": z3.And(z3.Not(error), truth.true),
        "false": z3.And(z3.Not(error), truth.false),
        "null": z3.And(z3.Not(error), z3.Not(truth.true), z3.Not(truth.false)),
    }
    doubt = z3.Or([z3.BoolVal(False), *(doubt.condition for doubt in findings.doubts)])
    if z3.is_true(z3.simplify(doubt)):
        return "unclear"
    found = []
    for name, goal in answers.items():
        solver = z3.Solver()
        solver.set("timeout", 2000)
        solver.add(*findings.facts, z3.Not(doubt), goal)
        if solver.check() != z3.unsat:
            found.append(name)
    return found[0] if len(found) == 1 else "unclear"


def outcome_there(database: Database, condition: str, columns: list[Column], row: dict[str, str]) -> str:
    """What PostgreSQL makes of it."""
    values = ", ".join(f"CAST({row[column.name]} AS {column.type}) AS {column.name}" for column in columns)
    query = f"SELECT ({condition}) FROM (SELECT {values}) AS t"
    if database.execute(query) is not None:
        return "error"
    [(answer,)] = database.rows(query)
    return {True: "true", False: "false", None: "null"}[answer]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with start() as server:
        assert not isinstance(server, Diagnostic), server
        with server.database() as database:
            for statement in PRELUDE:
                assert database.execute(statement) is None
            yield database


def table_with(condition: str, columns: list[Column]) -> tuple[Schema, Table, Expression]:
    """A table that checks a condition, which is read."""
    listed = ", ".join(f"{column.name} {column.type}" for column in columns)
    source = ";\n".join([*PRELUDE, f"CREATE TABLE t ({listed}, CHECK ({condition}))"])
    schema = replay(Schema(), [read(Source("t.sql", source))]).schema
    table = schema.tables[Name("public", "t")]
    [check] = [each for each in table.constraints if isinstance(each, Check)]
    return schema, table, check.expression


@pytest.fixture(scope="module")
def outcomes(database: Database) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for seed in range(CASES):
        drawer = Drawer(seed)
        columns = [drawer.column(f"c{index}") for index in range(3)]
        condition = drawer.condition(columns)
        schema, table, read_as = table_with(condition, columns)
        for _ in range(3):
            row = {
                column.name: "NULL" if drawer.chance(0.2) else drawer.value(column.type) for column in columns
            }
            here = outcome_here(schema, table, read_as, row)
            there = outcome_there(database, condition, columns, row)
            found[here, there, f"{condition} over {row}"] += 1
    return found


def test_no_condition_is_read_otherwise(outcomes: Counter[tuple[str, str, str]]) -> None:
    assert [case for case in outcomes if case[0] not in ("unclear", case[1])] == []


def test_most_conditions_are_read_exactly(outcomes: Counter[tuple[str, str, str]]) -> None:
    exact = sum(number for (here, there, _), number in outcomes.items() if here == there)
    assert exact > 0.75 * sum(outcomes.values())


def test_every_outcome_occurs(outcomes: Counter[tuple[str, str, str]]) -> None:
    assert {"true", "false", "null"} <= {there for _, there, _ in outcomes}


BITS = {"int2": 16, "int4": 32, "int8": 64}
CALCULATED = ("- {a}", "{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "{a} % {b}", "abs({a})", "{a} + 1")


@pytest.mark.parametrize("calculated", CALCULATED)
@pytest.mark.parametrize("right", BITS)
@pytest.mark.parametrize("left", BITS)
def test_whole_numbers_leave_their_type_where_they_do_there(
    left: str, right: str, calculated: str, database: Database
) -> None:
    columns = [Column("a", left, False, None), Column("b", right, False, None)]
    condition = f"{calculated.format(a='a', b='b')} < 1"
    schema, table, read_as = table_with(condition, columns)
    exact = 0
    for row in ({"a": str(a), "b": str(b)} for a in _edges(left) for b in _edges(right)):
        here = outcome_here(schema, table, read_as, row)
        there = outcome_there(database, condition, columns, row)
        assert here in (there, "unclear"), row
        exact += here == there
    assert exact or calculated in ("{a} / {b}", "{a} % {b}", "abs({a})")


def _edges(type: str) -> list[int]:
    top = 2 ** (BITS[type] - 1)
    return [-top, 1 - top, -1, 0, 2, top - 1]


MOMENTS = ("1999-12-31 23:59:58.5", "1999-12-31 23:59:58.4", "2000-01-01 00:00:00.5", "1969-12-31 23:59:59.5")
SECONDS = ("1999-12-31 23:59:58", "1999-12-31 23:59:59", "2000-01-01 00:00:01", "1969-12-31 23:59:59")


@pytest.mark.parametrize("second", SECONDS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_halves_of_a_second_are_rounded_as_they_are_there(
    moment: str, second: str, database: Database
) -> None:
    columns = [Column("at", "timestamp", False, None)]
    condition = f"CAST(at AS timestamp(0)) = CAST('{second}' AS timestamp)"
    schema, table, read_as = table_with(condition, columns)
    row = {"at": f"'{moment}'"}
    assert outcome_here(schema, table, read_as, row) == outcome_there(database, condition, columns, row)
