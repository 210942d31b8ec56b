"""What is known of values that are not read exactly holds on a real PostgreSQL: they are made of any
arguments without a failure, are of the type that is told, and NULL only where that is possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
import z3

from rung.diagnostics import Diagnostic, Source
from rung.migrations import oracle
from rung.migrations.carriers import Carrier, carrier_of
from rung.migrations.dialects.postgres import read
from rung.migrations.encode import Encoder
from rung.migrations.expressions import Expression, SqlType, columns
from rung.migrations.schema import Schema
from rung.migrations.steps import AddColumn, Update
from rung.migrations.terms import Term
from rung.migrations.values import literal, sort_of

VALUES: dict[str, tuple[str, tuple[str | None, ...]]] = {
    "s": ("text", (None, "", "a", "Añ😀 b", "a,b,,c", "%", "2020-01-01")),
    "v": ("varchar", (None, "", " x ")),
    "n": ("int4", (None, "0", "-1", "2147483647", "-2147483648", "3")),
    "u": ("uuid", (None, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")),
    "j": ("jsonb", (None, "null", "1", '"a"', "[]", "[1, [2]]", "{}", '{"a": {"b": null}}')),
    "k": ("json", (None, "null", "[1]", '{"a": 1, "a": 2}')),
    "at": (
        "timestamptz",
        (None, "infinity", "2020-01-01 00:00:00+00", "-infinity", "0001-01-01 00:00:00+00"),
    ),
    "d": ("date", (None, "infinity", "2020-02-29", "0001-01-01")),
    "f": ("float8", (None, "NaN", "-Infinity", "0.1")),
    "m": ("numeric", (None, "NaN", "1.00")),
    "b": ("bool", (None, "true", "false")),
}
EXPRESSIONS = {
    "text": """
        replace(s, 'a', v) | replace(s, v, s) | translate(s, 'ab', 'c') | reverse(s) | initcap(v) | md5(s)
        left(s, n) | right(v, n) | split_part(s, ',', 2) | split_part(s, v, -1) | substring(s from n)
        substr(s, n, 2) | concat(s, n, j, at) | concat(s) | concat_ws(s, n, u, NULL)
        concat_ws(',', s, d) | json_typeof(k) | jsonb_typeof(j) | j ->> 'a' | j ->> 0 | j ->> s | k ->> n
        md5(u::text) | u::text | at::text | d::text | f::text | m::text | j::text | replace(n::text, '-', '')
        CASE WHEN n > 0 THEN reverse(s) ELSE u::text END
        coalesce(j ->> 'a', s) | (j -> 'a') ->> 'b' | nullif(replace(s, 'a', ''), '')
        b::text || md5(s)
    """,
    "varchar(36)": "u",
    "int4": "strpos(s, v) | position('a' in s) | ascii(s) | length(reverse(s))",
    "bool": "starts_with(s, v) | j ? 'a' | j @> '{}'::jsonb | j <@ j",
    "jsonb": """
        j -> 'a' | j -> n | to_jsonb(n) | to_jsonb(f) | to_jsonb(at) | jsonb_build_object('a', s, 'b', f)
        jsonb_build_array(s, n) | jsonb_build_array() | jsonb_build_object() | j || '{}'::jsonb
        j || '[1]'::jsonb | j || j | jsonb_strip_nulls(j)
    """,
    "json": "k -> 'a'",
    "numeric": "extract(epoch from at) | extract(year from d) | extract(dow from at)",
    "timestamptz": """
        now() | clock_timestamp() | now() + interval '100 years' | now() - interval '999 years'
        current_timestamp - interval '1 day'
    """,
    "timestamp": """
        now() | localtimestamp | current_date + interval '1 month' | timezone('utc', at)
        at at time zone 'UTC'
    """,
    "timestamp(0)": "now()",
    "date": "current_date | now()",
    "uuid": "gen_random_uuid() | uuidv7()",
    "text[]": "ARRAY[s, v] | ARRAY[]::text[] | ARRAY['a', NULL] | ARRAY[n, 1]::text[]",
    "int4[]": "ARRAY[n, 1] | ARRAY[]::int[]",
}
CASES = [
    (type_, written.strip())
    for type_, lines in EXPRESSIONS.items()
    for line in lines.strip().splitlines()
    for written in line.split(" | ")
]


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server.message
        with server.database() as fresh:
            yield fresh


@pytest.mark.parametrize(("type_", "written"), CASES)
def test_a_value_is_as_it_is_told(database: oracle.Database, type_: str, written: str) -> None:
    expression = _value(written)
    target = carrier_of(Schema(), _type(type_))
    used = sorted({column.name for column in columns(expression) or ()})
    assert database.execute("DROP TABLE IF EXISTS told") is None
    assert database.execute(f"CREATE TEMP TABLE told (x {type_})") is None
    for values in product(*(VALUES[name][1] for name in used)):
        row = dict(zip(used, values, strict=True))
        given = ", ".join(f"{_quoted(value)}::{VALUES[name][0]} AS {name}" for name, value in row.items())
        failure = database.execute(f"INSERT INTO told SELECT {written} FROM (SELECT {given}) AS given")
        assert failure is None, (row, failure)
        ((null,),) = database.rows("DELETE FROM told RETURNING x IS NULL")
        _allows(expression, row, target, bool(null))


def _value(written: str) -> Expression:
    steps = read(Source("m.sql", f"UPDATE t SET x = ({written})")).statements[0].steps
    return next(step.assignments[0].value for step in steps if isinstance(step, Update))


def _type(written: str) -> SqlType:
    steps = read(Source("m.sql", f"ALTER TABLE t ADD COLUMN x {written}")).statements[0].steps
    return next(step.column.type for step in steps if isinstance(step, AddColumn))


def _allows(expression: Expression, values: dict[str, str | None], target: Carrier, null: bool) -> None:
    encoder = Encoder(Schema(), {name: _column(name, value) for name, value in values.items()})
    term = encoder.value(expression, target)
    solver = z3.Solver()
    solver.add(*encoder.findings.facts)
    assert solver.check(z3.Or(encoder.findings.errors)) == z3.unsat, values
    assert solver.check(term.null == null) == z3.sat, values


def _column(name: str, value: str | None) -> Term:
    carrier = carrier_of(Schema(), SqlType(VALUES[name][0]))
    known = None if value is None else literal(carrier, value)
    return Term(
        carrier, z3.BoolVal(value is None), z3.Const(name, sort_of(carrier.kind)) if known is None else known
    )


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
