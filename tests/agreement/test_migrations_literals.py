"""Quoted literals: what is taken to be a value of a type, the server reads as one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.diagnostics import Source
from rung.migrations import oracle
from rung.migrations.apply import replay
from rung.migrations.carriers import carrier_of
from rung.migrations.dialects.postgres import read
from rung.migrations.expressions import SqlType
from rung.migrations.literals import is_read
from rung.migrations.plan import Plan, check_rollout, migration_of
from rung.migrations.schema import Schema
from rung.migrations.values import literal
from rung.migrations.verdicts import Verdict

READ = {
    "jsonb": ["{}", "[]", ' {"a": 1, "a": [null, true, -1.5e10]}\n', "null", '"é"', "1e99", "9" * 299],
    "json": ["{}", '"\\n"', "0"],
    "uuid": ["{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "0000-0000" * 4],
    "inet": ["127.0.0.1", "10.0.0.1/8", "::1", "::ffff:1.2.3.4/120"],
    "cidr": ["10.0.0.0/8", "::/0", "1.2.3.4"],
    "bytea": ["", "abc", "é'", "\\000\\377x\\\\", "\\x00ff"],
    "text[]": ["{}", "{a,b-c,null,x.y}"],
    "int4[]": ["{}"],
    "interval": ["1 day", "90 days", "-1 year 2 months", "1 day 01:30", "12:00:59", "1 week 1 day"],
    "timestamptz": ["2024-01-01", "2024-01-01T10:00", "2024-01-01 10:00:00.5+00", "infinity", "0001-01-01"],
    "timestamp": ["2024-01-01", "-infinity", "9999-12-31 23:59:59"],
    "date": ["2024-02-29", "infinity"],
}
HALVES = ('"\\u0000"', '"\\ud800"')
UNREAD = {
    "jsonb": ["", "{", "{'a': 1}", "NaN", "Infinity", "01", "1e999999", "\ufeff{}", '"\n"', *HALVES],
    "json": ["{bad", "[1,]"],
    "uuid": ["x", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a-0eebc999c0b4ef8bb6d6bb9bd380a11"],
    "inet": ["x", "1.2.3.4/33", "1.2.3.4/255.255.255.0", "fe80::1%eth0", "::1/129"],
    "cidr": ["10.0.0.1/8", "::1/64"],
    "bytea": ["\\x0", "\\400", "\\a", "\\"],
    "text[]": ["{a", "a", "{a,}", "{a b}}"],
    "int4[]": ["{x}"],
    "interval": ["", " ", "x", "1 day 1 day", "1 hour 01:30", "1 day 25:61", "01:30 1 day 02:00"],
    "timestamptz": ["2024-13-01", "x", "infinity 10:00"],
    "timestamp": ["2024-02-30", "24", "infinity 10:00"],
    "date": ["2024-02-30"],
}


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert isinstance(server, oracle.Server)
        with server.database() as database:
            yield database


def known(kind: str, written: str) -> bool:
    name = kind.removesuffix("[]")
    carrier = carrier_of(Schema(), SqlType(name, array=name != kind))
    return literal(carrier, written) is not None or is_read(carrier, written)


def quoted(written: str) -> str:
    return "'" + written.replace("'", "''") + "'"


@pytest.mark.parametrize("kind", READ)
def test_what_is_taken_to_be_read_is_read(database: oracle.Database, kind: str) -> None:
    for written in READ[kind]:
        assert known(kind, written), written
        assert database.execute(f"SELECT CAST({quoted(written)} AS {kind})") is None, written


@pytest.mark.parametrize("kind", UNREAD)
def test_what_is_refused_is_not_taken_to_be_read(database: oracle.Database, kind: str) -> None:
    for written in UNREAD[kind]:
        assert not known(kind, written), written
        assert database.execute(f"SELECT CAST({quoted(written)} AS {kind})") is not None, written


@pytest.mark.parametrize(
    ("migration", "verdict"),
    [
        ("UPDATE t SET j = '{}' WHERE j IS NULL; ALTER TABLE t ALTER j SET NOT NULL;", Verdict.PROVED),
        ("INSERT INTO t VALUES (1, '[]'::jsonb);", Verdict.PROVED),
        ("UPDATE t SET j = '{}' WHERE id > 0; ALTER TABLE t ALTER j SET NOT NULL;", Verdict.REFUTED),
        # whether another literal has the same value is not known
        ("UPDATE t SET j = '{}'; ALTER TABLE t ADD CHECK (j = '{ }');", Verdict.UNKNOWN),
        ("UPDATE t SET j = '{}'; ALTER TABLE t ADD UNIQUE (j);", Verdict.UNKNOWN),
        ("INSERT INTO t VALUES (1, '{');", Verdict.UNKNOWN),
    ],
)
def test_of_a_value_that_is_read_no_more_is_known_than_that(migration: str, verdict: Verdict) -> None:
    before = replay(Schema(), [read(Source("base.sql", "CREATE TABLE t (id int, j jsonb);"))]).schema
    script = read(Source("m.sql", migration))
    report = check_rollout(before, [migration_of(script, "m", True)], (), Plan(strategy="recreate"))
    found = {finding.verdict for finding in report.findings if finding.level.name == "DATA"}
    assert (found - {Verdict.PROVED} or {Verdict.PROVED}) == {verdict}
