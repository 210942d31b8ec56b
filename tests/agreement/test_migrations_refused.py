"""What PostgreSQL refuses whatever the rows are is never taken to run, and what it takes is never refused.

`statements.sql` holds the statements: each line stands alone, after those above the rule. What the server
says decides what is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations import oracle, server
from rung.migrations.apply import apply, replay, resolved
from rung.migrations.apply.impossible import impossible
from rung.migrations.dialects.postgres import read
from rung.migrations.schema import Schema
from rung.migrations.steps import Opaque
from tests.agreement import server_tables

BASE, _, _LINES = Path(__file__).with_name("statements.sql").read_text(encoding="utf-8").partition("----\n")
LINES = _LINES.splitlines()


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as started:
        assert not isinstance(started, Diagnostic), started.message
        with started.database() as found:
            assert found.execute(BASE) is None
            yield found


@pytest.fixture(scope="module")
def base() -> Schema:
    return replay(Schema(), [read(Source("base.sql", BASE))]).schema


def judged(schema: Schema, line: str) -> tuple[list[str], list[str], list[str]]:
    """Why the line is refused, what of that is in doubt, and what in it is not understood at all."""
    script = read(Source("m.sql", line))
    refused, doubts = [each.message for each in script.diagnostics], []
    opaque: list[str] = []
    for statement in script.statements:
        for step in statement.steps:
            doubts += impossible(schema, step).doubts
        for step in resolved(schema, statement).steps:
            applied = apply(schema, step)
            refused += [each.message for each in applied.diagnostics]
            opaque += [step.reason] if isinstance(step, Opaque) else []
            schema = applied.schema
    return refused, doubts, opaque


@pytest.mark.parametrize("line", LINES)
def test_the_server_decides(database: oracle.Database, base: Schema, line: str) -> None:
    with database.attempt():
        failure = database.execute(line)
    refused, doubts, opaque = judged(base, line)
    if failure is None:
        assert (refused, doubts) == ([], [])
    else:
        assert refused or doubts or opaque, failure.message


def test_the_tables_are_those_of_the_server(database: oracle.Database) -> None:
    assert server.TABLES.read_text(encoding="utf-8") == server_tables.tables(database)
