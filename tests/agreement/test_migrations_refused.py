"""What PostgreSQL refuses whatever the rows are is never taken to run, and what it takes is never refused.

The files beside this one hold the statements: each line stands alone, after those above the rule. What the
server says decides what is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
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


def halves(file: str) -> tuple[str, list[str]]:
    base, _, lines = Path(__file__).with_name(file).read_text(encoding="utf-8").partition("----\n")
    return base, lines.splitlines()


FILES = {
    file: halves(file)
    for file in ("statements.sql", "dependents.sql", "objects.sql", "partitions.sql", "policies.sql")
}
CASES = [(file, line) for file, (_, lines) in FILES.items() for line in lines]


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, oracle.Database]]:
    with oracle.start() as started, ExitStack() as stack:
        assert not isinstance(started, Diagnostic), started.message
        found = {file: stack.enter_context(started.database()) for file in FILES}
        for file, database in found.items():
            assert database.execute(FILES[file][0]) is None
        yield found


@pytest.fixture(scope="module")
def schemas() -> dict[str, Schema]:
    return {
        file: replay(Schema(), [read(Source("base.sql", base))]).schema for file, (base, _) in FILES.items()
    }


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


@pytest.mark.parametrize(("file", "line"), CASES, ids=[line for _, line in CASES])
def test_the_server_decides(
    databases: dict[str, oracle.Database], schemas: dict[str, Schema], file: str, line: str
) -> None:
    with databases[file].attempt():
        failure = databases[file].execute(line)
    refused, doubts, opaque = judged(schemas[file], line)
    if failure is None:
        assert (refused, doubts) == ([], [])
    else:
        assert refused or doubts or opaque, failure.message


def test_the_tables_are_those_of_the_server(databases: dict[str, oracle.Database]) -> None:
    assert server.TABLES.read_text(encoding="utf-8") == server_tables.tables(databases["statements.sql"])
