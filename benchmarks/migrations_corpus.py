"""Measures how PostgreSQL migrations are read: `python benchmarks/migrations_corpus.py FOLDER[=LAYOUT] …`.

For each folder: statements, how many are opaque, how much processor time reading and modelling take, and,
on a real PostgreSQL that runs them, how many objects of its catalog the model has exactly. `-v` prints what
differs.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from rung.diagnostics import Diagnostic
from rung.migrations import catalog, oracle
from rung.migrations.apply import replay
from rung.migrations.dialects import postgres
from rung.migrations.layouts import Script as Part
from rung.migrations.layouts import read_migrations
from rung.migrations.schema import Schema
from rung.migrations.steps import Script

# stand-ins for extensions that the embedded server lacks: their functions, without what they compute
_STAND_INS = (
    "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    "CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea LANGUAGE sql"
    " AS 'SELECT decode(repeat(''00'', $1), ''hex'')'",
    "CREATE FUNCTION digest(bytea, text) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "CREATE FUNCTION digest(text, text) RETURNS bytea LANGUAGE sql AS 'SELECT $1::bytea'",
)


def measure(server: oracle.Server, folder: Path, layout: str | None, verbose: bool) -> str:
    """The row of the table for one folder."""
    migrations = read_migrations([folder], layout)
    if any(found.is_error for found in migrations.diagnostics):
        return f"{folder}: {migrations.diagnostics[0].message}"
    parts = [part for migration in migrations.migrations for part in migration.up]
    started = time.process_time()
    scripts = [postgres.read(part.source, part.start, part.start + len(part.text)) for part in parts]
    read = time.process_time()
    applied = replay(Schema(), scripts)
    modelled = time.process_time()
    statements = [statement for script in scripts for statement in script.statements]
    with server.database() as database:
        for stand_in in _STAND_INS:
            database.execute(stand_in)
        failures = [
            failure
            for part, script in zip(parts, scripts, strict=True)
            for failure in database.run(script, in_transaction=_in_transaction(part, script))
        ]
        real = catalog.of_database(database)
    model = catalog.of_schema(applied.schema)
    if verbose:
        for row in sorted(real ^ model, key=lambda row: (row.name, row.kind)):
            print("  only in", "PostgreSQL:" if row in real else "the model: ", row)
        for statement, failure in failures:
            print("  refused:", failure.message, statement.span)
        for diagnostic in applied.diagnostics:
            print("  diagnostic:", diagnostic.severity, diagnostic.message, diagnostic.span)
        for reason, number in Counter(step.reason for step in applied.opaque).most_common():
            print("  opaque:", number, reason)
    objects = {(row.kind, row.name) for row in real | model}
    differing = {(row.kind, row.name) for row in real ^ model}
    opaque = len(applied.opaque)
    counts = f"{len(scripts):5} {len(statements):6} {opaque:6} {_percent(opaque, len(statements))}"
    times = f"{1000 * (read - started):8.1f} {1000 * (modelled - read):8.1f}"
    equal = f"{len(objects):7} {len(differing):6} {_percent(len(objects) - len(differing), len(objects))}"
    return f"{counts} {times} {equal} {len(failures):7} {migrations.layout:14} {folder}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):6.2f}%"


def _in_transaction(part: Part, script: Script) -> bool:
    """Whether the tool, or the server for a request of several statements, opens a transaction."""
    match part.wrapping:
        case "transaction":
            return True
        case "statements":
            return False
        case "batch" | "unless-forbidden":
            return len(script.statements) > 1


def main() -> None:
    verbose = "-v" in sys.argv
    print(
        "files  stmts opaque opaque%  read ms model ms objects differ  equal% refused layout         folder"
    )
    with oracle.start() as server:
        if isinstance(server, Diagnostic):
            sys.exit(f"{server.message}: {server.hint}")
        for argument in sys.argv[1:]:
            if argument != "-v":
                folder, _, layout = argument.partition("=")
                print(measure(server, Path(folder), layout or None, verbose), flush=True)


if __name__ == "__main__":
    main()
